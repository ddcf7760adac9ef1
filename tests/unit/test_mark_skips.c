/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mark_skips.c: what is not read in a search: skips, unreadable pages,
   untouched memory, blocks that are not to be searched. */

#include "testheap.h"

/* ---- Skips -------------------------------------------------------------- */

static void skips_are_not_read(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt from = heap_block(&h, 4096), to[10];
    for (UInt i = 0; i < 10; i++) {
        to[i] = heap_block(&h, 8);
        heap_point(&h, from, 8 * i, heap_start(&h, to[i]));
    }
    Addr s = heap_start(&h, from);
    h.skips[0] = (LgRange){s - 100, s + 8};
    h.skips[1] = (LgRange){s + 20, s + 21}; /* a byte of word 2 */
    h.skips[2] = (LgRange){s + 32, s + 48}; /* words 4 and 5 */
    h.skips[3] = (LgRange){s + 72, ~(Addr)0};
    h.nSkips = 4;
    heap_root(&h, s);
    heap_search(&h);
    for (UInt i = 0; i < 10; i++) {
        Bool skipped = i == 0 || i == 2 || i == 4 || i == 5 || i == 9;
        expect_eq(heap_kind(&h, to[i]), skipped ? LgDefinite : LgReachable);
    }
    /* Words that are not in memory are not concerned. */
    lg_mark_word(h.mark, heap_start(&h, to[9]));
    expect_eq(heap_kind(&h, to[9]), LgReachable);
    heap_delete(&h);
}

/* What is attached to a block stands elsewhere, and is read with it alone. */
static void attached_is_read_with_its_block(void)
{
    enum { N = 3 };
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt table = heap_block(&h, 8 * N), owner[N], held[N];
    for (UInt i = 0; i < N; i++) {
        owner[i] = heap_block(&h, 32);
        held[i] = heap_block(&h, 8);
        heap_point(&h, table, 8 * i, heap_start(&h, held[i]));
        h.skips[1 + i] =
            (LgRange){heap_start(&h, owner[i]), heap_start(&h, owner[i]) + 8};
    }
    Addr t = heap_start(&h, table);
    h.skips[0] = (LgRange){t, t + 8 * N};
    h.nSkips = 1 + N;
    heap_root(&h, t);
    heap_root(&h, heap_start(&h, owner[1]));
    for (UInt i = 0; i < N; i++)
        h.attached[i] = (LgAttached){0, {t + 8 * i, t + 8 * i + 8}};
    heap_search(&h); /* numbers the blocks */
    for (UInt i = 0; i < N; i++)
        h.attached[i].block = heap_no(&h, owner[i]);
    h.nAttached = N;
    heap_search(&h);
    for (UInt i = 0; i < N; i++) {
        expect_eq(heap_kind(&h, owner[i]), i == 1 ? LgReachable : LgDefinite);
        expect_eq(heap_kind(&h, held[i]), i == 1 ? LgReachable : LgIndirect);
    }
    expect_eq(heap_kind(&h, table), LgReachable);
    heap_delete(&h);
}

/* A word here and there, in many more blocks than a filter of the smallest size
   can tell apart; with a huge skip behind all, there is no filter at all. */
static void many_skips(void)
{
    enum { N = 60000, SZB = 64 };
    Addr     mem = memory_new((SizeT)2 * N * SZB);
    LgRange* skips = calloc(N + 1, sizeof *skips);
    for (UInt mode = 0; mode < 4; mode++) {
        /* Block i points at block N + i; every third one in a skipped word. */
        LgSnapshot* s = lg_snap_new(2 * N);
        UInt        nSkips = 0, nWrong = 0;
        for (UInt i = 0; i < 2 * N; i++) {
            LgBlock b = {mem + (SizeT)i * SZB, SZB, 1, 0, 0};
            lg_snap_add(s, &b);
        }
        for (UInt i = 0; i < N; i++) {
            Addr at = mem + (SizeT)i * SZB + 8 * (i % 8);
            poke(at, mem + (SizeT)(N + i) * SZB);
            if (i % 3 == 0)
                skips[nSkips++] = (LgRange){at, at + 8};
            if (i % 3 == 1 && i % 8 > 0) /* the word before */
                skips[nSkips++] = (LgRange){at - 8, at};
        }
        if (mode % 2 == 1)
            skips[nSkips++] = (LgRange){mem + ((Addr)1 << 40),
                                        mem + ((Addr)2 << 40)};
        expect_eq(lg_snap_finish(s, NULL, 0), 0);
        LgMark* m = lg_mark_new(s, 0, NULL, skips, nSkips);
        for (UInt i = 0; i < N && mode < 2; i++)
            lg_mark_word(m, mem + (SizeT)i * SZB);
        lg_mark_drain(m);
        lg_mark_cliques(m, NULL);
        for (UInt i = 0; i < N; i++) {
            LgKind k = lg_sb_kind(&lg_snap_blocks(s)[N + i]);
            LgKind found = mode < 2 ? LgReachable : LgIndirect;
            nWrong += k != (i % 3 == 0 ? LgDefinite : found);
        }
        if (!expect_eq(nWrong, 0))
            printf("  mode %u\n", mode);
        lg_mark_delete(m);
        lg_snap_delete(s);
    }
    free(skips);
    munmap((void*)mem, (SizeT)2 * N * SZB);
}

