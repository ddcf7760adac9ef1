/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapsearch.c: one search.  See lg_heapsearch.h. */

#include "lg_heapsearch.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_audit.h"
#include "../../engine/lg_refs.h"
#include "../../lg_platform.h"
#include "../heap/lg_heap.h"
#include "../heap/lg_pools.h"
#include "../memory/lg_guestmem.h"
#include "../memory/lg_pages.h"
#include "../process/lg_changed.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../python/lg_pyarenas.h"
#include "../python/lg_pyblocks.h"
#include "../python/lg_pydeficits.h"
#include "../threads/lg_threads.h"
#include "../trace/lg_context.h"
#include "lg_progress.h"
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

/* How blocks come into a snapshot. */
typedef struct {
    LgChanged*  changed; /* NULL: all blocks are taken */
    XArray*     blocks;  /* of LgBlock: those taken, where not all are */
    UInt        n;       /* of those taken, where all are */
    UInt        nUnhooked;
    LgAmount    inherited;
    LgSnapshot* snap;
} Filling;

static void count_block(void* filling, const LgBlock* b)
{
    (void)b;
    ((Filling*)filling)->n++;
}

/* Is the block an array without elements, of a class with a destructor?  Such
   an array consists of the number of elements, which comes right before the
   first one: in 8 bytes, or in 16 if the elements are aligned to 16 bytes. */
static Bool has_no_elements(const LgBlock* b)
{
    ULong count;

    if (LIKELY(b->allocKind != LgAllocNewVec) ||
        (b->szB != sizeof count && b->szB != 2 * sizeof count))
        return False;
    return lg_guestmem_read(&count, b->start + b->szB - sizeof count,
                            sizeof count) &&
           count == 0;
}

static void add_to_snapshot(void* filling, const LgBlock* b)
{
    Filling* f = filling;
    UShort   flags = b->flags;

    if (UNLIKELY(lg_forks_is_inherited(b)))
        flags |= LG_BF_INHERITED;
    if (UNLIKELY(has_no_elements(b)))
        flags |= LG_BF_NO_ELEMENTS;
    if (LIKELY(flags == b->flags)) {
        lg_snap_add(f->snap, b);
    } else {
        LgBlock marked = *b;
        marked.flags = flags;
        lg_snap_add(f->snap, &marked);
    }
}

static void fill_with_all(Filling* f)
{
    f->nUnhooked = lg_pyblocks_for_each(count_block, f);
    f->n += lg_pools_n_blocks();
    if (f->n == 0)
        return;
    f->snap = lg_snap_new(f->n);
    lg_pyblocks_for_each(add_to_snapshot, f);
    lg_pools_for_each(add_to_snapshot, f);
}

static void collect_block(void* filling, const LgBlock* b)
{
    VG_(addToXA)(((Filling*)filling)->blocks, b);
}

/* Collects the process's own blocks, and inherited blocks in memory that has
   changed; the table's entries for unchanged memory are skipped.  (The memory
   of an own block has changed: it was zeroed when the block was allocated.) */
static void collect_changed(Filling* f)
{
    LgBlockTable* blocks = lg_heap_blocks();
    LgBlockCursor cur = {{0}};
    LgBlock       b;

    while (lg_bt_next(blocks, &cur, &b)) {
        if (!lg_forks_is_inherited(&b) ||
            lg_changed_any(f->changed, b.start, b.start + b.szB)) {
            collect_block(f, &b);
            continue;
        }
        Addr end = lg_changed_end_of_unchanged(f->changed);
        lg_bt_seek(&cur, end);
        if (lg_bt_before(blocks, end, &b) && b.start + b.szB > end)
            collect_block(f, &b);
    }
    lg_pools_for_each(collect_block, f);
}

/* Counts the blocks that are not the process's own. */
static void count_inherited(Filling* f)
{
    f->inherited.szB = lg_bt_bytes(lg_heap_blocks());
    f->inherited.nBlocks = lg_bt_count(lg_heap_blocks());
    for (Word i = 0; i < VG_(sizeXA)(f->blocks); i++) {
        const LgBlock* b = VG_(indexXA)(f->blocks, i);
        Bool isPools = b->allocKind == LgAllocPool || b->allocKind == LgAllocMeta;
        if (lg_forks_is_inherited(b) && isPools) {
            f->inherited.szB += b->szB;
            f->inherited.nBlocks++;
        } else if (!lg_forks_is_inherited(b) && !isPools) {
            f->inherited.szB -= b->szB;
            f->inherited.nBlocks--;
        }
    }
}

