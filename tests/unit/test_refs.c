/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_refs.c: references among unreached blocks, and excused blocks. */

#include "../../leakgrind/engine/lg_refs.h"
#include "testheap.h"

static UInt refs_to(const TestHeap* h, const UInt* refs, UInt i)
{
    return refs[heap_no(h, i)];
}

/* ---- References --------------------------------------------------------- */

/* Every word counts, wherever it is; only the base counts, and no link. */
static void every_word_counts(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt a = heap_object(&h, 64, 16, True);
    UInt b = heap_object(&h, 64, 0, False);
    UInt array = heap_block(&h, 8192); /* read in slices */
    heap_point(&h, a, 0, heap_start(&h, a)); /* links */
    heap_point(&h, a, 8, heap_start(&h, b));
    heap_point(&h, a, 24, heap_base(&h, b));
    heap_point(&h, a, 32, heap_base(&h, b));
    heap_point(&h, b, 8, heap_base(&h, a));
    heap_point(&h, b, 16, heap_base(&h, a) + 8);
    heap_point(&h, b, 24, heap_start(&h, a));
    heap_point(&h, b, 32, heap_base(&h, b));
    for (UInt i = 0; i < 1024; i++)
        heap_point(&h, array, 8 * i, heap_base(&h, i % 4 == 0 ? a : b));
    heap_reach(&h);
    UInt* refs = lg_refs_count(h.mark);
    expect_eq(refs_to(&h, refs, a), 1 + 256);
    /* (The words of a PyGC_Head are read, but links never hold a base.) */
    expect_eq(refs_to(&h, refs, b), 1 + 2 + 1 + 768);
    expect_eq(refs_to(&h, refs, array), 0);
    lg_refs_delete(h.mark, refs);
    /* What comes after is not disturbed. */
    lg_mark_cliques(h.mark, NULL);
    expect_eq(heap_kind(&h, a), LgIndirect);
    expect_eq(heap_kind(&h, b), LgIndirect);
    expect_eq(heap_kind(&h, array), LgDefinite);
    expect_eq(heap_indirectB(&h, array), 64 + 64);
    heap_delete(&h);
}

/* mypyc's references to ints are tagged: the address plus 1.  Objects with
   references of their own are not referred to in this way. */
static void tagged_references_count(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_object(&h, 64, 0, False), b = heap_object(&h, 64, 0, False);
    UInt holder = heap_block(&h, 64);
    h.known[a].isLeaf = True;
    heap_point(&h, holder, 0, heap_base(&h, a) + 1);
    heap_point(&h, holder, 8, heap_base(&h, a));
    heap_point(&h, holder, 16, heap_base(&h, a) + 2);
    heap_point(&h, holder, 24, heap_base(&h, b) + 1);
    heap_reach(&h);
    UInt* refs = lg_refs_count(h.mark);
    expect_eq(refs_to(&h, refs, a), 2);
    expect_eq(refs_to(&h, refs, b), 0);
    lg_refs_delete(h.mark, refs);
    heap_delete(&h);
}

static void only_among_the_unreached(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt reached = heap_block(&h, 32), possible = heap_block(&h, 32);
    UInt lost = heap_block(&h, 64), skipped = heap_block(&h, 32);
    UInt a = heap_block(&h, 32);
    heap_root(&h, heap_start(&h, reached));
    heap_root(&h, heap_start(&h, possible) + 1);
    heap_point(&h, lost, 0, heap_start(&h, reached));
    heap_point(&h, lost, 8, heap_start(&h, possible));
    heap_point(&h, lost, 16, heap_start(&h, a));
    heap_point(&h, lost, 32, heap_start(&h, a));
    heap_point(&h, lost, 48, heap_start(&h, a));
    heap_point(&h, skipped, 0, heap_start(&h, a));
    h.known[skipped].isSkipped = True;
    h.skips[0] = (LgRange){heap_start(&h, lost) + 32,
                           heap_start(&h, lost) + 40};
    h.nSkips = 1;
    heap_reach(&h);
    UInt* refs = lg_refs_count(h.mark);
    expect_eq(refs_to(&h, refs, reached), 0);
    expect_eq(refs_to(&h, refs, possible), 0);
    expect_eq(refs_to(&h, refs, lost), 0);
    expect_eq(refs_to(&h, refs, a), 2);
    lg_refs_delete(h.mark, refs);
    heap_delete(&h);
}

