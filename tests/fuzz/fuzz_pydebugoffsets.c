/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_pydebugoffsets.c: CPython's table of offsets, as a row would have it, into
   which the input writes.  What is believed of it lies in its structures, and
   the same table gives the same layout.  The length of the input says for which
   row.

   Input: writes of 4 bytes each {word; kind; value, 2 bytes}. */

#include "fuzz.h"

#include "../unit/offsettable.h"

static void write_one(ULong* words, const uint8_t* d)
{
    static const ULong odd[] = {0, 1, 7, 0xFFF8, 0x10000, 0x12345678,
                                0xFFFFFFF8, 0xFFFFFFFF, 1ULL << 32,
                                1ULL << 63, ~0ULL, ~7ULL};
    ULong* word = &words[d[0] % OFFSETTABLE_WORDS];
    ULong  value = (ULong)(d[2] | d[3] << 8);

    switch (d[1] % 6) {
        case 0: *word = value; return;
        case 1: *word = value << d[1] / 6 % 48; return;
        case 2: *word += (ULong)(long)(int16_t)value; return;
        case 3: *word ^= 1ULL << value % 64; return;
        case 4: *word = words[value % OFFSETTABLE_WORDS]; return;
        default: *word = odd[value % (sizeof odd / sizeof odd[0])]; return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    const LgPyLayout* rows[] = {lg_pylayout_for(0x030D0000),
                                lg_pylayout_for(0x030E0000),
                                lg_pylayout_without_gil(0x030D0000)};
    const LgPyLayout* row = rows[n % 3];
    ULong             words[OFFSETTABLE_WORDS];
    LgPyLayout        out, again;

    offsettable_make(row, words);
    words[2] = row->isFreeThreaded;
    for (size_t i = 0; i + 4 <= n; i += 4)
        write_one(words, data + i);
    /* Of just this size, so that reading on is noticed. */
    UChar* said = malloc(sizeof words);
    memcpy(said, words, sizeof words);
    LgPyOffsetsAnswer answer =
        lg_pydebugoffsets_apply(said, sizeof words, row, &out);
    REQUIRE(n >= 4 || answer == LgPyOffsetsApplied);
    if (answer == LgPyOffsetsApplied) {
        const char* wrong = offsettable_wrong(&out);
        if (wrong != NULL)
            fprintf(stderr, "%s\n", wrong);
        REQUIRE(wrong == NULL);
        REQUIRE(out.version == row->version &&
                out.isFreeThreaded == row->isFreeThreaded);
        REQUIRE(lg_pydebugoffsets_apply(said, sizeof words, row, &again) ==
                    answer &&
                memcmp(&out, &again, sizeof out) == 0);
    }
    free(said);
    return 0;
}
