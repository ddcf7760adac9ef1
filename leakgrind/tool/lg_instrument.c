/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_instrument.c: what is added to the program's code.  See lg_instrument.h.

   Stack cleaning in detail.

   Only the words between the new stack pointer and the old one are gained,
   and below the old one there may be a red zone (128 bytes on amd64) that is
   in use.  So what is zeroed is [newSP - redzone, oldSP - redzone), and of
   that only what the stack has reached before: below, the words are zero
   anyway, the page may not be mapped, and there may be no stack at all.  The
   lowest stack pointer seen (`low`) is kept in the guest state's shadow of
   the stack pointer: one per thread, saved and restored around signal
   handlers by the core.  The red zone below `low` has been reached as well.

   At a call all that lies below the stack pointer is dead, red zone included:
   whoever calls does not use it.  So there [SP - redzone, SP) is zeroed, and
   the callee begins on clean ground; what that takes for its frame in the same
   translation is zeroed at once with it.  For the same reason the red zone of a
   function to which a callee has returned holds nothing but what that left
   there; whether it is so is kept as well, for the leak check to leave it out.

   A translation is examined for the stack pointer's value as "value at some
   point plus a constant".  Consecutive decrements (push, push, sub) are one
   run and are zeroed at once, at the first of them: at that point all of it
   is dead already.  Other ways to set the stack pointer:
     - from a register that holds on to a frame ("leave", the dynamic linker's
       stubs, realigned frames): upwards, a return to an earlier frame;
     - from the stack pointer by arithmetic (alloca, alignment): the same
       stack; the gain is zeroed;
     - anything else may be a switch to another stack: what lies below the
       stack pointer of the old one is zeroed as long as that is known, and
       `low` starts again on the new one. */

#include "lg_instrument.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"

#include "lg_options.h"
#include "lg_pyfinal.h"
#include "lg_pyhooks.h"
#include "lg_python.h"
#include "lg_sptrack.h"
#include "lg_stacks.h"

/* Where `low` is kept, from the start of the guest state: its shadow copy
   follows the guest state itself. */
#define OFFSET_LOW ((Int)(LG_OFFSET_SP + sizeof(VexGuestArchState)))

/* Where it is kept whether the current function has been returned to: the
   second shadow copy. */
#define OFFSET_RETURNED ((Int)(LG_OFFSET_SP + 2 * sizeof(VexGuestArchState)))

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

/* --- Called from translations -------------------------------------------- */

/* The lowest address of the mapping that holds `sp`, a stack: below it, the
   stack may still have to grow.  The top of the address space if there is
   none. */
static Addr bottom_of_mapping(Addr sp)
{
    NSegment const* seg = VG_(am_find_nsegment)(sp);
    return seg != NULL && seg->kind != SkFree && seg->kind != SkResvn
               ? seg->start
               : ~(Addr)0;
}

static Addr max_addr(Addr a, Addr b)
{
    return a > b ? a : b;
}

/* Zeroes what of [lo, hi), on a stack, has been reached before. */
static void zero_reached(Addr lo, Addr hi, Addr low, Addr bottom)
{
    Addr reached = low - VG_STACK_REDZONE_SZB;
    lo = max_addr(lo, reached <= low ? reached : 0);
    lo = max_addr(lo, bottom);
    if (lo < hi)
        VG_(memset)((void*)lo, 0, hi - lo);
}

/* The stack has gained [lo, lo + szB), and its pointer is `newSP` now. */
static void gain(Addr* low, Addr newSP, Addr lo, UWord szB)
{
    Addr bottom = bottom_of_mapping(lo + szB + VG_STACK_REDZONE_SZB - 1);

    zero_reached(lo, lo + szB, *low, bottom);
    if (newSP < *low)
        *low = max_addr(newSP, bottom);
}

/* Stored by the widest instructions that there are. */
typedef ULong EightWords
    __attribute__((vector_size(64), aligned(8), may_alias));

/* Zeroes [lo, lo + szB), at word boundaries, which may be below what the stack
   has reached before. */
static inline void clean(Addr* low, Addr newSP, Addr lo, UWord szB)
{
    if (UNLIKELY(lo < *low || szB % 8 != 0)) {
        gain(low, newSP, lo, szB);
        return;
    }
    Addr hi = lo + szB;
    for (; lo + sizeof(EightWords) <= hi; lo += sizeof(EightWords))
        *(EightWords*)lo = (EightWords){0};
    for (; lo < hi; lo += sizeof(ULong))
        *(ULong*)lo = 0;
}

