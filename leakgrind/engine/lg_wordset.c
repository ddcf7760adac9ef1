/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_wordset.c: sets of words.  See lg_wordset.h.

   A hash of chunks, each a bitmap of 8192 words (64 KiB of memory).  Chunks
   that become empty stay for reuse until the set is deleted: a program's
   pools live where they lived before. */

#include "lg_wordset.h"

#include "../lg_platform.h"

enum {
    WORD_SHIFT  = 3,
    CHUNK_SHIFT = 16,
    CHUNK_WORDS = 1 << (CHUNK_SHIFT - WORD_SHIFT),
    MIN_SLOTS   = 64
};

typedef struct {
    UWord number; /* address >> CHUNK_SHIFT */
    UInt  nWords; /* bits set */
    ULong bits[CHUNK_WORDS / 64];
} Chunk;

struct LgWordSet {
    Chunk** slots; /* open addressing; NULL is free */
    UInt    nSlots;
    UInt    nChunks;
    ULong   nWords;
};

LgWordSet* lg_ws_new(void)
{
    LgWordSet* ws = lg_plat_alloc("lg.ws", sizeof *ws);
    memset(ws, 0, sizeof *ws);
    ws->nSlots = MIN_SLOTS;
    ws->slots = lg_plat_alloc("lg.ws.slots", ws->nSlots * sizeof *ws->slots);
    memset(ws->slots, 0, ws->nSlots * sizeof *ws->slots);
    return ws;
}

void lg_ws_delete(LgWordSet* ws)
{
    for (UInt i = 0; i < ws->nSlots; i++)
        lg_plat_free(ws->slots[i]);
    lg_plat_free(ws->slots);
    lg_plat_free(ws);
}

static Chunk** find_slot(const LgWordSet* ws, UWord number)
{
    UInt i = (UInt)((number * 0x9E3779B97F4A7C15ULL) >> 40) & (ws->nSlots - 1);
    while (ws->slots[i] != NULL && ws->slots[i]->number != number)
        i = (i + 1) & (ws->nSlots - 1);
    return &ws->slots[i];
}

static void grow(LgWordSet* ws)
{
    Chunk** old  = ws->slots;
    UInt    nOld = ws->nSlots;
    ws->nSlots *= 2;
    ws->slots = lg_plat_alloc("lg.ws.slots", ws->nSlots * sizeof *ws->slots);
    memset(ws->slots, 0, ws->nSlots * sizeof *ws->slots);
    for (UInt i = 0; i < nOld; i++)
        if (old[i] != NULL)
            *find_slot(ws, old[i]->number) = old[i];
    lg_plat_free(old);
}

static Chunk* chunk_for(LgWordSet* ws, UWord number)
{
    Chunk** slot = find_slot(ws, number);
    if (*slot == NULL) {
        if (2 * ws->nChunks >= ws->nSlots) {
            grow(ws);
            slot = find_slot(ws, number);
        }
        *slot = lg_plat_alloc("lg.ws.chunk", sizeof **slot);
        memset(*slot, 0, sizeof **slot);
        (*slot)->number = number;
        ws->nChunks++;
    }
    return *slot;
}

/* Number of bits set; the compiler's own would be a call to its library. */
static UInt popcount(ULong x)
{
    x -= (x >> 1) & 0x5555555555555555ULL;
    x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
    return (UInt)((x * 0x0101010101010101ULL) >> 56);
}

/* Sets or clears the words [lo, hi) of a chunk. */
static void change(LgWordSet* ws, Chunk* c, UInt lo, UInt hi, Bool set)
{
    UInt before = c->nWords;
    while (lo < hi) {
        UInt  bit = lo % 64;
        UInt  n = 64 - bit < hi - lo ? 64 - bit : hi - lo;
        ULong mask = (n == 64 ? ~0ULL : (1ULL << n) - 1) << bit;
        ULong* w = &c->bits[lo / 64];
        c->nWords -= popcount(*w);
        *w = set ? *w | mask : *w & ~mask;
        c->nWords += popcount(*w);
        lo += n;
    }
    ws->nWords += c->nWords;
    ws->nWords -= before;
}

/* The part of words [lo, hi) that lies in chunk `number`, from its start. */
static UInt clip(UWord w, UWord number)
{
    UWord first = number * CHUNK_WORDS;
    if (w < first)
        return 0;
    return w - first > CHUNK_WORDS ? CHUNK_WORDS : (UInt)(w - first);
}

