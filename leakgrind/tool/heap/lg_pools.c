/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pools.c: memory pools.  See lg_pools.h. */

#include "lg_pools.h"

#include "pub_tool_hashtable.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_stacktrace.h"

#include "../process/lg_forks.h"
#include "../report/lg_errors.h"
#include "lg_heap.h"

typedef struct {
    VgHashNode   node;   /* node.key is the pool's address */
    VgHashTable* blocks; /* of PoolBlock */
    Bool         autoFree;
    Bool         metaPool;
} Pool;

typedef struct {
    VgHashNode node; /* node.key is the block's start */
    LgBlock    block;
} PoolBlock;

static VgHashTable* pools;
static UInt         nBlocks;

void lg_pools_init(void)
{
    pools = VG_(HT_construct)("lg.pools");
}

/* --- Blocks of a pool ---------------------------------------------------- */

static void insert_pool_block(Pool* p, PoolBlock* pb, Addr start, SizeT szB)
{
    pb->node.key    = start;
    pb->block.start = start;
    pb->block.szB   = szB;
    VG_(HT_add_node)(p->blocks, pb);
    lg_ws_remove(lg_heap_skips(), start, start + szB);
}

static PoolBlock* remove_pool_block(Pool* p, Addr start)
{
    PoolBlock* pb = VG_(HT_remove)(p->blocks, start);
    if (pb != NULL)
        lg_ws_add(lg_heap_skips(), start, start + pb->block.szB);
    return pb;
}

static void end_block(ThreadId tid, PoolBlock* pb)
{
    lg_heap_end_block(tid, &pb->block);
    VG_(free)(pb);
    nBlocks--;
}

/* --- Requests ------------------------------------------------------------ */

/* With -v -v -v, all pool requests are printed, as memcheck does. */
static Bool traces_requests(void)
{
    return VG_(clo_verbosity) > 2;
}

static void tell_stack(ThreadId tid)
{
    VG_(get_and_pp_StackTrace)(tid, 16);
}

static Pool* find_pool(ThreadId tid, Addr pool)
{
    Pool* p = VG_(HT_lookup)(pools, pool);
    if (p == NULL)
        lg_error_invalid_pool(tid, pool);
    return p;
}

void lg_pool_create(ThreadId tid, Addr pool, Bool autoFree, Bool metaPool)
{
    if (traces_requests()) {
        VG_(umsg)("create_mempool(0x%lx, autofree=%d, metapool=%d)\n", pool,
                  autoFree, metaPool);
        tell_stack(tid);
    }
    if (autoFree && !metaPool) {
        VG_(umsg)("Warning: an auto-free pool must be a metapool;"
                  " pool 0x%lx is taken as one\n", pool);
        tell_stack(tid);
        metaPool = True;
    }
    if (VG_(HT_lookup)(pools, pool) != NULL) {
        VG_(umsg)("Warning: pool 0x%lx exists already;"
                  " the second creation is ignored\n", pool);
        tell_stack(tid);
        return;
    }
    Pool* p = VG_(calloc)("lg.pool", 1, sizeof *p);
    p->node.key = pool;
    p->blocks   = VG_(HT_construct)("lg.pool.blocks");
    p->autoFree = autoFree;
    p->metaPool = metaPool;
    VG_(HT_add_node)(pools, p);
}

static void forget_block(void* pb)
{
    const LgBlock* b = &((PoolBlock*)pb)->block;
    lg_ws_add(lg_heap_skips(), b->start, b->start + b->szB);
    VG_(free)(pb);
    nBlocks--;
}

void lg_pool_destroy(ThreadId tid, Addr pool)
{
    if (traces_requests()) {
        VG_(umsg)("destroy_mempool(0x%lx)\n", pool);
        tell_stack(tid);
    }
    Pool* p = VG_(HT_remove)(pools, pool);
    if (p == NULL) {
        lg_error_invalid_pool(tid, pool);
        return;
    }
    VG_(HT_destruct)(p->blocks, forget_block);
    VG_(free)(p);
}

void lg_pool_alloc(ThreadId tid, Addr pool, Addr start, SizeT szB)
{
    if (traces_requests()) {
        VG_(umsg)("mempool_alloc(0x%lx, 0x%lx, %lu)\n", pool, start, szB);
        tell_stack(tid);
    }
    Pool* p = find_pool(tid, pool);
    if (p == NULL ||
        lg_error_if_fishy_range(tid, "VALGRIND_MEMPOOL_ALLOC", start, szB))
        return;
    PoolBlock* pb = VG_(calloc)("lg.pool.block", 1, sizeof *pb);
    pb->block.ctx       = lg_heap_alloc_ctx(tid);
    pb->block.allocKind = p->metaPool ? LgAllocMeta : LgAllocPool;
    pb->block.flags     = lg_forks_generation;
    insert_pool_block(p, pb, start, szB);
    nBlocks++;
    lg_heap_count_alloc(szB, pb->block.ctx);
}