static void fill_with_changed(Filling* f)
{
    f->blocks = VG_(newXA)(VG_(malloc), "lg.search.blocks", VG_(free),
                           sizeof(LgBlock));
    collect_changed(f);
    count_inherited(f);
    Word n = VG_(sizeXA)(f->blocks);
    f->snap = lg_snap_new((UInt)n);
    for (Word i = 0; i < n; i++)
        add_to_snapshot(f, VG_(indexXA)(f->blocks, i));
    VG_(deleteXA)(f->blocks);
}

static LgSnapshot* new_snapshot(Filling* f)
{
    enum { MAX_TOLD = 5 };
    LgOverlap overlaps[MAX_TOLD];

    lg_python_forget_memory(); /* files can have been truncated */
    lg_pyarenas_discover();
    if (f->changed != NULL)
        fill_with_changed(f);
    else
        fill_with_all(f);
    if (f->snap == NULL)
        return NULL;
    UInt nOverlaps = lg_snap_finish(f->snap, overlaps, MAX_TOLD);
    for (UInt i = 0; i < nOverlaps && i < MAX_TOLD; i++)
        tell_overlap(&overlaps[i]);
    return f->snap;
}

LgSnapshot* lg_heapsearch_snapshot(void)
{
    Filling f = {0};
    return new_snapshot(&f);
}

/* --- Mark ---------------------------------------------------------------- */

static Addr file_mapping_end(void* opaque, Addr a)
{
    NSegment const* seg = VG_(am_find_nsegment)(a);
    (void)opaque;
    return seg != NULL && seg->kind == SkFileC && seg->hasR ? seg->end + 1 : 0;
}

static Bool is_code_of_file(void* opaque, Addr a)
{
    NSegment const* seg = VG_(am_find_nsegment)(a);
    (void)opaque;
    return seg != NULL && seg->kind == SkFileC && seg->hasT;
}

static void apply_used(void* opaque, Addr lo, Addr hi,
                       void (*fn)(void* x, Addr lo, Addr hi), void* x)
{
    (void)opaque;
    lg_pages_apply_used(lo, hi, fn, x);
}