/* A larger change than this within one stack is not believed.  Bytes; as
   Valgrind's --max-stackframe. */
#define MAX_FRAME_SZB 2000000

static inline void move(Addr* low, Addr newSP, Addr oldSP)
{
    if (newSP < oldSP && oldSP - newSP <= MAX_FRAME_SZB)
        gain(low, newSP, newSP - VG_STACK_REDZONE_SZB, oldSP - newSP);
}

/* From one stack to another, or by a jump within one. */
static inline void change_stack(Addr* low, Addr newSP, Addr oldSP)
{
    Addr hi = oldSP - VG_STACK_REDZONE_SZB;

    /* The new stack might lie in what looks like the dead part of the old. */
    if (newSP < *low || newSP >= hi)
        zero_reached(0, hi, *low, bottom_of_mapping(oldSP));
    *low = newSP;
    lg_stacks_on_switch(newSP);
}

/* What translations call.  On amd64 VEX passes the address of the guest state
   on, where `low` is; on arm64 it does not, and helpers get and return the
   value. */
#if defined(VGA_amd64)

static inline Addr* low_in(UChar* gst)
{
    return (Addr*)(gst + OFFSET_LOW);
}

/* The stack pointer is going to be `newSP`, szB bytes lower than before. */
static void grown(UChar* gst, Addr newSP, UWord szB)
{
    /* A function that is entered by a jump (a tail call) may find its red zone
       full of what an earlier callee left there; no call has cleaned it. */
    if (*(const UWord*)(gst + OFFSET_RETURNED))
        szB += VG_STACK_REDZONE_SZB;
    clean(low_in(gst), newSP, newSP - VG_STACK_REDZONE_SZB, szB);
}

/* The same at the start of a translation, whose first change it is: there the
   guest state has the stack pointer. */
static void grown_at_start(UChar* gst, UWord szB)
{
    grown(gst, *(const Addr*)(gst + LG_OFFSET_SP) - szB, szB);
}

/* A function is called; the stack pointer is as it finds it.  It is going to
   take szB bytes first of all. */
static void called(UChar* gst, UWord szB)
{
    Addr newSP = *(const Addr*)(gst + LG_OFFSET_SP) - szB;

    *(UWord*)(gst + OFFSET_RETURNED) = 0;
    clean(low_in(gst), newSP, newSP - VG_STACK_REDZONE_SZB,
          VG_STACK_REDZONE_SZB + szB);
}

static void moved(UChar* gst, Addr newSP, Addr oldSP)
{
    move(low_in(gst), newSP, oldSP);
}

static void switched(UChar* gst, Addr newSP, Addr oldSP)
{
    change_stack(low_in(gst), newSP, oldSP);
}

#elif defined(VGA_arm64)

static Addr grown(Addr low, Addr newSP, UWord szB)
{
    clean(&low, newSP, newSP, szB);
    return low;
}

static Addr moved(Addr low, Addr newSP, Addr oldSP)
{
    move(&low, newSP, oldSP);
    return low;
}

static Addr switched(Addr low, Addr newSP, Addr oldSP)
{
    change_stack(&low, newSP, oldSP);
    return low;
}

/* Calls `fn` with a copy of the guest state. */
static void with_state(void (*fn)(const VexGuestArchState*))
{
    VexGuestArchState gst;

    VG_(get_shadow_regs_area)(VG_(get_running_tid)(), (UChar*)&gst, 0, 0,
                              sizeof gst);
    fn(&gst);
}

#endif

static LgExitFrame exitFrame;

const LgExitFrame* lg_instrument_exit_frame(void)
{
    return &exitFrame;
}

static void note_exit(const VexGuestArchState* gst)
{
    LgExitFrame* f = &exitFrame;
    ThreadId     tid = VG_(get_running_tid)();

    /* exit() ends in _exit(): the first counts, unless it was left by a
       jump. */
    Addr sp = *(const Addr*)((const UChar*)gst + LG_OFFSET_SP);
    if (f->valid && f->tid == tid && sp <= f->sp)
        return;
    f->valid = True;
    f->tid   = tid;
    f->sp    = sp;
    f->alt   = lg_stacks_alternate(tid);
    f->nRegs = 0;
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
        f->regs[f->nRegs++] = ((const ULong*)&q[i])[0];
#endif
}

