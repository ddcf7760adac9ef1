/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapgraph.c: see lg_heapgraph.h. */

#include "lg_heapgraph.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../../python/lg_pylocals.h"
#include "../process/lg_python.h"
#include "lg_placenames.h"

typedef struct {
    LgHeapGraph*  g;
    LgHeapSearch* s;
} Building;

static UInt add_root(const LgHeapGraph* g, LgGraphRoot r)
{
    return (UInt)VG_(addToXA)(g->roots, &r);
}

static void add_root_register(void* building, ThreadId tid, const HChar* reg,
                         UWord value)
{
    const Building* b = building;
    UInt            root = add_root(b->g, (LgGraphRoot){.kind = LgGraphRegister,
                                                        .tid = tid,
                                                        .reg = reg});
    lg_graph_word(b->s->mark, root, value);
}

static void add_root_range(void* building, Addr lo, Addr hi)
{
    const Building* b = building;
    UInt            root = add_root(b->g, (LgGraphRoot){.kind = LgGraphMemory,
                                                        .words = {lo, hi}});
    lg_graph_range(b->s->mark, root, lo, hi);
}

static void add_locals(const Building* b)
{
    for (Word i = 0; i < VG_(sizeXA)(b->g->frames); i++) {
        const LgPyFrame* f = VG_(indexXA)(b->g->frames, i);
        LgRange          words;
        if (!lg_pylocals_range(lg_python_mem(), lg_python()->layout, f, &words))
            continue;
        UInt root = add_root(b->g, (LgGraphRoot){.kind = LgGraphLocals,
                                                 .words = words,
                                                 .frame = (UInt)i});
        lg_graph_range(b->s->mark, root, words.lo, words.hi);
    }
}

/* The root whose words lg_pysnap_visit_roots visits. */
static UInt interpreterRoot;

static void add_interpreter_word(LgMark* m, Addr w)
{
    lg_graph_word(m, interpreterRoot, w);
}

static void add_interpreter(const Building* b)
{
    interpreterRoot =
        add_root(b->g, (LgGraphRoot){.kind = LgGraphInterpreter});
    lg_pysnap_visit_roots(b->s->py, b->s->mark, add_interpreter_word);
}

Bool lg_heapgraph_begin(LgHeapGraph* g, LgHeapSearch* s)
{
    Building      b = {g, s};
    LgRootVisitor v = {&b, add_root_register, add_root_range};

    g->roots = VG_(newXA)(VG_(malloc), "lg.heapgraph.roots", VG_(free),
                          sizeof(LgGraphRoot));
    g->frames = lg_placenames_frames();
    lg_graph_begin(s->mark);
    lg_roots_visit(&v, s->moment);
    if (s->py != NULL) {
        add_locals(&b);
        add_interpreter(&b);
    }
    g->graph = lg_graph_finish(s->mark);
    if (g->graph != NULL)
        return True;
    VG_(umsg)("There are too many pointers, 2^32 or more, to follow them.\n");
    lg_heapgraph_end(g);
    return False;
}

void lg_heapgraph_end(LgHeapGraph* g)
{
    lg_graph_delete(g->graph);
    VG_(deleteXA)(g->frames);
    VG_(deleteXA)(g->roots);
}
