/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_funcentry.c: see lg_funcentry.h. */

#include "lg_funcentry.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_vkiscnums.h"

#include "lg_irbuild.h"
#include "lg_ending.h"
#include "../finalize/lg_pyfinalize.h"
#include "../python/lg_pyhooks.h"
#include "../python/lg_pyreuse.h"
#include "../finalize/lg_pysubs.h"
#include "../process/lg_python.h"
#include "lg_sptrack.h"
#include "lg_stackclean.h"
#include "../threads/lg_stacks.h"
#include "../threads/lg_threads.h"
#include "lg_vectorregs.h"

/* Where the registers are that helpers read: the general ones, the instruction
   pointer included, and what else functions must keep. */
#if defined(VGA_amd64)
enum {
    FIRST_REG   = offsetof(VexGuestArchState, guest_RAX),
    END_OF_REGS = offsetof(VexGuestArchState, guest_RIP) + sizeof(ULong)
};
#elif defined(VGA_arm64)
enum {
    FIRST_REG   = offsetof(VexGuestArchState, guest_X0),
    END_OF_REGS = offsetof(VexGuestArchState, guest_Q15) + sizeof(U128)
};
#endif

static LgExitFrame exitFrame;

const LgExitFrame* lg_funcentry_exit_frame(void)
{
    return &exitFrame;
}

/* The running thread ends the program; NULL: it has said so before.  exit() ends
   in _exit(), and that in a system call: the first counts, unless it was left by
   a jump. */
static LgExitFrame* begin_exit(Addr sp)
{
    LgExitFrame* f = &exitFrame;
    ThreadId     tid = VG_(get_running_tid)();

    if (f->valid && f->tid == tid && sp <= f->sp)
        return NULL;
    *f = (LgExitFrame){
        .valid = True, .tid = tid, .sp = sp, .alt = lg_stacks_alternate(tid)};
    return f;
}

static void note_exit(const VexGuestArchState* gst)
{
    LgExitFrame* f =
        begin_exit(*(const Addr*)((const UChar*)gst + LG_OFFSET_SP));

    if (f == NULL)
        return;
#if defined(VGA_amd64)
    f->regs[f->nRegs++] = gst->guest_RBX;
    f->regs[f->nRegs++] = gst->guest_RBP;
    f->regs[f->nRegs++] = gst->guest_R12;
    f->regs[f->nRegs++] = gst->guest_R13;
    f->regs[f->nRegs++] = gst->guest_R14;
    f->regs[f->nRegs++] = gst->guest_R15;
#elif defined(VGA_arm64)
    const ULong* x = &gst->guest_X19; /* X19 .. X29 lie in a row */
    for (UInt i = 0; i < 11; i++)
        f->regs[f->nRegs++] = x[i];
    const U128* q = &gst->guest_Q8; /* of Q8 .. Q15 the lower half is kept */
    for (UInt i = 0; i < 8; i++)
        f->vectors[f->nVectors++] = ((const ULong*)&q[i])[0];
#endif
}

static Bool is_only_thread(void)
{
    ThreadId tid;
    Addr     stackMin, stackMax;
    UInt     n = 0;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &stackMin, &stackMax))
        n++;
    return n <= 1;
}

void lg_funcentry_note_registers(ThreadId tid, LgExitFrame* f)
{
    const UInt nWords = LG_VECTOR_SZB / sizeof(UWord);
#if defined(VGA_amd64)
    enum { N_REGS = 16 }; /* RAX .. R15 lie in a row */
#elif defined(VGA_arm64)
    enum { N_REGS = 31 }; /* X0 .. X30 */
#endif
    UInt inUse = lg_vectorregs_in_use(tid);

    STATIC_ASSERT(sizeof f->vectors == LG_N_VECTORS * LG_VECTOR_SZB);
    f->tid = tid;
    f->nRegs = N_REGS;
    f->nVectors = 0;
    VG_(get_shadow_regs_area)(tid, (UChar*)f->regs, 0, FIRST_REG,
                              N_REGS * sizeof(UWord));
    for (UInt reg = 0; reg < LG_N_VECTORS; reg++)
        if (inUse >> reg & 1) {
            VG_(get_shadow_regs_area)(
                tid, (UChar*)&f->vectors[f->nVectors], 0,
                (PtrdiffT)(LG_VECTORS_OFFSET + reg * LG_VECTOR_SZB),
                LG_VECTOR_SZB);
            f->nVectors += nWords;
        }
}

