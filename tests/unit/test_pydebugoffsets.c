/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pydebugoffsets.c: CPython's own table of offsets, from its headers, from
   a running one, and with any word in it changed. */

#include "check.h"

#include "../../leakgrind/python/lg_pydebugoffsets.h"
#include "../../leakgrind/python/lg_pylayout.h"

static unsigned seed = 1;

static unsigned random_number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

enum { N_WORDS = LG_PY_DEBUG_OFFSETS_SZB / 8 };

/* A field of a layout, its size, and the words that tell of it in 3.13 and
   3.14, as the headers have them; 0: none. */
typedef struct {
    unsigned value, word313, word314;
} Field;

/* What a process of that row would say. */
static void make_table(const LgPyLayout* l, ULong* words)
{
    const Field all[] = {
        {0x50000, 3, 3},  {l->runtime_finalizing, 4, 4},
        {l->runtime_interpreters_head, 5, 5},
        {0x40000, 6, 6},  {l->interp_next, 8, 8},
        {l->interp_threads_head, 9, 9}, {l->interp_gc, 10, 11},
        {l->interp_gil, 15, 16},
        {0x140, 19, 22},  {l->tstate_next, 21, 24},
        {l->tstate_interp, 22, 25}, {l->tstate_frame, 23, 26},
        {l->tstate_thread_id, 24, 27},
        {l->tstate_datastack_chunk, 26, 29},
        {0x58, 28, 31},   {l->frame_previous, 29, 32},
        {l->frame_code, 30, 33}, {l->frame_instr, 31, 34},
        {l->frame_owner, 33, 36},
        {0xd8, 34, 39},   {l->co_filename, 35, 40}, {l->co_name, 36, 41},
        {l->co_qualname, 37, 42}, {l->co_linetable, 38, 43},
        {l->co_firstlineno, 39, 44}, {l->co_code_adaptive, 43, 48},
        {l->sizeof_PyObject, 44, 50}, {l->ob_type, 45, 51},
        {l->sizeof_PyTypeObject, 46, 52}, {l->tp_name, 47, 53},
        {l->tp_flags, 49, 55},
        {0x30, 56, 66},   {l->ma_keys, 57, 67}, {l->ma_values, 58, 68},
        {0x28, 64, 74},   {l->ob_size, 65, 75}, {l->bytes_data, 66, 76},
        {0x40, 67, 77},   {l->unicode_state, 68, 78},
        {l->unicode_length, 69, 79}, {l->unicode_ascii_data, 70, 80},
        {l->sizeof_gc, 71, 81}};

    memset(words, 0, LG_PY_DEBUG_OFFSETS_SZB);
    memcpy(words, "xdebugpy", 8);
    words[1] = (ULong)l->version << 16 | 0x05F0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        words[l->version == 0x030D ? all[i].word313 : all[i].word314] =
            all[i].value;
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
    ULong      words[N_WORDS];
    LgPyLayout out;

    for (int i = 0; i < 2; i++) {
        make_table(rows[i], words);
        assert_eq(apply(words, rows[i], &out), LgPyOffsetsApplied);
        expect_eq(memcmp(&out, rows[i], sizeof out), 0);
    }
}

static void not_this_one(void)
{
    ULong      words[N_WORDS];
    LgPyLayout out;

    make_table(rows[0], words);
    expect_eq(apply(words, rows[1], &out), LgPyOffsetsStrange);
    expect_eq(apply(words, lg_pylayout_for(0x030C0000), &out),
              LgPyOffsetsStrange);
    words[1] |= 1ULL << 40;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsStrange);
    make_table(rows[0], words);
    words[2] = 1;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsFreeThreaded);
    words[0] ^= 1;
    expect_eq(apply(words, rows[0], &out), LgPyOffsetsNone);
    /* 3.14 without the GIL: neither the row of 3.14 nor that of 3.13 without
       it, and there is no other. */
    make_table(rows[1], words);
    words[2] = 1;
    expect_eq(apply(words, rows[1], &out), LgPyOffsetsFreeThreaded);
    expect_true(lg_pylayout_without_gil(0x030E08F0) == NULL);
    expect_eq(apply(words, lg_pylayout_without_gil(0x030D0FF0), &out),
              LgPyOffsetsStrange);
    make_table(rows[1], words);
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
    ULong             words[N_WORDS];
    LgPyLayout        out;

    make_table(row, words);
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

    make_table(rows[0], words);
    words[71] -= 8;
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.interp_slice_cache, LG_PY_NONE);
    expect_eq(out.borrowed[0].n, 0);
    /* A state that ends before them. */
    make_table(rows[0], words);
    words[6] = 0x10000;
    assert_eq(apply(words, rows[0], &out), LgPyOffsetsApplied);
    expect_eq(out.borrowed[0].n, 0);
}

static void neighbours(void)
{
    ULong      words[N_WORDS];
    LgPyLayout out;

    make_table(rows[0], words);
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

/* Each offset lies in its structure. */
static void expect_sane(const LgPyLayout* l)
{
    expect_true(l->runtime_finalizing < 0x400000);
    expect_true(l->interp_threads_head < 0x1000000);
    expect_true(l->tstate_frame < 0x10000 && l->tstate_frame % 8 == 0);
    expect_true(l->frame_instr < 0x10000 && l->frame_owner < 0x10000);
    expect_true(l->co_linetable < 0x10000 && l->co_code_adaptive < 0x10000);
    expect_true(l->tp_flags < l->sizeof_PyTypeObject);
    expect_true(l->unicode_ascii_data <= l->unicode_compact_data);
    expect_true(l->tstate_datastack_top < 0x10000 ||
                l->tstate_datastack_top == LG_PY_NONE);
    for (int i = 0; i < LG_PY_MAX_BORROWED; i++)
        expect_true(l->borrowed[i].n == 0 || l->borrowed[i].at < 0x1000000);
    for (int i = 0; i < LG_PY_MAX_FREE_LIST_COUNTS; i++)
        expect_true(l->freeListCounts[i].n == 0 ||
                    l->freeListCounts[i].at < 0x1000000);
}

static void any_word(void)
{
    static const ULong nonsense[] = {0, 1, 7, 0xFFFF, 0x10000, 0x12345678,
                                     0xFFFFFFF8, 0xFFFFFFFF, 1ULL << 32,
                                     1ULL << 63, ~0ULL, ~7ULL};
    unsigned           nRefused = 0;
    ULong              words[N_WORDS];
    LgPyLayout         out;

    for (int i = 0; i < 2; i++)
        for (int w = 0; w < N_WORDS; w++)
            for (size_t n = 0; n < sizeof nonsense / sizeof nonsense[0]; n++) {
                make_table(rows[i], words);
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
    ULong      words[N_WORDS];
    LgPyLayout out;

    for (int round = 0; round < 20000; round++) {
        const LgPyLayout* row = rows[round % 2];
        make_table(row, words);
        for (unsigned n = 1 + random_number() % 4; n > 0; n--) {
            ULong w = random_number() % 3 == 0 ? random_number()
                                               : random_number() % 0x100;
            words[3 + random_number() % (N_WORDS - 3)] = w;
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
    check_run(any_word);
    check_run(random_words);
#ifdef LG_WITH_PYTHON
    check_run(running);
#endif
    return check_done();
}