LgMarkHost lg_heapsearch_mark_host(void)
{
    return (LgMarkHost){NULL, file_mapping_end, is_code_of_file, lg_progress,
                        lg_roots_readable_from, apply_used};
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

/* For LgSearchOwn: unchanged memory leads to no block of the child's own. */
static void mark_changed(void* search, Addr lo, Addr hi)
{
    const LgHeapSearch* s = search;
    lg_changed_apply(s->changed, lo, hi, mark_range, s->mark);
}

static void mark_own_register(void* search, ThreadId tid, const HChar* reg,
                              UWord value)
{
    mark_register(((LgHeapSearch*)search)->mark, tid, reg, value);
}

static void mark_inherited(LgHeapSearch* s)
{
    const LgSnapBlock* blocks = lg_snap_blocks(s->snap);

    for (UInt i = 0; i < lg_snap_count(s->snap); i++)
        if (lg_sb_inherited(&blocks[i]))
            lg_mark_word(s->mark, lg_sb_base(&blocks[i]));
}

/* Merges sorted ranges; those that overlap become one. */
static LgRange* merge_skips(const LgRange* a, UInt nA, const LgRange* b,
                            UInt nB, UInt* n)
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

/* What no search may read: what the program has declared inaccessible, and
   words of Python's that hold no reference. */
static LgRange* all_skips(const LgPySnapshot* py, UInt* n)
{
    UInt           nHeap, nPython;
    LgRange*       ofHeap = lg_ws_ranges(lg_heap_skips(), &nHeap);
    const LgRange* ofPython = lg_pysnap_skips(py, &nPython);
    LgRange*       all = merge_skips(ofHeap, nHeap, ofPython, nPython, n);

    lg_plat_free(ofHeap);
    return all;
}

/* Otherwise some blocks can be found only in Python's pools. */
static Bool all_are_in_table(void)
{
    return !lg_python()->isPresent || lg_python()->hasArenaHook;
}

Bool lg_heapsearch_begin(LgHeapSearch* s, LgSearchScope scope,
                         LgHeuristicSet heuristics, LgMoment moment,
                         Bool isVerbose)
{
    LgMarkHost    host = lg_heapsearch_mark_host();
    LgRootVisitor all, changed;
    Filling       f = {0};
    UInt          nSkips, nAttached;

    VG_(memset)(s, 0, sizeof *s);
    lg_python_settle();
    if (scope == LgSearchOwn && all_are_in_table())
        f.changed = s->changed = lg_changed_new();
    s->snap = new_snapshot(&f);
    s->nUnhooked = f.nUnhooked;
    s->inherited = f.inherited;
    if (s->snap == NULL)
        return False;
    if (isVerbose)
        VG_(umsg)("Searching for pointers to %'u not-freed blocks\n",
                  lg_snap_count(s->snap));
    s->py = lg_pysnap_new(s->snap);
    lg_progress_begin();
    s->skips = all_skips(s->py, &nSkips);
    s->mark = lg_mark_new(s->snap, heuristics, &host, s->skips, nSkips);
    const LgAttached* attached = lg_pysnap_attached(s->py, &nAttached);
    lg_mark_attach(s->mark, attached, nAttached);
    all = (LgRootVisitor){s->mark, mark_register, mark_range};
    changed = (LgRootVisitor){s, mark_own_register, mark_changed};
    s->moment = moment;
    lg_roots_visit(s->changed != NULL ? &changed : &all, moment);
    if (s->changed != NULL)
        mark_inherited(s);
    if (s->py != NULL)
        lg_pysnap_visit_roots(s->py, s->mark, lg_mark_word);
    lg_mark_drain(s->mark);
    s->unjoined = lg_threads_unjoined_vectors();
    return True;
}

static void audit_register(void* search, ThreadId tid, const HChar* reg,
                           UWord value)
{
    (void)tid;
    (void)reg;
    lg_audit_word(((LgHeapSearch*)search)->mark, value);
}

static void audit_words(void* mark, Addr lo, Addr hi)
{
    lg_audit_range(mark, lo, hi);
}

static void audit_range(void* search, Addr lo, Addr hi)
{
    const LgHeapSearch* s = search;

    if (s->changed == NULL)
        lg_audit_range(s->mark, lo, hi);
    else
        lg_changed_apply(s->changed, lo, hi, audit_words, s->mark);
}

const HChar* lg_heapsearch_audit_obstacle(void)
{
    const LgPython* py = lg_python();

    return py->isFreeThreaded   ? "this Python is built without the GIL"
           : py->layout == NULL ? "this Python is not known"
                                : NULL;
}

void lg_heapsearch_audit(LgHeapSearch* s)
{
    LgRootVisitor v = {s, audit_register, audit_range};

    if (s->py == NULL || lg_heapsearch_audit_obstacle() != NULL)
        return;
    lg_audit_begin(s->mark);
    lg_roots_visit(&v, s->moment);
    lg_pysnap_visit_roots(s->py, s->mark, lg_audit_word);
    UInt* refs = lg_audit_finish(s->mark);
    lg_pysnap_audit(s->py, refs);
    lg_refs_delete(s->mark, refs);
    lg_pydeficits_count(s->py);
}

void lg_heapsearch_judge(LgHeapSearch* s)
{
    if (s->py != NULL)
        lg_pysnap_judge(s->py, s->mark);
    lg_mark_cliques(s->mark, lg_pysnap_ranks(s->py));
    if (s->py != NULL)
        lg_pysnap_settle(s->py, s->mark);
    lg_progress_end();
}

static LgLossClass loss_class(const LgHeapSearch* s, UInt i)
{
    const LgSnapBlock* b = &lg_snap_blocks(s->snap)[i];

    if (UNLIKELY(s->unjoined != NULL) && lg_sb_kind(b) != LgReachable &&
        VG_(OSetWord_Contains)(s->unjoined, lg_sb_start(b)))
        return LgLossThread;
    LgLossClass cls = lg_pysnap_class(s->py, i);
    /* What hangs from a lost cycle is not in it.  What hangs from an uncollected
       one is freed with it. */
    return lg_sb_kind(b) == LgDefinite || cls == LgLossGarbage ? cls
                                                               : LgLossPlain;
}

LgLossKey lg_heapsearch_key(const LgHeapSearch* s, UInt i)
{
    return (LgLossKey){.kind = lg_sb_kind(&lg_snap_blocks(s->snap)[i]),
                       .ctx  = lg_snap_ctx(s->snap, i),
                       .type = lg_pysnap_type(s->py, i),
                       .cls  = loss_class(s, i)};
}

void lg_heapsearch_end(LgHeapSearch* s)
{
    if (s->mark != NULL)
        lg_mark_delete(s->mark);
    lg_pysnap_delete(s->py);
    if (s->snap != NULL)
        lg_snap_delete(s->snap);
    lg_plat_free(s->skips);
    lg_changed_delete(s->changed);
    if (s->unjoined != NULL)
        VG_(OSetWord_Destroy)(s->unjoined);
    VG_(memset)(s, 0, sizeof *s);
}