void lg_pool_free(ThreadId tid, Addr pool, Addr start)
{
    if (traces_requests()) {
        VG_(umsg)("mempool_free(0x%lx, 0x%lx)\n", pool, start);
        tell_stack(tid);
    }
    Pool* p = find_pool(tid, pool);
    if (p == NULL)
        return;
    PoolBlock* pb = remove_pool_block(p, start);
    if (pb == NULL) {
        lg_error_invalid_free(tid, start);
        return;
    }
    if (p->autoFree)
        lg_heap_auto_free(tid, start, start + pb->block.szB);
    end_block(tid, pb);
}

void lg_pool_trim(ThreadId tid, Addr pool, Addr start, SizeT szB)
{
    if (traces_requests()) {
        VG_(umsg)("mempool_trim(0x%lx, 0x%lx, %lu)\n", pool, start, szB);
        tell_stack(tid);
    }
    Pool* p = find_pool(tid, pool);
    if (p == NULL)
        return;
    /* A size beyond the address space means "all that follows". */
    Addr         end = szB > ~start ? ~(Addr)0 : start + szB;
    UInt         n;
    VgHashNode** all = VG_(HT_to_array)(p->blocks, &n);
    for (UInt i = 0; i < n; i++) {
        PoolBlock* pb = (PoolBlock*)all[i];
        Addr       lo = pb->block.start, hi = lo + pb->block.szB;
        Addr       keepLo = lo > start ? lo : start;
        Addr       keepHi = hi < end ? hi : end;
        if (keepLo == lo && keepHi == hi)
            continue;
        remove_pool_block(p, lo);
        if (keepLo < keepHi)
            insert_pool_block(p, pb, keepLo, keepHi - keepLo);
        else
            end_block(tid, pb);
    }
    if (all != NULL)
        VG_(free)(all);
}

void lg_pool_move(ThreadId tid, Addr poolA, Addr poolB)
{
    if (traces_requests()) {
        VG_(umsg)("move_mempool(0x%lx, 0x%lx)\n", poolA, poolB);
        tell_stack(tid);
    }
    Pool* p = find_pool(tid, poolA);
    if (p == NULL)
        return;
    VG_(HT_remove)(pools, poolA);
    p->node.key = poolB;
    VG_(HT_add_node)(pools, p);
}

void lg_pool_change(ThreadId tid, Addr pool, Addr startA, Addr startB,
                    SizeT szB)
{
    if (traces_requests()) {
        VG_(umsg)("mempool_change(0x%lx, 0x%lx, 0x%lx, %lu)\n", pool, startA,
                  startB, szB);
        tell_stack(tid);
    }
    Pool* p = find_pool(tid, pool);
    if (p == NULL ||
        lg_error_if_fishy_range(tid, "VALGRIND_MEMPOOL_CHANGE", startB, szB))
        return;
    PoolBlock* pb = remove_pool_block(p, startA);
    if (pb == NULL) {
        lg_error_invalid_free(tid, startA);
        return;
    }
    insert_pool_block(p, pb, startB, szB);
}

Bool lg_pool_exists(Addr pool)
{
    return VG_(HT_lookup)(pools, pool) != NULL;
}

/* --- All blocks of all pools --------------------------------------------- */

UInt lg_pools_n_blocks(void)
{
    return nBlocks;
}

static void for_each(void (*fn)(void* opaque, PoolBlock* pb), void* opaque)
{
    Pool*      p;
    PoolBlock* pb;

    VG_(HT_ResetIter)(pools);
    while ((p = VG_(HT_Next)(pools)) != NULL) {
        VG_(HT_ResetIter)(p->blocks);
        while ((pb = VG_(HT_Next)(p->blocks)) != NULL)
            fn(opaque, pb);
    }
}

typedef struct {
    void (*fn)(void* opaque, const LgBlock* b);
    void* opaque;
} Visitor;

static void visit_pool_block(void* opaque, PoolBlock* pb)
{
    const Visitor* v = opaque;
    v->fn(v->opaque, &pb->block);
}

void lg_pools_for_each(void (*fn)(void* opaque, const LgBlock* b),
                       void* opaque)
{
    Visitor v = {fn, opaque};
    for_each(visit_pool_block, &v);
}

typedef struct {
    Addr     a;
    LgBlock* out;
    Bool     found;
} Finder;

static void look_at_pool_block(void* opaque, PoolBlock* pb)
{
    Finder* f = opaque;
    /* A metapool's block may hold blocks of other pools; prefer these. */
    if (f->a - pb->block.start < pb->block.szB &&
        (!f->found || pb->block.allocKind == LgAllocPool)) {
        *f->out  = pb->block;
        f->found = True;
    }
}

Bool lg_pools_find_containing(Addr a, LgBlock* out)
{
    Finder f = {a, out, False};
    for_each(look_at_pool_block, &f);
    return f.found;
}

static void set_flags(void* flags, PoolBlock* pb)
{
    pb->block.flags |= *(const UChar*)flags;
}

void lg_pools_flag_all(UChar flags)
{
    for_each(set_flags, &flags);
}
