/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyverdict.c: Python objects in a leak check.  See lg_pysnapshot.h. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_refs.h"
#include "../../lg_platform.h"
#include "../../python/lg_pystr.h"
#include "../host/lg_options.h"
#include "../finalize/lg_pyfinalize.h"
#include "lg_pyinterp.h"
#include "../process/lg_python.h"

LgPySnapshot* lg_pysnap_new(LgSnapshot* snap)
{
    if (!lg_python()->isPresent)
        return NULL;
    LgPySnapshot* c = lg_plat_alloc("lg.pycheck", sizeof *c);
    memset(c, 0, sizeof *c);
    c->snap = snap;
    c->n = lg_snap_count(snap);
    c->type = lg_plat_map(c->n * sizeof(UInt));
    c->refcnt = lg_plat_map(c->n * sizeof(UInt));
    c->excess = lg_plat_map(c->n * sizeof(UInt));
    c->cRefs = lg_plat_map(c->n * sizeof(UInt));
    c->rank = lg_plat_map(c->n);
    c->cls = lg_plat_map(c->n);
    c->attached = VG_(newXA)(VG_(malloc), "lg.pycheck.attached", VG_(free),
                             sizeof(LgAttached));
    lg_pysnap_look(c);
    return c;
}

void lg_pysnap_delete(LgPySnapshot* c)
{
    if (c == NULL)
        return;
    lg_plat_unmap(c->type, c->n * sizeof(UInt));
    lg_plat_unmap(c->refcnt, c->n * sizeof(UInt));
    lg_plat_unmap(c->excess, c->n * sizeof(UInt));
    lg_plat_unmap(c->cRefs, c->n * sizeof(UInt));
    if (c->isOld != NULL)
        lg_plat_unmap(c->isOld, c->n);
    if (c->inC != NULL)
        lg_plat_unmap(c->inC, c->n * sizeof(UInt));
    lg_plat_unmap(c->rank, c->n);
    lg_plat_unmap(c->cls, c->n);
    lg_plat_free(c->skips);
    VG_(deleteXA)(c->attached);
    lg_plat_free(c);
}

static void visit_leaf(const LgPySnapshot* c, LgMark* m, const LgSnapBlock* b)
{
    SizeT        n = lg_sb_szB(b) / sizeof(Addr);
    const LgPyMem* mem = lg_python_mem();
    const Addr*  words = mem->at(mem->opaque, b->start, n * sizeof(Addr));

    for (SizeT i = 0; words != NULL && i < n; i++) {
        Int hit = lg_snap_find(c->snap, words[i]);
        if (hit >= 0 && !(lg_snap_flags(c->snap, (UInt)hit) & LG_BF_PY))
            lg_mark_word(m, words[i]);
    }
}

/* What a str holds besides its characters. */
static void visit_str(LgMark* m, Addr obj)
{
    Addr held[LG_PY_STR_MAX_HELD];
    UInt n = lg_pystr_held(lg_python_mem(), lg_python()->layout, obj, held);
    for (UInt i = 0; i < n; i++)
        lg_mark_word(m, held[i]);
}

static void visit_container(LgMark* m, LgPyContainer container, Addr obj)
{
    Addr tagged[LG_PY_MAX_TAGGED];
    UInt n = lg_pycontainers_tagged(lg_python_mem(), lg_python()->layout,
                                    container, obj, tagged);
    for (UInt i = 0; i < n; i++)
        lg_mark_word(m, tagged[i]);
}

/* CPython's runtime knows its interpreters.  From 3.14 on the state of one stands
   at an aligned address in its block, and nothing else leads there. */
static void visit_interpreters(const LgPySnapshot* c, LgMark* m)
{
    XArray* states = VG_(newXA)(VG_(malloc), "lg.pycheck.states", VG_(free),
                                sizeof(LgRange));

    lg_pyinterp_states(states);
    for (Word i = 0; i < VG_(sizeXA)(states); i++) {
        Addr interp = ((const LgRange*)VG_(indexXA)(states, i))->lo;
        Int  hit = lg_snap_find(c->snap, interp);
        if (hit >= 0)
            lg_mark_word(m, lg_sb_base(&lg_snap_blocks(c->snap)[hit]));
    }
    VG_(deleteXA)(states);
}

/* References in frames have tags.  A word with one is no pointer for the search
   until the tag is taken away. */
