/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heap.c: the program's heap.  See lg_heap.h. */

#include "lg_heap.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_replacemalloc.h"
#include "pub_tool_xarray.h"
#include "pub_tool_xtree.h"
#include "pub_tool_xtmemory.h"

#include "../host/lg_compat.h"
#include "../host/lg_options.h"
#include "../process/lg_forks.h"
#include "../process/lg_pythreads.h"
#include "../report/lg_errors.h"
#include "../trace/lg_context.h"
#include "lg_freed.h"
#include "lg_fresh.h"
#include "lg_heapargs.h"

static struct {
    LgBlockTable* blocks;
    LgWordSet*    skips;
    LgHeapStats   stats;
} heap;

void lg_heap_init(void)
{
    heap.blocks = lg_bt_new();
    heap.skips = lg_ws_new();
}

LgBlockTable* lg_heap_blocks(void) { return heap.blocks; }

const LgHeapStats* lg_heap_stats(void) { return &heap.stats; }

void lg_heap_set_flags(LgBlock* b, UShort flags)
{
    b->flags |= flags;
    lg_bt_update(heap.blocks, b->start, (LgAllocKind)b->allocKind, b);
}

LgWordSet* lg_heap_skips(void) { return heap.skips; }

/* --- What all allocations and all frees have in common ------------------- */

UInt lg_heap_alloc_ctx(ThreadId tid)
{
    return lg_keeps_alloc_stack() ? lg_ctx_record_with(tid, lg_pythreads_trace(tid))
                                  : 0;
}

void lg_heap_count_alloc(SizeT szB, UInt ctx)
{
    heap.stats.nAllocs++;
    heap.stats.allocatedB += szB;
    if (UNLIKELY(VG_(clo_xtree_memory) == Vg_XTMemory_Full))
        VG_(XTMemory_Full_alloc)(szB, lg_ctx_execontext(ctx));
}

void lg_heap_end_block(ThreadId tid, const LgBlock* b)
{
    Bool    profiled = VG_(clo_xtree_memory) == Vg_XTMemory_Full;
    UInt    ctx = lg_keeps_free_stack() || profiled ? lg_ctx_record(tid) : 0;
    LgBlock ended = *b;

    lg_heapargs_ended(b);
    if (UNLIKELY(profiled))
        VG_(XTMemory_Full_free)(b->szB, lg_ctx_execontext(b->ctx),
                                lg_ctx_execontext(ctx));
    if (lg_options.keepStacks == LgKeepAllocThenFree)
        ended.ctx = 0;
    lg_freed_add(&ended, lg_keeps_free_stack() ? ctx : 0);
}

void lg_heap_count_python_free(const LgBlock* b)
{
    heap.stats.nFrees++;
    if (UNLIKELY(VG_(clo_xtree_memory) == Vg_XTMemory_Full))
        VG_(XTMemory_Full_free)(b->szB, lg_ctx_execontext(b->ctx),
                                VG_(null_ExeContext)());
}

/* --- Watchers -------------------------------------------------------------- */

enum { MAX_WATCHERS = 2 };
static LgHeapWatcher watchers[MAX_WATCHERS];
static UInt          nWatchers;

void lg_heap_watch(LgHeapWatcher fn)
{
    lg_heap_unwatch(fn);
    tl_assert(nWatchers < MAX_WATCHERS);
    watchers[nWatchers++] = fn;
}

void lg_heap_unwatch(LgHeapWatcher fn)
{
    for (UInt i = 0; i < nWatchers; i++)
        if (watchers[i] == fn)
            watchers[i] = watchers[--nWatchers];
}

static __attribute__((noinline)) void tell_heap_watchers(void)
{
    for (UInt i = nWatchers; i > 0; i--)
        watchers[i - 1]();
}

/* --- malloc and the like -------------------------------------------------- */

/* Every block is aligned to this. */
enum { LEAST_ALIGN_SZB = 16 };

/* Memory for a block, zeroed from byte `fromB` on; with fromB = szB, not
   zeroed. */
