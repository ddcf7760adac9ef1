/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pywatch.h: finds the objects to watch (--py-watch), and sees the changes of
   their reference counts.

   When a block is allocated, its object has no type yet.  So a new block waits
   until its reference count is written to for the first time, which tells
   whether it is to be watched; or until some more blocks were allocated. */

#ifndef LG_PYWATCH_H
#define LG_PYWATCH_H

#include "pub_tool_basics.h"

#include "../../python/lg_pytraces.h"

/* To be called after the options were read: begins if there are any to watch. */
void lg_pywatch_init(void);

/* Is anything to be watched? */
Bool lg_pywatch_is_on(void);

/* Watches the object at `obj` from now on.  False: there is no object, its
   references are not counted, or there are too many. */
Bool lg_pywatch_add(Addr obj);

/* The line of Python code that a context is in; `file` NULL: none. */
LgPyTraceFrame lg_pywatch_place(UInt ctx);

/* Prints a message for each --py-watch that no object was found for. */
void lg_pywatch_explain(void);

/* To be called when memory is unmapped or can no longer be read. */
void lg_pywatch_on_unmap(Addr lo, SizeT szB);

/* To be called when another Python begins. */
void lg_pywatch_forget(void);

#endif
