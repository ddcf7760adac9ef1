/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_wordset.c: sets of words of memory. */

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
    expect_eq(lg_ws_is_empty(ws), n == 0);
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

/* So many chunks that the hash has to grow. */
static void growing(void)
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
    check_run(growing);
    check_run(like_an_array);
    return check_done();
}
