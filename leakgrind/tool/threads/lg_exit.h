/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_exit.h: the thread that ends the program, and what of it is still alive.

   When exit() is entered, the stack of its caller is alive, and so are the
   registers that functions preserve; the stack below is dead.  If a program
   ends by a system call without exit(), all registers are alive. */

#ifndef LG_EXIT_H
#define LG_EXIT_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"
#include "lg_registers.h"

typedef struct {
    Bool    valid;
    Addr    sp;  /* of exit's caller: the stack is alive from here up */
    LgRange alt; /* the thread's alternate signal stack */
    LgSavedRegisters registers; /* those that functions preserve, or all */
} LgExitFrame;

/* Not valid if no thread has begun to end the program. */
const LgExitFrame* lg_exit_frame(void);

/* To be called when the running thread enters exit() or a similar function. */
void lg_exit_on_call(const VexGuestArchState* gst);
/* To be called when `tid` makes a system call that ends the program. */
void lg_exit_on_syscall(ThreadId tid);

#endif
