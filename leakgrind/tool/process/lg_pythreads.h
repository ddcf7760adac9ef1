/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pythreads.h: the thread state and the Python stack of each thread.

   While a thread runs C code without the GIL, CPython's own variable does not
   have its thread state, but its Python frames stay as they are.  So this
   module remembers the last thread state that it has seen for each thread. */

#ifndef LG_PYTHREADS_H
#define LG_PYTHREADS_H

#include "pub_tool_basics.h"

typedef struct {
    Addr   tstate; /* 0: not known */
    UShort flags;  /* of the blocks that it allocates: LG_BF_PY_SUB, or none */
} LgPyThread;

/* What is remembered of a thread.  The caller may change it. */
LgPyThread* lg_pythreads_get(ThreadId tid);

/* Its thread state; 0: none. */
Addr lg_pythreads_tstate(ThreadId tid);

/* Record the Python stack of a thread state, or of a thread that runs C code,
   perhaps without the GIL.  Return a number of lg_python_traces(); 0: there is
   no Python stack, or the options say not to record it. */
UInt lg_pythreads_record(Addr tstate);
UInt lg_pythreads_trace(ThreadId tid);

/* To be called when another Python begins. */
void lg_pythreads_forget(void);
void lg_pythreads_on_exit(ThreadId tid);

#endif
