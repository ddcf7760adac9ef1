/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_retained.h: who keeps how much memory in use (--retained, the monitor command
   retained).

   An owner is a place that a person knows: a Python module, one of its variables,
   an attribute of one of its classes, a local variable of a running function, a
   variable of C, a register.  A block counts for the innermost owner that
   dominates it (lg_dominators.h): without that owner, nothing would lead to the
   block.  What two owners lead to counts for what dominates both.  Of a block that
   only the roots together dominate, the owner is the place where its shortest path
   begins.  So each reachable block counts for one owner. */

#ifndef LG_RETAINED_H
#define LG_RETAINED_H

#include "pub_tool_basics.h"

#include "lg_heapsearch.h"

/* Finds the --retained largest owners before the interpreter's end, for the
   report at exit; lg_retained_forget drops them. */
void lg_retained_keep(LgHeapSearch* s);
void lg_retained_forget(void);

/* Prints the largest owners, if --retained asks for them: at exit those that were
   kept, otherwise those of the search. */
void lg_retained_print(LgHeapSearch* s, LgMoment moment);

/* Makes a search, and prints the n largest owners. */
void lg_retained_print_now(UInt n);

#endif