/* A word is counted once, also when reading it began twice. */
static void beside_unreadable_pages(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt a = heap_block(&h, 32);
    Addr page = h.memory + (1 << 15);
    UInt big = heap_add(&h, page - 512, 3 * 4096, LgAllocMalloc, 0);
    UInt small = heap_add(&h, page - 1024, 64, LgAllocMalloc, 0);
    for (Addr at = page - 512; at < page - 512 + 3 * 4096; at += 8)
        poke(at, heap_start(&h, a));
    heap_point(&h, small, 0, heap_start(&h, a));
    mprotect((void*)page, 4096, PROT_NONE);
    heap_reach(&h);
    UInt* refs = lg_refs_count(h.mark);
    expect_eq(refs_to(&h, refs, a), (3 * 4096 - 4096) / 8 + 1);
    lg_refs_delete(h.mark, refs);
    expect_eq(heap_kind(&h, big), LgDefinite);
    heap_delete(&h);
}

static void nothing_unreached(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 32);
    heap_root(&h, heap_start(&h, a));
    heap_reach(&h);
    UInt* refs = lg_refs_count(h.mark);
    expect_true(refs == NULL);
    lg_refs_delete(h.mark, refs);
    heap_delete(&h);
}

/* ---- What leads where ---------------------------------------------------- */

/* Before and after the blocks that the search begins with; through leaders and
   what hangs from them; not to what is reached, and not against the pointers. */
static void follows_lost_blocks(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt b[6], reached = heap_block(&h, 32);
    UChar found[8] = {0};
    for (UInt i = 0; i < 6; i++)
        b[i] = heap_block(&h, 32);
    UInt behind = heap_block(&h, 32);
    heap_root(&h, heap_start(&h, reached));
    heap_point(&h, b[0], 0, heap_start(&h, b[1]));
    heap_point(&h, b[1], 8, heap_start(&h, b[0]));
    heap_point(&h, b[1], 16, heap_start(&h, b[5]) + 8);
    heap_point(&h, b[4], 0, heap_start(&h, b[1]));
    heap_point(&h, b[4], 8, heap_start(&h, reached));
    heap_point(&h, b[3], 0, heap_start(&h, b[4]));
    heap_point(&h, reached, 0, heap_start(&h, behind));
    heap_reach(&h);
    lg_mark_cliques(h.mark, NULL);
    found[heap_no(&h, b[4])] = 1;
    found[heap_no(&h, reached)] = 1;
    lg_refs_follow(h.mark, found);
    for (UInt i = 0; i < 6; i++)
        expect_eq(found[heap_no(&h, b[i])], i != 2 && i != 3);
    expect_eq(found[heap_no(&h, behind)], 0);
    heap_delete(&h);
}

/* ---- What is excused ---------------------------------------------------- */

static void expect_excused(const TestHeap* h, UInt i, Bool want)
{
    expect_eq(heap_suppressed(h, i), want);
    if (want)
        expect_eq(heap_kind(h, i), LgReachable);
}

/* With all that hangs from it, by whatever pointers; but what it hangs from
   stays lost. */