static void* take_memory(SizeT szB, SizeT alignB, SizeT fromB)
{
    void* p = VG_(cli_malloc)(alignB, szB);
    if (p == NULL)
        return NULL;
    if (fromB < szB)
        lg_fresh_zero_block((Addr)p, szB, fromB);
    if (UNLIKELY(alignB > LEAST_ALIGN_SZB))
        lg_fresh_on_aligned((Addr)p, szB, alignB);
    return p;
}

static void* allocate_block(ThreadId tid, SizeT szB, SizeT alignB, Bool zeroed,
                            LgAllocKind kind)
{
    /* What an earlier block left here must be gone: the program may have asked
       for zeroes, and the leak search would take a stale pointer for a live
       one. */
    Bool  isFilled = lg_options.mallocFill != -1 && !zeroed;

    if (UNLIKELY(nWatchers > 0))
        tell_heap_watchers();
    void* p = take_memory(szB, alignB, isFilled ? szB : 0);

    if (p == NULL)
        return NULL;
    if (isFilled)
        VG_(memset)(p, lg_options.mallocFill, szB);

    LgBlock b = {(Addr)p, szB, lg_heap_alloc_ctx(tid), (UChar)kind,
                 lg_forks_generation};
    lg_bt_insert(heap.blocks, &b);
    lg_heap_count_alloc(szB, b.ctx);
    return p;
}

/* With an alignment that the program named. */
static void* allocate_aligned(ThreadId tid, SizeT szB, SizeT align,
                              SizeT origAlign, LgAllocKind kind)
{
    void* p = allocate_block(tid, szB, align, False, kind);
    if (p != NULL)
        lg_heapargs_made((Addr)p, origAlign);
    return p;
}

static void release_block(ThreadId tid, Addr p, LgAllocKind kind)
{
    LgBlock b;

    heap.stats.nFrees++;
    if (!lg_bt_find(heap.blocks, p, kind, &b)) {
        lg_error_invalid_free(tid, p);
        return;
    }
    if (b.allocKind != kind)
        lg_error_mismatched_free(tid, &b);
    lg_bt_remove(heap.blocks, p, kind, &b);
    if (b.allocKind == LgAllocCustom)
        lg_ws_add(heap.skips, b.start, b.start + b.szB);
    else if (lg_options.freeFill != -1)
        VG_(memset)((void*)b.start, lg_options.freeFill, b.szB);
    lg_heap_end_block(tid, &b);
}

void* lg_heap_malloc(ThreadId tid, SizeT szB)
{
    if (lg_error_if_fishy(tid, "malloc", "size", szB))
        return NULL;
    return allocate_block(tid, szB, VG_(clo_alignment), False, LgAllocMalloc);
}

void* lg_heap_new(ThreadId tid, SizeT szB)
{
    if (lg_error_if_fishy(tid, "__builtin_new", "size", szB))
        return NULL;
    return allocate_block(tid, szB, VG_(clo_alignment), False, LgAllocNew);
}

void* lg_heap_new_aligned(ThreadId tid, SizeT szB, SizeT align,
                          SizeT origAlign)
{
    if (lg_error_if_fishy(tid, "__builtin_new_aligned", "size", szB))
        return NULL;
    return allocate_aligned(tid, szB, align, origAlign, LgAllocNew);
}

void* lg_heap_vec_new(ThreadId tid, SizeT szB)
{
    if (lg_error_if_fishy(tid, "__builtin_vec_new", "size", szB))
        return NULL;
    return allocate_block(tid, szB, VG_(clo_alignment), False, LgAllocNewVec);
}

void* lg_heap_vec_new_aligned(ThreadId tid, SizeT szB, SizeT align,
                              SizeT origAlign)
{
    if (lg_error_if_fishy(tid, "__builtin_vec_new_aligned", "size", szB))
        return NULL;
    return allocate_aligned(tid, szB, align, origAlign, LgAllocNewVec);
}

void* lg_heap_memalign(ThreadId tid, SizeT align, SizeT origAlign, SizeT szB)
{
    if (lg_error_if_fishy(tid, "memalign", "size", szB))
        return NULL;
    return allocate_aligned(tid, szB, align, origAlign, LgAllocMalloc);
}

