/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poolgen.c: see poolgen.h. */

#include "poolgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_SZB = 48 };

/* struct pool_header, as in obmalloc.c of CPython 3.9 to 3.14 */
typedef struct {
    UInt  count;
    UInt  padding;
    Addr  freeblock;
    Addr  nextpool, prevpool;
    UInt  arenaindex, szidx, nextoffset, maxnextoffset;
} Header;

_Static_assert(sizeof(Header) == HEADER_SZB, "a pool header has 48 bytes");

PoolGen* poolgen_new(void)
{
    return calloc(1, sizeof(PoolGen));
}

void poolgen_delete(PoolGen* g)
{
    free(g->arena);
    free(g);
}

Addr poolgen_pool(const PoolGen* g, UInt pool)
{
    return (Addr)g->arena + (Addr)pool * g->poolSzB;
}

UInt poolgen_fit(const PoolGen* g, UInt szidx)
{
    return (g->poolSzB - HEADER_SZB) / ((szidx + 1) * 16);
}

static const void* at(void* opaque, Addr a, SizeT szB)
{
    const PoolGen* g = opaque;
    Addr           lo = (Addr)g->arena;
    SizeT          arenaSzB = (SizeT)g->nPools * g->poolSzB;

    return a >= lo && a - lo <= arenaSzB && szB <= arenaSzB - (a - lo)
               ? (const void*)a
               : NULL;
}

LgPyMem poolgen_mem(const PoolGen* g)
{
    return (LgPyMem){(void*)g, at, NULL};
}

void poolgen_clear(PoolGen* g, UInt poolSzB, UInt nPools)
{
    if (poolSzB != g->poolSzB || nPools != g->nPools) {
        /* Of just the right size: a sanitizer sees what reads beyond. */
        free(g->arena);
        g->arena = aligned_alloc(poolSzB, (SizeT)poolSzB * nPools);
    }
    g->poolSzB = poolSzB;
    g->nPools = nPools;
    memset(g->arena, 0, (SizeT)poolSzB * nPools);
    memset(g->pool, 0, sizeof g->pool);
}

