/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_freed.c: the blocks that were freed last.  See lg_freed.h. */

#include "lg_freed.h"

#include "pub_tool_replacemalloc.h"

#include "lg_fresh.h"

enum {
    CAPACITY = 8192,                /* a power of two */
    MAX_HELD_SZB = 4 * 1024 * 1024, /* of all queued memory */
};

static struct {
    LgFreedBlock ring[CAPACITY];
    UInt         oldest; /* number of the oldest entry since the start */
    UInt         next;   /* number of the next entry */
    UInt         heldTo; /* entries before this one have given their memory
                            back; oldest <= heldTo <= next */
    SizeT        heldSzB;
} queue;

static LgFreedBlock* ring_entry(UInt number)
{
    return &queue.ring[number % CAPACITY];
}

static Bool is_from_malloc(const LgFreedBlock* f)
{
    return f->block.allocKind <= LgAllocNewVec;
}

static void give_back_oldest(void)
{
    LgFreedBlock* f = ring_entry(queue.heldTo++);
    if (is_from_malloc(f)) {
        queue.heldSzB -= f->block.szB;
        VG_(cli_free)((void*)f->block.start);
        if (UNLIKELY(f->block.szB > LG_FRESH_FROM_SZB))
            lg_fresh_on_free(f->block.start, f->block.szB);
    }
}

void lg_freed_add(const LgBlock* b, UInt freeCtx)
{
    if (queue.next - queue.oldest == CAPACITY) {
        if (queue.heldTo == queue.oldest)
            give_back_oldest();
        queue.oldest++;
    }
    LgFreedBlock* f = ring_entry(queue.next++);
    f->block   = *b;
    f->freeCtx = freeCtx;
    if (is_from_malloc(f))
        queue.heldSzB += b->szB;
    while (queue.heldSzB > MAX_HELD_SZB)
        give_back_oldest();
}

const LgFreedBlock* lg_freed_find(Addr a, SizeT slopB)
{
    for (UInt i = queue.next; i != queue.oldest; i--) {
        const LgFreedBlock* f = ring_entry(i - 1);
        if (VG_(addr_is_in_block)(a, f->block.start, f->block.szB, slopB))
            return f;
    }
    return NULL;
}