/* ---- Unreadable pages --------------------------------------------------- */

static Addr far_enough(void* opaque, Addr a)
{
    return a < *(Addr*)opaque ? *(Addr*)opaque : a;
}

/* Three pages, the middle one unreadable, in a block or in a range. */
static void unreadable_pages(void)
{
    for (UInt mode = 0; mode < 4; mode++) {
        TestHeap h;
        heap_new(&h, 1 << 16);
        Addr pages = h.memory + (1 << 15), from = pages + 4096 - 64;
        Addr readable = pages + 2 * 4096;
        UInt b = 0;
        UInt before = heap_block(&h, 8), behind = heap_block(&h, 8),
             within = heap_block(&h, 8);
        if (mode % 2 == 0)
            b = heap_add(&h, from, 4096 + 128, LgAllocMalloc, 0);
        poke(pages + 4096 - 8, heap_start(&h, before));
        poke(pages + 4096, heap_start(&h, within));
        poke(pages + 2 * 4096, heap_start(&h, behind));
        mprotect((void*)(pages + 4096), 4096, PROT_NONE);
        if (mode >= 2) {
            h.host.opaque = &readable;
            h.host.readable_from = far_enough;
        }
        if (mode % 2 == 0)
            heap_root(&h, heap_start(&h, b));
        heap_search(&h);
        lg_mark_range(h.mark, from, from + 4096 + 128);
        lg_mark_drain(h.mark);
        expect_eq(heap_kind(&h, before), LgReachable);
        expect_eq(heap_kind(&h, behind), LgReachable);
        expect_eq(heap_kind(&h, within), LgDefinite);
        expect_eq(lg_mark_stats(h.mark)->skippedB,
                  mode % 2 == 0 ? 2 * 4096 : 4096);
        heap_delete(&h);
    }
}

static void unreadable_lost_block(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt big = heap_block(&h, 3 * 4096), child = heap_block(&h, 8);
    UInt small = heap_add(&h, h.memory + (1 << 15), 64, LgAllocMalloc, 0);
    heap_point(&h, big, 2 * 4096, heap_start(&h, child));
    mprotect((void*)(h.memory + 4096), 4096, PROT_NONE);
    mprotect((void*)(h.memory + (1 << 15)), 4096, PROT_NONE);
    heap_search(&h);
    expect_eq(heap_kind(&h, big), LgDefinite);
    expect_eq(heap_kind(&h, child), LgIndirect);
    expect_eq(heap_kind(&h, small), LgDefinite);
    expect_eq(heap_indirectB(&h, big), 8);
    heap_delete(&h);
}

/* What a lost block holds before the page that cannot be read counts. */
static void partly_unreadable_lost_block(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt child = heap_block(&h, 8);
    Addr page = h.memory + (1 << 15);
    UInt small = heap_add(&h, page - 16, 64, LgAllocMalloc, 0);
    heap_point(&h, small, 8, heap_start(&h, child));
    mprotect((void*)page, 4096, PROT_NONE);
    heap_search(&h);
    expect_eq(heap_kind(&h, small), LgDefinite);
    expect_eq(heap_kind(&h, child), LgIndirect);
    heap_delete(&h);
}

/* An address that the processor refuses altogether. */
static void not_canonical(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 8);
    heap_search(&h);
    lg_mark_range(h.mark, (Addr)1 << 62, ((Addr)1 << 62) + 4096);
    expect_eq(heap_kind(&h, a), LgDefinite);
    expect_true(lg_mark_stats(h.mark)->skippedB > 0);
    heap_delete(&h);
}

/* A range that is read in several slices, with an unreadable page in the first
   of them. */
