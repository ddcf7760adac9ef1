/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_describe.c: what an address is.  See lg_describe.h. */

#include "lg_describe.h"

#include "pub_tool_execontext.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_replacemalloc.h"
#include "pub_tool_xarray.h"

#include "../report/lg_errors.h"
#include "lg_freed.h"
#include "lg_heap.h"
#include "lg_pools.h"

typedef struct {
    Addr        start;
    SizeT       szB;
    HChar*      name; /* NULL: removed */
    ExeContext* where;
} NamedBlock;

static XArray* named; /* of NamedBlock; the index is the handle */

UInt lg_describe_add_named(ThreadId tid, Addr start, SizeT szB,
                           HChar* name)
{
    NamedBlock n = {start, szB, name, VG_(record_ExeContext)(tid, 0)};
    if (named == NULL)
        named = VG_(newXA)(VG_(malloc), "lg.named", VG_(free), sizeof n);
    return (UInt)VG_(addToXA)(named, &n);
}

Bool lg_describe_remove_named(UInt handle)
{
    if (named == NULL || (Word)handle >= VG_(sizeXA)(named))
        return False;
    NamedBlock* n = VG_(indexXA)(named, handle);
    if (n->name == NULL)
        return False;
    VG_(free)(n->name);
    n->name = NULL;
    return True;
}

static Bool describe_named(Addr a, AddrInfo* ai)
{
    for (Word i = 0; named != NULL && i < VG_(sizeXA)(named); i++) {
        const NamedBlock* n = VG_(indexXA)(named, i);
        if (n->name == NULL || a - n->start >= n->szB)
            continue;
        ai->tag = Addr_Block;
        ai->Addr.Block.block_kind   = Block_UserG;
        ai->Addr.Block.block_desc   = n->name;
        ai->Addr.Block.block_szB    = n->szB;
        ai->Addr.Block.rwoffset     = (PtrdiffT)(a - n->start);
        ai->Addr.Block.allocated_at = n->where;
        ai->Addr.Block.freed_at     = VG_(null_ExeContext)();
        VG_(initThreadInfo)(&ai->Addr.Block.alloc_tinfo);
        return True;
    }
    return False;
}

void lg_describe_addr(DiEpoch ep, Addr a, AddrInfo* ai)
{
    SizeT slopB = VG_(malloc_effective_client_redzone_size)();
    LgBlock b;

    if (describe_named(a, ai))
        return;
    if (lg_pools_find_containing(a, &b)) {
        lg_error_describe_block(ai, &b, a, Block_MempoolChunk, "block", 0);
        return;
    }
    const LgFreedBlock* f = lg_freed_find(a, slopB);
    if (lg_bt_find_containing(lg_heap_blocks(), a, slopB, &b)) {
        lg_error_describe_block(ai, &b, a, Block_Mallocd,
                          f ? "recently re-allocated block" : "block", 0);
        return;
    }
    if (f != NULL) {
        lg_error_describe_block(ai, &f->block, a, Block_Freed, "block", f->freeCtx);
        return;
    }
    VG_(describe_addr)(ep, a, ai);
}

void lg_describe_print(Addr a)
{
    AddrInfo ai;
    VG_(memset)(&ai, 0, sizeof ai);
    ai.tag = Addr_Undescribed;
    lg_describe_addr(VG_(current_DiEpoch)(), a, &ai);
    VG_(pp_addrinfo_mc)(a, &ai, /*maybe_gcc*/ False);
    VG_(clear_addrinfo)(&ai);
}
