/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_paths.h: how a block is reached: the shortest paths from where the host lets
   them begin, to every node of a graph (lg_graph.h).

   Some nodes are a last resort: what leads through them tells a person nothing
   where there is another way, however long.  So each node has a rank, and a path
   is better the lower the highest rank of the nodes that it goes through (its last
   node does not count), and among those of the same rank, the shorter it is.  The
   paths make a tree: that to a node is that to its parent, and one step.

   Level by level, in 12 bytes a node; each edge is read once. */

#ifndef LG_PATHS_H
#define LG_PATHS_H

#include "lg_graph.h"

typedef struct LgPaths LgPaths;

/* The parent of a node where paths begin, and of a node that none leads to. */
#define LG_PATHS_BEGIN 0xFFFFFFFFu
#define LG_PATHS_NONE  0xFFFFFFFEu

#define LG_PATHS_N_RANKS 4u
/* Nothing is found through a node of this rank. */
#define LG_PATHS_CLOSED LG_PATHS_N_RANKS

/* Paths begin at the nodes `begin` (n of them, none twice), and are preferred in
   this order where they are equally good.  `rank` has a byte for each node; NULL:
   all 0. */
LgPaths* lg_paths_new(const LgGraphView* v, const UInt* begin, UInt n,
                      const UChar* rank);
void     lg_paths_delete(LgPaths* p);

/* The parent of node i on its path. */
UInt lg_paths_parent(const LgPaths* p, UInt i);
/* The number of steps to it; undefined if no path leads to it. */
UInt lg_paths_length(const LgPaths* p, UInt i);

#endif
