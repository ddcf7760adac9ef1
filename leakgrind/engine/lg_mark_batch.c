/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_batch.c: the parts that all searches share: the mark stack, filling a
   batch from it, going on after a fault.  See lg_mark_priv.h. */

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

/* The topmost chunk is empty only if the whole stack is. */
static inline UInt pop_block(LgMark* m)
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

Bool lg_push_all_blocks(LgMark* m)
{
    UInt n = 0;

    for (; m->sourceAt < m->snap->n && n < LG_BATCH_ITEMS; n++)
        lg_push(m, m->sourceAt++);
    return n > 0;
}

/* ---- Slices ------------------------------------------------------------ */

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

/* A block of this size may be a reservation of which little is used. */
#define LARGE_SZB ((Addr)4 << 20)

typedef struct {
    LgMark* m;
    UInt    src;
} LgUsedBlock;

static void push_used(void* x, Addr lo, Addr hi)
{
    const LgUsedBlock* t = x;
    LgItem                it = {lg_word_up(lo), lg_word_down(hi), t->src};
    if (it.cur < it.end)
        lg_push_slices(t->m, &it);
}

typedef struct {
    const LgAttached* attached;
    UInt              block;
} LgAttachedSearch;

static inline Bool is_attached_before(const void* x, UInt i)
{
    const LgAttachedSearch* s = x;
    return s->attached[i].block < s->block;
}

/* Attached words are among the skips: they are pushed without a look at
   these. */
static void push_attached(LgMark* m, UInt block)
{
    LgAttachedSearch s = {m->attached, block};

    for (UInt k = lg_bisect(m->nAttached, is_attached_before, &s);
         k < m->nAttached && m->attached[k].block == block; k++)
        lg_push_slice(m, lg_word_up(m->attached[k].words.lo),
                      lg_word_down(m->attached[k].words.hi), block);
}

void lg_push_block(LgMark* m, const LgItem* it)
{
    LgUsedBlock t = {m, it->src};

    push_attached(m, it->src);
    if (m->host.used != NULL && it->end - it->cur >= LARGE_SZB)
        m->host.used(m->host.opaque, it->cur, it->end, push_used, &t);
    else
        lg_push_slices(m, it);
}

Bool lg_push_root(LgMark* m, Addr lo, Addr hi)
{
    LgItem it = {lg_word_up(lo), lg_word_down(hi), LG_NO_PARENT};
    if (it.cur < lo || it.end <= it.cur)
        return False;
    lg_push_slices(m, &it);
    return True;
}

void lg_batch_take_root(LgMark* m, const Addr* w)
{
    lg_assert(m->main.step == LgStepFill);
    m->main.items[0] =
        (LgItem){(Addr)w, (Addr)w + LG_WORD_SZB, LG_NO_PARENT};
    m->main.nItems = 1;
    m->main.item = 0;
    m->main.nCands = 0;
    m->main.hasBig = False;
    m->main.step = LgStepScan;
    m->total.scannedB -= LG_WORD_SZB; /* it is no memory of the guest */
}

/* ---- Filling ------------------------------------------------------------ */

typedef struct {
    UInt items, words;
} LgFilled;

static inline Bool has_room(const LgFilled* f)
{
    return f->items < LG_BATCH_ITEMS &&
           f->words <= LG_BATCH_CANDS - LG_SMALL_WORDS;
}

static inline void take_small(LgBatch* b, LgFilled* f, const LgItem* it)
{
    lg_prefetch_item(it);
    b->items[f->items++] = *it;
    f->words += (UInt)((it->end - it->cur) / LG_WORD_SZB);
}

static inline void fill_from_stack(LgMark* m, LgBatch* b, LgFilled* f)
{
    while (!lg_stack_is_empty(m) && has_room(f)) {
        LgItem it = lg_block_item(m, pop_block(m));
        if (LIKELY(lg_item_is_small(m, &it)))
            take_small(b, f, &it);
        else
            lg_push_block(m, &it);
    }
}

/* Many slices are short: the parts of a small block around a skip.  A long one
   must be the last of a batch. */
static void fill_from_slices(LgMark* m, LgBatch* b, LgFilled* f)
{
    while (m->nSlices > 0 && has_room(f)) {
        LgItem it = m->slices[--m->nSlices];
        if (lg_item_is_short(&it)) {
            take_small(b, f, &it);
        } else {
            b->items[f->items++] = it;
            b->hasBig = True;
            break;
        }
    }
}

/* Takes blocks from the stack, or slices if that is empty.  False if nothing is
   left. */
static Bool fill_batch(LgMark* m, LgBatch* b)
{
    LgFilled f = {0, 0};

    b->hasBig = False;
    do {
        fill_from_stack(m, b, &f);
        if (f.items == 0)
            fill_from_slices(m, b, &f);
    } while (f.items == 0 && m->source != NULL && m->source(m));
    b->nItems = f.items;
    b->item = 0;
    b->nCands = 0;
    return f.items > 0;
}

/* ---- Running ------------------------------------------------------------ */

Bool lg_drain(LgMark* m, LgMarkStep mark)
{
    LgBatch* b = &m->main;
    for (;;) {
        switch (b->step) {
        case LgStepFill:
            if (!fill_batch(m, b))
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
   again now, and the readable part after it later. */
static void skip_page(LgMark* m, LgBatch* b, Addr fault)
{
    LgItem* it = &b->items[b->item];
    Addr    lo = it->cur, hi = it->end;

    /* For an address that is not canonical, the fault does not say where. */
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
