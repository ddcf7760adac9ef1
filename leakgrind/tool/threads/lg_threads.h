/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_threads.h: the program's threads, as the C library keeps them.

   glibc gives each thread a vector of its thread-local storage (dtv), which is a
   heap block.  All that points at it is the thread's control block, and that
   points behind the first element.  So to a search it is possibly lost, and is
   not:

   - A thread that is alive needs its vector; so does one that was alive when the
     program ended.
   - When a thread has ended, and was joined or detached, glibc keeps its stack,
     with the vector, for the next thread.
   - When it was neither joined nor detached, both are kept for pthread_join.
     If nobody calls that, this is a leak.

   Only the last is one, and it is told from the others by glibc's own lists of
   stacks.  Each thing read is checked: where it is not as glibc 2.31 to 2.43
   have it (2.34 to 2.43 for the lists), nothing is concluded. */

#ifndef LG_THREADS_H
#define LG_THREADS_H

#include "pub_tool_basics.h"
#include "pub_tool_oset.h"

#include "lg_registers.h"

void lg_threads_on_start(ThreadId tid);
/* It ends by itself, and the program goes on. */
void lg_threads_on_exit(ThreadId tid);
/* It has ended, by itself or with the program. */
void lg_threads_on_end(ThreadId tid);

/* Each system call of the program, before it is made. */
void lg_threads_before_syscall(ThreadId tid, UInt number, const UWord* args,
                               UInt nArgs);

/* After fork(), in the child: the other threads are not there. */
void lg_threads_in_child(void);

/* Calls fn with the start of each vector that is needed. */
void lg_threads_needed_vectors(void (*fn)(void* opaque, Addr start),
                               void* opaque);

/* The starts of the vectors of threads that ended and were neither joined nor
   detached, as a set of words (for VG_(OSetWord_Destroy)); NULL: none. */
OSet* lg_threads_unjoined_vectors(void);

/* Calls fn for each thread that was ended with the program, but not for the one
   that ended it: its registers. */
void lg_threads_ended_with_program(void (*fn)(void* opaque,
                                              const LgSavedRegisters* r),
                                   void* opaque);

#endif
