/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_retained.h: who keeps how much memory in use (--retained, the monitor command
   retained).

   An owner is a place that a person knows: a Python module, one of its variables,
   an attribute of one of its classes, a local variable of a running function, a
   variable of C, a register.  A block counts for the innermost owner that
   dominates it (lg_dominators.h): without that owner, nothing would lead to the
   block.  What two owners lead to counts for what dominates both; if nothing does,
   for "(more than one owner)".  So each reachable block counts once.

   A variable of a module's is an owner even where a local variable or a word of C's
   leads to the same object, or to one that it leads to. */

#ifndef LG_RETAINED_H
#define LG_RETAINED_H

#include "pub_tool_basics.h"

#include "lg_growth.h"
#include "lg_heapsearch.h"

/* Finds the --retained largest owners before the interpreter's end, for the
   report at exit; lg_retained_forget drops them. */
void lg_retained_keep(LgHeapSearch* s);
void lg_retained_forget(void);

/* Tells the n largest owners of the search, and of each its types (of blocks without
   one: ""), the largest first. */
typedef struct {
    void (*owner)(void* opaque, const HChar* name, UInt nBlocks, ULong szB);
    /* NULL: types are not wanted. */
    void (*type)(void* opaque, const HChar* name, UInt nBlocks, ULong szB);
} LgOwnerVisitor;
void lg_retained_each(LgHeapSearch* s, UInt n, const LgOwnerVisitor* visitor,
                      void* opaque);

/* Prints the largest owners, if --retained asks for them: at exit those that were
   kept, otherwise those of the search. */
void lg_retained_print(LgHeapSearch* s, LgMoment moment);

/* Makes a search, and prints the n largest owners. */
void lg_retained_print_now(UInt n);

/* Makes a search, and writes the bytes and the blocks that would go away with the
   object at `obj` to the program's buffer [buf, buf + szB), on a line each, if they
   fit.  Returns the size of this text; 0: there is no such object. */
SizeT lg_retained_tell(Addr obj, Addr buf, SizeT szB);

/* Makes a check of `g` with the blocks of the search that are wanted and reachable,
   or lost: these have the owner "(lost)". */
void lg_retained_add_to(LgGrowth* g, LgHeapSearch* s,
                        Bool (*isWanted)(void* opaque, UInt i), void* opaque);

#endif
