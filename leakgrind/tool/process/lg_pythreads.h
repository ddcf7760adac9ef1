/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pythreads.h: CPython's threads: which thread state each thread has, and its
   Python stack.

   While a thread runs C code without the GIL, CPython's own variable says nothing,
   and its frames stay as they are.  So the thread state that it had when it was
   heard of last is remembered. */

#ifndef LG_PYTHREADS_H
#define LG_PYTHREADS_H

#include "pub_tool_basics.h"

typedef struct {
    Addr   tstate; /* 0: none that is known */
    UShort flags;  /* of the blocks that it makes: LG_BF_PY_SUB, or none */
} LgPyThread;

/* What is remembered of a thread; may be changed. */
LgPyThread* lg_pythreads_get(ThreadId tid);

/* Its thread state; 0: none. */
Addr lg_pythreads_tstate(ThreadId tid);

/* The Python stack, as a number of lg_python_traces(), of a thread state / of a
   thread that is in C code, perhaps without the GIL; 0: it has none, or none is
   wanted. */
UInt lg_pythreads_record(Addr tstate);
UInt lg_pythreads_trace(ThreadId tid);

/* Another Python begins. */
void lg_pythreads_forget(void);
void lg_pythreads_on_exit(ThreadId tid);

#endif
