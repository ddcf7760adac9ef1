/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfinalize.h: the moment before a Python interpreter is torn down.

   When Py_FinalizeEx has waited for the threads and called the exit functions,
   and before it destroys the modules, everything is still in its place: what
   cannot be reached then is leaked (or waits for the collector's last run,
   which is about to come).  What can be reached then and is still there at
   exit was left behind by the finalization, and is nobody's leak.  So the
   blocks are searched at that moment, in silence, and those that are reached
   get LG_BF_PY_LEFT: all of Python's allocators, and of malloc those that
   CPython asked for or that were asked for while Python code ran. */

#ifndef LG_PYFINALIZE_H
#define LG_PYFINALIZE_H

#include "pub_tool_basics.h"

#include "../check/lg_heapsearch.h"

/* Py_FinalizeEx or Py_Exit is entered, at `entry` / an interpreter is about to
   begin. */
void lg_pyfinalize_on_finalize(Addr entry);
void lg_pyfinalize_on_init(void);

/* Between the entry and that moment, or while a subinterpreter ends
   (lg_pysubs.h): whoever passes by shall poll.  Looks at CPython's own variable,
   and makes the search when it is time. */
extern Bool lg_pyfinalize_awaited;
static inline Bool lg_pyfinalize_is_awaited(void)
{
    return lg_pyfinalize_awaited;
}
/* `inHand`: the block that is being handed out or taken back. */
void lg_pyfinalize_poll(Addr inHand);

/* Flags those blocks of Python's that the search has reached and that have the
   flags `having`. */
void lg_pyfinalize_flag_reached(const LgHeapSearch* s, UShort having);

/* The search was made, and no interpreter has begun since. */
Bool lg_pyfinalize_is_done(void);

#endif
