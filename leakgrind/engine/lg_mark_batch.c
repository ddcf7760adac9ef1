/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_batch.c: the steps that all searches share.  See lg_mark_priv.h. */

#include "lg_mark_priv.h"

#define PAGE_SZB ((Addr)4096)

/* At most so many of one item at once. */
#define MAX_SLICE_SZB ((Addr)16 << 20)

/* Nothing that was written before may be delayed: a read may fault now. */
#define READS_BEGIN() __asm__ __volatile__("" ::: "memory")

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

static void push_slice(LgMark* m, Addr lo, Addr hi, UInt src)
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
        push_slice(m, lo, word_down(m->skips[k].lo), it->src);
        lo = word_up(m->skips[k].hi);
        if (lo < m->skips[k].hi)
            return; /* up to the end of the address space */
    }
    push_slice(m, lo, it->end, it->src);
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
                lg_push_slices(m, &it);
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

/* ---- Reading ------------------------------------------------------------ */

static inline Addr word_at(Addr a)
{
    return *(const Addr*)a & LG_ADDRESS_BITS;
}

/* Appends the word to the candidates if it is one, without a branch. */
static inline UInt take_word(LgCandidate* c, UInt n, Addr w, UInt src,
                             Addr base, UWord maxOff)
{
    c[n].ptr = w;
    c[n].src = src;
    return n + (w - base <= maxOff);
}

static inline UInt scan_small(const LgItem* it, LgCandidate* c, UInt n,
                              Addr base, UWord maxOff)
{
    for (Addr a = it->cur; a < it->end; a += LG_WORD_SZB)
        n = take_word(c, n, word_at(a), it->src, base, maxOff);
    return n;
}

/* Until the item is through or the candidates are full; returns how far it
   came. */
static inline Addr scan_big(const LgItem* it, LgCandidate* c, UInt* pn,
                            Addr base, UWord maxOff)
{
    enum { STRIDE = 8 };
    UInt n = *pn;
    Addr a = it->cur;
    Addr end = it->end;

    while (end - a >= STRIDE * LG_WORD_SZB && n <= LG_BATCH_CANDS - STRIDE) {
        Addr w[STRIDE];
        Bool any = False;
        for (UInt k = 0; k < STRIDE; k++) {
            w[k] = word_at(a + k * LG_WORD_SZB);
            any |= w[k] - base <= maxOff;
        }
        if (any) {
            for (UInt k = 0; k < STRIDE; k++)
                n = take_word(c, n, w[k], it->src, base, maxOff);
        }
        a += STRIDE * LG_WORD_SZB;
    }
    while (a < end && n < LG_BATCH_CANDS) {
        n = take_word(c, n, word_at(a), it->src, base, maxOff);
        a += LG_WORD_SZB;
    }
    *pn = n;
    return a;
}

static void read_items(LgMark* m, LgBatch* b)
{
    const Addr  base = m->snap->base;
    const UWord maxOff = m->snap->maxOff;
    UInt        nSmall = b->hasBig ? b->nItems - 1 : b->nItems;
    UInt        n = b->nCands;

    while (b->item < nSmall) {
        const LgItem* it = &b->items[b->item];
        READS_BEGIN();
        n = scan_small(it, b->cands, n, base, maxOff);
        m->stats.scannedB += it->end - it->cur;
        b->nCands = n;
        b->item++;
    }
    if (b->item < b->nItems) {
        LgItem* it = &b->items[b->item];
        if (it->end - it->cur > MAX_SLICE_SZB) {
            push_slice(m, it->cur + MAX_SLICE_SZB, it->end, it->src);
            it->end = it->cur + MAX_SLICE_SZB;
        }
        READS_BEGIN();
        Addr stop = scan_big(it, b->cands, &n, base, maxOff);
        push_slice(m, stop, it->end, it->src);
        m->stats.scannedB += stop - it->cur;
        b->nCands = n;
        b->item++;
    }
    m->stats.nCandidates += n;
}

/* ---- Looking up --------------------------------------------------------- */

/* Drops candidates that point into chunks without blocks.  Prefetches the
   index entries of the others. */
static void look_at_top(const LgSnapshot* s, LgBatch* b)
{
    UInt k = 0;
    for (UInt c = 0; c < b->nCands; c++) {
        UWord d = b->cands[c].ptr - s->base;
        UInt  how = s->top[d >> LG_CHUNK_BITS].how;
        UInt  granule = (UInt)(d >> LG_GRANULE_BITS) & (LG_CHUNK_GRANULES - 1);
        if (LIKELY(how - 1 < LG_TOP_FEW - 1))
            __builtin_prefetch(
                &s->rel[(SizeT)(how - 1) * LG_CHUNK_GRANULES + granule]);
        b->cands[k] = b->cands[c];
        k += how != 0;
    }
    b->nCands = k;
}

/* Finds the block from which to walk, and prefetches it. */
static void look_at_index(const LgSnapshot* s, LgBatch* b)
{
    for (UInt c = 0; c < b->nCands; c++) {
        UWord      d = b->cands[c].ptr - s->base;
        LgTopEntry t = s->top[d >> LG_CHUNK_BITS];
        UInt       granule =
            (UInt)(d >> LG_GRANULE_BITS) & (LG_CHUNK_GRANULES - 1);
        UInt i = t.first;
        if (LIKELY(t.how < LG_TOP_FEW))
            i += s->rel[(SizeT)(t.how - 1) * LG_CHUNK_GRANULES + granule];
        else if (t.how > LG_TOP_FEW + 1)
            i = lg_snap_search(s, t.first, t.how - LG_TOP_FEW,
                               b->cands[c].ptr);
        __builtin_prefetch(&s->blocks[i], 1);
        b->cands[c].block = i;
    }
}

void lg_batch_scan(LgMark* m, LgBatch* b)
{
    m->active = b;
    read_items(m, b);
    if (LIKELY(m->snap->top != NULL)) {
        look_at_top(m->snap, b);
        look_at_index(m->snap, b);
    } else {
        for (UInt c = 0; c < b->nCands; c++)
            b->cands[c].block =
                lg_snap_search(m->snap, 0, m->snap->n, b->cands[c].ptr);
    }
    b->cand = 0;
    b->step = LgStepMark;
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
        if (UNLIKELY(m->stats.scannedB >= m->progressB))
            return False;
    }
}

/* Item b->item could not be read at `fault`: the part before that page is read
   again, the part after it later. */
static void skip_page(LgMark* m, LgBatch* b, Addr fault)
{
    LgItem* it = &b->items[b->item];
    Addr    lo = it->cur, hi = it->end;

    /* An address that is not even canonical faults without saying where. */
    if (fault >= it->cur && fault < it->end) {
        Addr page = fault & ~(PAGE_SZB - 1);
        if (page > lo)
            lo = page;
        if (hi - page > PAGE_SZB)
            hi = page + PAGE_SZB;
    }
    push_slice(m, hi, it->end, it->src);
    m->stats.skippedB += hi - lo;
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
        if (m->stats.scannedB >= m->progressB) {
            m->progressB = m->stats.scannedB + LG_PROGRESS_SZB;
            if (m->host.progress != NULL)
                m->host.progress(m->host.opaque, m->stats.scannedB,
                                 m->stats.nReached);
        }
    }
}
