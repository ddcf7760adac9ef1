/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testheap.h: a small heap in real memory, for the tests of the search.

       heap_new(&h, szB);              zeroed memory
       UInt a = heap_block(&h, 64);    its number until heap_search
       heap_point(&h, a, 8, heap_start(&h, b));
       heap_root(&h, heap_start(&h, a));
       heap_search(&h);                then heap_kind(&h, a), ...

   heap_reach and lg_mark_cliques are the two halves of heap_search. */

#ifndef LG_TESTS_TESTHEAP_H
#define LG_TESTS_TESTHEAP_H

#include <sys/mman.h>

#include "../../leakgrind/engine/lg_mark.h"
#include "check.h"

enum { HEAP_MAX = 256 };

typedef struct {
    Addr           memory;
    SizeT          szB, used;
    LgBlock        blocks[HEAP_MAX];
    UInt           n;
    struct {
        UInt objOff;
        Bool hasGC, isPymem, isLeaf, isSkipped;
    } known[HEAP_MAX]; /* what the host knows */
    ULong          leafData; /* see lg_snap_set_leaf_data */
    const UChar*   rank; /* by number in the snapshot, or NULL */
    Addr           roots[HEAP_MAX];
    UInt           nRoots;
    LgHeuristicSet heuristics;
    LgMarkHost     host;
    LgRange        skips[8];
    UInt           nSkips;
    LgAttached     attached[4];
    UInt           nAttached;
    LgSnapshot*    snap;
    LgMark*        mark;
} TestHeap;

static inline Addr memory_new(SizeT szB)
{
    void* p = mmap(NULL, szB, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(p != MAP_FAILED);
    return (Addr)p;
}

static inline void heap_new(TestHeap* h, SizeT szB)
{
    memset(h, 0, sizeof *h);
    h->szB = szB;
    h->memory = memory_new(szB);
}

static inline UInt heap_add(TestHeap* h, Addr start, SizeT szB,
                            LgAllocKind kind, UChar flags)
{
    assert_true(h->n < HEAP_MAX);
    h->blocks[h->n] = (LgBlock){start, szB, h->n + 1, (UChar)kind, flags};
    return h->n++;
}

/* The next block, 16 bytes behind the one before. */
static inline UInt heap_block(TestHeap* h, SizeT szB)
{
    UInt i = heap_add(h, h->memory + h->used, szB, LgAllocMalloc, 0);
    h->used += ((szB + 15) & ~(SizeT)15) + 16;
    assert_true(h->used <= h->szB);
    return i;
}

/* A block with an object of Python's in it. */
static inline UInt heap_object(TestHeap* h, SizeT szB, UInt objOff, Bool hasGC)
{
    UInt i = heap_block(h, szB);
    h->blocks[i].allocKind = LgAllocPython;
    h->blocks[i].flags = LG_BF_PY_OBJ;
    h->known[i].objOff = objOff;
    h->known[i].hasGC = hasGC;
    return i;
}

static inline Addr heap_start(const TestHeap* h, UInt i)
{
    return h->blocks[i].start;
}

/* What references to the object hold. */
static inline Addr heap_base(const TestHeap* h, UInt i)
{
    return h->blocks[i].start + h->known[i].objOff;
}

static inline void poke(Addr at, Addr w)
{
    memcpy((void*)at, &w, sizeof w);
}

static inline void heap_point(const TestHeap* h, UInt from, SizeT off, Addr to)
{
    poke(heap_start(h, from) + off, to);
}

static inline void heap_root(TestHeap* h, Addr w)
{
    h->roots[h->nRoots++] = w;
}

static inline void heap_end_search(TestHeap* h)
{
    if (h->mark != NULL)
        lg_mark_delete(h->mark);
    if (h->snap != NULL)
        lg_snap_delete(h->snap);
    h->mark = NULL;
    h->snap = NULL;
}

static inline void heap_set_known(const TestHeap* h)
{
    lg_snap_set_leaf_data(h->snap, h->leafData);
    for (UInt k = 0; k < lg_snap_count(h->snap); k++) {
        LgSnapBlock* b = &lg_snap_blocks(h->snap)[k];
        UInt         i = lg_snap_ctx(h->snap, k) - 1;
        lg_sb_set_object(b, h->known[i].objOff, h->known[i].hasGC);
        if (h->known[i].isPymem)
            lg_sb_set_pymem(b);
        if (h->known[i].isLeaf)
            lg_sb_set_leaf(b);
        if (h->known[i].isSkipped)
            lg_sb_set_skipped(b);
    }
}

/* May be called again, for another search. */
static inline void heap_reach(TestHeap* h)
{
    heap_end_search(h);
    h->snap = lg_snap_new(h->n);
    for (UInt i = 0; i < h->n; i++)
        lg_snap_add(h->snap, &h->blocks[i]);
    assert_eq(lg_snap_finish(h->snap, NULL, 0), 0);
    heap_set_known(h);
    lg_snap_check(h->snap);
    h->mark = lg_mark_new(h->snap, h->heuristics, &h->host, h->skips,
                          h->nSkips);
    lg_mark_attach(h->mark, h->attached, h->nAttached);
    for (UInt i = 0; i < h->nRoots; i++)
        lg_mark_word(h->mark, h->roots[i]);
    lg_mark_drain(h->mark);
    lg_mark_check(h->mark);
}

static inline void heap_search(TestHeap* h)
{
    heap_reach(h);
    lg_mark_cliques(h->mark, h->rank);
    lg_mark_check(h->mark);
}

static inline void heap_delete(TestHeap* h)
{
    heap_end_search(h);
    munmap((void*)h->memory, h->szB);
}

/* The number in the snapshot. */
static inline UInt heap_no(const TestHeap* h, UInt i)
{
    for (UInt k = 0; k < lg_snap_count(h->snap); k++) {
        if (lg_snap_ctx(h->snap, k) == i + 1)
            return k;
    }
    expect_true(!"the block is in the snapshot");
    return 0;
}

static inline LgSnapBlock* heap_entry(const TestHeap* h, UInt i)
{
    return &lg_snap_blocks(h->snap)[heap_no(h, i)];
}
static inline LgKind heap_kind(const TestHeap* h, UInt i)
{
    return lg_sb_kind(heap_entry(h, i));
}
static inline LgHeuristic heap_heuristic(const TestHeap* h, UInt i)
{
    return lg_sb_heuristic(heap_entry(h, i));
}
static inline Bool heap_suppressed(const TestHeap* h, UInt i)
{
    return lg_sb_suppressed(heap_entry(h, i));
}
static inline SizeT heap_indirectB(const TestHeap* h, UInt i)
{
    return lg_mark_indirectB(h->mark)[heap_no(h, i)];
}
static inline UInt heap_parent(const TestHeap* h, UInt i)
{
    UInt p = lg_mark_parents(h->mark)[heap_no(h, i)];
    return p == LG_NO_PARENT ? p : lg_snap_ctx(h->snap, p) - 1;
}

#endif
