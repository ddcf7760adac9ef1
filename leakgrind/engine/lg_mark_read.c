/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_read.c: the two inner steps of every search: reading words, and
   looking up the blocks that they point into.  See lg_mark_priv.h. */

#include "lg_mark_priv.h"

/* The most bytes of an item that are read at once. */
#define MAX_SLICE_SZB ((Addr)16 << 20)

/* All writes before this must be done: the reads that follow may fault. */
#define READS_BEGIN() __asm__ __volatile__("" ::: "memory")

/* ---- Reading ------------------------------------------------------------ */

static inline Addr read_word_at(Addr a)
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
        n = take_word(c, n, read_word_at(a), it->src, base, maxOff);
    return n;
}

/* Reads until the end of the item, or until the candidates are full; returns
   how far it came. */
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
            w[k] = read_word_at(a + k * LG_WORD_SZB);
            any |= w[k] - base <= maxOff;
        }
        if (any) {
            for (UInt k = 0; k < STRIDE; k++)
                n = take_word(c, n, w[k], it->src, base, maxOff);
        }
        a += STRIDE * LG_WORD_SZB;
    }
    while (a < end && n < LG_BATCH_CANDS) {
        n = take_word(c, n, read_word_at(a), it->src, base, maxOff);
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
        m->total.scannedB += it->end - it->cur;
        b->nCands = n;
        b->item++;
    }
    if (b->item < b->nItems) {
        LgItem* it = &b->items[b->item];
        if (it->end - it->cur > MAX_SLICE_SZB) {
            lg_push_slice(m, it->cur + MAX_SLICE_SZB, it->end, it->src);
            it->end = it->cur + MAX_SLICE_SZB;
        }
        READS_BEGIN();
        Addr stop = scan_big(it, b->cands, &n, base, maxOff);
        lg_push_slice(m, stop, it->end, it->src);
        m->total.scannedB += stop - it->cur;
        b->nCands = n;
        b->item++;
    }
    m->total.nCandidates += n;
}

/* ---- Looking up --------------------------------------------------------- */

static inline Bool has_sub_index(UInt how) { return how - 1 < LG_TOP_FEW - 1; }

static inline const UShort* rel_of(const LgSnapshot* s, UInt how, UWord d)
{
    return &s->rel[(SizeT)(how - 1) * LG_CHUNK_CELLS +
                   ((d >> LG_CELL_BITS) & (LG_CHUNK_CELLS - 1))];
}

/* Drops candidates that point into chunks without blocks; `block` of the others
   becomes the `how` of their chunk.  Prefetches their bits. */
static void look_at_top(const LgMark* m, LgBatch* b)
{
    const LgSnapshot* s = m->snap;
    UInt              k = 0;

    for (UInt c = 0; c < b->nCands; c++) {
        UWord d = b->cands[c].ptr - s->base;
        UInt  how = s->top[d >> LG_CHUNK_BITS].how;
        if (m->useMet && LIKELY(has_sub_index(how)))
            __builtin_prefetch(&m->met[lg_met_bit(how, d) / 8], 1);
        b->cands[k].ptr = b->cands[c].ptr;
        b->cands[k].src = b->cands[c].src;
        b->cands[k].block = how;
        k += how != 0;
    }
    b->nCands = k;
}

/* Drops candidates that were met before. */
static void look_at_met(LgMark* m, LgBatch* b)
{
    const Addr  base = m->snap->base;
    const UInt  note = b == &m->main;
    UInt        k = 0;

    for (UInt c = 0; c < b->nCands; c++) {
        LgCandidate cand = b->cands[c];
        UWord       d = cand.ptr - base;
        UInt        isNew = 1;
        if (LIKELY(d % LG_MET_STEP == 0 && has_sub_index(cand.block))) {
            SizeT  bit = lg_met_bit(cand.block, d);
            UChar* byte = &m->met[bit / 8];
            isNew = ~(*byte >> bit % 8) & 1;
            *byte |= (UChar)(note << bit % 8);
        }
        b->cands[k] = cand;
        k += isNew;
    }
    b->nCands = k;
}

/* Finds the blocks from which to walk. */
static void look_at_index(const LgSnapshot* s, LgBatch* b)
{
    for (UInt c = 0; c < b->nCands; c++) {
        UInt how = b->cands[c].block;
        if (LIKELY(has_sub_index(how)))
            __builtin_prefetch(rel_of(s, how, b->cands[c].ptr - s->base));
    }
    for (UInt c = 0; c < b->nCands; c++) {
        UInt  how = b->cands[c].block;
        UWord d = b->cands[c].ptr - s->base;
        UInt  i = s->top[d >> LG_CHUNK_BITS].first;
        if (LIKELY(has_sub_index(how)))
            i += *rel_of(s, how, d);
        else
            i = lg_snap_search(s, i, how - LG_TOP_FEW, b->cands[c].ptr);
        /* The walk mostly ends one or two blocks on. */
        __builtin_prefetch(&s->blocks[i], 1);
        __builtin_prefetch(&s->blocks[i + 2], 1);
        b->cands[c].block = i;
    }
}

void lg_batch_scan(LgMark* m, LgBatch* b)
{
    m->active = b;
    read_items(m, b);
    if (LIKELY(m->snap->top != NULL)) {
        look_at_top(m, b);
        if (m->useMet)
            look_at_met(m, b);
        look_at_index(m->snap, b);
    } else {
        for (UInt c = 0; c < b->nCands; c++)
            b->cands[c].block =
                lg_snap_search(m->snap, 0, m->snap->n, b->cands[c].ptr);
    }
    b->cand = 0;
    b->step = LgStepMark;
}

/* ---- What was met ------------------------------------------------------- */

static SizeT met_szB(const LgMark* m)
{
    return (SizeT)m->snap->nSub * (LG_MET_BITS / 8);
}

void lg_met_begin(LgMark* m)
{
    lg_met_end(m);
    if (m->snap->nSub == 0)
        return;
    m->met = lg_plat_map(met_szB(m));
    m->useMet = True;
}

void lg_met_end(LgMark* m)
{
    if (m->met != NULL)
        lg_plat_unmap(m->met, met_szB(m));
    m->met = NULL;
    m->useMet = False;
}

void lg_met_forget(LgMark* m, Addr ptr)
{
    UWord d = ptr - m->snap->base;
    if (!m->useMet || d % LG_MET_STEP != 0)
        return;
    UInt how = m->snap->top[d >> LG_CHUNK_BITS].how;
    if (has_sub_index(how)) {
        SizeT bit = lg_met_bit(how, d);
        m->met[bit / 8] &= (UChar)~(1u << bit % 8);
    }
}