static void unreadable_page_in_a_long_range(void)
{
    const SizeT szB = (SizeT)40 << 20;
    TestHeap    h;
    heap_new(&h, szB + 4096);
    UInt before = heap_block(&h, 8), behind = heap_block(&h, 8),
         last = heap_block(&h, 8);
    Addr lo = h.memory + 4096, hole = lo + (1 << 20);
    poke(hole - 8, heap_start(&h, before));
    poke(hole + 4096, heap_start(&h, behind));
    poke(lo + szB - 8, heap_start(&h, last));
    mprotect((void*)hole, 4096, PROT_NONE);
    heap_search(&h);
    lg_mark_range(h.mark, lo, lo + szB);
    expect_eq(heap_kind(&h, before), LgReachable);
    expect_eq(heap_kind(&h, behind), LgReachable);
    expect_eq(heap_kind(&h, last), LgReachable);
    expect_eq(lg_mark_stats(h.mark)->skippedB, 4096);
    heap_delete(&h);
}

/* ---- Untouched memory, and blocks that are not searched ----------------- */

/* Says that of a large block only one page was touched. */
static void one_page(void* opaque, Addr lo, Addr hi,
                     void (*fn)(void* x, Addr lo, Addr hi), void* x)
{
    Addr page = *(Addr*)opaque;
    expect_true(lo <= page && page + 4096 <= hi);
    fn(x, page, page + 4096);
}

static void untouched_memory_is_not_read(void)
{
    const SizeT szB = (SizeT)64 << 20;
    TestHeap    h;
    heap_new(&h, szB + 4096);
    UInt big = heap_block(&h, szB), small = heap_block(&h, 16);
    UInt other = heap_block(&h, 8), unseen = heap_block(&h, 8);
    Addr page = (heap_start(&h, big) + szB / 2) & ~(Addr)4095;
    poke(page, heap_start(&h, small));
    poke(page + 4096, heap_start(&h, unseen));
    heap_point(&h, small, 0, heap_start(&h, other));
    h.host.opaque = &page;
    h.host.used = one_page;
    for (UInt isLost = 0; isLost < 2; isLost++) {
        h.nRoots = 0;
        if (!isLost)
            heap_root(&h, heap_start(&h, big));
        heap_search(&h);
        expect_eq(heap_kind(&h, small), isLost ? LgIndirect : LgReachable);
        expect_eq(heap_kind(&h, other), isLost ? LgIndirect : LgReachable);
        expect_eq(heap_kind(&h, unseen), LgDefinite);
        expect_eq(lg_mark_stats(h.mark)->scannedB, isLost ? 0 : 4096 + 24);
    }
    heap_delete(&h);
}

/* In no phase of a search, and large ones neither. */
static void skipped_blocks_lead_nowhere(void)
{
    for (UInt szB = 64; szB <= 8192; szB *= 128) {
        TestHeap h;
        heap_new(&h, 1 << 16);
        UInt a[3], child[3];
        for (UInt i = 0; i < 3; i++) {
            a[i] = heap_block(&h, szB);
            child[i] = heap_block(&h, 16);
            heap_point(&h, a[i], 8, heap_start(&h, child[i]));
            h.known[a[i]].isSkipped = True;
        }
        heap_root(&h, heap_start(&h, a[0]));
        heap_root(&h, heap_start(&h, a[1]) + 1);
        heap_search(&h);
        expect_eq(heap_kind(&h, a[0]), LgReachable);
        expect_eq(heap_kind(&h, a[1]), LgPossible);
        expect_eq(heap_kind(&h, a[2]), LgDefinite);
        for (UInt i = 0; i < 3; i++)
            expect_eq(heap_kind(&h, child[i]), LgDefinite);
        expect_eq(heap_indirectB(&h, a[2]), 0);
        expect_eq(lg_mark_stats(h.mark)->scannedB, 0);
        lg_sb_set_suppressed(heap_entry(&h, a[2]));
        lg_mark_spread_suppressed(h.mark);
        expect_false(heap_suppressed(&h, child[2]));
        heap_delete(&h);
    }
}

int main(void)
{
    check_run(skips_are_not_read);
    check_run(attached_is_read_with_its_block);
    check_run(many_skips);
    check_run(unreadable_pages);
    check_run(unreadable_lost_block);
    check_run(partly_unreadable_lost_block);
    check_run(not_canonical);
    check_run(unreadable_page_in_a_long_range);
    check_run(untouched_memory_is_not_read);
    check_run(skipped_blocks_lead_nowhere);
    return check_done();
}
