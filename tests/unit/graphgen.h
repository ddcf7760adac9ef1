/* SPDX-License-Identifier: GPL-2.0-or-later */
/* graphgen.h: small graphs for tests of what works on an LgGraphView: a list of
   edges, by hand or at random, and the view of it. */

#ifndef GRAPHGEN_H
#define GRAPHGEN_H

#include "../../leakgrind/engine/lg_graph.h"

enum { GRAPHGEN_MAX_NODES = 60, GRAPHGEN_MAX_EDGES = 300 };

/* Nodes from number nBlocks on are roots. */
typedef struct {
    UInt        nBlocks, nNodes, nEdges;
    UInt        from[GRAPHGEN_MAX_EDGES], to[GRAPHGEN_MAX_EDGES];
    UInt        first[GRAPHGEN_MAX_NODES + 1], sorted[GRAPHGEN_MAX_EDGES];
    LgGraphView view;
} Graph;

/* A number below `below`, at random.  graphgen_seed prints the seed: that of the
   command line, or one of the clock's. */
UInt graphgen_pick(UInt below);
void graphgen_seed(int argc, char** argv);

void graphgen_add(Graph* g, UInt from, UInt to);
/* Adds n edges to blocks, if there is a block. */
void graphgen_add_random(Graph* g, UInt n);

/* Of all edges that there are now. */
const LgGraphView* graphgen_view(Graph* g);

#endif