void* lg_heap_calloc(ThreadId tid, SizeT nmemb, SizeT elemSzB)
{
    SizeT szB;
    if (lg_error_if_fishy(tid, "calloc", "nmemb", nmemb) ||
        lg_error_if_fishy(tid, "calloc", "size", elemSzB))
        return NULL;
    if (__builtin_mul_overflow(nmemb, elemSzB, &szB))
        return NULL;
    return allocate_block(tid, szB, VG_(clo_alignment), True, LgAllocMalloc);
}

void lg_heap_free(ThreadId tid, void* p)
{
    release_block(tid, (Addr)p, LgAllocMalloc);
}

void lg_heap_delete(ThreadId tid, void* p)
{
    release_block(tid, (Addr)p, LgAllocNew);
}

void lg_heap_delete_aligned(ThreadId tid, void* p, SizeT align)
{
    (void)align;
    release_block(tid, (Addr)p, LgAllocNew);
}

void lg_heap_vec_delete(ThreadId tid, void* p)
{
    release_block(tid, (Addr)p, LgAllocNewVec);
}

void lg_heap_vec_delete_aligned(ThreadId tid, void* p, SizeT align)
{
    (void)align;
    release_block(tid, (Addr)p, LgAllocNewVec);
}

void* lg_heap_realloc(ThreadId tid, void* p, SizeT szB)
{
    LgBlock b;

    if (lg_error_if_fishy(tid, "realloc", "size", szB))
        return NULL;
    if (p == NULL) /* older Valgrinds make a malloc of it themselves */
        return lg_heap_malloc(tid, szB);
    if (!lg_bt_find(heap.blocks, (Addr)p, LgAllocMalloc, &b)) {
        lg_error_invalid_free(tid, (Addr)p);
        return NULL;
    }
    if (b.allocKind != LgAllocMalloc)
        lg_error_mismatched_free(tid, &b);
    if (szB == 0) {
        /* Before 3.21, Valgrind makes a free of it and does not ask us. */
        lg_error_realloc_zero(tid, &b);
        if (lg_compat_realloc_zero_bytes_frees()) {
            release_block(tid, (Addr)p, (LgAllocKind)b.allocKind);
            return NULL;
        }
    }

    /* The block always moves: a stale pointer to the old block must not look
       like a pointer to the new one. */
    SizeT keptB = b.szB < szB ? b.szB : szB;
    Bool  isFilled = lg_options.mallocFill != -1;
    void* pNew = take_memory(szB, VG_(clo_alignment), isFilled ? szB : keptB);
    if (pNew == NULL)
        return NULL;
    VG_(memcpy)(pNew, p, keptB);
    if (isFilled && szB > keptB)
        VG_(memset)((UChar*)pNew + keptB, lg_options.mallocFill, szB - keptB);
    release_block(tid, (Addr)p, (LgAllocKind)b.allocKind);
    LgBlock bNew = {(Addr)pNew, szB, lg_heap_alloc_ctx(tid), LgAllocMalloc,
                    lg_forks_generation};
    lg_bt_insert(heap.blocks, &bNew);
    lg_heap_count_alloc(szB, bNew.ctx);
    return pNew;
}

SizeT lg_heap_usable_size(ThreadId tid, void* p)
{
    LgBlock b;
    (void)tid;
    return lg_bt_find(heap.blocks, (Addr)p, LgAllocMalloc, &b) ? b.szB : 0;
}

/* --- Blocks announced by the program ------------------------------------- */

void lg_heap_malloclike(ThreadId tid, Addr start, SizeT szB)
{
    if (lg_error_if_fishy_range(tid, "VALGRIND_MALLOCLIKE_BLOCK", start, szB))
        return;
    LgBlock b = {start, szB, lg_heap_alloc_ctx(tid), LgAllocCustom,
                 lg_forks_generation};
    lg_bt_insert(heap.blocks, &b);
    lg_ws_remove(heap.skips, start, start + szB);
    lg_heap_count_alloc(szB, b.ctx);
}

void lg_heap_freelike(ThreadId tid, Addr start)
{
    release_block(tid, start, LgAllocCustom);
}

