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
#include "pub_tool_guest.h"

#include "../check/lg_heapsearch.h"

/* Py_InitializeFromConfig is entered at `entry`.  Nonzero: go to the preload
   library's lg_py_at_init instead, which comes back here. */
ULong lg_pyfinalize_on_init(Addr entry);

/* Py_FinalizeEx or Py_Exit is entered.  The search is made when CPython's own
   variable says that the end has begun. */
void lg_pyfinalize_on_finalize(const VexGuestArchState* gst);

/* Flags those blocks of Python's that the search has reached and that have the
   flags `having`. */
void lg_pyfinalize_flag_reached(const LgHeapSearch* s, UShort having);

#endif
