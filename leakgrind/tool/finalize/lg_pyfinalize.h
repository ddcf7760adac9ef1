/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfinalize.h: the search right before a Python interpreter is torn down.

   When Py_FinalizeEx has waited for the threads and called the exit functions,
   but has not destroyed the modules yet, everything is still in its place.  A
   block that is unreachable then is leaked, or will be freed by the
   collector's last run, which is about to come.  A block that is reachable
   then and still exists at exit was left behind by finalization, and is
   nobody's leak.  So a silent search is made at that moment, and flags the
   blocks that it reaches with LG_BF_PY_LEFT: all blocks of Python's
   allocators, and those malloc blocks that CPython allocated, or that were
   allocated while Python code ran. */

#ifndef LG_PYFINALIZE_H
#define LG_PYFINALIZE_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

#include "../check/lg_heapsearch.h"

/* To be called when Py_InitializeFromConfig is entered at `entry`.  If the
   result is not 0, the program must jump to the preload library's
   lg_py_at_init, which returns to `entry`. */
ULong lg_pyfinalize_on_init(Addr entry);

/* To be called when Py_FinalizeEx or Py_Exit is entered.  The search is made
   later, when CPython's own variable says that finalization has begun. */
void lg_pyfinalize_on_finalize(const VexGuestArchState* gst);

/* Flags those blocks of Python's that the search has reached, and that have the
   flags `having`, with LG_BF_PY_LEFT. */
void lg_pyfinalize_flag_reached(const LgHeapSearch* s, UShort having);

#endif