void lg_heap_resize_in_place(ThreadId tid, Addr start, SizeT oldSzB,
                             SizeT newSzB)
{
    LgBlock b;

    if (!lg_bt_find(heap.blocks, start, LgAllocCustom, &b) ||
        b.szB != oldSzB) {
        lg_error_invalid_free(tid, start);
        return;
    }
    if (oldSzB == newSzB ||
        lg_error_if_fishy_range(tid, "VALGRIND_RESIZEINPLACE_BLOCK", start,
                                newSzB))
        return;
    lg_bt_resize(heap.blocks, start, LgAllocCustom, newSzB);
    if (newSzB < oldSzB)
        lg_ws_add(heap.skips, start + newSzB, start + oldSzB);
    else
        lg_ws_remove(heap.skips, start + oldSzB, start + newSzB);
    if (UNLIKELY(VG_(clo_xtree_memory) == Vg_XTMemory_Full))
        VG_(XTMemory_Full_resize_in_place)(oldSzB, newSzB,
                                           lg_ctx_execontext(b.ctx));
}

void lg_heap_auto_free(ThreadId tid, Addr lo, Addr hi)
{
    LgBlockCursor cur = {{0}};
    LgBlock       b;
    XArray*       within = VG_(newXA)(VG_(malloc), "lg.heap.autofree", VG_(free),
                                      sizeof(LgBlock));

    while (lg_bt_next(heap.blocks, &cur, &b))
        if (b.start >= lo && b.start + b.szB <= hi)
            VG_(addToXA)(within, &b);
    for (Word i = 0; i < VG_(sizeXA)(within); i++) {
        const LgBlock* found = VG_(indexXA)(within, i);
        lg_bt_remove(heap.blocks, found->start, (LgAllocKind)found->allocKind,
                     &b);
        lg_heap_end_block(tid, &b);
    }
    VG_(deleteXA)(within);
}

/* --- Memory profile ------------------------------------------------------ */

static LgBlockCursor xtCursor;

static void next_for_xtmemory(XT_Allocs* xta, ExeContext** ec)
{
    LgBlock b;
    xta->nblocks = 0;
    if (lg_bt_next(heap.blocks, &xtCursor, &b)) {
        xta->nbytes  = b.szB;
        xta->nblocks = 1;
        *ec = lg_ctx_execontext(b.ctx);
    }
}

void lg_heap_xtmemory_report(const HChar* filename, Bool atExit)
{
    VG_(memset)(&xtCursor, 0, sizeof xtCursor);
    VG_(XTMemory_report)(filename, atExit, next_for_xtmemory,
                         VG_(XT_filter_1top_and_maybe_below_main));
}

/* --- Summary ------------------------------------------------------------- */

void lg_heap_print_summary(void)
{
    const LgHeapStats* s = &heap.stats;
    ULong              inUseB = lg_bt_bytes(heap.blocks);
    UInt               nInUse = lg_bt_count(heap.blocks);

    if (VG_(clo_verbosity) == 0)
        return;
    if (VG_(clo_xml)) {
        if (lg_compat_xml_has_summary())
            VG_(printf_xml)("<heap_summary>\n"
                            "  <memory_in_use_at_exit>\n"
                            "    <bytes>%'llu</bytes>\n"
                            "    <blocks>%'u</blocks>\n"
                            "  </memory_in_use_at_exit>\n"
                            "  <total_heap_usage>\n"
                            "    <allocs>%'llu</allocs>\n"
                            "    <frees>%'llu</frees>\n"
                            "    <bytes_allocated>%'llu</bytes_allocated>\n"
                            "  </total_heap_usage>\n"
                            "</heap_summary>\n"
                            "\n",
                            inUseB, nInUse, s->nAllocs, s->nFrees,
                            s->allocatedB);
        return;
    }
    VG_(umsg)("HEAP SUMMARY:\n"
              "    in use at exit: %'llu bytes in %'u blocks\n"
              "  total heap usage: %'llu allocs, %'llu frees, %'llu bytes"
              " allocated\n"
              "\n",
              inUseB, nInUse, s->nAllocs, s->nFrees, s->allocatedB);
}