static void excused_with_children(void)
{
    TestHeap h;
    UInt     a[8];
    heap_new(&h, 1 << 16);
    for (UInt i = 0; i < 8; i++)
        a[i] = heap_block(&h, i == 3 ? 8192 : 32);
    heap_root(&h, heap_start(&h, a[5]) + 1);  /* possibly lost */
    heap_point(&h, a[5], 0, heap_start(&h, a[6]));
    heap_root(&h, heap_start(&h, a[7]));
    heap_point(&h, a[0], 0, heap_start(&h, a[1])); /* holds the marked one */
    heap_point(&h, a[1], 0, heap_start(&h, a[2]) + 9);
    heap_point(&h, a[2], 8, heap_start(&h, a[3]));
    heap_point(&h, a[3], 8000, heap_start(&h, a[6]));
    heap_point(&h, a[3], 4000, heap_start(&h, a[7]));
    heap_point(&h, a[3], 16, heap_start(&h, a[1]));
    heap_point(&h, a[4], 0, heap_start(&h, a[2]));
    heap_reach(&h);
    const ULong scannedB = lg_mark_stats(h.mark)->scannedB;
    lg_sb_set_suppressed(heap_entry(&h, a[1]));
    lg_mark_excuse(h.mark);
    expect_eq(lg_mark_stats(h.mark)->nReached, 3);
    expect_eq(lg_mark_stats(h.mark)->scannedB, scannedB);
    lg_mark_cliques(h.mark, NULL);
    static const Bool want[8] = {False, True,  True, True,
                                 False, False, True, False};
    for (UInt i = 0; i < 8; i++)
        expect_excused(&h, a[i], want[i]);
    expect_eq(heap_kind(&h, a[0]), LgDefinite);
    expect_eq(heap_indirectB(&h, a[0]), 0);
    expect_eq(heap_kind(&h, a[4]), LgDefinite);
    expect_eq(heap_kind(&h, a[5]), LgPossible);
    expect_true(lg_sb_possible_itself(heap_entry(&h, a[5])));
    expect_eq(heap_kind(&h, a[7]), LgReachable);
    /* They take no part in what is suppressed later. */
    lg_mark_spread_suppressed(h.mark);
    expect_false(heap_suppressed(&h, a[5]));
    heap_delete(&h);
}

/* A possibly lost block can be excused, too, though words that lead to it were
   met before. */
static void excused_possibly_lost(void)
{
    TestHeap h;
    UInt     a[40];
    heap_new(&h, 8192);
    for (UInt i = 0; i < 40; i++)
        a[i] = heap_block(&h, 64);
    for (UInt i = 0; i + 1 < 40; i++)
        heap_point(&h, a[i], 8, heap_start(&h, a[i + 1]));
    heap_root(&h, heap_start(&h, a[0]) + 16);
    heap_reach(&h);
    lg_sb_set_suppressed(heap_entry(&h, a[20]));
    lg_mark_excuse(h.mark);
    for (UInt i = 0; i < 40; i++) {
        expect_excused(&h, a[i], i >= 20);
        expect_eq(heap_kind(&h, a[i]), i < 20 ? LgPossible : LgReachable);
    }
    lg_mark_excuse(h.mark); /* once more changes nothing */
    expect_eq(heap_kind(&h, a[19]), LgPossible);
    /* A root that is met later still counts for the others. */
    lg_mark_word(h.mark, heap_start(&h, a[10]));
    lg_mark_drain(h.mark);
    expect_eq(heap_kind(&h, a[9]), LgPossible);
    expect_eq(heap_kind(&h, a[10]), LgReachable);
    expect_eq(heap_kind(&h, a[19]), LgReachable);
    expect_false(heap_suppressed(&h, a[19]));
    heap_delete(&h);
}

static void all_excused(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 32), b = heap_block(&h, 32);
    heap_point(&h, a, 0, heap_start(&h, b));
    heap_reach(&h);
    lg_sb_set_suppressed(heap_entry(&h, a));
    lg_mark_excuse(h.mark);
    expect_true(lg_refs_count(h.mark) == NULL);
    lg_mark_cliques(h.mark, NULL);
    expect_true(lg_mark_parents(h.mark) == NULL);
    expect_excused(&h, b, True);
    heap_delete(&h);
}

int main(void)
{
    check_run(every_word_counts);
    check_run(tagged_references_count);
    check_run(only_among_the_unreached);
    check_run(beside_unreadable_pages);
    check_run(nothing_unreached);
    check_run(follows_lost_blocks);
    check_run(excused_with_children);
    check_run(excused_possibly_lost);
    check_run(all_excused);
    return check_done();
}