void lg_funcentry_on_syscall(ULong number)
{
    ThreadId tid = VG_(get_running_tid)();

    if (LIKELY(number != __NR_exit_group && number != __NR_exit))
        return;
    if (number == __NR_exit && !is_only_thread()) {
        lg_threads_on_exit(tid);
        return;
    }
    LgExitFrame* f =
        begin_exit(VG_(get_SP)(tid) - lg_stackclean_red_zone(tid));
    if (f != NULL)
        lg_funcentry_note_registers(tid, f);
}

/* --- Which, and where ---------------------------------------------------- */

static Bool is_named(const HChar* soname, const HChar* begin)
{
    return soname != NULL &&
           VG_(strncmp)(soname, begin, VG_(strlen)(begin)) == 0;
}

/* Are the names of functions to be looked up in the object that `a` is in?
   That takes its time.  In a program with the preload library, exit() is in
   the C library, and CPython's functions are where the library has said, or in
   a libpython that was loaded later. */
static Bool has_names(DiEpoch ep, Addr a)
{
    DebugInfo* di = VG_(find_DebugInfo)(ep, a);
    if (di == NULL)
        return False;
    const HChar* soname = VG_(DebugInfo_get_soname)(di);
    return lg_python_guest_hooks()->note == 0
               ? !is_named(soname, "ld-")
               : is_named(soname, "libc.") || is_named(soname, "libpython");
}

static LgFuncEntry entry_by_name(Addr a)
{
    static const struct {
        const HChar* name;
        LgFuncEntry      entry;
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

    if (has_names(ep, a) && VG_(get_fnname_if_entry)(ep, a, &name))
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

/* The program goes to lg_py_at_init when the helper says so. */
static void emit_initialize(IRSB* out, Addr at, Int offsetIP)
{
    IRTemp   diverts = newIRTemp(out->tyenv, Ity_I64);
    IRDirty* d = unsafeIRDirty_1_N(
        diverts, 0, "leakgrind:on_init",
        VG_(fnptr_to_fnentry)(lg_pyhooks_on_init),
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

#if defined(VGA_arm64)
/* Calls `fn` with a copy of the guest state. */
static void with_state(void (*fn)(const VexGuestArchState*))
{
    VexGuestArchState gst;

    VG_(get_shadow_regs_area)(VG_(get_running_tid)(), (UChar*)&gst, 0, 0,
                              sizeof gst);
    fn(&gst);
}
#endif

/* A helper that reads registers, of the function's arguments for instance, and
   unwinds: a jump to the function need not have set the instruction pointer. */
static void call_at_entry(IRSB* out, const HChar* name,
                          void (*fn)(const VexGuestArchState*), Addr at,
                          Int offsetIP)
{
    lg_ir_stmt(out, IRStmt_Put(offsetIP, lg_ir_u64(at)));
#if defined(VGA_amd64)
    IRDirty* d = unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn),
                                   mkIRExprVec_1(IRExpr_GSPTR()));
#elif defined(VGA_arm64)
    IRDirty* d =
        unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(with_state),
                          mkIRExprVec_1(lg_ir_u64((ULong)(Addr)fn)));
#endif
    lg_ir_call(out, d, Ifx_Read, FIRST_REG, END_OF_REGS - FIRST_REG);
}

void lg_funcentry_emit(IRSB* out, LgFuncEntry entry, Addr at, Int offsetIP)
{
    switch (entry) {
    case LgFuncEntryExit:
        call_at_entry(out, "leakgrind:note_exit", note_exit, at, offsetIP);
        break;
    case LgFuncEntryFreeres:
        lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_0_N(
                               0, "leakgrind:ending_begin",
                               VG_(fnptr_to_fnentry)(lg_ending_begin),
                               mkIRExprVec_0())));
        break;
    case LgFuncEntryNote:
        call_at_entry(out, "leakgrind:on_note", lg_pyhooks_on_note, at,
                      offsetIP);
        break;
    case LgFuncEntryFree:
        call_at_entry(out, "leakgrind:on_free", lg_pyhooks_on_free, at,
                      offsetIP);
        break;
    case LgFuncEntryInitialize:
        emit_initialize(out, at, offsetIP);
        break;
    case LgFuncEntryInitObject:
        call_at_entry(out, "leakgrind:on_init_object", lg_pyreuse_on_init, at,
                      offsetIP);
        break;
    case LgFuncEntryEndSub:
        call_at_entry(out, "leakgrind:on_end_sub", lg_pysubs_on_end, at,
                      offsetIP);
        break;
    case LgFuncEntryFinalize:
        lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_0_N(
                               0, "leakgrind:on_finalize",
                               VG_(fnptr_to_fnentry)(lg_pyfinalize_on_finalize),
                               mkIRExprVec_1(lg_ir_u64(at)))));
        break;
    case LgFuncEntryNone:
        break;
    }
}
