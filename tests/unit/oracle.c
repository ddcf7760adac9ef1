/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oracle.c: the reference classifier.  See oracle.h. */

#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SZB 4096

/* ---- Blocks ------------------------------------------------------------- */

static SizeT search_szB(const LgBlock* b) { return b->szB == 0 ? 1 : b->szB; }
static Addr  last_of(const LgBlock* b) { return b->start + search_szB(b) - 1; }

static Bool is_malloc(const LgBlock* b)
{
    return b->allocKind == LgAllocMalloc || b->allocKind == LgAllocNew ||
           b->allocKind == LgAllocNewVec;
}

static Bool holds(const LgBlock* b, Addr a)
{
    return b->start <= a && a <= last_of(b);
}

static Bool overlap(const LgBlock* a, const LgBlock* b)
{
    return a->start <= last_of(b) && b->start <= last_of(a);
}

static Bool is_ground(const OracleHeap* h, const LgBlock* b)
{
    if (!is_malloc(b))
        return False;
    for (UInt i = 0; i < h->n; i++) {
        const LgBlock* c = &h->blocks[i];
        if (!is_malloc(c) && (holds(b, c->start) || holds(b, last_of(c))))
            return True;
    }
    return False;
}

/* Does `a`, which was added first, stand before `b` in a snapshot? */
static Bool is_before(const LgBlock* a, const LgBlock* b)
{
    if (a->start != b->start)
        return a->start < b->start;
    return search_szB(a) >= search_szB(b);
}

static void settle(const OracleHeap* h, OracleAnswer* ans)
{
    ans->isLegal = True;
    for (UInt i = 0; i < h->n; i++) {
        for (UInt j = 0; j < i; j++) {
            if (is_malloc(&h->blocks[i]) && is_malloc(&h->blocks[j]) &&
                overlap(&h->blocks[i], &h->blocks[j]))
                ans->isLegal = False;
        }
        if (is_ground(h, &h->blocks[i]))
            continue;
        UInt at = ans->n++; /* insertion sort */
        for (; at > 0 && !is_before(&ans->blocks[at - 1].block, &h->blocks[i]);
             at--)
            ans->blocks[at] = ans->blocks[at - 1];
        memset(&ans->blocks[at], 0, sizeof ans->blocks[at]);
        ans->blocks[at].block = h->blocks[i];
        ans->blocks[at].known = h->known[h->blocks[i].ctx - 1];
        if (!h->hasRanks)
            ans->blocks[at].known.rank = LG_N_RANKS - 1;
    }
    for (UInt i = 0; i < ans->n; i++) {
        for (UInt j = i + 1; j < ans->n; j++) {
            const LgBlock* a = &ans->blocks[i].block;
            const LgBlock* b = &ans->blocks[j].block;
            if (overlap(a, b) && (a->allocKind != LgAllocMeta ||
                                  last_of(b) > last_of(a)))
                ans->isLegal = False;
        }
    }
}

Int oracle_find(const OracleAnswer* a, Addr at)
{
    Int i = (Int)a->n - 1; /* what is inside stands later */
    while (i >= 0 && !holds(&a->blocks[i].block, at))
        i--;
    return i;
}

/* ---- Memory ------------------------------------------------------------- */

/* Does the word at `a` overlap one of the ranges? */
static Bool touches(const LgRange* ranges, UInt n, Addr a)
{
    for (UInt i = 0; i < n; i++) {
        if (a < ranges[i].hi && a + 8 > ranges[i].lo)
            return True;
    }
    return False;
}

static Bool can_read(const OracleHeap* h, Addr a)
{
    return a % 8 == 0 && !touches(h->skips, h->nSkips, a) &&
           !touches(h->holes, h->nHoles, a);
}

static Addr word(Addr a)
{
    Addr w;
    memcpy(&w, (const void*)a, sizeof w);
    return w;
}

/* Where a word points: on arm64 its top byte does not count. */
static Addr pointed_at(Addr w)
{
#if defined(__aarch64__)
    w = w << 8 >> 8;
#endif
    return w;
}

/* ---- Heuristics --------------------------------------------------------- */

