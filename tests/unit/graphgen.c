/* SPDX-License-Identifier: GPL-2.0-or-later */
/* graphgen.c: see graphgen.h. */

#include "graphgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static ULong state;

UInt graphgen_pick(UInt below)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (UInt)((state >> 33) % below);
}

void graphgen_seed(int argc, char** argv)
{
    state = argc > 1 ? strtoull(argv[1], NULL, 0) : (ULong)time(NULL);
    printf("seed %llu\n", state);
}

void graphgen_add(Graph* g, UInt from, UInt to)
{
    g->from[g->nEdges] = from;
    g->to[g->nEdges++] = to;
}

void graphgen_add_random(Graph* g, UInt n)
{
    for (UInt k = 0; k < n && g->nBlocks > 0; k++) {
        UInt from = graphgen_pick(g->nNodes);
        graphgen_add(g, from, graphgen_pick(g->nBlocks));
    }
}

const LgGraphView* graphgen_view(Graph* g)
{
    UInt n = 0;

    for (UInt i = 0; i < g->nNodes; i++) {
        g->first[i] = n;
        for (UInt k = 0; k < g->nEdges; k++)
            if (g->from[k] == i)
                g->sorted[n++] = g->to[k];
    }
    g->first[g->nNodes] = n;
    g->view = (LgGraphView){g->nBlocks, g->nNodes, g->first, g->sorted};
    return &g->view;
}
