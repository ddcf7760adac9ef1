/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_graph.h: which block leads to which, as arrays.

   An edge is a word that a search follows: a start pointer, an interior pointer
   that a heuristic makes count as one, and, to a block that no start pointer
   reaches, any interior pointer.  A block that holds two such words has two edges.
   The words that a search does not read are not read here either.

   The order of use, between lg_mark_drain and lg_mark_delete:

       lg_graph_begin
       lg_graph_word / _range   for every root, as for the search
       lg_graph_finish

   It costs about as much as the search itself, and while it runs at most 8 bytes an
   edge more than what stays, which is 4 bytes a node and 4 bytes an edge. */

#ifndef LG_GRAPH_H
#define LG_GRAPH_H

#include "lg_mark.h"

/* Nodes 0..nBlocks-1 are the blocks of the snapshot, nBlocks..nNodes-1 the roots as
   the host numbers them (a register, a part of a thread's stack, a segment of a
   mapping or of an object file: the host decides how fine).  The edges of node i
   are to[first[i]] .. to[first[i + 1] - 1]; a root has no edge that leads to it. */
typedef struct {
    UInt        nBlocks, nNodes;
    const UInt* first; /* nNodes + 1 elements; first[nNodes] = number of edges */
    const UInt* to;    /* numbers of blocks */
} LgGraphView;

typedef struct LgGraph LgGraph;

void lg_graph_begin(LgMark* m);
/* A graph with more edges is given up.  For tests: less than 2^32 - 1. */
#define LG_GRAPH_MAX_EDGES 0xFFFFFFFEu
void lg_graph_limit(LgMark* m, UInt maxEdges);

/* Of root number `root`, which the host chooses, from 0 on. */
void lg_graph_word(LgMark* m, UInt root, Addr w);
void lg_graph_range(LgMark* m, UInt root, Addr lo, Addr hi);

/* Reads the blocks.  NULL: there are too many edges, 2^32 - 1 or more. */
LgGraph* lg_graph_finish(LgMark* m);

const LgGraphView* lg_graph_view(const LgGraph* g);
void               lg_graph_delete(LgGraph* g); /* NULL is allowed */

#endif