static Bool word_in(const OracleHeap* h, const LgBlock* b, Addr a, Addr* w)
{
    if (a < b->start || a + 8 > b->start + b->szB || !can_read(h, a))
        return False;
    *w = word(a);
    return True;
}

static Bool is_vtable(const OracleHeap* h, Addr table)
{
    if (table % 8 != 0 || table < PAGE_SZB)
        return False;
    Addr end = h->host.file_mapping_end(h->host.opaque, table);
    UInt nCode = 0;
    for (Addr a = table; a < table + 21 * 8; a += 8) {
        if (a + 8 > end || !can_read(h, a))
            return False;
        Addr fn = word(a);
        if (fn == 0)
            continue;
        if (fn < PAGE_SZB || !h->host.is_code(h->host.opaque, fn))
            return False;
        if (++nCode == 2)
            return True;
    }
    return False;
}

/* The control bytes of a table of hashbrown: as its source sets them, one by one. */
static Bool is_hashbrown(const OracleHeap* h, const LgBlock* b, Addr ptr)
{
#if defined(VGA_arm64)
    enum { GROUP = 8 };
#else
    enum { GROUP = 16 };
#endif
    Addr         end = b->start + b->szB;
    const UChar* control = (const UChar*)ptr;
    UInt         nEmpty = 0, nUsed = 0;

    /* A block whose first word cannot be read was asked for a vtable before, and
       is asked no more. */
    if ((h->heuristics & LG_HEUR_BIT(LgHeurMultipleInheritance)) &&
        touches(h->holes, h->nHoles, b->start) && b->start % 8 == 0 &&
        !touches(h->skips, h->nSkips, b->start))
        return False;
    for (SizeT n = 4; ptr + n + GROUP <= end; n *= 2) {
        if (ptr + n + GROUP != end || ptr % GROUP != 0 || ptr - b->start < n ||
            (ptr - b->start) % n >= 16)
            continue;
        UChar* want = malloc(n + GROUP);
        Bool   isSame = True;
        for (Addr a = ptr & ~(Addr)7; a < end; a += 8)
            isSame = isSame && can_read(h, a);
        memset(want, 0xFF, n + GROUP);
        for (SizeT i = 0; isSame && i < n; i++) {
            want[i] = want[((i - GROUP) & (n - 1)) + GROUP] = control[i];
            nEmpty += control[i] == 0xFF;
            nUsed += control[i] < 0x80;
            isSame = control[i] <= 0x80 || control[i] == 0xFF;
        }
        isSame = isSame && memcmp(want, control, n + GROUP) == 0;
        free(want);
        return isSame && nEmpty > 0 && nUsed > 0;
    }
    return False;
}

/* What CPython and NumPy point to within their memory: the values of a dict (or the
   byte before them), the items of a list behind their number, the arguments of a
   call, and what is remembered of a buffer. */
static Bool is_in_pymem(const OracleHeap* h, const OracleBlock* ob, Addr ptr)
{
    const LgBlock* b = &ob->block;
    Addr           base = b->start + ob->known.objOff, end = b->start + b->szB;
    Addr           values = ptr + ptr % 2, v, w, n;
    Bool           areWords = True;

    if (!ob->known.isPymem)
        return False;
    if (values > base && values - base < 256 && (values - base) % 8 == 0 &&
        word_in(h, b, values - 8, &v) && v >> 56 == values - base)
        return True;
    if (ptr == base + 8 && word_in(h, b, base, &v)) {
        if (v < b->szB && ptr + v * 8 == end)
            return True;
        areWords = v % 8 == 0 && ptr < end && (end - ptr) % 8 == 0;
        for (Addr a = ptr; areWords && a < end; a += 8)
            areWords = word_in(h, b, a, &v) && v != 0 && v % 8 == 0;
        return areWords;
    }
    return ptr == base + 3 && word_in(h, b, base + 8, &n) &&
           word_in(h, b, base + 16, &v) && word_in(h, b, base + 24, &w) &&
           (n &= 0xFFFFFFFF) != 0 && w == base + 40 && v == w + n * 8 &&
           v + n * 8 == end;
}

