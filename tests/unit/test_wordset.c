/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_wordset.c: sets of words of memory. */

#include <sys/resource.h>

#include "../../leakgrind/engine/lg_wordset.h"
#include "../../leakgrind/lg_platform.h"
#include "check.h"
#include "tableops.h"

static void expect_ranges(const LgWordSet* ws, const LgRange* want, UInt n)
{
    UInt     nGot;
    LgRange* got = lg_ws_ranges(ws, &nGot);
    if (expect_eq(nGot, n)) {
        for (UInt i = 0; i < n; i++) {
            expect_eq(got[i].lo, want[i].lo);
            expect_eq(got[i].hi, want[i].hi);
        }
    }
    expect_eq(got == NULL, n == 0);
    lg_plat_free(got);
}

static void empty(void)
{
    LgWordSet* ws = lg_ws_new();
    expect_ranges(ws, NULL, 0);
    expect_false(lg_ws_contains(ws, 0));
    lg_ws_remove(ws, 0, ~(Addr)0);
    lg_ws_add(ws, 0x1000, 0x1000);
    lg_ws_add(ws, 0x1008, 0x1000);
    lg_ws_add(ws, 0x1001, 0x100F); /* no whole word */
    expect_ranges(ws, NULL, 0);
    lg_ws_delete(ws);
}

/* Added are the words that lie wholly in a range, removed those that lie
   partly in it. */
static void parts_of_words(void)
{
    LgWordSet* ws = lg_ws_new();
    lg_ws_add(ws, 0x1001, 0x1027);
    expect_ranges(ws, (LgRange[]){{0x1008, 0x1020}}, 1);
    expect_false(lg_ws_contains(ws, 0x1007));
    expect_true(lg_ws_contains(ws, 0x1008));
    expect_true(lg_ws_contains(ws, 0x101F));
    expect_false(lg_ws_contains(ws, 0x1020));
    lg_ws_remove(ws, 0x1017, 0x1018);
    expect_ranges(ws, (LgRange[]){{0x1008, 0x1010}, {0x1018, 0x1020}}, 2);
    lg_ws_remove(ws, 0x1018, 0x1019);
    lg_ws_remove(ws, 0x1018, 0x1018);
    expect_ranges(ws, (LgRange[]){{0x1008, 0x1010}}, 1);
    lg_ws_add(ws, 0x1008, 0x1018);
    expect_ranges(ws, (LgRange[]){{0x1008, 0x1018}}, 1);
    lg_ws_delete(ws);
}

static void over_many_chunks(void)
{
    LgWordSet* ws = lg_ws_new();
    lg_ws_add(ws, 0x7FFF0010, 0x80FF0018);
    lg_ws_add(ws, 0x10, 0x18);
    lg_ws_add(ws, 0xFFFFFFFFFFFFFFE0, 0xFFFFFFFFFFFFFFF8);
    expect_ranges(ws,
                  (LgRange[]){{0x10, 0x18},
                              {0x7FFF0010, 0x80FF0018},
                              {0xFFFFFFFFFFFFFFE0, 0xFFFFFFFFFFFFFFF8}},
                  3);
    lg_ws_remove(ws, 0x80000000, 0x80FF0000);
    expect_ranges(ws,
                  (LgRange[]){{0x10, 0x18},
                              {0x7FFF0010, 0x80000000},
                              {0x80FF0000, 0x80FF0018},
                              {0xFFFFFFFFFFFFFFE0, 0xFFFFFFFFFFFFFFF8}},
                  4);
    /* More than the set could hold. */
    lg_ws_remove(ws, 0x11, 0xFFFFFFFFFFFFFFE1);
    expect_ranges(ws, (LgRange[]){{0xFFFFFFFFFFFFFFE8, 0xFFFFFFFFFFFFFFF8}},
                  1);
    lg_ws_remove(ws, 0, ~(Addr)0);
    expect_ranges(ws, NULL, 0);
    lg_ws_delete(ws);
}

/* In no order, and far apart. */
static void scattered(void)
{
    enum { N = 1000 };
    static LgRange want[N];
    LgWordSet*     ws = lg_ws_new();
    for (UInt i = 0; i < N; i++) {
        UInt k = i * 617 % N;
        want[k] = (LgRange){(Addr)(k + 1) << 30, ((Addr)(k + 1) << 30) + 8 * k + 8};
        lg_ws_add(ws, want[k].lo, want[k].hi);
    }
    expect_ranges(ws, want, N);
    lg_ws_delete(ws);
}

/* In bytes; never less than it was. */
static SizeT peak_memory(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (SizeT)use.ru_maxrss * 1024;
}

/* What is added and removed costs by its ends, not by its length. */
static void as_large_as_memory(void)
{
    const Addr max = ~(Addr)7;
    SizeT      before = peak_memory();
    LgWordSet* ws = lg_ws_new();

    for (UInt i = 0; i < 10; i++) {
        lg_ws_add(ws, 0, ~(Addr)0);
        lg_ws_remove(ws, 0x100000008, 0x1100000008);
        lg_ws_remove(ws, 0x200000000010, 0x200000000018);
        lg_ws_remove(ws, 0x200000000000, 0x200000000008);
        lg_ws_add(ws, 0x200000000000, 0x200000000008);
    }
    expect_ranges(ws,
                  (LgRange[]){{0, 0x100000008},
                              {0x1100000008, 0x200000000010},
                              {0x200000000018, max}},
                  3);
    lg_ws_remove(ws, 0, ~(Addr)0);
    expect_ranges(ws, NULL, 0);
    lg_ws_delete(ws);
    expect_true(peak_memory() - before < (16 << 20));
}

static void overlapping(void)
{
    LgWordSet* ws = lg_ws_new();
    expect_false(lg_ws_overlaps(ws, 0, ~(Addr)0));
    lg_ws_add(ws, 0x10010, 0x10020);
    lg_ws_add(ws, 0x40000000, 0x80000000);
    expect_true(lg_ws_overlaps(ws, 0, ~(Addr)0));
    expect_false(lg_ws_overlaps(ws, 0, 0x10010));
    expect_true(lg_ws_overlaps(ws, 0, 0x10011));
    expect_true(lg_ws_overlaps(ws, 0x1001F, 0x20000));
    expect_false(lg_ws_overlaps(ws, 0x10020, 0x40000000));
    expect_false(lg_ws_overlaps(ws, 0x10018, 0x10018));
    expect_true(lg_ws_overlaps(ws, 0x10020, 0x40000001));
    expect_true(lg_ws_overlaps(ws, 0x50000000, 0x50000001));
    expect_false(lg_ws_overlaps(ws, 0x80000000, ~(Addr)0));
    lg_ws_delete(ws);
}

static void like_an_array(void)
{
    static UChar bytes[120];
    ULong        x = 1;
    for (UInt round = 0; round < 150; round++) {
        for (UInt i = 0; i < sizeof bytes; i++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[i] = (UChar)(x >> 56);
        }
        if (!expect_true(tableops_words(bytes, 1 + x % (sizeof bytes - 1))))
            printf("  in round %u\n", round);
    }
}

int main(void)
{
    check_run(empty);
    check_run(parts_of_words);
    check_run(over_many_chunks);
    check_run(scattered);
    check_run(as_large_as_memory);
    check_run(overlapping);
    check_run(like_an_array);
    return check_done();
}