/* --- Emission ------------------------------------------------------------ */

static IRExpr* assign(IRSB* out, IRType ty, IRExpr* e)
{
    IRTemp t = newIRTemp(out->tyenv, ty);
    addStmtToIRSB(out, IRStmt_WrTmp(t, e));
    return IRExpr_RdTmp(t);
}

static IRExpr* u64(ULong v)
{
    return IRExpr_Const(IRConst_U64(v));
}

static IRExpr* add(IRSB* out, IRExpr* atom, Long c)
{
    if (c == 0)
        return atom;
    return assign(out, Ity_I64,
                  IRExpr_Binop(Iop_Add64, atom, u64((ULong)c)));
}

static IRExpr* get(IRSB* out, Int offset)
{
    return assign(out, Ity_I64, IRExpr_Get(offset, Ity_I64));
}

/* Calls a helper that has effect `fx` on the szB bytes at `offset` of the
   guest state. */
static void call(IRSB* out, IRDirty* d, IREffect fx, Int offset, UInt szB)
{
    d->nFxState = 1;
    d->fxState[0].fx     = fx;
    d->fxState[0].offset = (UShort)offset;
    d->fxState[0].size   = (UShort)szB;
    d->fxState[0].nRepeats  = 0;
    d->fxState[0].repeatLen = 0;
    addStmtToIRSB(out, IRStmt_Dirty(d));
}

#if defined(VGA_amd64)

/* Calls a helper that has effects on what is kept of the stack. */
static void call_for_stack(IRSB* out, const HChar* name, void* fn,
                           IRExpr** args)
{
    call(out, unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn), args),
         Ifx_Modify, OFFSET_LOW, 8);
}

static void call_with_two(IRSB* out, const HChar* name, void* fn, IRExpr* a,
                          IRExpr* b)
{
    call_for_stack(out, name, fn, mkIRExprVec_3(IRExpr_GSPTR(), a, b));
}

/* The stack pointer goes down. */
static void emit_run(IRSB* out, const LgSPRun* run, IRExpr* base)
{
    IRExpr* szB = u64((ULong)(run->hiDelta - run->loDelta));

    if (run->isFirst)
        call_for_stack(out, "leakgrind:grown_at_start", grown_at_start,
                       mkIRExprVec_2(IRExpr_GSPTR(), szB));
    else
        call_with_two(out, "leakgrind:grown", grown,
                      add(out, base, run->loDelta), szB);
}

static void emit_hint(IRSB* out, const LgSPHint* hint)
{
    if (hint->isReturn)
        addStmtToIRSB(out, IRStmt_Put(OFFSET_RETURNED, u64(1)));
    else
        call_for_stack(
            out, "leakgrind:called", called,
            mkIRExprVec_2(IRExpr_GSPTR(),
                          u64((ULong)(hint->delta - hint->loDelta))));
}

#elif defined(VGA_arm64)

static void call_with_two(IRSB* out, const HChar* name, void* fn, IRExpr* a,
                          IRExpr* b)
{
    IRTemp low = newIRTemp(out->tyenv, Ity_I64);

    addStmtToIRSB(out, IRStmt_Dirty(unsafeIRDirty_1_N(
                           low, 0, name, VG_(fnptr_to_fnentry)(fn),
                           mkIRExprVec_3(get(out, OFFSET_LOW), a, b))));
    addStmtToIRSB(out, IRStmt_Put(OFFSET_LOW, IRExpr_RdTmp(low)));
}

static void emit_run(IRSB* out, const LgSPRun* run, IRExpr* base)
{
    call_with_two(out, "leakgrind:grown", grown, add(out, base, run->loDelta),
                  u64((ULong)(run->hiDelta - run->loDelta)));
}

/* There is no red zone. */
static void emit_hint(IRSB* out, const LgSPHint* hint)
{
    (void)out;
    (void)hint;
}

#endif

