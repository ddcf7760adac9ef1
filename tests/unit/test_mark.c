/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mark.c: what can be reached, and how.  What the search leaves out is in
   test_mark_skips.c, what it knows of Python's objects in test_mark_python.c. */

#include "testheap.h"

/* ---- The nine cases ----------------------------------------------------- */

/* The chains of Valgrind's manual, "Memory leak detection": a root leads to
   block A, or not, and A to block B.  S is a start pointer, I an interior
   one, - none.  `kindA` and `kindB` are what becomes of them. */
static const struct {
    char   rootToA, aToB, rootToB;
    LgKind kindA, kindB;
} cases[] = {
    {'-', '-', 'S', LgDefinite, LgReachable},  /* 1: B alone */
    {'S', 'S', '-', LgReachable, LgReachable}, /* 2 */
    {'-', '-', '-', LgDefinite, LgDefinite},   /* 3: B alone */
    {'-', 'S', '-', LgDefinite, LgIndirect},   /* 4 */
    {'-', '-', 'I', LgDefinite, LgPossible},   /* 5: B alone */
    {'S', 'I', '-', LgReachable, LgPossible},  /* 6 */
    {'I', 'S', '-', LgPossible, LgPossible},   /* 7 */
    {'I', 'I', '-', LgPossible, LgPossible},   /* 8 */
    {'-', 'I', '-', LgDefinite, LgIndirect},   /* 9 */
    /* Two ways at once: the better one counts. */
    {'I', 'S', 'S', LgPossible, LgReachable},
    {'S', 'S', 'I', LgReachable, LgReachable},
    {'-', 'S', 'I', LgDefinite, LgPossible},
    {'-', 'I', 'S', LgDefinite, LgReachable},
};

static Addr pointer_to(const TestHeap* h, UInt i, char how)
{
    return how == '-' ? 0 : heap_start(h, i) + (how == 'I' ? 8 : 0);
}

static void pointer_chains(void)
{
    for (UInt c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        for (UInt swap = 0; swap < 2; swap++) {
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_block(&h, 32), b = heap_block(&h, 16);
            if (swap) { /* B lies before A */
                UInt t = a;
                a = b;
                b = t;
            }
            heap_root(&h, pointer_to(&h, a, cases[c].rootToA));
            heap_root(&h, pointer_to(&h, b, cases[c].rootToB));
            heap_point(&h, a, 0, pointer_to(&h, b, cases[c].aToB));
            heap_search(&h);
            if (!expect_eq(heap_kind(&h, a), cases[c].kindA) ||
                !expect_eq(heap_kind(&h, b), cases[c].kindB))
                printf("  in case %u\n", c);
            heap_delete(&h);
        }
    }
}

/* ---- What is a pointer -------------------------------------------------- */

static LgKind kind_by_word(UInt szB, int off)
{
    TestHeap h;
    heap_new(&h, 4096);
    h.used = 64;
    UInt a = heap_block(&h, szB);
    heap_root(&h, heap_start(&h, a) + off);
    heap_search(&h);
    LgKind k = heap_kind(&h, a);
    heap_delete(&h);
    return k;
}

static void ends_of_a_block(void)
{
    expect_eq(kind_by_word(24, -1), LgDefinite);
    expect_eq(kind_by_word(24, 0), LgReachable);
    expect_eq(kind_by_word(24, 1), LgPossible);
    expect_eq(kind_by_word(24, 23), LgPossible);
    expect_eq(kind_by_word(24, 24), LgDefinite);
    /* A zero-sized block counts as one byte. */
    expect_eq(kind_by_word(0, 0), LgReachable);
    expect_eq(kind_by_word(0, 1), LgDefinite);
    expect_eq(kind_by_word(1, 0), LgReachable);
}

/* A pointer at offset `at` of a range, or of a block; is it seen? */
static void only_aligned_words(void)
{
    for (UInt at = 0; at <= 24; at++) {
        for (UInt lo = 0; lo < 10; lo++) {
            for (UInt hi = 20; hi <= 34; hi++) {
                TestHeap h;
                heap_new(&h, 4096);
                UInt a = heap_block(&h, 8);
                Addr range = h.memory + 1024;
                poke(range + at, heap_start(&h, a));
                heap_search(&h);
                expect_eq(heap_kind(&h, a), LgDefinite);
                lg_mark_delete(h.mark);
                h.mark = lg_mark_new(h.snap, 0, NULL, NULL, 0);
                lg_mark_range(h.mark, range + lo, range + hi);
                Bool seen = at % 8 == 0 && at >= lo && at + 8 <= hi;
                expect_eq(heap_kind(&h, a), seen ? LgReachable : LgDefinite);
                heap_delete(&h);
            }
        }
    }
}

