/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycycles.c: reference cycles among the lost objects: which of them
   Python's collector would still free, which it does not, and which the
   interpreter's end has left behind.  See lg_pysnapshot.h. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_libcbase.h"

#include "../../engine/lg_refs.h"
#include "../../lg_platform.h"
#include "../process/lg_python.h"

#define is_unreached lg_pysnap_is_unreached

/* --- Before cliques are gathered ------------------------------------------ */

/* Does the collector see the references in this block?  It asks the objects
   that it tracks, which answer for the memory that they have allocated.  An
   object of an extension may not report all references: if it has survived the
   collector, that is assumed. */
static Bool is_seen_by_collector(const LgPySnapshot* c, UInt i)
{
    LgRange part;

    if (!(lg_snap_flags(c->snap, i) & LG_BF_PY))
        return False;
    return c->type[i] == 0 ||
           (lg_pytypes_has_gc(lg_python_types(), c->type[i]) &&
            !(lg_pysnap_is_old(c, i) && lg_pyforeign_part(c, i, &part)));
}

/* Does only C code write to this memory?  Memory of CPython's own objects
   holds references. */
static Bool is_c_memory(const LgPySnapshot* c, UInt i)
{
    LgRange part;

    return !(lg_snap_flags(c->snap, i) & LG_BF_PY) ||
           lg_pyforeign_part(c, i, &part);
}

/* Does the collector examine the object at all?  A tuple that it finds in use,
   such as the constants of a code object, hardly ever leads back into a
   cycle. */
static Bool is_judged_by_collector(const LgPySnapshot* c, UInt i)
{
    return c->type[i] != 0 &&
           lg_pytypes_has_gc(lg_python_types(), c->type[i]) &&
           !lg_pysnap_is_builtin(c, i, "tuple");
}

/* Counts references to unreached objects, except those in blocks for which
   left_out is true.  To be deleted with lg_refs_delete. */
static UInt* count_without(const LgPySnapshot* c, LgMark* m,
                           Bool (*left_out)(const LgPySnapshot* c, UInt i))
{
    ULong* saved = lg_plat_map((SizeT)c->n * sizeof(ULong));

    for (UInt i = 0; i < c->n; i++) {
        saved[i] = lg_pysnap_block(c, i)->bits;
        if (is_unreached(c, i) && left_out(c, i))
            lg_sb_set_skipped(lg_pysnap_block(c, i));
    }
    UInt* refs = lg_refs_count(m);
    for (UInt i = 0; i < c->n; i++)
        lg_pysnap_block(c, i)->bits = saved[i];
    lg_plat_unmap(saved, (SizeT)c->n * sizeof(ULong));
    return refs;
}

static Bool is_unseen(const LgPySnapshot* c, UInt i)
{
    return !is_seen_by_collector(c, i);
}

void lg_pycycles_judge(LgPySnapshot* c, LgMark* m)
{
    Bool any = False;

    for (UInt i = 0; i < c->n && !any; i++)
        any = is_unreached(c, i) && c->type[i] != 0 && c->excess[i] == 0;
    if (!any)
        return;
    UInt* seen = count_without(c, m, is_unseen);
    UInt* notInC = count_without(c, m, is_c_memory);
    c->inC = lg_plat_map((SizeT)c->n * sizeof(UInt));
    for (UInt i = 0; i < c->n; i++) {
        if (!is_unreached(c, i) || !is_judged_by_collector(c, i))
            continue;
        if (c->refcnt[i] > seen[i])
            c->cls[i] |= IS_HELD;
        if (c->refcnt[i] > notInC[i])
            c->inC[i] = c->refcnt[i] - notInC[i];
    }
    lg_refs_delete(m, seen);
    lg_refs_delete(m, notInC);
}

/* --- After that ----------------------------------------------------------- */

static Bool is_lost_block(const LgPySnapshot* c, UInt i)
{
    LgKind kind = lg_sb_kind(lg_pysnap_block(c, i));
    return kind == LgIndirect || kind == LgDefinite;
}

/* Was the block reachable when its interpreter began to end? */
static Bool was_left(const LgPySnapshot* c, UInt i)
{
    return (lg_snap_flags(c->snap, i) & LG_BF_PY_LEFT) != 0;
}

static Bool is_held(const LgPySnapshot* c, UInt i)
{
    return (c->cls[i] & IS_HELD) != 0;
}

static Bool leads_without_excess(const LgPySnapshot* c, UInt i)
{
    return lg_sb_kind(lg_pysnap_block(c, i)) == LgDefinite && c->type[i] != 0 &&
           c->excess[i] == 0 && !lg_sb_suppressed(lg_pysnap_block(c, i));
}

/* Such an object is kept alive by what hangs from it, or is dead. */
static Bool leads_cycle(const LgPySnapshot* c, UInt i)
{
    return leads_without_excess(c, i) && !(c->cls[i] & IS_DEAD);
}

/* One look at the cliques. */
typedef struct {
    LgPySnapshot*  c;
    LgMark*     m;
    const UInt* parents;
    UInt*       known; /* see lg_mark_leader_of */
    UChar*      found; /* a byte for each block */
} Look;

/* After this, `found` has the lost blocks that lead to, or hang from, a block
   that is so and lost in a cycle: a leader is found if its cycle has one. */
