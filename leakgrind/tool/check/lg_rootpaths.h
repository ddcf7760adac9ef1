/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_rootpaths.h: why blocks are still there: the shortest path from a root to each
   block, in words.

   A path begins at a Python module, at a local variable of a running Python
   function, or at a root: a C global, a stack, a mapping, a register.  Where Python
   is, what only its interpreter, C's stacks or registers lead to has a path from
   there; what something else leads to, too, has not.

   Paths are numbered: equal ones have the same number.  A general path leaves out
   what differs from block to block: indices and keys are "*", the C nodes of
   a list or a tree are as one, a step that is repeated is there twice at most, and
   what is deeper than some steps ends there. */

#ifndef LG_ROOTPATHS_H
#define LG_ROOTPATHS_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_graph.h"
#include "lg_heapsearch.h"

typedef struct LgRootPaths LgRootPaths;

/* Between lg_heapsearch_begin and _end.  NULL, after a message: there are too many
   pointers. */
LgRootPaths* lg_rootpaths_new(LgHeapSearch* s, Bool isGeneral);
void         lg_rootpaths_delete(LgRootPaths* p); /* NULL is allowed */

/* The number of the path to block i. */
#define LG_NO_PATH 0xFFFFFFFFu
UInt lg_rootpaths_of(LgRootPaths* p, UInt i);

/* The same if block i is a module, a variable of a module's or an attribute of a
   class that is one; else LG_NO_PATH. */
UInt lg_rootpaths_of_variable(LgRootPaths* p, UInt i);

/* The same of the last such object on the path to block i, itself included, if it is
   not many steps away. */
UInt lg_rootpaths_of_last_variable(LgRootPaths* p, UInt i);

/* The number of the path to the same place, whatever is there. */
UInt lg_rootpaths_place(LgRootPaths* p, UInt path);

/* Is the path but a root, and where that leads to? */
Bool lg_rootpaths_is_root(const LgRootPaths* p, UInt path);

/* The graph whose paths these are. */
const LgGraphView* lg_rootpaths_graph(const LgRootPaths* p);

/* Appends it to `text`, an XArray of HChar: in one line, or each step on a line of
   its own, which ends in a newline. */
void lg_rootpaths_append(const LgRootPaths* p, XArray* text, UInt path);
void lg_rootpaths_append_steps(const LgRootPaths* p, XArray* text, UInt path);

#endif