static void emit_epoch(IRSB* out, const LgSPEpoch* epoch, IRExpr* oldSP)
{
    IRExpr* newSP = epoch->base;
    IRExpr* backwards;

    switch (epoch->origin) {
    case LgFromSPByArithmetic:
        call_with_two(out, "leakgrind:moved", moved, newSP, oldSP);
        break;
    case LgFromFrame:
        /* A return leaves `low` as it is; downwards it is no return. */
        backwards =
            assign(out, Ity_I1, IRExpr_Binop(Iop_CmpLT64U, newSP, oldSP));
        addStmtToIRSB(
            out, IRStmt_Put(OFFSET_LOW,
                            assign(out, Ity_I64,
                                   IRExpr_ITE(backwards, newSP,
                                              get(out, OFFSET_LOW)))));
        break;
    default:
        call_with_two(out, "leakgrind:switched", switched, newSP, oldSP);
        break;
    }
}

/* --- Entries of functions ------------------------------------------------ */

/* Functions of which we want to know when they are entered. */
typedef enum {
    EntryNone,
    EntryExit,         /* exit() and its kin */
    EntryNote,         /* the preload library's lg_py_note */
    EntryFree,         /* its lg_py_hook_free */
    EntryInitialize,   /* Py_InitializeFromConfig */
    EntryFinalize      /* Py_FinalizeEx, and what goes past it since 3.13 */
} Entry;

static Entry entry_at(Addr a)
{
    static const struct {
        const HChar* name;
        Entry        entry;
    } names[] = {
        {"exit", EntryExit},
        {"_exit", EntryExit},
        {"_Exit", EntryExit},
        {"quick_exit", EntryExit},
        {"Py_InitializeFromConfig", EntryInitialize},
        {"Py_FinalizeEx", EntryFinalize},
        {"Py_Exit", EntryFinalize},
    };
    const LgGuestHooks* hooks = lg_python_guest_hooks();
    const HChar*        name;

    if (a == hooks->note && a != 0)
        return EntryNote;
    if (a == hooks->free && a != 0)
        return EntryFree;
    if (VG_(get_fnname_if_entry)(VG_(current_DiEpoch)(), a, &name))
        for (UInt i = 0; i < sizeof names / sizeof names[0]; i++)
            if (VG_STREQ(name, names[i].name))
                return names[i].entry;
    return EntryNone;
}

/* The first such entry within this translation, and where it is. */
static Entry entry_in(const VexGuestExtents* vge, Addr* at)
{
    for (UInt i = 0; i < vge->n_used; i++) {
        Entry e = entry_at(vge->base[i]);
        *at = vge->base[i];
        if (e != EntryNone)
            return e;
    }
    return EntryNone;
}

/* The program goes to lg_py_at_init when the helper says so. */
static void emit_initialize(IRSB* out, Addr at, Int offsetIP)
{
    IRTemp   diverts = newIRTemp(out->tyenv, Ity_I64);
    IRDirty* d = unsafeIRDirty_1_N(
        diverts, 0, "leakgrind:on_init",
        VG_(fnptr_to_fnentry)(lg_pyhooks_on_init), mkIRExprVec_1(u64(at)));

    addStmtToIRSB(out, IRStmt_Dirty(d));
    IRExpr* isDiverted = assign(
        out, Ity_I1, IRExpr_Binop(Iop_CmpNE64, IRExpr_RdTmp(diverts), u64(0)));
    addStmtToIRSB(
        out, IRStmt_Exit(isDiverted, Ijk_Boring,
                         IRConst_U64(lg_python_guest_hooks()->atInit),
                         offsetIP));
}

/* A helper that reads registers, of the function's arguments for instance, and
   unwinds: a jump to the function need not have set the instruction pointer. */
static void call_at_entry(IRSB* out, const HChar* name,
                          void (*fn)(const VexGuestArchState*), Addr at,
                          Int offsetIP)
{
    addStmtToIRSB(out, IRStmt_Put(offsetIP, u64(at)));
#if defined(VGA_amd64)
    IRDirty* d = unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn),
                                   mkIRExprVec_1(IRExpr_GSPTR()));
#elif defined(VGA_arm64)
    IRDirty* d =
        unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(with_state),
                          mkIRExprVec_1(u64((ULong)(Addr)fn)));
#endif
    call(out, d, Ifx_Read, FIRST_REG, END_OF_REGS - FIRST_REG);
}