static void unaligned_block(void)
{
    for (UInt start = 0; start < 8; start++) {
        for (UInt szB = 7; szB < 18; szB++) {
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_block(&h, 8);
            UInt b = heap_add(&h, h.memory + 512 + start, szB, LgAllocCustom, 0);
            heap_root(&h, heap_start(&h, b));
            poke(h.memory + 512 + 8, heap_start(&h, a));
            heap_search(&h);
            Bool seen = start + szB >= 16; /* the word is [8, 16) */
            expect_eq(heap_kind(&h, a), seen ? LgReachable : LgDefinite);
            expect_eq(lg_mark_stats(h.mark)->nReached, 1 + seen);
            heap_delete(&h);
        }
    }
}

static void empty_and_strange_ranges(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 8);
    heap_search(&h);
    lg_mark_delete(h.mark);
    h.mark = lg_mark_new(h.snap, 0, NULL, NULL, 0);
    lg_mark_range(h.mark, h.memory + 8, h.memory + 8);
    lg_mark_range(h.mark, h.memory + 16, h.memory + 8);
    lg_mark_range(h.mark, ~(Addr)0 - 3, ~(Addr)0);
    lg_mark_range(h.mark, 0, 0);
    lg_mark_word(h.mark, 0);
    lg_mark_word(h.mark, ~(Addr)0);
    lg_mark_drain(h.mark);
    expect_eq(heap_kind(&h, a), LgDefinite);
    expect_eq(lg_mark_stats(h.mark)->scannedB, 0);
    expect_eq(lg_mark_stats(h.mark)->nReached, 0);
    heap_delete(&h);
}

static void nothing_in_the_heap(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    heap_root(&h, h.memory);
    heap_search(&h);
    lg_mark_range(h.mark, h.memory, h.memory + 4096);
    expect_eq(lg_mark_stats(h.mark)->nCandidates, 0);
    lg_mark_word(h.mark, ~(Addr)0);
    lg_mark_spread_suppressed(h.mark);
    expect_eq(lg_mark_stats(h.mark)->nReached, 0);
    expect_eq(lg_mark_stats(h.mark)->scannedB, 4096);
    expect_true(lg_mark_parents(h.mark) == NULL);
    heap_delete(&h);
}

/* ---- Large -------------------------------------------------------------- */

/* A block of 5 GiB, whose middle is skipped; pointers at both of its ends. */
static void block_over_4_GiB(void)
{
    const SizeT szB = (SizeT)5 << 30;
    TestHeap    h;
    heap_new(&h, szB + (1 << 20));
    UInt big = heap_block(&h, szB);
    UInt first = heap_block(&h, 8), last = heap_block(&h, 8),
         skipped = heap_block(&h, 8);
    heap_point(&h, big, 0, heap_start(&h, first));
    heap_point(&h, big, szB / 2, heap_start(&h, skipped));
    heap_point(&h, big, szB - 8, heap_start(&h, last));
    Addr s = heap_start(&h, big);
    h.skips[0] = (LgRange){s + (1 << 20), s + szB - (1 << 20)};
    h.nSkips = 1;
    heap_root(&h, s + szB - 1);
    heap_search(&h);
    expect_eq(heap_kind(&h, big), LgPossible);
    expect_eq(heap_kind(&h, first), LgPossible);
    expect_eq(heap_kind(&h, last), LgPossible);
    expect_eq(heap_kind(&h, skipped), LgDefinite);
    expect_eq(lg_mark_stats(h.mark)->scannedB, (2 << 20) + 16);
    heap_delete(&h);
}

/* A table that points at more blocks than a batch holds, in a block and in a
   range; and a list so long that recursion would not do. */
