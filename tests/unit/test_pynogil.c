/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pynogil.c: what only CPython without the GIL has: reference counts in two
   parts, segments of mimalloc, delayed frees. */

#include "check.h"

#include "../../leakgrind/python/lg_pydelayed.h"
#include "../../leakgrind/python/lg_pymimalloc.h"
#include "../../leakgrind/python/lg_pyrefcnt.h"

/* Memory at an address of our choice. */
typedef struct {
    Addr  start;
    UChar bytes[4096];
} Image;

static const void* image_at(void* opaque, Addr a, SizeT szB)
{
    const Image* m = opaque;
    return a >= m->start && szB <= sizeof m->bytes &&
                   a - m->start <= sizeof m->bytes - szB
               ? m->bytes + (a - m->start)
               : NULL;
}

static void put(Image* m, Addr at, ULong value, size_t szB)
{
    memcpy(m->bytes + at, &value, szB);
}

static void split_counts(void)
{
    static const struct {
        ULong          local, shared, gcBits;
        LgPyRefcntKind kind;
        ULong          count;
    } cases[] = {
        {0, 0, 0, LgPyRefcntDead, 0},
        {3, 0, 0, LgPyRefcntMortal, 3},
        {0, 3, 0, LgPyRefcntDead, 0}, /* merged; nothing is left */
        {2, 5 << 2 | 1, 1, LgPyRefcntMortal, 7},
        {5, (ULong)-2 << 2, 0, LgPyRefcntMortal, 3},
        {1, (ULong)-2 << 2, 0, LgPyRefcntNonsense, 0},
        {0xFFFFFFFF, 0, 0, LgPyRefcntImmortal, 0},
        {2, 2, 64, LgPyRefcntMortal, 1}, /* the collector has one */
        {0, 1ULL << 60, 0, LgPyRefcntNonsense, 0}};
    const LgPyLayout* l = lg_pylayout_without_gil(0x030D0000);
    static Image      m = {0x10000, {0}};
    const LgPyMem     mem = {&m, image_at, NULL};
    ULong             count;

    assert_true(l != NULL && l->isFreeThreaded);
    expect_true(lg_pylayout_without_gil(0x030C0000) == NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put(&m, l->ob_refcnt, cases[i].local, 4);
        put(&m, l->ob_ref_shared, cases[i].shared, 8);
        put(&m, l->ob_gc_bits, cases[i].gcBits, 1);
        if (!expect_eq(lg_pyrefcnt_of_split(&mem, l, m.start, &count),
                       cases[i].kind) ||
            !expect_eq(count, cases[i].count))
            printf("  case %zu\n", i);
    }
    expect_eq(lg_pyrefcnt_of_split(&mem, l, 0x20000, &count),
              LgPyRefcntNonsense);
}

static void make_segment(Image* m, ULong nSlices, ULong kind)
{
    memset(m->bytes, 0, sizeof m->bytes);
    put(m, 0x20, nSlices << 16, 8);
    put(m, 0xd8, m->start ^ 0x1234567, 8);
    put(m, 0xe0, nSlices, 8);
    put(m, 0xe8, 1, 8);
    put(m, 0xf0, kind, 4);
    put(m, 0xf8, nSlices < 512 ? nSlices : 512, 8);
}

static void segments(void)
{
    static Image  m = {LG_MIMALLOC_SEGMENT_SZB * 5, {0}};
    const LgPyMem mem = {&m, image_at, NULL};
    SizeT         szB;
    Addr          secret;

    expect_eq(lg_pymimalloc_segment_of(m.start + 0x123456), m.start);
    expect_true(!lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
    make_segment(&m, 512, 0);
    expect_true(lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
    expect_eq(szB, LG_MIMALLOC_SEGMENT_SZB);
    expect_eq(secret, 0x1234567);
    make_segment(&m, 900, 1); /* one large block */
    expect_true(lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
    expect_eq(szB, (SizeT)900 << 16);
    make_segment(&m, 900, 0);
    expect_true(!lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
    make_segment(&m, 512, 2);
    expect_true(!lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
    make_segment(&m, 512, 0);
    put(&m, 0x20, 1 << 20, 8);
    expect_true(!lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
    expect_true(!lg_pymimalloc_read_segment(&mem, 0, &szB, &secret));
    /* It would end where addresses end. */
    m.start = 0 - LG_MIMALLOC_SEGMENT_SZB;
    make_segment(&m, 512, 0);
    expect_true(!lg_pymimalloc_read_segment(&mem, m.start, &szB, &secret));
}

static void delayed_frees(void)
{
    static Image  m = {0x10000, {0}};
    const LgPyMem mem = {&m, image_at, NULL};
    Addr          lo, hi;

    put(&m, 0x10, 2, 8);
    put(&m, 0x18, 5, 8);
    for (Addr i = 0; i < 5; i++)
        put(&m, 0x28 + 16 * i, 3 + 2 * (i / 2), 8);
    expect_true(lg_pydelayed_read(&mem, m.start, 4096, &lo, &hi));
    expect_eq(lo, m.start + 0x20 + 2 * 16);
    expect_eq(hi, m.start + 0x20 + 5 * 16);
    expect_true(!lg_pydelayed_read(&mem, m.start, 4080, &lo, &hi));
    put(&m, 0x28 + 16 * 4, 1, 8); /* earlier than the one before */
    expect_true(!lg_pydelayed_read(&mem, m.start, 4096, &lo, &hi));
    put(&m, 0x28 + 16 * 4, 8, 8);
    expect_true(!lg_pydelayed_read(&mem, m.start, 4096, &lo, &hi));
    put(&m, 0x10, 6, 8);
    expect_true(!lg_pydelayed_read(&mem, m.start, 4096, &lo, &hi));
    put(&m, 0x10, 0, 8);
    put(&m, 0x18, 255, 8);
    expect_true(!lg_pydelayed_read(&mem, m.start, 4096, &lo, &hi));
}

int main(void)
{
    check_run(split_counts);
    check_run(segments);
    check_run(delayed_frees);
    return check_done();
}
