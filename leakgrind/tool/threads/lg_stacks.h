/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stacks.h: which parts of the threads' stacks are dead.

   A stack is alive from the stack pointer, less the red zone, upwards.  What
   lies below was left by functions that have returned, and must be left out of
   the roots.  But stacks of other contexts (coroutines) may lie there, too, so
   only what is known to be dead is left out. */

#ifndef LG_STACKS_H
#define LG_STACKS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_vocab.h"

void lg_stacks_on_thread_start(ThreadId tid);

/* A signal that is handled on an alternate stack suspends the thread's
   stack. */
void lg_stacks_on_signal(ThreadId tid, Bool altStack);
void lg_stacks_on_signal_done(ThreadId tid);

/* To be called when the running thread's stack pointer was set to an unknown
   value, perhaps on another stack.  isComputed: the value was computed from
   the old one. */
void lg_stacks_on_jump(Addr newSP, Addr oldSP, Bool isComputed);

/* To be called around fork(): in the child the other threads are gone, and what
   lies below their stack pointers is dead. */
void lg_stacks_before_fork(ThreadId tid);
void lg_stacks_after_fork(ThreadId tid, Bool inChild);

/* To be called when a thread ends: the C library may keep its stack for the
   next thread, and what the thread left there is dead. */
void lg_stacks_on_thread_exit(ThreadId tid);

/* Appends the dead parts of all stacks to `dead` (an XArray of LgRange).  With
   atExit, the stack of the thread that called exit() is alive from exit's
   caller upwards. */
void lg_stacks_dead(XArray* dead, Bool atExit);

/* Appends the live parts to `live` (an XArray of LgRange). */
void lg_stacks_live(XArray* live, Bool atExit);

#endif
