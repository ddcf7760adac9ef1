/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackclean.c: zeroes what stacks gain.  See lg_stackclean.h.

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

#include "lg_stackclean.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_machine.h"
#include "pub_tool_threadstate.h"

#include "lg_irbuild.h"
#include "lg_options.h"
#include "lg_stacks.h"

/* Where `low` is kept, from the start of the guest state: its shadow copy
   follows the guest state itself. */
#define OFFSET_LOW ((Int)(LG_OFFSET_SP + sizeof(VexGuestArchState)))

/* Where it is kept whether the current function has been returned to: the
   second shadow copy. */
#define OFFSET_RETURNED ((Int)(LG_OFFSET_SP + 2 * sizeof(VexGuestArchState)))

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

/* The redZoneB bytes right below the old stack pointer may be in use. */
static inline void move(Addr* low, Addr newSP, Addr oldSP, SizeT redZoneB)
{
    if (newSP < oldSP && oldSP - newSP <= MAX_FRAME_SZB) {
        Addr lo = newSP - VG_STACK_REDZONE_SZB;
        gain(low, newSP, lo, oldSP - redZoneB - lo);
    }
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
static void called_for(UChar* gst, UWord szB)
{
    Addr newSP = *(const Addr*)(gst + LG_OFFSET_SP) - szB;

    *(UWord*)(gst + OFFSET_RETURNED) = 0;
    clean(low_in(gst), newSP, newSP - VG_STACK_REDZONE_SZB,
          VG_STACK_REDZONE_SZB + szB);
}

/* The same for the usual case, that nothing is known of the callee. */
static void called(UChar* gst)
{
    EightWords* redZone =
        (EightWords*)(*(const Addr*)(gst + LG_OFFSET_SP) -
                      VG_STACK_REDZONE_SZB);

    STATIC_ASSERT(VG_STACK_REDZONE_SZB == 2 * sizeof(EightWords));
    if (UNLIKELY((Addr)redZone < *low_in(gst))) {
        called_for(gst, 0);
        return;
    }
    *(UWord*)(gst + OFFSET_RETURNED) = 0;
    redZone[0] = redZone[1] = (EightWords){0};
}

static void moved(UChar* gst, Addr newSP, Addr oldSP)
{
    /* Whoever was returned to has nothing in the red zone. */
    move(low_in(gst), newSP, oldSP,
         *(const UWord*)(gst + OFFSET_RETURNED) ? 0 : VG_STACK_REDZONE_SZB);
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

static Addr switched(Addr low, Addr newSP, Addr oldSP)
{
    change_stack(&low, newSP, oldSP);
    return low;
}

/* Upwards, too: a large frame is given up by adding a register. */
static Addr moved(Addr low, Addr newSP, Addr oldSP)
{
    if (newSP > oldSP && newSP - oldSP > MAX_FRAME_SZB)
        return switched(low, newSP, oldSP);
    move(&low, newSP, oldSP, 0);
    return low;
}

#endif

/* --- Emission ------------------------------------------------------------ */

#if defined(VGA_amd64)

/* Calls a helper that has effects on what is kept of the stack. */
static void call_for_stack(IRSB* out, const HChar* name, void* fn,
                           IRExpr** args)
{
    lg_ir_call(out, unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)(fn), args),
         Ifx_Modify, OFFSET_LOW, 8);
}

static void call_with_two(IRSB* out, const HChar* name, void* fn, IRExpr* a,
                          IRExpr* b)
{
    call_for_stack(out, name, fn, mkIRExprVec_3(IRExpr_GSPTR(), a, b));
}

/* The stack pointer goes down. */
void lg_stackclean_emit_run(IRSB* out, const LgSPRun* run, IRExpr* base)
{
    IRExpr* szB = lg_ir_u64((ULong)(run->hiDelta - run->loDelta));

    if (run->isFirst)
        call_for_stack(out, "leakgrind:grown_at_start", grown_at_start,
                       mkIRExprVec_2(IRExpr_GSPTR(), szB));
    else
        call_with_two(out, "leakgrind:grown", grown,
                      lg_ir_add(out, base, run->loDelta), szB);
}

void lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint)
{
    if (hint->isReturn)
        lg_ir_stmt(out, IRStmt_Put(OFFSET_RETURNED, lg_ir_u64(1)));
    else if (hint->delta == hint->loDelta)
        call_for_stack(out, "leakgrind:called", called,
                       mkIRExprVec_1(IRExpr_GSPTR()));
    else
        call_for_stack(
            out, "leakgrind:called_for", called_for,
            mkIRExprVec_2(IRExpr_GSPTR(),
                          lg_ir_u64((ULong)(hint->delta - hint->loDelta))));
}

/* The wrapped function is called by an assembler statement, for which the
   compiler sees no need to keep out of the red zone; that makes room for it by
   itself, while it is in use.  If the dynamic linker has just found the function,
   and jumped to it, it is thought to be dead. */
void lg_stackclean_emit_wrapper(IRSB* out)
{
    lg_ir_stmt(out, IRStmt_Put(OFFSET_RETURNED, lg_ir_u64(0)));
}

#elif defined(VGA_arm64)

static void call_with_two(IRSB* out, const HChar* name, void* fn, IRExpr* a,
                          IRExpr* b)
{
    IRTemp low = newIRTemp(out->tyenv, Ity_I64);

    lg_ir_stmt(out, IRStmt_Dirty(unsafeIRDirty_1_N(
                           low, 0, name, VG_(fnptr_to_fnentry)(fn),
                           mkIRExprVec_3(lg_ir_get(out, OFFSET_LOW), a, b))));
    lg_ir_stmt(out, IRStmt_Put(OFFSET_LOW, IRExpr_RdTmp(low)));
}

void lg_stackclean_emit_run(IRSB* out, const LgSPRun* run, IRExpr* base)
{
    call_with_two(out, "leakgrind:grown", grown, lg_ir_add(out, base, run->loDelta),
                  lg_ir_u64((ULong)(run->hiDelta - run->loDelta)));
}

/* There is no red zone. */
void lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint)
{
    (void)out;
    (void)hint;
}

void lg_stackclean_emit_wrapper(IRSB* out)
{
    (void)out;
}

#endif

void lg_stackclean_emit_epoch(IRSB* out, const LgSPEpoch* epoch, IRExpr* oldSP)
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
            lg_ir_assign(out, Ity_I1, IRExpr_Binop(Iop_CmpLT64U, newSP, oldSP));
        lg_ir_stmt(
            out, IRStmt_Put(OFFSET_LOW,
                            lg_ir_assign(out, Ity_I64,
                                   IRExpr_ITE(backwards, newSP,
                                              lg_ir_get(out, OFFSET_LOW)))));
        break;
    default:
        call_with_two(out, "leakgrind:switched", switched, newSP, oldSP);
        break;
    }
}

/* --- Threads, signals, questions ----------------------------------------- */

Addr lg_stackclean_low(ThreadId tid)
{
    return lg_options.cleanStack ? VG_(get_SP_s1)(tid) : 0;
}

SizeT lg_stackclean_red_zone(ThreadId tid)
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

void lg_stackclean_init(void)
{
    VG_(track_pre_thread_first_insn)(on_thread_start);
    VG_(track_pre_deliver_signal)(on_signal);
    VG_(track_post_deliver_signal)(on_signal_done);
}