static void emit_entry(IRSB* out, Entry entry, Addr at, Int offsetIP)
{
    switch (entry) {
    case EntryExit:
        call_at_entry(out, "leakgrind:note_exit", note_exit, at,
                      offsetIP);
        break;
    case EntryNote:
        call_at_entry(out, "leakgrind:on_note", lg_pyhooks_on_note, at,
                      offsetIP);
        break;
    case EntryFree:
        call_at_entry(out, "leakgrind:on_free", lg_pyhooks_on_free, at,
                      offsetIP);
        break;
    case EntryInitialize:
        emit_initialize(out, at, offsetIP);
        break;
    case EntryFinalize:
        addStmtToIRSB(out, IRStmt_Dirty(unsafeIRDirty_0_N(
                               0, "leakgrind:on_finalize",
                               VG_(fnptr_to_fnentry)(lg_pyfinal_on_finalize),
                               mkIRExprVec_1(u64(at)))));
        break;
    case EntryNone:
        break;
    }
}

/* --- All together -------------------------------------------------------- */

IRSB* lg_instrument(VgCallbackClosure* closure, IRSB* in,
                    const VexGuestLayout* layout, const VexGuestExtents* vge,
                    const VexArchInfo* host, IRType gWordTy, IRType hWordTy)
{
    Addr      entryAt = 0;
    Entry     entry = entry_in(vge, &entryAt);
    LgSPTrack a;
    Int       first = 0;
    (void)closure;
    (void)host;
    (void)hWordTy;
    tl_assert(gWordTy == Ity_I64);
    tl_assert(layout->total_sizeB == sizeof(VexGuestArchState));

    while (first < in->stmts_used && in->stmts[first]->tag != Ist_IMark)
        first++;
    lg_sptrack(&a, in, lg_options.cleanStack ? first : in->stmts_used);
    Bool changesSP = a.nRuns > 0 || a.nEpochs > 1 || a.nHints > 0;
    if (!changesSP && entry == EntryNone)
        return in;

    IRSB* out = deepCopyIRSBExceptStmts(in);
    for (Int i = 0; i < first; i++)
        addStmtToIRSB(out, in->stmts[i]);

    UInt    run = 0, epoch = 0, hint = 0;
    IRExpr* base = NULL;
    if (a.nRuns > 0 || a.nEpochs > 1)
        base = get(out, (Int)LG_OFFSET_SP);
    for (Int i = first; i < in->stmts_used; i++) {
        IRStmt* st = in->stmts[i];
        if (st->tag == Ist_IMark && entry != EntryNone &&
            st->Ist.IMark.addr == entryAt)
            emit_entry(out, entry, entryAt, layout->offset_IP);
        if (run < a.nRuns && a.runs[run].at == i)
            emit_run(out, &a.runs[run++], base);
        addStmtToIRSB(out, st);
        if (hint < a.nHints && a.hints[hint].at == i)
            emit_hint(out, &a.hints[hint++]);
        if (epoch + 1 < a.nEpochs && a.epochs[epoch + 1].at == i) {
            const LgSPEpoch* e = &a.epochs[++epoch];
            emit_epoch(out, e, add(out, base, e->oldDelta));
            base = e->base;
        }
    }
    return out;
}

Addr lg_instrument_stack_low(ThreadId tid)
{
    return lg_options.cleanStack ? VG_(get_SP_s1)(tid) : 0;
}

SizeT lg_instrument_red_zone(ThreadId tid)
{
    UWord returned = 0;
    if (lg_options.cleanStack)
        VG_(get_shadow_regs_area)(tid, (UChar*)&returned, 2, LG_OFFSET_SP,
                                  sizeof returned);
    return returned ? 0 : VG_STACK_REDZONE_SZB;
}

static void on_thread_start(ThreadId tid)
{
    lg_stacks_on_thread_start(tid);
    VG_(set_SP_s1)(tid, VG_(get_SP)(tid));
}

static void on_signal(ThreadId tid, Int sigNo, Bool altStack)
{
    (void)sigNo;
    lg_stacks_on_signal(tid, altStack);
    /* The handler may run on another stack, of which nothing is known. */
    if (altStack)
        VG_(set_SP_s1)(tid, ~(Addr)0);
}

static void on_signal_done(ThreadId tid, Int sigNo)
{
    (void)sigNo;
    lg_stacks_on_signal_done(tid);
}

void lg_instrument_init(void)
{
    VG_(track_pre_thread_first_insn)(on_thread_start);
    VG_(track_pre_deliver_signal)(on_signal);
    VG_(track_post_deliver_signal)(on_signal_done);
}
