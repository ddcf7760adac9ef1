/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mark_python.c: pointers to Python's objects, and between them. */

#include "testheap.h"

/* What a root holds, against what becomes of an object 32 bytes into its
   block, with a PyGC_Head before it. */
static void links_of_the_collector(void)
{
    static const struct {
        int    off; /* from the start */
        LgKind kind;
    } roots[] = {
        {0, LgDefinite},  {8, LgDefinite},   {15, LgDefinite},
        {16, LgDefinite}, {17, LgDefinite},  {24, LgDefinite},
        {31, LgDefinite}, {32, LgReachable}, {33, LgDefinite},
        {63, LgDefinite}, {64, LgDefinite},
    };
    for (UInt c = 0; c < sizeof roots / sizeof roots[0]; c++) {
        for (UInt isOn = 0; isOn < 2; isOn++) {
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_object(&h, 64, 32, True);
            h.heuristics = isOn ? LG_HEUR_BIT(LgHeurPyObject) : 0;
            heap_root(&h, heap_start(&h, a) + (Addr)(long)roots[c].off);
            heap_search(&h);
            LgKind want = roots[c].off == 32 && !isOn ? LgPossible
                                                      : roots[c].kind;
            if (!expect_eq(heap_kind(&h, a), want))
                printf("  %d bytes from the start\n", roots[c].off);
            heap_delete(&h);
        }
    }
}

/* The same for an object without references, 16 bytes into its block: its
   address, with a tag or without, and that of its data count.  Where these are, the host says:
   `first`, 48 or 72 bytes behind the base. */
static void data_of_leaves_at(int first)
{
    for (int off = 0; off < 128; off++) {
        for (UInt isOn = 0; isOn < 2; isOn++) {
            Bool     isData =
                off - 16 == first || off - 16 == 48 || off - 16 == 72;
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_object(&h, 128, 16, False);
            h.known[a].isLeaf = True;
            h.leafData = 1ULL << first / 8 | 1ULL << 6 | 1ULL << 9;
            h.heuristics = isOn ? LG_HEUR_BIT(LgHeurPyObject) : 0;
            heap_root(&h, heap_start(&h, a) + (Addr)(long)off);
            heap_search(&h);
            Bool   isObject = off == 16 || off == 17;
            LgKind want = !isObject && !isData ? LgDefinite
                          : isOn               ? LgReachable
                                               : LgPossible;
            if (!expect_eq(heap_kind(&h, a), want))
                printf("  %d bytes from the start\n", off);
            heap_delete(&h);
        }
    }
}

static void data_of_leaves(void)
{
    data_of_leaves_at(32);
    data_of_leaves_at(40);
}

/* Objects that the collector's links hold together are not held by that: not
   if one is reachable, nor possibly lost, nor as a clique; nor is what they
   lead to found twice. */
static void links_lead_nowhere(void)
{
    enum { N = 6 };
    TestHeap h;
    UInt     a[N];
    heap_new(&h, 4096);
    for (UInt i = 0; i < N; i++)
        a[i] = heap_object(&h, 64, 16, True);
    for (UInt i = 0; i < N; i++) {
        heap_point(&h, a[i], 0, heap_start(&h, a[(i + 1) % N]));
        heap_point(&h, a[i], 8, heap_start(&h, a[(i + N - 1) % N]));
    }
    h.heuristics = LG_HEUR_BIT(LgHeurPyObject);
    heap_root(&h, heap_base(&h, a[0]));
    heap_root(&h, heap_base(&h, a[1]) + 8);
    heap_point(&h, a[4], 24, heap_base(&h, a[5]));
    heap_search(&h);
    expect_eq(heap_kind(&h, a[0]), LgReachable);
    expect_eq(heap_heuristic(&h, a[0]), LgHeurPyObject);
    expect_eq(heap_kind(&h, a[1]), LgDefinite);
    expect_eq(heap_kind(&h, a[2]), LgDefinite);
    expect_eq(heap_indirectB(&h, a[2]), 0);
    expect_eq(heap_kind(&h, a[3]), LgDefinite);
    expect_eq(heap_kind(&h, a[4]), LgDefinite);
    expect_eq(heap_indirectB(&h, a[4]), 64);
    expect_eq(heap_kind(&h, a[5]), LgIndirect);
    /* Nor does suppression go that way. */
    lg_sb_set_suppressed(heap_entry(&h, a[4]));
    lg_sb_set_suppressed(heap_entry(&h, a[1]));
    lg_mark_spread_suppressed(h.mark);
    expect_true(heap_suppressed(&h, a[5]));
    expect_false(heap_suppressed(&h, a[3]));
    expect_false(heap_suppressed(&h, a[0]));
    heap_delete(&h);
}

static void objects_lead_on(void)
{
    static const UInt offs[] = {0, 16, 32, 48};
    TestHeap          h;
    UInt              a[4];
    heap_new(&h, 4096);
    for (UInt i = 0; i < 4; i++)
        a[i] = heap_object(&h, 80, offs[i], i % 2 == 1);
    for (UInt i = 0; i < 3; i++)
        heap_point(&h, a[i], 72, heap_base(&h, a[i + 1]));
    h.heuristics = LG_HEUR_BIT(LgHeurPyObject);
    heap_root(&h, heap_base(&h, a[0]));
    heap_search(&h);
    for (UInt i = 0; i < 4; i++) {
        expect_eq(heap_kind(&h, a[i]), LgReachable);
        expect_eq(heap_heuristic(&h, a[i]), i > 0 ? LgHeurPyObject
                                                  : LgHeurNone);
    }
    /* A pointer to the start is better. */
    heap_root(&h, heap_start(&h, a[2]));
    heap_search(&h);
    expect_eq(heap_heuristic(&h, a[2]), LgHeurNone);
    expect_eq(heap_heuristic(&h, a[3]), LgHeurPyObject);
    heap_delete(&h);
}

int main(void)
{
    check_run(links_of_the_collector);
    check_run(data_of_leaves);
    check_run(links_lead_nowhere);
    check_run(objects_lead_on);
    return check_done();
}
