/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_exit.h: the thread that ends the program, and what of it is still alive.

   exit() is entered: what its caller has on the stack and in the registers that
   functions keep is alive, and nothing below.  A program that ends by a system
   call alone has all its registers. */

#ifndef LG_EXIT_H
#define LG_EXIT_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"
#include "lg_registers.h"

typedef struct {
    Bool    valid;
    Addr    sp;  /* of the caller of exit: the stack is alive from here up */
    LgRange alt; /* the thread's alternate signal stack */
    LgSavedRegisters registers; /* those that the caller expects to find, or
                                   all */
} LgExitFrame;

/* Not valid: no thread has begun to end the program. */
const LgExitFrame* lg_exit_frame(void);

/* The running thread enters exit() or one of its kin. */
void lg_exit_on_call(const VexGuestArchState* gst);
/* It makes a system call that ends the program. */
void lg_exit_on_syscall(ThreadId tid);

#endif