static void find_cycles_with(Look* k,
                             Bool (*is_so)(const LgPySnapshot* c, UInt i))
{
    LgPySnapshot* c = k->c;

    for (UInt i = 0; i < c->n; i++)
        k->found[i] = is_lost_block(c, i) && is_so(c, i) &&
                      leads_cycle(c, lg_mark_leader_of(k->parents, k->known, i));
    lg_refs_follow(k->m, k->found);
}

/* Is it a class, a module or a function: part of the program, and not of its
   data? */
static Bool is_program(const LgPySnapshot* c, UInt i)
{
    return c->type[i] != 0 &&
           (lg_pytypes_is_metatype(lg_python_types(), c->type[i]) ||
            lg_pysnap_is_builtin(c, i, "module") ||
            lg_pysnap_is_builtin(c, i, "function"));
}

/* Excuses, of the objects that were reachable when the interpreter began to
   end:
   - Cycles, and what hangs from them.  CPython has taken apart what led to
     them, and has not run its collector again; nobody has kept a reference to
     them.
   - What hangs from a leader that was lost even before: other references led
     to it then.
   - Of what hangs from any other leader, the program's classes, modules and
     functions, to which many references led.  All else is lost with its
     leader. */
static void excuse_left(Look* k)
{
    LgPySnapshot* c = k->c;

    find_cycles_with(k, was_left);
    for (UInt i = 0; i < c->n; i++)
        if (k->found[i] && leads_cycle(c, i) && !(c->cls[i] & IS_OWN_TYPE))
            lg_sb_set_suppressed(lg_pysnap_block(c, i));
    for (UInt i = 0; i < c->n; i++) {
        if (!was_left(c, i) || lg_sb_kind(lg_pysnap_block(c, i)) != LgIndirect)
            continue;
        UInt leader = lg_mark_leader_of(k->parents, k->known, i);
        if (!was_left(c, leader) || is_program(c, i))
            lg_sb_set_suppressed(lg_pysnap_block(c, i));
    }
    lg_mark_spread_suppressed(k->m);
    for (UInt i = 0; i < c->n; i++)
        if (lg_sb_suppressed(lg_pysnap_block(c, i)))
            lg_sb_set_kind(lg_pysnap_block(c, i), LgReachable);
}

static void set_class(LgPySnapshot* c, UInt i, LgLossClass cls)
{
    c->cls[i] = (UChar)((c->cls[i] & CLASS_FLAGS) | cls);
}

/* The collector frees no cycle that has an object which is held, or which it
   does not know.  Other cycles, and all that hangs from them, are garbage. */
static void tell_garbage(Look* k)
{
    LgPySnapshot*    c = k->c;
    const LgPyTypes* types = lg_python_types();

    find_cycles_with(k, is_held);
    for (UInt i = 0; i < c->n; i++)
        if (leads_cycle(c, i))
            set_class(c, i,
                      c->cls[i] & IS_OWN_TYPE ? LgLossOwnType
                      : k->found[i] || !lg_pytypes_has_gc(types, c->type[i])
                          ? LgLossCycle
                          : LgLossGarbage);
    for (UInt i = 0; i < c->n; i++)
        if (lg_sb_kind(lg_pysnap_block(c, i)) == LgIndirect &&
            lg_pysnap_class(c, lg_mark_leader_of(k->parents, k->known, i)) ==
                LgLossGarbage)
            set_class(c, i, LgLossGarbage);
}

/* There is no collector after the interpreter's end. */
static void tell_cycles(Look* k)
{
    LgPySnapshot* c = k->c;

    for (UInt i = 0; i < c->n; i++)
        if (leads_cycle(c, i))
            set_class(c, i,
                      c->cls[i] & IS_OWN_TYPE ? LgLossOwnType : LgLossCycle);
}

/* Adds the references in C memory to those of the cycles' leaders. */
static void count_in_c_memory(Look* k)
{
    LgPySnapshot* c = k->c;

    for (UInt i = 0; c->inC != NULL && i < c->n; i++) {
        if (c->inC[i] == 0 || !is_lost_block(c, i))
            continue;
        UInt leader = lg_mark_leader_of(k->parents, k->known, i);
        if (leads_cycle(c, leader) &&
            lg_pysnap_class(c, leader) == LgLossCycle)
            c->cRefs[leader] += c->inC[i];
    }
}

void lg_pycycles_settle(LgPySnapshot* c, LgMark* m)
{
    Look k = {.c = c, .m = m, .parents = lg_mark_parents(m)};

    k.known = lg_plat_map(c->n * sizeof(UInt));
    k.found = lg_plat_map(c->n);
    if (lg_pysnap_applies(LgRuleFinalized))
        excuse_left(&k);
    if (lg_python_is_finalized())
        tell_cycles(&k);
    else
        tell_garbage(&k);
    count_in_c_memory(&k);
    for (UInt i = 0; i < c->n; i++)
        if (leads_without_excess(c, i) && (c->cls[i] & IS_DEAD))
            set_class(c, i, LgLossDead);
    lg_plat_unmap(k.known, c->n * sizeof(UInt));
    lg_plat_unmap(k.found, c->n);
}
