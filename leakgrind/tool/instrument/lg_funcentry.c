/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_funcentry.c: see lg_funcentry.h. */

#include "lg_funcentry.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vkiscnums.h"

#include "../host/lg_arch.h"
#include "../process/lg_python.h"
#include "lg_irbuild.h"

static const LgFuncHandlers* handlers;

void lg_funcentry_init(const LgFuncHandlers* h)
{
    handlers = h;
}

/* --- Which, and where ---------------------------------------------------- */

static Bool has_soname(const HChar* soname, const HChar* begin)
{
    return soname != NULL &&
           VG_(strncmp)(soname, begin, VG_(strlen)(begin)) == 0;
}

/* Are the names of functions to be looked up in this object?  That takes its
   time.  In a program with the preload library, exit() is in the C library,
   and CPython's functions are where the library has said, or in a libpython
   that was loaded later. */
static Bool has_names(const DebugInfo* di)
{
    const HChar* soname = VG_(DebugInfo_get_soname)(di);
    return lg_python_guest_hooks()->note == 0
               ? !has_soname(soname, "ld-")
               : has_soname(soname, "libc.") || has_soname(soname, "libpython");
}

/* The same for the object that `a` is in.  To find it takes its time, too; most
   code is in one for which the answer is no, and remains so. */
static Bool has_names_at(DiEpoch ep, Addr a)
{
    static struct {
        DiEpoch ep;
        Addr    lo;
        SizeT   szB;
    } nameless;

    if (ep.n == nameless.ep.n && a - nameless.lo < nameless.szB)
        return False;
    const DebugInfo* di = VG_(find_DebugInfo)(ep, a);
    if (di == NULL)
        return False;
    if (has_names(di))
        return True;
    nameless.ep  = ep;
    nameless.lo  = VG_(DebugInfo_get_text_avma)(di);
    nameless.szB = VG_(DebugInfo_get_text_size)(di);
    return False;
}

static LgFuncEntry entry_by_name(Addr a)
{
    static const struct {
        const HChar* name;
        LgFuncEntry  entry;
    } names[] = {
        {"exit", LgFuncEntryExit},
        {"_exit", LgFuncEntryExit},
        {"_Exit", LgFuncEntryExit},
        {"quick_exit", LgFuncEntryExit},
        {"Py_InitializeFromConfig", LgFuncEntryInitialize},
        {"Py_FinalizeEx", LgFuncEntryFinalize},
        {"Py_Exit", LgFuncEntryFinalize},
        {"Py_EndInterpreter", LgFuncEntryEndSub},
        {"PyObject_Init", LgFuncEntryInitObject},
        {"PyObject_InitVar", LgFuncEntryInitObject},
        {"_Py_NewReference", LgFuncEntryInitObject},
    };
    DiEpoch      ep = VG_(current_DiEpoch)();
    const HChar* name;

    if (has_names_at(ep, a) && VG_(get_fnname_if_entry)(ep, a, &name))
        for (UInt i = 0; i < sizeof names / sizeof names[0]; i++)
            if (VG_STREQ(name, names[i].name))
                return names[i].entry;
    return LgFuncEntryNone;
}

static LgFuncEntry entry_at(Addr a)
{
    const LgGuestHooks* hooks = lg_python_guest_hooks();

    return a == hooks->note         ? LgFuncEntryNote
           : a == hooks->free       ? LgFuncEntryFree
           : a == hooks->initialize ? LgFuncEntryInitialize
           : a == hooks->finalize   ? LgFuncEntryFinalize
           : a == hooks->exit       ? LgFuncEntryFinalize
           : a == hooks->endSub     ? LgFuncEntryEndSub
           : a == hooks->freeres    ? LgFuncEntryFreeres
           : a == hooks->initObject || a == hooks->initVarObject ||
                   a == hooks->newReference
               ? LgFuncEntryInitObject
               : entry_by_name(a);
}

LgFuncEntry lg_funcentry_in(const VexGuestExtents* vge, Addr* at)
{
    for (UInt i = 0; i < vge->n_used; i++) {
        LgFuncEntry e = entry_at(vge->base[i]);
        *at = vge->base[i];
        if (e != LgFuncEntryNone)
            return e;
    }
    return LgFuncEntryNone;
}

/* --- Emission ------------------------------------------------------------ */

/* If the helper says so, the program jumps to lg_py_at_init. */
static void emit_initialize(IRSB* out, Addr at, Int offsetIP)
{
    IRTemp   diverts = newIRTemp(out->tyenv, Ity_I64);
    IRDirty* d = unsafeIRDirty_1_N(
        diverts, 0, "leakgrind:on_init",
        VG_(fnptr_to_fnentry)(handlers->onInitialize),
        mkIRExprVec_1(lg_ir_u64(at)));

    lg_ir_stmt(out, IRStmt_Dirty(d));
    IRExpr* isDiverted =
        lg_ir_assign(out, Ity_I1,
                     IRExpr_Binop(Iop_CmpNE64, IRExpr_RdTmp(diverts),
                                  lg_ir_u64(0)));
    lg_ir_stmt(
        out, IRStmt_Exit(isDiverted, Ijk_Boring,
                         IRConst_U64(lg_python_guest_hooks()->atInit),
                         offsetIP));
}

#if !LG_HELPERS_GET_STATE
/* Calls `fn` with a copy of the guest state. */
static void with_state(void (*fn)(const VexGuestArchState*))
{
    VexGuestArchState gst;

    VG_(get_shadow_regs_area)(VG_(get_running_tid)(), (UChar*)&gst, 0, 0,
                              sizeof gst);
    fn(&gst);
}
#endif

/* Adds a helper that reads registers, e.g. the function's arguments, and
   unwinds. After a jump to the function, the instruction pointer may not be
   set yet. */
static void call_at_entry(IRSB* out, const HChar* name,
                          void (*fn)(const VexGuestArchState*), Addr at,
                          Int offsetIP)
{
    lg_ir_stmt(out, IRStmt_Put(offsetIP, lg_ir_u64(at)));
#if LG_HELPERS_GET_STATE
    IRDirty* d = unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn),
                                   mkIRExprVec_1(IRExpr_GSPTR()));
#else
    IRDirty* d =
        unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(with_state),
                          mkIRExprVec_1(lg_ir_u64((ULong)(Addr)fn)));
#endif
    lg_ir_call(out, d, Ifx_Read, LG_OFFSET_AT_CALL,
               LG_OFFSET_AT_CALL_END - LG_OFFSET_AT_CALL);
}

void lg_funcentry_emit(IRSB* out, LgFuncEntry entry, Addr at, Int offsetIP)
{
    static const HChar* const names[LG_N_FUNC_ENTRIES] = {
        [LgFuncEntryExit]       = "leakgrind:on_exit",
        [LgFuncEntryFreeres]    = "leakgrind:on_freeres",
        [LgFuncEntryNote]       = "leakgrind:on_note",
        [LgFuncEntryFree]       = "leakgrind:on_free",
        [LgFuncEntryInitObject] = "leakgrind:on_init_object",
        [LgFuncEntryEndSub]     = "leakgrind:on_end_sub",
        [LgFuncEntryFinalize]   = "leakgrind:on_finalize",
    };

    if (entry == LgFuncEntryInitialize)
        emit_initialize(out, at, offsetIP);
    else if (entry != LgFuncEntryNone)
        call_at_entry(out, names[entry], handlers->on[entry], at, offsetIP);
}
