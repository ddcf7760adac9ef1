/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysubs.c: see lg_pysubs.h. */

#include "lg_pysubs.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../check/lg_heapsearch.h"
#include "../heap/lg_heap.h"
#include "../host/lg_arch.h"
#include "../host/lg_options.h"
#include "../memory/lg_segments.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../python/lg_pyhooks.h"
#include "../python/lg_pyinterp.h"
#include "../python/lg_pysnapshot_priv.h"
#include "lg_pyfinalize.h"

/* The interpreter that ends; the lists of its collector; and the block of the
   list gc.garbage, which CPython frees right before the collector drops its
   objects; 0: not awaited. */
static Addr ending, generations, garbage;

/* --- The collector ends ---------------------------------------------------- */

static void flag_kept(void* opaque, Addr obj)
{
    LgBlock b;

    (void)opaque;
    if (lg_pyhooks_find_object(obj, &b))
        lg_heap_set_flags(&b, LG_BF_PY_KEPT);
}

static void watch_collector(const LgPyHookEvent* e)
{
    if (e->block != garbage && e->block != garbage + LG_PY_PREFIX_SZB)
        return;
    lg_pyhooks_unwatch(watch_collector);
    garbage = 0;
    lg_pycollector_visit(generations, flag_kept, NULL);
}

/* --- It is over ------------------------------------------------------------ */

/* The runtime knows the interpreter until it is deleted. */
static Bool is_interp_alive(Addr interp)
{
    XArray* states = VG_(newXA)(VG_(malloc), "lg.pysubs.states", VG_(free),
                                sizeof(LgRange));
    Bool    isKnown = False;

    lg_pyinterp_states(states);
    for (Word i = 0; i < VG_(sizeXA)(states); i++)
        isKnown |= ((const LgRange*)VG_(indexXA)(states, i))->lo == interp;
    VG_(deleteXA)(states);
    return isKnown;
}

static void flag_held(void* opaque, Addr lo, Addr hi)
{
    const LgPySnapshot* c = opaque;
    Addr                word;
    LgBlock             b;

    for (Addr a = lo; a + sizeof a <= hi; a += sizeof a) {
        Int i = lg_py_word(lg_python_mem(), a, &word) && word != 0
                    ? lg_snap_find(c->snap, word)
                    : -1;
        if (i < 0 || !(lg_snap_flags(c->snap, (UInt)i) & LG_BF_PY_SUB) ||
            (c->cls[i] & (IS_CACHED | IS_DEAD)) ||
            word != lg_sb_base(lg_pysnap_block(c, (UInt)i)) ||
            lg_ranges_contain(c->skips, c->nSkips, a))
            continue;
        const LgSnapBlock* sb = lg_pysnap_block(c, (UInt)i);
        if (lg_bt_find(lg_heap_blocks(), sb->start, lg_sb_allocKind(sb), &b))
            lg_heap_set_flags(&b, LG_BF_PY_STATIC);
    }
}

/* Flags what static variables still lead to, if the end is over. */
static Bool look_at_rest(void)
{
    if (is_interp_alive(ending))
        return False;
    lg_pyhooks_unwatch(watch_collector);
    garbage = 0;
    LgSnapshot*   snap = lg_heapsearch_snapshot();
    LgPySnapshot* c = snap != NULL ? lg_pysnap_new(snap) : NULL;
    for (const DebugInfo* di = VG_(next_DebugInfo)(NULL);
         c != NULL && di != NULL; di = VG_(next_DebugInfo)(di))
        lg_segments_visit_statics(di, flag_held, c);
    lg_pysnap_delete(c);
    if (snap != NULL)
        lg_snap_delete(snap);
    return True;
}

/* --- The end begins -------------------------------------------------------- */

/* Does the collector of a subinterpreter keep references to the objects that
   it knows when it ends?  (CPython's issue 92036.) */
static Bool keeps_objects(void)
{
    ULong version = lg_python()->version;
    return (version >= 0x03090D00 && version < 0x030A0000) ||
           (version >= 0x030A0500 && version < 0x030C0000);
}

static void await_collector(Addr interp)
{
    LgBlock b;
    Addr    list;

    lg_pyhooks_unwatch(watch_collector);
    garbage = 0;
    generations = keeps_objects() ? lg_pycollector_generations(interp) : 0;
    if (generations == 0)
        return;
    list = lg_pycollector_garbage(generations);
    if (list != 0 && lg_pyhooks_find_object(list, &b))
        garbage = b.start;
}

void lg_pysubs_on_end(const VexGuestArchState* gst)
{
    Addr         interp = lg_pyinterp_sub(lg_arch_argument(gst, 0));
    LgHeapSearch s;

    if (interp == 0 || lg_options.leakCheck == LgCheckOff ||
        lg_forks_is_mute())
        return;
    if (lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, LgAtCall,
                            /*tells*/ False)) {
        lg_pyfinalize_flag_reached(&s, LG_BF_PY_SUB);
        lg_heapsearch_end(&s);
    }
    await_collector(interp);
    ending = interp;
    lg_python_defer(look_at_rest);
    if (garbage != 0)
        lg_pyhooks_watch(watch_collector);
}
