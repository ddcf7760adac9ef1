/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_search.c: one search.  See lg_search.h. */

#include "lg_search.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"

#include "../lg_platform.h"
#include "lg_context.h"
#include "lg_forks.h"
#include "lg_heap.h"
#include "lg_pages.h"
#include "lg_pools.h"
#include "lg_progress.h"
#include "lg_pyarenas.h"
#include "lg_python.h"
#include "lg_roots.h"

/* --- Snapshot ------------------------------------------------------------ */

static void tell_overlap(const LgOverlap* o)
{
    VG_(umsg)("Block 0x%lx..0x%lx overlaps with block 0x%lx..0x%lx\n",
              o->a.start, o->a.start + o->a.szB - 1, o->b.start,
              o->b.start + o->b.szB - 1);
    VG_(umsg)("Blocks allocation contexts:\n");
    VG_(pp_ExeContext)(lg_ctx_execontext(o->a.ctx));
    VG_(umsg)("\n");
    VG_(pp_ExeContext)(lg_ctx_execontext(o->b.ctx));
    VG_(umsg)("This is usually caused by using VALGRIND_MALLOCLIKE_BLOCK "
              "in an inappropriate way.\n"
              "The second block is left out of the leak check.\n");
}

static void count_block(void* opaque, const LgBlock* b)
{
    UInt* n = opaque;
    (void)b;
    (*n)++;
}

static void add_block(void* snap, const LgBlock* b)
{
    LgBlock inherited;

    if (UNLIKELY(lg_forks_is_inherited(b))) {
        inherited = *b;
        inherited.flags |= LG_BF_INHERITED;
        b = &inherited;
    }
    lg_snap_add(snap, b);
}

LgSnapshot* lg_search_snapshot(LgPyBlockStats* stats)
{
    enum { MAX_TOLD = 5 };
    LgOverlap overlaps[MAX_TOLD];
    UInt      n = lg_pools_n_blocks();

    lg_python_forget_memory(); /* files can have been truncated */
    lg_pyarenas_discover();
    lg_pyblocks_for_each(count_block, &n, stats);
    if (n == 0)
        return NULL;
    LgSnapshot* snap = lg_snap_new(n);
    lg_pyblocks_for_each(add_block, snap, stats);
    lg_pools_for_each(add_block, snap);
    UInt nOverlaps = lg_snap_finish(snap, overlaps, MAX_TOLD);
    for (UInt i = 0; i < nOverlaps && i < MAX_TOLD; i++)
        tell_overlap(&overlaps[i]);
    return snap;
}

/* --- Mark ---------------------------------------------------------------- */

static Addr file_mapping_end(void* opaque, Addr a)
{
    NSegment const* seg = VG_(am_find_nsegment)(a);
    (void)opaque;
    return seg != NULL && seg->kind == SkFileC && seg->hasR ? seg->end + 1 : 0;
}

static Bool is_code(void* opaque, Addr a)
{
    NSegment const* seg = VG_(am_find_nsegment)(a);
    (void)opaque;
    return seg != NULL && seg->kind == SkFileC && seg->hasT;
}

static void used(void* opaque, Addr lo, Addr hi,
                 void (*fn)(void* x, Addr lo, Addr hi), void* x)
{
    (void)opaque;
    lg_pages_apply_used(lo, hi, fn, x);
}

LgMarkHost lg_search_mark_host(void)
{
    return (LgMarkHost){NULL, file_mapping_end, is_code, lg_progress,
                        lg_roots_readable_from, used};
}

static void mark_register(void* opaque, ThreadId tid, const HChar* reg,
                          UWord value)
{
    (void)tid;
    (void)reg;
    lg_mark_word(opaque, value);
}

static void mark_range(void* opaque, Addr lo, Addr hi)
{
    if (VG_(clo_verbosity) > 2 && !VG_(clo_xml))
        VG_(message)(Vg_DebugMsg, "  Scanning root segment: %#lx..%#lx (%lu)\n",
                     lo, hi, hi - lo);
    lg_mark_range(opaque, lo, hi);
}

/* Both are sorted.  Where they overlap, the union. */
static LgRange* merge(const LgRange* a, UInt nA, const LgRange* b, UInt nB,
                      UInt* n)
{
    LgRange* out = lg_plat_alloc("lg.search.skips",
                                 ((SizeT)nA + nB + 1) * sizeof(LgRange));
    UInt     k = 0;
    for (UInt i = 0, j = 0; i < nA || j < nB;) {
        LgRange r = j == nB || (i < nA && a[i].lo <= b[j].lo) ? a[i++]
                                                              : b[j++];
        if (k > 0 && out[k - 1].hi >= r.lo) {
            if (out[k - 1].hi < r.hi)
                out[k - 1].hi = r.hi;
        } else
            out[k++] = r;
    }
    *n = k;
    return out;
}

static LgRange* all_skips(const LgPyCheck* py, UInt* n)
{
    UInt           nInaccessible, nPython;
    LgRange*       inaccessible =
        lg_ws_ranges(lg_heap_inaccessible(), &nInaccessible);
    const LgRange* python = lg_pycheck_skips(py, &nPython);
    LgRange*       all =
        merge(inaccessible, nInaccessible, python, nPython, n);
    lg_plat_free(inaccessible);
    return all;
}

Bool lg_search_begin(LgSearch* s, LgHeuristicSet heuristics, LgMoment moment,
                     Bool tells)
{
    LgMarkHost    host = lg_search_mark_host();
    LgRootVisitor visitor;
    UInt          nSkips, nAttached;

    VG_(memset)(s, 0, sizeof *s);
    s->snap = lg_search_snapshot(&s->pyBlocks);
    if (s->snap == NULL)
        return False;
    if (tells)
        VG_(umsg)("Searching for pointers to %'u not-freed blocks\n",
                  lg_snap_count(s->snap));
    s->py = lg_pycheck_new(s->snap);
    lg_progress_begin();
    s->skips = all_skips(s->py, &nSkips);
    s->mark = lg_mark_new(s->snap, heuristics, &host, s->skips, nSkips);
    const LgAttached* attached = lg_pycheck_attached(s->py, &nAttached);
    lg_mark_attach(s->mark, attached, nAttached);
    visitor = (LgRootVisitor){s->mark, mark_register, mark_range};
    lg_roots_visit(&visitor, moment);
    if (s->py != NULL)
        lg_pycheck_visit_roots(s->py, s->mark);
    lg_mark_drain(s->mark);
    return True;
}

void lg_search_judge(LgSearch* s)
{
    if (s->py != NULL)
        lg_pycheck_judge(s->py, s->mark);
    lg_mark_cliques(s->mark, lg_pycheck_ranks(s->py));
    if (s->py != NULL)
        lg_pycheck_settle(s->py, s->mark);
    lg_progress_end();
}

LgLossKey lg_search_key(const LgSearch* s, UInt i)
{
    LgKind kind = lg_sb_kind(&lg_snap_blocks(s->snap)[i]);
    /* What hangs from a cycle is not in it. */
    return (LgLossKey){.kind = kind,
                       .ctx  = lg_snap_ctx(s->snap, i),
                       .type = lg_pycheck_type(s->py, i),
                       .cls  = kind == LgDefinite
                                   ? lg_pycheck_class(s->py, i)
                                   : LgLossPlain};
}

void lg_search_end(LgSearch* s)
{
    if (s->mark != NULL)
        lg_mark_delete(s->mark);
    lg_pycheck_delete(s->py);
    if (s->snap != NULL)
        lg_snap_delete(s->snap);
    lg_plat_free(s->skips);
    VG_(memset)(s, 0, sizeof *s);
}