static Bool applies(const OracleHeap* h, const OracleBlock* ob, Addr ptr,
                    LgHeuristic which)
{
    const LgBlock* b = &ob->block;
    Addr           v, w;
    SizeT          off = ptr - b->start, objOff = off - ob->known.objOff;

    if ((ob->known.objOff != 0 && objOff == 0) || ob->known.isLeaf)
        return which == LgHeurPyObject;
    switch (which) {
    case LgHeurStdString:
        return off == 24 && word_in(h, b, b->start, &v) &&
               word_in(h, b, b->start + 8, &w) && w == b->szB - 25 && v <= w;
    case LgHeurLength64:
        return off == 8 && word_in(h, b, b->start, &v) && v != 0 &&
               v == b->szB - 8;
    case LgHeurNewArray:
        return off == 8 && word_in(h, b, b->start, &v) && v != 0 &&
               (b->szB - 8) % v == 0;
    case LgHeurMultipleInheritance:
        return word_in(h, b, ptr, &v) && word_in(h, b, b->start, &w) &&
               is_vtable(h, v) && is_vtable(h, w);
    case LgHeurPyObject:
        return is_in_pymem(h, ob, ptr);
    case LgHeurHashbrown:
        return !ob->known.isPymem && is_hashbrown(h, b, ptr);
    default:
        return False;
    }
}

static LgHeuristic heuristic_of(const OracleHeap* h, const OracleBlock* b,
                                Addr ptr)
{
    for (UInt i = 1; i < LG_N_HEURISTICS; i++) {
        if ((h->heuristics & LG_HEUR_BIT(i)) &&
            applies(h, b, ptr, (LgHeuristic)i))
            return (LgHeuristic)i;
    }
    return LgHeurNone;
}

/* ---- Words -------------------------------------------------------------- */

/* Where the data of bytes and str objects begin; a tagged reference to an int. */
static Bool leads_to_leaf(Addr off)
{
    return off == 32 || off == 40 || off == 56 || off == 1;
}

/* Does a word hold the address of an object, or a tagged one of an int? */
static Bool is_reference(const OracleBlock* b, Addr w)
{
    Addr base = b->block.start + b->known.objOff;
    return w == base || (w == base + 1 && b->known.isLeaf);
}

/* The block that a word leads to, or -1. */
static Int target(const OracleAnswer* a, Addr w)
{
    Int i = oracle_find(a, w);
    if (i < 0)
        return -1;
    const OracleKnown* k = &a->blocks[i].known;
    Addr               base = a->blocks[i].block.start + k->objOff;
    if ((k->hasGC && w != base) ||
        (k->isLeaf && w != base && !leads_to_leaf(w - base)))
        return -1;
    return i;
}

/* ---- Reachable and possibly lost ---------------------------------------- */

typedef struct {
    const OracleHeap* h;
    OracleAnswer*     a;
    Bool              changed;
} Marking;

/* A word that lies in a root (from == NULL) or in a block. */
static void follow(Marking* k, const OracleBlock* from, Addr w)
{
    Int i = target(k->a, w);
    if (i < 0)
        return;
    OracleBlock* to = &k->a->blocks[i];
    Bool         isStart = w == to->block.start;
    LgKind       kind = LgPossible;
    LgHeuristic  heur = LgHeurNone;

    if (from != NULL && from->kind == LgDefinite)
        return;
    if (from == NULL || from->kind == LgReachable) {
        if (!isStart)
            heur = heuristic_of(k->h, to, w);
        if (isStart || heur != LgHeurNone)
            kind = LgReachable;
    }
    if (to->kind == LgDefinite || kind < to->kind) {
        to->kind = kind;
        to->heuristic = heur;
        k->changed = True;
    } else if (to->kind == LgReachable && (isStart || kind == LgReachable) &&
               heur < to->heuristic) {
        to->heuristic = heur;
        k->changed = True;
    }
}

static void follow_memory(Marking* k, const OracleBlock* from, Addr lo,
                          Addr hi)
{
    for (Addr a = (lo + 7) / 8 * 8; a + 8 <= hi; a += 8) {
        if (can_read(k->h, a))
            follow(k, from, pointed_at(word(a)));
    }
}

