/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stacks.h: which parts of the threads' stacks are dead.

   A stack is alive from the stack pointer (less the red zone) upwards.  What
   lies below was left by functions that have returned; it is memory of the
   program like any other, and must be kept out of the roots by name, as far as
   it is known to be dead: stacks of other contexts may lie there, too. */

#ifndef LG_STACKS_H
#define LG_STACKS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"

void lg_stacks_on_thread_start(ThreadId tid);

/* Signals that are handled on an alternate stack leave a suspended one. */
void lg_stacks_on_signal(ThreadId tid, Bool altStack);
void lg_stacks_on_signal_done(ThreadId tid);

/* The running thread's stack pointer has gone to an unknown place, maybe on
   another stack; isComputed: from the old one. */
void lg_stacks_on_jump(Addr newSP, Addr oldSP, Bool isComputed);

/* Around fork(): the other threads are gone in the child, and what lay below
   their stack pointers is dead there. */
void lg_stacks_before_fork(ThreadId tid);
void lg_stacks_after_fork(ThreadId tid, Bool inChild);

/* A thread ends: its stack may be kept by the C library for the next one, and
   what it left there is dead. */
void lg_stacks_on_thread_exit(ThreadId tid);

/* Appends to `dead` (an XArray of LgRange) the dead parts of all stacks.
   With atExit, the thread that called exit() counts from exit's caller
   upwards. */
void lg_stacks_dead(XArray* dead, Bool atExit);

/* Appends to `live` (an XArray of LgRange) the live parts. */
void lg_stacks_live(XArray* live, Bool atExit);

#endif