static void visit_tagged(LgMark* m, Addr lo, Addr hi)
{
    const LgPyMem* mem = lg_python_mem();
    Addr           mask = lg_python()->layout->stackrefTagMask;

    for (Addr a = lo; a + sizeof a <= hi; a += sizeof a) {
        Addr word;
        if (lg_py_word(mem, a, &word) && (word & mask) != 0)
            lg_mark_word(m, word & ~mask);
    }
}

static void visit_data_stacks(LgMark* m)
{
    XArray* live = VG_(newXA)(VG_(malloc), "lg.pycheck.live", VG_(free),
                              sizeof(LgRange));

    lg_pyinterp_live_data_stacks(live);
    for (Word i = 0; i < VG_(sizeXA)(live); i++) {
        const LgRange* r = VG_(indexXA)(live, i);
        visit_tagged(m, r->lo, r->hi);
    }
    VG_(deleteXA)(live);
}

void lg_pysnap_visit_roots(const LgPySnapshot* c, LgMark* m)
{
    const LgPyTypes* types = lg_python_types();

    visit_interpreters(c, m);
    for (UInt i = 0; i < c->n; i++) {
        const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
        if (c->type[i] == 0)
            continue;
        visit_container(m, lg_pytypes_container(types, c->type[i]),
                        lg_sb_base(b));
        if (!lg_pytypes_is_leaf(types, c->type[i]))
            continue;
        visit_leaf(c, m, b);
        if (lg_pytypes_is_str(types, c->type[i]))
            visit_str(m, lg_sb_base(b));
    }
    if (lg_python()->layout != NULL && lg_python()->isFreeThreaded)
        visit_data_stacks(m);
}

const LgRange* lg_pysnap_skips(const LgPySnapshot* c, UInt* n)
{
    *n = c != NULL ? c->nSkips : 0;
    return c != NULL ? c->skips : NULL;
}

const LgAttached* lg_pysnap_attached(const LgPySnapshot* c, UInt* n)
{
    *n = c != NULL ? (UInt)VG_(sizeXA)(c->attached) : 0;
    return *n > 0 ? VG_(indexXA)(c->attached, 0) : NULL;
}

/* --- After it ------------------------------------------------------------ */

#define block        lg_pysnap_block
#define is_unreached lg_pysnap_is_unreached

Bool lg_pysnap_applies(LgRule rule)
{
    return (lg_options.pyRules >> rule) & 1;
}

static Bool is_module(const LgPySnapshot* c, UInt i)
{
    const LgPyTypes* types = lg_python_types();
    return lg_pytypes_is_builtin(types, c->type[i]) &&
           VG_STREQ(lg_pytypes_name(types, c->type[i]), "module");
}

/* A stack of tracemalloc's: {hash, nframe, total_nframe}, and so many frames of
   12 bytes. */
static Bool is_traced_stack(const LgPySnapshot* c, UInt i)
{
    enum { HEAD_SZB = 12, FRAME_SZB = 12 };
    const LgSnapBlock* b = block(c, i);
    UShort             n[2];

    return c->type[i] == 0 && lg_sb_allocKind(b) == LgAllocMalloc &&
           lg_sb_szB(b) >= HEAD_SZB + FRAME_SZB &&
           lg_py_read(lg_python_mem(), b->start + sizeof(Addr), n, sizeof n) &&
           n[0] <= n[1] &&
           lg_sb_szB(b) == HEAD_SZB + n[0] * (SizeT)FRAME_SZB;
}

/* Is the block, which is lost, left behind by the interpreter's end, whatever
   else is lost?  Of what was reachable when that began, this is
   - what interior pointers still lead to;
   - a module: C code that imports one once for the whole run keeps the
     reference, and has no use for the pointer;
   - a stack of tracemalloc's, which to 3.12 drops the table of them. */
static Bool is_left(const LgPySnapshot* c, UInt i)
{
    return (lg_snap_flags(c->snap, i) & LG_BF_PY_LEFT) &&
           (!is_unreached(c, i) || is_module(c, i) || is_traced_stack(c, i));
}

/* Likewise, of a subinterpreter's: what a static variable led to afterwards, and
   what nobody but its collector has a reference to. */
static Bool is_left_by_sub(const LgPySnapshot* c, UInt i)
{
    UShort flags = lg_snap_flags(c->snap, i);
    return (flags & LG_BF_PY_STATIC) ||
           ((flags & LG_BF_PY_KEPT) && c->type[i] != 0 && c->refcnt[i] == 0);
}

