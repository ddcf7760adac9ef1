/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_instrument.h: the little that leakgrind adds to the program's code.

   1. Stack cleaning (--clean-stack).  When a function takes a new stack
      frame, the words that the stack gains and has used before are zeroed:
      what an earlier function left there is not defined in the new one, and
      a pointer among it would hide a leak.
   2. The frame that called exit() is remembered, with the registers that it
      expects to find again: at the end, nothing below it is alive.
   3. The preload library's lg_py_note, and where a Python interpreter begins
      and ends, are noticed (lg_pyhooks.h, lg_pyfinal.h). */

#ifndef LG_INSTRUMENT_H
#define LG_INSTRUMENT_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "../engine/lg_vocab.h"

IRSB* lg_instrument(VgCallbackClosure* closure, IRSB* in,
                    const VexGuestLayout* layout, const VexGuestExtents* vge,
                    const VexArchInfo* host, IRType gWordTy, IRType hWordTy);

/* Follows signals and threads; call before the program starts. */
void lg_instrument_init(void);

/* What a thread that is in exit() has left alive. */
enum { LG_MAX_CALLEE_SAVED = 24 };
typedef struct {
    Bool     valid;
    ThreadId tid;
    Addr     sp;  /* of the caller of exit: the stack is alive from here up */
    LgRange  alt; /* the thread's alternate signal stack */
    UInt     nRegs;
    UWord    regs[LG_MAX_CALLEE_SAVED];
} LgExitFrame;

const LgExitFrame* lg_instrument_exit_frame(void);

/* The lowest address that the stack `tid` is on is known to have reached;
   everything from here to its stack pointer is dead.  0 when not known. */
Addr lg_instrument_stack_low(ThreadId tid);

/* So many bytes below the stack pointer of `tid` may be in use. */
SizeT lg_instrument_red_zone(ThreadId tid);

#endif
