/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapgraph.h: the blocks and roots of a search as a graph.

   The roots are numbered as lg_roots_visit visits them: each register, and each
   range of memory; then the local variables of each Python frame, which are in one
   of these ranges, too, or in a block; last, as one root, the words that only
   Python's interpreters are asked for (lg_pysnap_visit_roots). */

#ifndef LG_HEAPGRAPH_H
#define LG_HEAPGRAPH_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_graph.h"
#include "lg_heapsearch.h"

typedef enum {
    LgGraphRegister,
    LgGraphMemory,
    LgGraphLocals,     /* of a Python frame */
    LgGraphInterpreter
} LgGraphRootKind;

typedef struct {
    LgGraphRootKind kind;
    ThreadId        tid;   /* of a register */
    const HChar*    reg;
    LgRange         words; /* of memory and of locals */
    UInt            frame; /* of locals: its number in `frames` */
} LgGraphRoot;

typedef struct {
    LgGraph* graph;
    XArray*  roots;  /* of LgGraphRoot: node number nBlocks + i */
    XArray*  frames; /* of LgPyFrame: of all threads */
} LgHeapGraph;

/* Between lg_heapsearch_begin and _end.  False, after a message: there are too
   many pointers.  lg_heapgraph_end need not be called then. */
Bool lg_heapgraph_begin(LgHeapGraph* g, LgHeapSearch* s);
void lg_heapgraph_end(LgHeapGraph* g);

static inline const LgGraphRoot* lg_heapgraph_root(const LgHeapGraph* g,
                                                   UInt i)
{
    return VG_(indexXA)(g->roots, i);
}

#endif