static void mark(const OracleHeap* h, OracleAnswer* a)
{
    Marking k = {h, a, True};
    while (k.changed) {
        k.changed = False;
        for (UInt i = 0; i < h->nWords; i++)
            follow(&k, NULL, pointed_at(h->words[i]));
        for (UInt i = 0; i < h->nRanges; i++)
            follow_memory(&k, NULL, h->ranges[i].lo, h->ranges[i].hi);
        for (UInt i = 0; i < a->n; i++) {
            const LgBlock* b = &a->blocks[i].block;
            if (!a->blocks[i].known.isSkipped)
                follow_memory(&k, &a->blocks[i], b->start,
                              b->start + search_szB(b));
        }
    }
}

/* A word of node `from` is followed. */
static void follow_edge(const OracleHeap* h, OracleAnswer* a, UInt from, Addr w)
{
    Int j = target(a, w);
    if (j >= 0 && (w == a->blocks[j].block.start ||
                   a->blocks[j].kind != LgReachable ||
                   heuristic_of(h, &a->blocks[j], w) != LgHeurNone))
        a->followed[from][j]++;
}

static void follow_edges_in(const OracleHeap* h, OracleAnswer* a, UInt from,
                            Addr lo, Addr hi)
{
    for (Addr p = (lo + 7) / 8 * 8; p + 8 <= hi; p += 8)
        if (can_read(h, p))
            follow_edge(h, a, from, pointed_at(word(p)));
}

static void follow_all_edges(const OracleHeap* h, OracleAnswer* a)
{
    for (UInt i = 0; i < h->nWords; i++)
        follow_edge(h, a, a->n + i, pointed_at(h->words[i]));
    for (UInt i = 0; i < h->nRanges; i++)
        follow_edges_in(h, a, a->n + h->nWords + i, h->ranges[i].lo,
                        h->ranges[i].hi);
    for (UInt i = 0; i < a->n; i++) {
        const LgBlock* b = &a->blocks[i].block;
        if (!a->blocks[i].known.isSkipped)
            follow_edges_in(h, a, i, b->start, b->start + search_szB(b));
    }
}

/* What the host has marked as excused is lost no more, nor is what it leads
   to. */
static void excuse(const OracleHeap* h, OracleAnswer* a)
{
    Bool changed = h->hasExcuses;

    for (UInt i = 0; i < a->n; i++) {
        a->blocks[i].reached = a->blocks[i].kind;
        a->blocks[i].excused = h->hasExcuses && a->blocks[i].known.isExcused;
    }
    while (changed) {
        changed = False;
        for (UInt i = 0; i < a->n; i++) {
            OracleBlock* b = &a->blocks[i];
            if (!b->excused || b->kind == LgReachable)
                continue;
            b->kind = LgReachable;
            changed = True;
            for (UInt j = 0; j < a->n; j++) {
                if (a->edge[i][j] && a->blocks[j].kind != LgReachable)
                    a->blocks[j].excused = True;
            }
        }
    }
    for (UInt i = 0; i < a->n; i++)
        a->blocks[i].suppressed = a->blocks[i].excused;
}

static void count_refs(const OracleHeap* h, OracleAnswer* a)
{
    for (UInt i = 0; i < a->n; i++) {
        const LgBlock* b = &a->blocks[i].block;
        Addr           end = b->start + search_szB(b);
        if (a->blocks[i].known.isSkipped || a->blocks[i].kind != LgDefinite)
            continue;
        for (Addr p = (b->start + 7) / 8 * 8; p + 8 <= end; p += 8) {
            if (!can_read(h, p))
                continue;
            Addr w = pointed_at(word(p));
            Int  j = target(a, w);
            if (j >= 0 && a->blocks[j].kind == LgDefinite &&
                is_reference(&a->blocks[j], w))
                a->blocks[j].refs++;
        }
    }
}

static void count_ref(OracleAnswer* a, Addr w)
{
    Int j = target(a, w);
    if (j >= 0 && (is_reference(&a->blocks[j], w) || a->blocks[j].known.isLeaf))
        a->blocks[j].allRefs++;
}

static void count_refs_in(const OracleHeap* h, OracleAnswer* a, Addr lo, Addr hi)
{
    for (Addr p = (lo + 7) / 8 * 8; p + 8 <= hi; p += 8)
        if (can_read(h, p))
            count_ref(a, pointed_at(word(p)));
}

