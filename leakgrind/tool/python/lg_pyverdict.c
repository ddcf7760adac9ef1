/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyverdict.c: after the search: which unreached Python objects are leaks.
   See lg_pysnapshot.h. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_libcbase.h"

#include "../../engine/lg_refs.h"
#include "../../lg_platform.h"
#include "../host/lg_options.h"
#include "../process/lg_python.h"

#define is_unreached lg_pysnap_is_unreached

Bool lg_pysnap_applies(LgRule rule)
{
    return (lg_options.pyRules >> rule) & 1;
}

/* A stack of tracemalloc's: {hash, nframe, total_nframe}, and nframe frames of
   12 bytes. */
static Bool is_traced_stack(const LgPySnapshot* c, UInt i)
{
    enum { HEAD_SZB = 12, FRAME_SZB = 12 };
    const LgSnapBlock* b = lg_pysnap_block(c, i);
    UShort             n[2];

    return c->type[i] == 0 && lg_sb_allocKind(b) == LgAllocMalloc &&
           lg_sb_szB(b) >= HEAD_SZB + FRAME_SZB &&
           lg_py_read(lg_python_mem(), b->start + sizeof(Addr), n, sizeof n) &&
           n[0] <= n[1] &&
           lg_sb_szB(b) == HEAD_SZB + n[0] * (SizeT)FRAME_SZB;
}

/* Was the lost block left behind by the interpreter's end, whatever else is
   lost? Only if it was reachable when the end began, and is one of these:
   - memory that interior pointers still lead to;
   - a module: C code that imports one for the whole run keeps the reference,
     but not always the pointer;
   - a stack of tracemalloc's, whose table CPython drops up to 3.12. */
static Bool is_left(const LgPySnapshot* c, UInt i)
{
    return (lg_snap_flags(c->snap, i) & LG_BF_PY_LEFT) &&
           (!is_unreached(c, i) || lg_pysnap_is_builtin(c, i, "module") ||
            is_traced_stack(c, i));
}

/* The same for a subinterpreter: a static variable led to the block after its
   end, or only its collector has a reference to it. */
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

static void excuse_unreached(LgPySnapshot* c, LgMark* m)
{
    Bool any = False;

    for (UInt i = 0; i < c->n; i++) {
        LgSnapBlock* b = lg_pysnap_block(c, i);
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

/* Has the collector had its chance to free object i? */
static Bool is_past_collector(const LgPySnapshot* c, UInt i)
{
    return lg_python_is_finalized() || lg_pysnap_is_old(c, i) ||
           !lg_pytypes_has_gc(lg_python_types(), c->type[i]);
}

/* The number of references to object i that nobody holds; nFound were found.
   A pointer to the object in C memory of its own does not count as found: it
   is borrowed, or forms a cycle that the collector does not see.  But if the
   object was reachable when the interpreter began to end, such a cycle may be
   left behind by the end, as that of a function of ctypes. */
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

    if (refs != NULL && !lg_python_is_finalized())
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

/* Did a hook say that the block is for an object?  Without hooks, any block that
   looks like an object is taken for one, and its count may be anything. */
static Bool is_for_object(const LgPySnapshot* c, UInt i)
{
    return !(lg_snap_flags(c->snap, i) & LG_BF_PY_MEM);
}

/* Is the object left from an interpreter that has ended before this one?  If that
   was a subinterpreter, its collector has taken a reference, or a static variable
   has one, which the next interpreter that imports the module may overwrite. */
static Bool is_left_by_another(const LgPySnapshot* c, UInt i)
{
    const UShort ofSub = LG_BF_PY_SUB | LG_BF_PY_LEFT;
    UShort       flags = lg_snap_flags(c->snap, i);

    return (flags & (LG_BF_PY_KEPT | LG_BF_PY_STATIC)) ||
           (flags & ofSub) == ofSub ||
           (lg_python_is_another() && (flags & LG_BF_PY_LEFT));
}

/* When the interpreter has ended, references of tables of CPython's that are gone
   may be left, above all to strs. */
static Bool may_be_left_over(const LgPySnapshot* c, UInt i)
{
    return lg_python_is_finalized() &&
           lg_pytypes_is_str(lg_python_types(), c->type[i]);
}

static Bool has_unheld(const LgPySnapshot* c, UInt i, UInt nFound)
{
    const UChar notCounted = IS_CACHED | IS_IMMORTAL | IS_DEAD;

    return c->type[i] != 0 && !(c->cls[i] & notCounted) &&
           lg_sb_kind(lg_pysnap_block(c, i)) == LgReachable &&
           c->refcnt[i] > nFound && is_for_object(c, i) &&
           !is_left_by_another(c, i) && !may_be_left_over(c, i);
}

void lg_pysnap_audit(LgPySnapshot* c, const UInt* refs)
{
    if (c->n == 0)
        return;
    c->unheld = lg_plat_map(c->n * sizeof(UInt));
    for (UInt i = 0; i < c->n; i++)
        if (has_unheld(c, i, refs[i])) {
            c->unheld[i] = c->refcnt[i] - refs[i];
            c->nUnheld++;
        }
}

void lg_pysnap_judge(LgPySnapshot* c, LgMark* m)
{
    excuse_unreached(c, m);
    count_excess(c, m);
    lg_pycycles_judge(c, m);
}

void lg_pysnap_settle(LgPySnapshot* c, LgMark* m)
{
    if (lg_mark_parents(m) != NULL)
        lg_pycycles_settle(c, m);
}
