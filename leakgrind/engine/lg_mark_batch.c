/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_batch.c: what all searches share: the mark stack, filling a batch
   from it, going on after a fault.  See lg_mark_priv.h. */

#include "lg_mark_priv.h"

#define PAGE_SZB ((Addr)4096)

/* ---- The mark stack ----------------------------------------------------- */

void lg_push_new_chunk(LgMark* m)
{
    LgStackChunk* chunk = m->spareChunk;
    if (chunk == NULL)
        chunk = lg_plat_alloc("lg.mark.stack", sizeof(LgStackChunk));
    m->spareChunk = NULL;
    chunk->below = m->stack;
    m->stack = chunk;
    m->nInChunk = 0;
}

/* The topmost chunk is empty only when the whole stack is. */
static inline UInt pop(LgMark* m)
{
    UInt i = m->stack->blocks[--m->nInChunk];
    if (UNLIKELY(m->nInChunk == 0) && m->stack->below != NULL) {
        LgStackChunk* chunk = m->stack;
        m->stack = chunk->below;
        m->nInChunk = LG_STACK_CHUNK;
        lg_plat_free(m->spareChunk);
        m->spareChunk = chunk;
    }
    return i;
}

/* ---- Slices and skips --------------------------------------------------- */

void lg_push_slice(LgMark* m, Addr lo, Addr hi, UInt src)
{
    if (lo >= hi)
        return;
    if (m->nSlices == m->maxSlices) {
        m->maxSlices = m->maxSlices == 0 ? 64 : 2 * m->maxSlices;
        m->slices = lg_plat_realloc("lg.mark.slices", m->slices,
                                    m->maxSlices * sizeof(LgItem));
    }
    LgItem* it = &m->slices[m->nSlices++];
    it->cur = lo;
    it->end = hi;
    it->src = src;
}

/* The first skip that ends after `a`; nSkips if there is none. */
static UInt first_skip_after(const LgMark* m, Addr a)
{
    UInt lo = 0, hi = m->nSkips;
    while (lo < hi) {
        UInt mid = lo + (hi - lo) / 2;
        if (m->skips[mid].hi > a)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static inline Addr word_up(Addr a)
{
    return (a + LG_WORD_SZB - 1) & ~(LG_WORD_SZB - 1);
}
static inline Addr word_down(Addr a) { return a & ~(LG_WORD_SZB - 1); }

void lg_push_slices(LgMark* m, const LgItem* it)
{
    Addr lo = it->cur;
    for (UInt k = first_skip_after(m, lo);
         k < m->nSkips && m->skips[k].lo < it->end; k++) {
        lg_push_slice(m, lo, word_down(m->skips[k].lo), it->src);
        lo = word_up(m->skips[k].hi);
        if (lo < m->skips[k].hi)
            return; /* up to the end of the address space */
    }
    lg_push_slice(m, lo, it->end, it->src);
}

/* So large a block may be a reservation of which little is used. */
#define LARGE_SZB ((Addr)4 << 20)

typedef struct {
    LgMark* m;
    UInt    src;
} LgTouchedBlock;

static void push_touched(void* x, Addr lo, Addr hi)
{
    const LgTouchedBlock* t = x;
    LgItem                it = {word_up(lo), word_down(hi), t->src};
    if (it.cur < it.end)
        lg_push_slices(t->m, &it);
}

void lg_push_block(LgMark* m, const LgItem* it)
{
    LgTouchedBlock t = {m, it->src};
    if (m->host.touched != NULL && it->end - it->cur >= LARGE_SZB)
        m->host.touched(m->host.opaque, it->cur, it->end, push_touched, &t);
    else
        lg_push_slices(m, it);
}

Bool lg_word_is_allowed(const LgMark* m, Addr a)
{
    if (a % LG_WORD_SZB != 0)
        return False;
    UInt k = first_skip_after(m, a);
    return k == m->nSkips || m->skips[k].lo >= a + LG_WORD_SZB;
}

/* ---- Filling ------------------------------------------------------------ */

/* Takes blocks from the stack, or else one slice.  False if all is empty. */
static Bool fill(LgMark* m, LgBatch* b)
{
    UInt n = 0, words = 0;

    b->hasBig = False;
    for (;;) {
        while (!lg_stack_is_empty(m) && n < LG_BATCH_ITEMS &&
               words <= LG_BATCH_CANDS - LG_SMALL_WORDS) {
            LgItem it = lg_block_item(m, pop(m));
            if (LIKELY(lg_item_is_small(m, &it))) {
                lg_prefetch_item(&it);
                b->items[n++] = it;
                words += (UInt)((it.end - it.cur) / LG_WORD_SZB);
            } else {
                lg_push_block(m, &it);
            }
        }
        if (n > 0)
            break;
        if (m->nSlices > 0) {
            b->items[n++] = m->slices[--m->nSlices];
            b->hasBig = True;
            break;
        }
        if (lg_stack_is_empty(m) && (m->source == NULL || !m->source(m)))
            break;
    }
    b->nItems = n;
    b->item = 0;
    b->nCands = 0;
    return n > 0;
}

/* ---- Running ------------------------------------------------------------ */

Bool lg_drain(LgMark* m, LgMarkStep mark)
{
    LgBatch* b = &m->main;
    for (;;) {
        switch (b->step) {
        case LgStepFill:
            if (!fill(m, b))
                return True;
            b->step = LgStepScan;
            /* fallthrough */
        case LgStepScan:
            lg_batch_scan(m, b);
            /* fallthrough */
        case LgStepMark:
            m->active = b;
            mark(m, b);
            b->step = LgStepFill;
        }
        if (UNLIKELY(m->total.scannedB >= m->progressB))
            return False;
    }
}

/* Item b->item could not be read at `fault`: the part before that page is read
   again, what can be read behind it later. */
static void skip_page(LgMark* m, LgBatch* b, Addr fault)
{
    LgItem* it = &b->items[b->item];
    Addr    lo = it->cur, hi = it->end;

    /* An address that is not even canonical faults without saying where. */
    if (fault >= it->cur && fault < it->end) {
        Addr page = fault & ~(PAGE_SZB - 1);
        if (page > lo)
            lo = page;
        if (hi - page > PAGE_SZB) {
            Addr next = page + PAGE_SZB;
            if (m->host.readable_from != NULL)
                next = m->host.readable_from(m->host.opaque, next);
            if (next < page + PAGE_SZB)
                next = page + PAGE_SZB;
            if (next < hi)
                hi = next & ~(LG_WORD_SZB - 1);
        }
    }
    lg_push_slice(m, hi, it->end, it->src);
    m->total.skippedB += hi - lo;
    it->end = lo;
}

static void on_fault(LgMark* m, Addr fault)
{
    LgBatch* b = m->active;
    if (m->inHeuristic) {
        m->inHeuristic = False;
        m->heuristicFaults = True;
        return;
    }
    lg_assert(b->step == LgStepScan && b->item < b->nItems);
    if (b == &m->leaders)
        lg_item_postpone(&b->items[b->item]);
    else
        skip_page(m, b, fault);
}

void lg_run_guarded(LgMark* m, void (*body)(void* m))
{
    Addr fault;

    m->isDone = False;
    while (!m->isDone) {
        if (!lg_plat_guarded(body, m, &fault))
            on_fault(m, fault);
        if (m->total.scannedB >= m->progressB) {
            m->progressB = m->total.scannedB + LG_PROGRESS_SZB;
            if (m->host.progress != NULL)
                m->host.progress(m->host.opaque, m->total.scannedB,
                                 m->total.nReached);
        }
    }
}
