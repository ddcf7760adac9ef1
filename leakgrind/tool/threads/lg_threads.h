/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_threads.h: the program's threads, as the C library keeps them.

   glibc gives each thread a dynamic thread vector (dtv), which is a heap
   block.  Only the thread's control block points at it, and it points behind
   the first element.  So a search takes the vector for possibly lost.  But:

   - A thread that is alive needs its vector; so does one that was alive when
     the program ended.
   - When a thread has ended, and was joined or detached, glibc keeps its
     stack, with the vector, for the next thread.
   - When it was neither joined nor detached, both are kept for pthread_join.
     If nobody calls that, this is a leak.

   So only vectors of the last sort are leaks.  glibc's own lists of stacks
   tell which these are.  All that is read there is checked: where memory is
   not as in glibc 2.31 to 2.43 (for the lists, 2.34 to 2.43), nothing is
   concluded. */

#ifndef LG_THREADS_H
#define LG_THREADS_H

#include "pub_tool_basics.h"
#include "pub_tool_oset.h"

#include "lg_registers.h"

void lg_threads_on_start(ThreadId tid);
/* To be called when a thread ends by itself, and the program goes on. */
void lg_threads_on_exit(ThreadId tid);
/* To be called when a thread has ended, by itself or with the program. */
void lg_threads_on_end(ThreadId tid);

/* To be called before each system call of the program. */
void lg_threads_before_syscall(ThreadId tid, UInt number, const UWord* args,
                               UInt nArgs);

/* To be called in the child after fork(), where the other threads are gone. */
void lg_threads_in_child(void);

/* Calls fn with the start of each vector that is not lost: of threads that are
   alive or ended with the program, and of stacks that glibc keeps for reuse. */
void lg_threads_needed_vectors(void (*fn)(void* opaque, Addr start),
                               void* opaque);

/* The starts of the vectors of threads that ended and were neither joined nor
   detached, as a set of words, to be freed with VG_(OSetWord_Destroy); NULL:
   there are none. */
OSet* lg_threads_unjoined_vectors(void);

/* Calls fn with the registers of each thread that ended with the program,
   except the thread that ended it. */
void lg_threads_ended_with_program(void (*fn)(void* opaque,
                                              const LgSavedRegisters* r),
                                   void* opaque);

#endif
