/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pydebugoffsets.c: CPython's own table of offsets, from its headers, from
   a running one, and with any word in it changed. */

#include "check.h"

#include "../../leakgrind/python/lg_pydebugoffsets.h"
#include "../../leakgrind/python/lg_pylayout.h"

#include "offsettable.h"

static unsigned seed = 1;

static unsigned random_number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static const LgPyLayout* rows[2];

static LgPyOffsetsAnswer apply(const ULong* words, const LgPyLayout* row,
                               LgPyLayout* out)
{
    /* Of just this size, so that reading on is noticed. */
    UChar* said = malloc(LG_PY_DEBUG_OFFSETS_SZB);
    memcpy(said, words, LG_PY_DEBUG_OFFSETS_SZB);
    LgPyOffsetsAnswer answer =
        lg_pydebugoffsets_apply(said, LG_PY_DEBUG_OFFSETS_SZB, row, out);
    free(said);
    return answer;
}

static void as_the_row(void)
{
    ULong      words[OFFSETTABLE_WORDS];
    LgPyLayout out;

    for (int i = 0; i < 2; i++) {
        offsettable_make(rows[i], words);
        assert_eq(apply(words, rows[i], &out), LgPyOffsetsApplied);
        expect_eq(memcmp(&out, rows[i], sizeof out), 0);
    }
}

static void not_this_one(void)
{
    ULong      words[OFFSETTABLE_WORDS];
    LgPyLayout out;

    offsettable_make(rows[0], words);
    expect_eq(apply(words, rows[1], &out), LgPyOffsetsStrange);
    expect_eq(apply(words, lg_pylayout_for(0x030C0000), &out),
              LgPyOffsetsStrange);
    words[1] |= 1ULL << 40;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsStrange);
    offsettable_make(rows[0], words);
    words[2] = 1;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsFreeThreaded);
    words[0] ^= 1;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsNone);
    /* 3.14 without the GIL: neither the row of 3.14 nor that of 3.13 without
       it, and there is no other. */
    offsettable_make(rows[1], words);
    words[2] = 1;
    expect_eq(apply(words, rows[1], &out), LgPyOffsetsFreeThreaded);
    expect_true(lg_pylayout_without_gil(0x030E08F0) == NULL);
    expect_eq(apply(words, lg_pylayout_without_gil(0x030D0FF0), &out),
              LgPyOffsetsStrange);
    offsettable_make(rows[1], words);
    expect_eq(lg_pydebugoffsets_apply((UChar*)words, 0, rows[1], &out),
              LgPyOffsetsNone);
    expect_eq(lg_pydebugoffsets_apply((UChar*)words,
                                      LG_PY_DEBUG_OFFSETS_SZB - 1, rows[1],
                                      &out),
              LgPyOffsetsNone);
}

/* 3.14.4, whose collector had less to remember than that of 3.14.8. */
static void smaller_collector(void)
{
    const LgPyLayout* row = rows[1];
    ULong             words[OFFSETTABLE_WORDS];
    LgPyLayout        out;

    offsettable_make(row, words);
    words[81] -= 0x18; /* size of its state */
    words[16] -= 0x18; /* the GIL, which stands behind it */
    assert_eq(apply(words, row, &out), LgPyOffsetsApplied);
    expect_eq(out.interp_gil, row->interp_gil - 0x18);
    expect_eq(out.borrowed[0].at, row->borrowed[0].at - 0x18);
    expect_eq(out.borrowed[2].at, row->borrowed[2].at - 0x18);
    expect_eq(out.borrowed[2].n, row->borrowed[2].n);
    expect_eq(out.freeListCounts[0].at, row->freeListCounts[0].at - 0x18);
    expect_eq(out.freeListCounts[1].n, 0);

    words[16] += 8; /* something else has moved as well: nobody knows what */
    assert_eq(apply(words, row, &out), LgPyOffsetsApplied);
    expect_eq(out.borrowed[0].n, 0);
    expect_eq(out.freeListCounts[0].n, 0);
    expect_eq(out.frame_instr, row->frame_instr);

    offsettable_make(rows[0], words);
    words[71] -= 8;
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.borrowed[0].n, 0);
    /* A state that ends before them. */
    offsettable_make(rows[0], words);
    words[6] = 0x10000;
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.borrowed[0].n, 0);
}

