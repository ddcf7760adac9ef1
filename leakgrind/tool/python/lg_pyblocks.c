/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyblocks.c: shadow blocks and pools, merged.  See lg_pyblocks.h. */

#include "lg_pyblocks.h"

#include "../../python/lg_pypools.h"
#include "../heap/lg_heap.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "lg_pyarenas.h"

typedef struct {
    void (*fn)(void* opaque, const LgBlock* b);
    void*         opaque;
    UInt          nUnhooked; /* blocks in use without a shadow block */
    LgBlockCursor cursor;
    LgBlock       next; /* of the table */
    Bool          hasNext;
    LgRange       arena; /* in which the walk is */
    UInt          poolSzB;
} Merge;

static void advance_in_table(Merge* m)
{
    m->hasNext = lg_bt_next(lg_heap_blocks(), &m->cursor, &m->next);
}

static Bool is_torn(Addr pool, UInt poolSzB)
{
    LgPyPool p = lg_pypool_read(lg_python_mem(), pool, poolSzB);
    return p.state == LgPyPoolTorn ||
           (p.state == LgPyPoolUsed &&
            !lg_pypool_for_each(lg_python_mem(), &p, NULL, NULL));
}

/* Nothing in a pool corresponds to m->next. */
static void take_unmatched(Merge* m)
{
    Bool isStale =
        m->next.allocKind == LgAllocPython && m->next.start >= m->arena.lo &&
        m->next.start < m->arena.hi &&
        !is_torn(m->next.start & ~(Addr)(m->poolSzB - 1), m->poolSzB);

    if (!isStale)
        m->fn(m->opaque, &m->next);
    advance_in_table(m);
}

static void on_block_in_use(void* opaque, Addr block, UInt szB)
{
    Merge* m = opaque;

    while (m->hasNext && m->next.start < block)
        take_unmatched(m);
    /* Under a debug allocator the shadow begins behind the prefix. */
    if (m->hasNext && m->next.start < block + szB) {
        m->fn(m->opaque, &m->next);
        advance_in_table(m);
        return;
    }
    /* Its domain is not known. */
    LgBlock b = {block, szB, 0, LgAllocPython,
                 LG_BF_PY_MEM | LG_BF_PY_OBJ | lg_forks_generation};
    m->nUnhooked++;
    m->fn(m->opaque, &b);
}

UInt lg_pyblocks_for_each(void (*fn)(void* opaque, const LgBlock* b),
                          void* opaque)
{
    Merge        m = {.fn = fn, .opaque = opaque};
    LgPyArenaUse use;

    advance_in_table(&m);
    for (UInt i = 0; i < lg_pyarenas_count(); i++) {
        m.arena = lg_pyarenas_get(i);
        m.poolSzB = lg_pyarenas_pool_szB();
        while (m.hasNext && m.next.start < m.arena.lo)
            take_unmatched(&m);
        lg_pyarena_walk(lg_python_mem(), m.arena.lo, m.arena.hi, m.poolSzB,
                        on_block_in_use, &m, &use);
        while (m.hasNext && m.next.start < m.arena.hi)
            take_unmatched(&m);
    }
    m.arena = (LgRange){0, 0};
    while (m.hasNext) {
        fn(opaque, &m.next);
        advance_in_table(&m);
    }
    return m.nUnhooked;
}
