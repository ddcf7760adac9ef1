/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pypools.c: pools and arenas.  See lg_pypools.h. */

#include "lg_pypools.h"

/* struct pool_header */
enum {
    REF_COUNT     = 0x00, /* UInt */
    FREEBLOCK     = 0x08,
    SZIDX         = 0x24, /* UInt, as all that follow */
    NEXTOFFSET    = 0x28,
    MAXNEXTOFFSET = 0x2c
};

/* Blocks of 16 bytes in a pool of 64 KiB, which no version has exceeded. */
enum { MAX_BLOCKS = 4096 };

static UInt size_of(UInt szidx)
{
    return (szidx + 1) * LG_PY_ALIGNMENT;
}

static UInt header_field(const UChar* header, UInt offset)
{
    UInt value;
    memcpy(&value, header + offset, sizeof value);
    return value;
}

static Bool is_carved(const LgPyPool* p, Addr block)
{
    return block >= p->start + LG_PY_POOL_OVERHEAD &&
           block < p->start + p->nextoffset &&
           (block - p->start - LG_PY_POOL_OVERHEAD) % size_of(p->szidx) == 0;
}

static Bool is_sane(const LgPyPool* p, UInt maxnextoffset, UInt poolSzB)
{
    if (p->szidx >= LG_PY_SIZE_CLASSES)
        return False;
    UInt szB = size_of(p->szidx);
    return maxnextoffset == poolSzB - szB && p->refcount <= p->nBlocks &&
           p->nextoffset >= LG_PY_POOL_OVERHEAD &&
           p->nextoffset <= maxnextoffset + szB &&
           (p->nextoffset - LG_PY_POOL_OVERHEAD) % szB == 0 &&
           (p->freeblock == 0 || is_carved(p, p->freeblock));
}

LgPyPool lg_pypool_read(const LgPyMem* mem, Addr start, UInt poolSzB)
{
    LgPyPool     p = {start, LgPyPoolTorn, 0, 0, 0, 0, 0};
    const UChar* h = mem->at(mem->opaque, start, LG_PY_POOL_OVERHEAD);
    Addr         freeblock;
    UInt         allBits = 0;

    if (h == NULL)
        return p;
    for (UInt i = 0; i < LG_PY_POOL_OVERHEAD; i++)
        allBits |= h[i];
    if (allBits == 0) {
        p.state = LgPyPoolUnused; /* never carved */
        return p;
    }
    memcpy(&freeblock, h + FREEBLOCK, sizeof freeblock);
    p.freeblock = freeblock;
    p.szidx = header_field(h, SZIDX);
    p.refcount = header_field(h, REF_COUNT);
    p.nextoffset = header_field(h, NEXTOFFSET);
    if (p.szidx < LG_PY_SIZE_CLASSES)
        p.nBlocks = (poolSzB - LG_PY_POOL_OVERHEAD) / size_of(p.szidx);
    if (is_sane(&p, header_field(h, MAXNEXTOFFSET), poolSzB) &&
        p.nBlocks <= MAX_BLOCKS)
        p.state = p.refcount > 0 ? LgPyPoolUsed : LgPyPoolUnused;
    return p;
}

/* Sets a bit for each block of the free list; False when the list is torn. */
static Bool mark_free(const LgPyMem* mem, const LgPyPool* p, UChar* isFree)
{
    UInt szB = size_of(p->szidx);
    UInt nCarved = (p->nextoffset - LG_PY_POOL_OVERHEAD) / szB;
    UInt nFree = 0;

    for (Addr b = p->freeblock; b != 0;) {
        if (!is_carved(p, b))
            return False;
        UInt i = (UInt)((b - p->start - LG_PY_POOL_OVERHEAD) / szB);
        if (isFree[i])
            return False;
        isFree[i] = 1;
        nFree++;
        if (!lg_py_word(mem, b, &b))
            return False;
    }
    return nCarved - nFree == p->refcount;
}

Bool lg_pypool_for_each(const LgPyMem* mem, const LgPyPool* pool,
                        void (*fn)(void* opaque, Addr block, UInt szB),
                        void* opaque)
{
    UChar isFree[MAX_BLOCKS];
    UInt  szB = size_of(pool->szidx);
    UInt  nCarved = (pool->nextoffset - LG_PY_POOL_OVERHEAD) / szB;

    memset(isFree, 0, nCarved);
    if (!mark_free(mem, pool, isFree))
        return False;
    for (UInt i = 0; fn != NULL && i < nCarved; i++)
        if (!isFree[i])
            fn(opaque, pool->start + LG_PY_POOL_OVERHEAD + (Addr)i * szB, szB);
    return True;
}

static void count_pool(LgPyArenaUse* use, const LgPyPool* p, UInt poolSzB)
{
    if (p->state != LgPyPoolUsed) {
        use->freeB += poolSzB;
        return;
    }
    UInt szB = size_of(p->szidx);
    use->nUsed++;
    use->size[p->szidx].nPools++;
    use->size[p->szidx].nBlocksUsed += p->refcount;
    use->size[p->szidx].nBlocksFree += p->nBlocks - p->refcount;
    use->usedB += (SizeT)p->refcount * szB;
    use->freeB += (SizeT)(p->nBlocks - p->refcount) * szB;
}

void lg_pyarena_walk(const LgPyMem* mem, Addr lo, Addr hi, UInt poolSzB,
                     void (*fn)(void* opaque, Addr block, UInt szB),
                     void* opaque, LgPyArenaUse* use)
{
    LgPyArenaUse ignored;

    if (use == NULL)
        use = &ignored;
    memset(use, 0, sizeof *use);
    for (Addr a = (lo + poolSzB - 1) & ~(Addr)(poolSzB - 1);
         a >= lo && a < hi && hi - a >= poolSzB; a += poolSzB) {
        LgPyPool p = lg_pypool_read(mem, a, poolSzB);
        use->nPools++;
        if (p.state == LgPyPoolTorn ||
            (p.state == LgPyPoolUsed &&
             !lg_pypool_for_each(mem, &p, fn, opaque)))
            use->nTorn++;
        else
            count_pool(use, &p, poolSzB);
    }
}

Bool lg_pyarena_is_likely(const LgPyMem* mem, Addr lo, Addr hi, UInt poolSzB)
{
    enum { MIN_USED = 2 };
    LgPyArenaUse use;

    lg_pyarena_walk(mem, lo, hi, poolSzB, NULL, NULL, &use);
    return use.nUsed >= MIN_USED && 8 * use.nTorn <= use.nUsed;
}