static void table_and_list(void)
{
    enum { N = 100000, SZB = 32 };
    Addr        mem = memory_new((SizeT)N * SZB + N * 8);
    Addr        table = mem + (SizeT)N * SZB;
    for (UInt mode = 0; mode < 3; mode++) {
        LgSnapshot* s = lg_snap_new(N + 1);
        for (UInt i = 0; i < N; i++) {
            LgBlock b = {mem + (SizeT)i * SZB, SZB, 1, 0, 0};
            lg_snap_add(s, &b);
            /* The list runs criss-cross. */
            UInt next = (UInt)((i + 7919ULL) % N);
            poke(b.start + 16, mode == 2 ? mem + (SizeT)next * SZB : 0);
            poke(table + 8 * i, mode == 2 ? 0 : b.start + mode);
        }
        LgBlock t = {table, N * 8, 1, 0, 0};
        lg_snap_add(s, &t);
        expect_eq(lg_snap_finish(s, NULL, 0), 0);
        LgMark* m = lg_mark_new(s, 0, NULL, NULL, 0);
        if (mode == 0)
            lg_mark_word(m, table);
        else if (mode == 1)
            lg_mark_range(m, table, table + N * 8);
        else
            lg_mark_word(m, mem);
        lg_mark_drain(m);
        lg_mark_cliques(m, NULL);
        UInt n[LG_N_KINDS] = {0};
        for (UInt i = 0; i <= N; i++)
            n[lg_sb_kind(&lg_snap_blocks(s)[i])]++;
        expect_eq(n[LgReachable], mode == 0 ? N + 1 : mode == 1 ? 0 : N);
        expect_eq(n[LgPossible], mode == 1 ? N : 0);
        expect_eq(n[LgDefinite], mode == 0 ? 0 : 1);
        lg_mark_delete(m);
        lg_snap_delete(s);
    }
    munmap((void*)mem, (SizeT)N * SZB + N * 8);
}

/* ---- Several searches, progress ----------------------------------------- */

static void search_again_forgets(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 16), b = heap_block(&h, 16);
    heap_root(&h, heap_start(&h, a));
    heap_point(&h, a, 0, heap_start(&h, b) + 4);
    heap_search(&h);
    lg_sb_set_suppressed(heap_entry(&h, b));
    lg_mark_delete(h.mark);
    h.mark = lg_mark_new(h.snap, 0, NULL, NULL, 0);
    lg_mark_drain(h.mark);
    lg_mark_cliques(h.mark, NULL);
    expect_eq(heap_kind(&h, a), LgDefinite);
    expect_eq(heap_kind(&h, b), LgIndirect);
    expect_false(heap_suppressed(&h, b));
    heap_delete(&h);
}

/* What was possibly lost becomes reachable by a root that is met later. */
static void roots_after_a_drain(void)
{
    TestHeap h;
    heap_new(&h, 8192);
    UInt a[40];
    for (UInt i = 0; i < 40; i++)
        a[i] = heap_block(&h, 64);
    for (UInt i = 0; i + 1 < 40; i++)
        heap_point(&h, a[i], 0, heap_start(&h, a[i + 1]));
    heap_root(&h, heap_start(&h, a[0]) + 16);
    heap_search(&h);
    expect_eq(heap_kind(&h, a[0]), LgPossible);
    expect_eq(heap_kind(&h, a[39]), LgPossible);
    lg_mark_word(h.mark, heap_start(&h, a[1]));
    lg_mark_drain(h.mark);
    expect_eq(heap_kind(&h, a[0]), LgPossible);
    expect_eq(heap_kind(&h, a[1]), LgReachable);
    expect_eq(heap_kind(&h, a[39]), LgReachable);
    expect_eq(lg_mark_stats(h.mark)->nReached, 40);
    heap_delete(&h);
}

static void count_progress(void* opaque, ULong scannedB, UInt nMarked)
{
    UInt* n = opaque;
    (*n)++;
    expect_true(scannedB > 0);
    expect_eq(nMarked, 1);
}

static void progress_is_told(void)
{
    TestHeap h;
    UInt     n = 0;
    heap_new(&h, ((SizeT)300 << 20) + 4096);
    UInt a = heap_block(&h, (SizeT)300 << 20);
    UInt b = heap_block(&h, 8);
    heap_point(&h, a, ((SizeT)300 << 20) - 8, heap_start(&h, b));
    h.host.opaque = &n;
    h.host.progress = count_progress;
    heap_root(&h, heap_start(&h, a));
    heap_search(&h);
    expect_eq(heap_kind(&h, b), LgReachable);
    expect_true(n >= 2 && n <= 20);
    expect_eq(lg_mark_stats(h.mark)->scannedB, ((ULong)300 << 20) + 8);
    heap_delete(&h);
}

int main(void)
{
    check_run(pointer_chains);
    check_run(ends_of_a_block);
    check_run(only_aligned_words);
    check_run(unaligned_block);
    check_run(empty_and_strange_ranges);
    check_run(nothing_in_the_heap);
    check_run(block_over_4_GiB);
    check_run(table_and_list);
    check_run(search_again_forgets);
    check_run(roots_after_a_drain);
    check_run(progress_is_told);
    return check_done();
}
