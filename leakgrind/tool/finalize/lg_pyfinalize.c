/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfinalize.c: the search before the finalization.  See lg_pyfinalize.h. */

#include "lg_pyfinalize.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_execontext.h"

#include "../check/lg_changes.h"
#include "../check/lg_dataout.h"
#include "../check/lg_pytables.h"
#include "../check/lg_references.h"
#include "../check/lg_retained.h"
#include "../check/lg_roots.h"
#include "../heap/lg_heap.h"
#include "../host/lg_arch.h"
#include "../host/lg_options.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../python/lg_pyhooks.h"
#include "../python/lg_pysnapshot.h"
#include "../trace/lg_context.h"

static Addr finalizeEntry; /* of Py_FinalizeEx or Py_Exit */

/* Has the interpreter's end begun?  If that is not known, the entry of
   Py_FinalizeEx counts as its beginning. */
static Bool is_finalizing(void)
{
    const LgPython* py = lg_python();
    Addr            finalizing;

    if (py->layout == NULL || py->pyRuntime == 0 ||
        !lg_py_word(lg_python_mem(),
                    py->pyRuntime + py->layout->runtime_finalizing,
                    &finalizing))
        return True;
    return finalizing != 0;
}

/* Did CPython itself allocate the block?  Then the first function that is not
   malloc is CPython's. */
static void look_at_caller(UInt n, DiEpoch ep, Addr ip, void* opaque)
{
    Bool* isPython = opaque;
    if (n == 1)
        *isPython = VG_(find_DebugInfo)(ep, ip) ==
                    VG_(find_DebugInfo)(ep, finalizeEntry);
}

static Bool is_cpythons(UInt ctx)
{
    Bool isPython = False;
    VG_(apply_ExeContext)(look_at_caller, &isPython, lg_ctx_execontext(ctx));
    return isPython;
}

/* Memory of Python or of an extension module, allocated while Python code ran.
   What a program that embeds Python allocates by itself is not. */
static Bool is_pythons(const LgBlock* b)
{
    if (b->flags & LG_BF_PY)
        return True;
    return b->allocKind <= LgAllocNewVec &&
           (lg_ctx_pystack(b->ctx) != 0 || is_cpythons(b->ctx));
}

/* An object to which only interior pointers lead is possibly lost, and may
   really be lost, since references point at objects. */
static Bool is_reached(const LgHeapSearch* s, UInt i)
{
    LgKind kind = lg_sb_kind(&lg_snap_blocks(s->snap)[i]);
    return kind == LgReachable ||
           (kind == LgPossible && lg_pysnap_type(s->py, i) == 0);
}

void lg_pyfinalize_flag_reached(const LgHeapSearch* s, UShort having)
{
    const LgSnapBlock* blocks = lg_snap_blocks(s->snap);

    for (UInt i = 0; i < lg_snap_count(s->snap); i++) {
        LgBlock b;
        if (!is_reached(s, i) ||
            !lg_bt_find(lg_heap_blocks(), blocks[i].start,
                        lg_sb_allocKind(&blocks[i]), &b) ||
            (b.flags & having) != having || !is_pythons(&b))
            continue;
        lg_heap_set_flags(&b, LG_BF_PY_LEFT);
    }
}

/* Nobody holds a block that is being allocated or freed. */
static void set_in_hand(const LgHeapSearch* s, Addr block)
{
    Int i = block != 0 ? lg_snap_find(s->snap, block) : -1;
    if (i >= 0)
        lg_sb_set_kind(&lg_snap_blocks(s->snap)[i], LgReachable);
}

static void search_now(Addr inHand)
{
    LgHeapSearch s;

    if (lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, LgAtCall,
                            /*tells*/ False)) {
        set_in_hand(&s, inHand);
        lg_pyfinalize_flag_reached(&s, 0);
        if (lg_options.leakCheck == LgCheckFull &&
            lg_references_are_wanted(lg_options.showLeakKinds,
                                     lg_options.errorsForLeakKinds))
            lg_heapsearch_audit(&s);
        lg_heapsearch_judge(&s);
        lg_references_keep(&s);
        lg_changes_keep(&s);
        lg_pytables_keep(&s);
        lg_retained_keep(&s);
        lg_dataout_in_use(&s);
        lg_heapsearch_end(&s);
    }
    lg_python_set_finalized(True);
}

/* The first block that is allocated or freed after the end has begun shows it.
   While a block is freed, its object is being destroyed, and what that holds
   would count as lost.  So malloc is watched, too: a program that has replaced
   Python's allocators has no hook for what it allocates. */
static void watch_hooks(const LgPyHookEvent* e);
static void watch_malloc(void);

static void watch_teardown(void)
{
    lg_pyhooks_watch(watch_hooks);
    lg_heap_watch(watch_malloc);
}

static void unwatch_teardown(void)
{
    lg_pyhooks_unwatch(watch_hooks);
    lg_heap_unwatch(watch_malloc);
}

static void search_if_finalizing(Addr inHand)
{
    if (!is_finalizing())
        return;
    unwatch_teardown();
    search_now(inHand);
}

static void watch_hooks(const LgPyHookEvent* e)
{
    search_if_finalizing(e->block);
}

static void watch_malloc(void) { search_if_finalizing(0); }

void lg_pyfinalize_on_finalize(const VexGuestArchState* gst)
{
    const LgPython* py = lg_python();

    finalizeEntry = lg_arch_word(gst, LG_OFFSET_IP);
    if (!py->isPresent || lg_python_is_finalized() ||
        lg_options.leakCheck == LgCheckOff || lg_forks_is_mute())
        return;
    if (py->hasArenaHook)
        watch_teardown();
    else
        search_now(0); /* no hook will report anything */
}

/* --- Another one begins ---------------------------------------------------- */

static void begin_python(void)
{
    if (lg_python_is_finalized())
        lg_pytypes_keep_names(lg_python_types());
    unwatch_teardown();
    lg_python_set_finalized(False);
    lg_pytables_forget();
    lg_retained_forget();
}

ULong lg_pyfinalize_on_init(Addr entry)
{
    const LgGuestHooks* hooks = lg_python_guest_hooks();
    static Bool         isBack; /* the hooks have just been placed */

    if (hooks->atInit == 0 || !lg_options.python)
        return 0;
    isBack = !isBack;
    if (!isBack)
        return 0;
    begin_python();
    *(UWord*)hooks->initEntry = entry;
    return 1;
}
