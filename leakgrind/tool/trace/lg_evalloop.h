/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_evalloop.h: where in the code CPython's evaluation loop is.

   That is learned from C stacks (python/lg_pyloops.h), from each when it is
   recorded for the first time: the addresses at which the loop called
   something.  Its name counts as well, and is all there is in CPython 3.9. */

#ifndef LG_EVALLOOP_H
#define LG_EVALLOOP_H

#include "pub_tool_basics.h"
#include "pub_tool_debuginfo.h"

/* Learns from the C stack of a thread, as it is now.  False: it has not been
   heard that it runs Python code. */
Bool lg_evalloop_learn(ThreadId tid);

/* Is a C frame of this address one of the evaluation loop? */
Bool lg_evalloop_has(DiEpoch ep, Addr ip);

/* Is a file of this name CPython's, by what it is called: python3.11,
   libpython3.11.so.1.0?  That of another program may have an interpreter in it,
   but functions of its own, too. */
Bool lg_evalloop_is_interpreter(const HChar* path);

/* What a C frame without a name is called if it is one; else NULL. */
const HChar* lg_evalloop_name(DiEpoch ep, Addr ip);

#endif