static UInt next_random(UInt* seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

void poolgen_fill(PoolGen* g, UInt pool, UInt szidx, UInt nCarved, UInt nFree,
                  UInt seed)
{
    PoolGenPool* p = &g->pool[pool];
    Header*      h = (Header*)poolgen_pool(g, pool);
    UInt         szB = (szidx + 1) * 16;

    p->szidx = szidx;
    p->nCarved = nCarved;
    p->nUsed = nCarved - nFree;
    memset(p->isUsed, 1, nCarved);
    /* What is in blocks means nothing. */
    for (UInt i = HEADER_SZB; i < g->poolSzB; i++)
        ((UChar*)h)[i] = (UChar)next_random(&seed);
    *h = (Header){.count = p->nUsed,
                  .nextpool = (Addr)h,
                  .prevpool = (Addr)h,
                  .arenaindex = 3,
                  .szidx = szidx,
                  .nextoffset = HEADER_SZB + nCarved * szB,
                  .maxnextoffset = g->poolSzB - szB};
    for (UInt i = 0; i < nFree; i++) {
        UInt b = next_random(&seed) % nCarved;
        while (!p->isUsed[b])
            b = (b + 1) % nCarved;
        p->isUsed[b] = 0;
        Addr block = (Addr)h + HEADER_SZB + (Addr)b * szB;
        *(Addr*)block = h->freeblock;
        h->freeblock = block;
    }
}

/* --- From bytes ---------------------------------------------------------- */

typedef struct {
    const UChar* data;
    SizeT        n;
} Bytes;

static UInt take(Bytes* b)
{
    if (b->n == 0)
        return 0;
    b->n--;
    return *b->data++;
}

static UInt take2(Bytes* b)
{
    UInt low = take(b);
    return low | take(b) << 8;
}

/* Where: a field of the header, or the beginning of a block; what: a small
   number, or an address in or near the arena. */
static void damage(PoolGen* g, Bytes* b)
{
    static const UChar fields[] = {0, 4, 8, 16, 32, 36, 40, 44};
    UInt   what = take(b), where = take2(b), value = take2(b);
    UInt   pool = what % g->nPools;
    UChar* start = (UChar*)poolgen_pool(g, pool);
    UInt   offset = where < 256 ? fields[where % sizeof fields]
                                : where % (g->poolSzB / 8) * 8;
    Addr   address = (Addr)g->arena + value % 8192 * 16 - 4096;

    g->pool[pool].isDamaged = True;
    if (what & 0x80)
        memcpy(start + offset, &address, sizeof address);
    else
        memcpy(start + offset, &value, sizeof value);
}

void poolgen_make(PoolGen* g, const UChar* data, SizeT n)
{
    Bytes b = {data, n};
    UInt  head = take(&b);

    poolgen_clear(g, 4096u << (head & 3) % 3 * 2,
                  1 + (head >> 2) % POOLGEN_MAX_POOLS);
    for (UInt i = 0; i < g->nPools; i++) {
        UInt szidx = take(&b), carved = take2(&b), nFree = take2(&b);
        if (szidx >= 128)
            continue; /* never used */
        szidx %= 32;
        carved = 1 + carved % poolgen_fit(g, szidx);
        poolgen_fill(g, i, szidx, carved, nFree % (carved + 1), take2(&b));
    }
    while (b.n > 0)
        damage(g, &b);
}

/* --- Comparing ----------------------------------------------------------- */

typedef struct {
    const PoolGen* g;
    Addr           last; /* end of the block told last */
    UInt           n[POOLGEN_MAX_POOLS];
    UInt           told;
    const char*    wrong;
} Walk;

static void on_block(void* opaque, Addr block, UInt szB)
{
    Walk*          w = opaque;
    const PoolGen* g = w->g;
    Addr           lo = (Addr)g->arena;
    Addr           offset = (block - lo) % g->poolSzB;
    SizeT          i = (block - lo) / g->poolSzB;

    w->told++;
    if (block < lo || i >= g->nPools || szB == 0 || szB > 512 ||
        offset < HEADER_SZB || offset + szB > g->poolSzB ||
        (offset - HEADER_SZB) % szB != 0) {
        w->wrong = "a block that cannot be";
        return;
    }
    if (block < w->last)
        w->wrong = "not in order, or overlapping";
    w->last = block + szB;
    w->n[i]++;
    const PoolGenPool* p = &g->pool[i];
    if (!p->isDamaged &&
        (szB != (p->szidx + 1) * 16 || !p->isUsed[(offset - HEADER_SZB) / szB]))
        w->wrong = "a block that is not in use";
}

/* Every block that is told is counted, in the right class. */
static Bool use_fits(const PoolGen* g, const Walk* w, const LgPyArenaUse* u)
{
    UInt  nBlocks = 0, nPools = 0;
    SizeT usedB = 0;

    for (UInt i = 0; i < LG_PY_SIZE_CLASSES; i++) {
        nBlocks += u->size[i].nBlocksUsed;
        nPools += u->size[i].nPools;
        usedB += (SizeT)u->size[i].nBlocksUsed * (i + 1) * 16;
    }
    return nBlocks == w->told && nPools == u->nUsed && usedB == u->usedB &&
           u->nPools == g->nPools &&
           u->usedB + u->freeB <= (SizeT)g->nPools * g->poolSzB;
}

Bool poolgen_check(const PoolGen* g)
{
    LgPyMem      mem = poolgen_mem(g);
    Walk         w = {.g = g};
    LgPyArenaUse use;
    Addr         lo = (Addr)g->arena, hi = poolgen_pool(g, g->nPools);
    UInt         nDamaged = 0;

    lg_pyarena_walk(&mem, lo, hi, g->poolSzB, on_block, &w, &use);
    for (UInt i = 0; i < g->nPools && w.wrong == NULL; i++) {
        const Header* h = (const Header*)poolgen_pool(g, i);
        nDamaged += g->pool[i].isDamaged;
        if (!g->pool[i].isDamaged && w.n[i] != g->pool[i].nUsed)
            w.wrong = "not all blocks in use";
        else if (w.n[i] != 0 && w.n[i] != h->count)
            w.wrong = "not as many blocks as the header says";
    }
    if (w.wrong == NULL && use.nTorn > nDamaged)
        w.wrong = "a whole pool taken for torn";
    if (w.wrong == NULL && !use_fits(g, &w, &use))
        w.wrong = "sums that do not fit";
    lg_pyarena_is_likely(&mem, lo, hi, g->poolSzB);
    if (w.wrong != NULL)
        printf("%u pools of %u bytes: %s\n", g->nPools, g->poolSzB, w.wrong);
    return w.wrong == NULL;
}