static void count_all_refs(const OracleHeap* h, OracleAnswer* a)
{
    for (UInt i = 0; i < h->nWords; i++)
        count_ref(a, pointed_at(h->words[i]));
    for (UInt i = 0; i < h->nRanges; i++)
        count_refs_in(h, a, h->ranges[i].lo, h->ranges[i].hi);
    for (UInt i = 0; i < a->n; i++) {
        const LgBlock* b = &a->blocks[i].block;
        if (!a->blocks[i].known.isSkipped)
            count_refs_in(h, a, b->start, b->start + search_szB(b));
    }
}

/* ---- Leaders and cliques ------------------------------------------------ */

static void find_edges(const OracleHeap* h, OracleAnswer* a)
{
    for (UInt i = 0; i < a->n; i++) {
        const LgBlock* b = &a->blocks[i].block;
        Addr           end = b->start + search_szB(b);
        if (a->blocks[i].known.isSkipped)
            continue;
        for (Addr p = (b->start + 7) / 8 * 8; p + 8 <= end; p += 8) {
            Int j = can_read(h, p) ? target(a, pointed_at(word(p))) : -1;
            if (j >= 0)
                a->edge[i][j] = 1;
        }
    }
}

/* What block i points at, and nobody has, joins the clique of `leader`: a new
   block with what it points at in turn, an earlier leader with its clique. */
static void find_from(OracleAnswer* a, UInt i, UInt leader)
{
    for (UInt j = 0; j < a->n; j++) {
        if (!a->edge[i][j] || j == leader || a->blocks[j].kind != LgDefinite ||
            a->blocks[j].known.rank == LG_RANK_ALONE)
            continue;
        a->blocks[j].kind = LgIndirect;
        for (UInt k = 0; k < a->n; k++) {
            if (a->blocks[k].owner == j)
                a->blocks[k].owner = leader;
        }
        find_from(a, j, leader);
    }
}

static void gather(OracleAnswer* a)
{
    for (UInt i = 0; i < a->n; i++)
        a->blocks[i].owner = i;
    for (UInt inherited = 2; inherited-- > 0;) {
        for (UInt rank = 0; rank < LG_N_RANKS; rank++) {
            for (UInt i = 0; i < a->n; i++) {
                const OracleBlock* b = &a->blocks[i];
                if (b->kind == LgDefinite && b->known.rank == rank &&
                    ((b->block.flags & LG_BF_INHERITED) != 0) == inherited)
                    find_from(a, i, i);
            }
        }
    }
}

static void sum_cliques(OracleAnswer* a)
{
    for (UInt i = 0; i < a->n; i++)
        a->blocks[i].indirectB = 0;
    for (UInt i = 0; i < a->n; i++) {
        const OracleBlock* b = &a->blocks[i];
        if (b->kind == LgIndirect && !b->suppressed)
            a->blocks[b->owner].indirectB += b->block.szB;
    }
}

void oracle_classify(const OracleHeap* h, OracleAnswer* a)
{
    memset(a, 0, sizeof *a);
    settle(h, a);
    if (!a->isLegal)
        return;
    for (UInt i = 0; i < a->n; i++)
        a->blocks[i].kind = LgDefinite;
    mark(h, a);
    follow_all_edges(h, a);
    find_edges(h, a);
    excuse(h, a);
    count_refs(h, a);
    count_all_refs(h, a);
    gather(a);
    sum_cliques(a);
}

void oracle_spread(OracleAnswer* a)
{
    for (Bool changed = True; changed;) {
        changed = False;
        for (UInt i = 0; i < a->n; i++) {
            for (UInt j = 0; j < a->n; j++) {
                const OracleBlock* from = &a->blocks[i];
                OracleBlock*       to = &a->blocks[j];
                if (!from->suppressed || to->suppressed || !a->edge[i][j])
                    continue;
                if (to->kind == LgIndirect ? from->kind >= LgIndirect
                                           : to->kind == LgPossible &&
                                                 from->kind == LgPossible) {
                    to->suppressed = True;
                    changed = True;
                }
            }
        }
    }
    sum_cliques(a);
}