static void neighbours(void)
{
    ULong      words[OFFSETTABLE_WORDS];
    LgPyLayout out;

    offsettable_make(rows[0], words);
    words[26] += 0x10; /* datastack_chunk */
    words[43] += 8;    /* co_code_adaptive */
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.tstate_datastack_top, rows[0]->tstate_datastack_top + 0x10);
    expect_eq(out.co_code_adaptive, rows[0]->co_code_adaptive + 8);
    expect_eq(out.co_firsttraceable, LG_PY_NONE);
    words[26] = words[19] - 8; /* the last word of the thread's state */
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.tstate_datastack_chunk, LG_PY_NONE);
}

/* tp_dealloc stands before tp_flags, tp_weaklistoffset behind it. */
static void flags_at_the_ends_of_a_type(void)
{
    ULong      words[OFFSETTABLE_WORDS];
    LgPyLayout out;
    unsigned   move = rows[0]->tp_flags - rows[0]->tp_dealloc;

    offsettable_make(rows[0], words);
    words[49] = move;
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.tp_dealloc, 0);
    expect_eq(out.tp_weaklistoffset,
              rows[0]->tp_weaklistoffset - rows[0]->tp_dealloc);
    words[49] -= 8;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsStrange);
    words[49] = words[46] - 8; /* the type's last word */
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsStrange);
}

static void expect_sane(const LgPyLayout* l)
{
    const char* wrong = offsettable_wrong(l);
    expect_true(wrong == NULL);
    if (wrong != NULL)
        printf("  %s\n", wrong);
}

static void any_word(void)
{
    static const ULong nonsense[] = {0, 1, 7, 0xFFFF, 0x10000, 0x12345678,
                                     0xFFFFFFF8, 0xFFFFFFFF, 1ULL << 32,
                                     1ULL << 63, ~0ULL, ~7ULL};
    unsigned           nRefused = 0;
    ULong              words[OFFSETTABLE_WORDS];
    LgPyLayout         out;

    for (int i = 0; i < 2; i++)
        for (int w = 0; w < OFFSETTABLE_WORDS; w++)
            for (size_t n = 0; n < sizeof nonsense / sizeof nonsense[0]; n++) {
                offsettable_make(rows[i], words);
                words[w] = nonsense[n];
                if (apply(words, rows[i], &out) == LgPyOffsetsApplied)
                    expect_sane(&out);
                else
                    nRefused++;
            }
    expect_true(nRefused > 200);
}

static void random_words(void)
{
    unsigned   nApplied = 0;
    ULong      words[OFFSETTABLE_WORDS];
    LgPyLayout out;

    for (int round = 0; round < 20000; round++) {
        const LgPyLayout* row = rows[round % 2];
        offsettable_make(row, words);
        for (unsigned n = 1 + random_number() % 4; n > 0; n--) {
            ULong w = random_number() % 3 == 0 ? random_number()
                                               : random_number() % 0x100;
            words[3 + random_number() % (OFFSETTABLE_WORDS - 3)] = w;
        }
        if (apply(words, row, &out) == LgPyOffsetsApplied) {
            nApplied++;
            expect_sane(&out);
        }
    }
    expect_true(nApplied > 1000);
}

#ifdef LG_WITH_PYTHON

#include <Python.h>

#if PY_VERSION_HEX >= 0x030D0000

extern UChar _PyRuntime[];

static void running(void)
{
    LgPyLayout        out;
    const LgPyLayout* row = lg_pylayout_for(Py_Version);

    assert_true(row != NULL);
    assert_eq(lg_pydebugoffsets_apply(_PyRuntime, LG_PY_DEBUG_OFFSETS_SZB, row,
                                      &out),
              LgPyOffsetsApplied);
    expect_eq(memcmp(&out, row, sizeof out), 0);
}

#else

extern UChar _PyRuntime[];

/* In some of these versions _PyRuntime is smaller than the table. */
static void running(void)
{
    UChar             said[LG_PY_DEBUG_OFFSETS_SZB] = {0};
    LgPyLayout        out;
    const LgPyLayout* row = lg_pylayout_for(PY_VERSION_HEX);

    assert_true(row != NULL);
    memcpy(said, _PyRuntime, 64);
    expect_eq(lg_pydebugoffsets_apply(said, sizeof said, row, &out),
              LgPyOffsetsNone);
}

#endif
#endif

int main(void)
{
    rows[0] = lg_pylayout_for(0x030D0000);
    rows[1] = lg_pylayout_for(0x030E0000);
    check_run(as_the_row);
    check_run(not_this_one);
    check_run(smaller_collector);
    check_run(neighbours);
    check_run(flags_at_the_ends_of_a_type);
    check_run(any_word);
    check_run(random_words);
#ifdef LG_WITH_PYTHON
    check_run(running);
#endif
    return check_done();
}