static Bool is_excused(const LgPySnapshot* c, UInt i)
{
    return (lg_pysnap_applies(LgRuleFinalized) &&
            (is_left(c, i) || is_left_by_sub(c, i))) ||
           (lg_pysnap_applies(LgRuleCached) && (c->cls[i] & IS_CACHED)) ||
           (lg_pysnap_applies(LgRuleImmortal) && (c->cls[i] & IS_IMMORTAL));
}

static void excuse(LgPySnapshot* c, LgMark* m)
{
    Bool any = False;

    for (UInt i = 0; i < c->n; i++) {
        LgSnapBlock* b = block(c, i);
        if (lg_sb_kind(b) == LgReachable)
            continue;
        if (is_excused(c, i)) {
            lg_sb_set_suppressed(b);
            any = True;
        }
    }
    if (any)
        lg_mark_excuse(m);
}

/* Order in which blocks are tried as leaders. */
enum {
    RANK_CLASS = LG_RANK_ALONE + 1, /* instances of classes that are not
                                       CPython's: the best name for a cycle */
    RANK_OBJECT,
    RANK_OTHER
};

/* Has the collector had its chance to free object i, if it was to? */
static Bool is_past_collector(const LgPySnapshot* c, UInt i)
{
    return lg_pyfinalize_is_done() || lg_pysnap_is_old(c, i) ||
           !lg_pytypes_has_gc(lg_python_types(), c->type[i]);
}

/* References to object i that nobody holds, of `nFound` that were found.  A
   pointer to it in memory of its own, of which only C code knows, is no
   reference by which it can live: either it was borrowed, or a cycle which
   the collector does not see.  Of an object that was reachable when the
   interpreter's end began, it may be a cycle that the end has left behind, as
   that of a function of ctypes. */
static void judge_refs(LgPySnapshot* c, UInt i, UInt nFound)
{
    UInt nOwn;

    if (nFound > 0 && !(lg_snap_flags(c->snap, i) & LG_BF_PY_LEFT) &&
        is_past_collector(c, i) &&
        (nOwn = lg_pyforeign_own_pointers(c, i)) > 0 && nOwn <= nFound &&
        c->refcnt[i] > nFound - nOwn) {
        nFound -= nOwn;
        c->cRefs[i] = nOwn;
    }
    if (c->refcnt[i] > nFound)
        c->excess[i] = c->refcnt[i] - nFound;
}

static void count_excess(LgPySnapshot* c, LgMark* m)
{
    UInt* refs = lg_refs_count(m);

    if (refs != NULL && !lg_pyfinalize_is_done())
        lg_pycollector_mark_old(c);
    for (UInt i = 0; i < c->n; i++) {
        if (!is_unreached(c, i))
            continue;
        if (c->type[i] == 0) {
            c->rank[i] = RANK_OTHER;
            continue;
        }
        judge_refs(c, i, refs[i]);
        c->rank[i] = c->excess[i] > 0 ? LG_RANK_ALONE
                     : lg_pytypes_is_builtin(lg_python_types(), c->type[i])
                         ? RANK_OBJECT
                         : RANK_CLASS;
    }
    if (refs != NULL)
        lg_refs_delete(m, refs);
}

void lg_pysnap_judge(LgPySnapshot* c, LgMark* m)
{
    excuse(c, m);
    count_excess(c, m);
    lg_pycycles_judge(c, m);
}

const UChar* lg_pysnap_ranks(const LgPySnapshot* c)
{
    return c != NULL ? c->rank : NULL;
}

void lg_pysnap_settle(LgPySnapshot* c, LgMark* m)
{
    if (lg_mark_parents(m) != NULL)
        lg_pycycles_settle(c, m);
}

UInt lg_pysnap_type(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? c->type[i] : 0;
}

LgRule lg_pysnap_rule(const LgPySnapshot* c, UInt i)
{
    return c == NULL                 ? LgRuleFinalized
           : c->cls[i] & IS_CACHED   ? LgRuleCached
           : c->cls[i] & IS_IMMORTAL ? LgRuleImmortal
                                     : LgRuleFinalized;
}

UInt lg_pysnap_excess(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? c->excess[i] : 0;
}

UInt lg_pysnap_c_refs(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? c->cRefs[i] : 0;
}

LgLossClass lg_pysnap_class(const LgPySnapshot* c, UInt i)
{
    return c != NULL ? (LgLossClass)(c->cls[i] & ~CLASS_FLAGS) : LgLossPlain;
}