void lg_ws_add(LgWordSet* ws, Addr lo, Addr hi)
{
    if (lo >= hi)
        return;
    UWord wLo = (lo >> WORD_SHIFT) + ((lo & 7) != 0);
    UWord wHi = hi >> WORD_SHIFT;
    for (UWord w = wLo; w < wHi;) {
        UWord number = w / CHUNK_WORDS;
        change(ws, chunk_for(ws, number), clip(w, number), clip(wHi, number),
               True);
        w = (number + 1) * CHUNK_WORDS;
    }
}

void lg_ws_remove(LgWordSet* ws, Addr lo, Addr hi)
{
    if (lo >= hi || ws->nWords == 0)
        return;
    UWord wLo = lo >> WORD_SHIFT;
    UWord wHi = ((hi - 1) >> WORD_SHIFT) + 1;
    UWord cLo = wLo / CHUNK_WORDS, cHi = (wHi - 1) / CHUNK_WORDS;
    if (cHi - cLo >= ws->nSlots) {
        /* More chunks in the range than in the set. */
        for (UInt i = 0; i < ws->nSlots; i++) {
            Chunk* c = ws->slots[i];
            if (c != NULL && c->number >= cLo && c->number <= cHi)
                change(ws, c, clip(wLo, c->number), clip(wHi, c->number),
                       False);
        }
        return;
    }
    for (UWord number = cLo; number <= cHi; number++) {
        Chunk* c = *find_slot(ws, number);
        if (c != NULL && c->nWords > 0)
            change(ws, c, clip(wLo, number), clip(wHi, number), False);
    }
}

Bool lg_ws_contains(const LgWordSet* ws, Addr a)
{
    const Chunk* c = *find_slot(ws, a >> CHUNK_SHIFT);
    UInt         w = (a >> WORD_SHIFT) % CHUNK_WORDS;
    return c != NULL && ((c->bits[w / 64] >> (w % 64)) & 1);
}

Bool lg_ws_is_empty(const LgWordSet* ws)
{
    return ws->nWords == 0;
}

static Int compare_chunks(const void* va, const void* vb)
{
    const Chunk* a = *(Chunk* const*)va;
    const Chunk* b = *(Chunk* const*)vb;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Appends [lo, hi), joined to the last range where they touch.  With out ==
   NULL only counts; `lastHi` is the end of the last range. */
static void append(LgRange* out, UInt* n, Addr* lastHi, Addr lo, Addr hi)
{
    if (*n > 0 && *lastHi == lo) {
        if (out != NULL)
            out[*n - 1].hi = hi;
    } else {
        if (out != NULL)
            out[*n] = (LgRange){lo, hi};
        (*n)++;
    }
    *lastHi = hi;
}

static UInt list_ranges(Chunk** chunks, UInt nChunks, LgRange* out)
{
    UInt n = 0;
    Addr lastHi = 0;
    for (UInt i = 0; i < nChunks; i++) {
        Addr base = chunks[i]->number << CHUNK_SHIFT;
        for (UInt w = 0; w < CHUNK_WORDS; w++) {
            ULong bits = chunks[i]->bits[w / 64];
            if (bits == 0) {
                w |= 63;
                continue;
            }
            if ((bits >> (w % 64)) & 1)
                append(out, &n, &lastHi, base + ((Addr)w << WORD_SHIFT),
                       base + ((Addr)(w + 1) << WORD_SHIFT));
        }
    }
    return n;
}

LgRange* lg_ws_ranges(const LgWordSet* ws, UInt* n)
{
    *n = 0;
    if (ws->nWords == 0)
        return NULL;
    Chunk** used =
        lg_plat_alloc("lg.ws.sort", (ws->nChunks + 1) * sizeof *used);
    UInt nUsed = 0;
    for (UInt i = 0; i < ws->nSlots; i++)
        if (ws->slots[i] != NULL && ws->slots[i]->nWords > 0)
            used[nUsed++] = ws->slots[i];
    lg_plat_sort(used, nUsed, sizeof *used, compare_chunks);
    LgRange* ranges = lg_plat_alloc(
        "lg.ws.ranges", list_ranges(used, nUsed, NULL) * sizeof *ranges);
    *n = list_ranges(used, nUsed, ranges);
    lg_plat_free(used);
    return ranges;
}
