/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_evalloop.h: where in the code CPython's evaluation loop is.

   When a C stack is recorded for the first time, this module learns from it
   the addresses at which the loop called something (python/lg_pyloops.h).  A
   frame whose function has the loop's name counts as well; in CPython 3.9 only
   the name tells. */

#ifndef LG_EVALLOOP_H
#define LG_EVALLOOP_H

#include "pub_tool_basics.h"
#include "pub_tool_debuginfo.h"

/* Learns from the current C stack of a thread.  False: the thread is not known
   to run Python code. */
Bool lg_evalloop_learn(ThreadId tid);

/* Is the C frame with this address a frame of the evaluation loop? */
Bool lg_evalloop_has(DiEpoch ep, Addr ip);

/* Does the name of this file show that it is CPython (python3.11,
   libpython3.11.so.1.0)?  Another program may contain an interpreter too, but
   has functions of its own. */
Bool lg_evalloop_is_interpreter(const HChar* path);

/* The name to show for a nameless C frame of the evaluation loop; NULL for any
   other frame. */
const HChar* lg_evalloop_name(DiEpoch ep, Addr ip);

/* Asserts the invariants of what was learned.  For --sanity-level. */
void lg_evalloop_check(void);

#endif
