/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyroots.c: references that a search does not find by itself: those in
   objects that hold no references to objects, and those of interpreters.  See
   lg_pysnapshot.h. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../python/lg_pystr.h"
#include "../process/lg_python.h"
#include "lg_pyinterp.h"

/* Who is told of the words. */
typedef struct {
    LgMark*    m;
    LgRootWord fn;
} Visitor;

static void visit_word(const Visitor* v, Addr w)
{
    v->fn(v->m, w);
}

static void visit_leaf(const LgPySnapshot* c, const Visitor* v,
                       const LgSnapBlock* b)
{
    SizeT          n = lg_sb_szB(b) / sizeof(Addr);
    const LgPyMem* mem = lg_python_mem();
    const Addr*    words = mem->at(mem->opaque, b->start, n * sizeof(Addr));

    for (SizeT i = 0; words != NULL && i < n; i++) {
        Int hit = lg_snap_find(c->snap, words[i]);
        if (hit >= 0 && !(lg_snap_flags(c->snap, (UInt)hit) & LG_BF_PY))
            visit_word(v, words[i]);
    }
}

/* What a str holds besides its characters. */
static void visit_str(const Visitor* v, Addr obj)
{
    Addr held[LG_PY_STR_MAX_HELD];
    UInt n = lg_pystr_held(lg_python_mem(), lg_python()->layout, obj, held);
    for (UInt i = 0; i < n; i++)
        visit_word(v, held[i]);
}

static void visit_container(const Visitor* v, LgPyContainer container,
                            Addr obj)
{
    Addr tagged[LG_PY_MAX_TAGGED];
    UInt n = lg_pycontainers_tagged(lg_python_mem(), lg_python()->layout,
                                    container, obj, tagged);
    for (UInt i = 0; i < n; i++)
        visit_word(v, tagged[i]);
}

/* CPython's runtime knows its interpreters.  From 3.14 on, the state of an
   interpreter is at an aligned address within its block, to which nothing else
   points. */
static void visit_interpreters(const LgPySnapshot* c, const Visitor* v)
{
    XArray* states = VG_(newXA)(VG_(malloc), "lg.pysnapshot.states", VG_(free),
                                sizeof(LgRange));

    lg_pyinterp_states(states);
    for (Word i = 0; i < VG_(sizeXA)(states); i++) {
        Addr interp = ((const LgRange*)VG_(indexXA)(states, i))->lo;
        Int  hit = lg_snap_find(c->snap, interp);
        if (hit >= 0)
            visit_word(v, lg_sb_base(&lg_snap_blocks(c->snap)[hit]));
    }
    VG_(deleteXA)(states);
}

/* References in frames have tags.  For the search, a tagged word is no pointer
   until its tag is removed. */
static void visit_tagged(const Visitor* v, Addr lo, Addr hi)
{
    const LgPyMem* mem = lg_python_mem();
    Addr           mask = lg_python()->layout->stackrefTagMask;

    for (Addr a = lo; a + sizeof a <= hi; a += sizeof a) {
        Addr word;
        if (lg_py_word(mem, a, &word) && (word & mask) != 0)
            visit_word(v, word & ~mask);
    }
}

static void visit_data_stacks(const Visitor* v)
{
    XArray* live = VG_(newXA)(VG_(malloc), "lg.pysnapshot.live", VG_(free),
                              sizeof(LgRange));

    lg_pyinterp_live_data_stacks(live);
    for (Word i = 0; i < VG_(sizeXA)(live); i++) {
        const LgRange* r = VG_(indexXA)(live, i);
        visit_tagged(v, r->lo, r->hi);
    }
    VG_(deleteXA)(live);
}

void lg_pysnap_visit_roots(const LgPySnapshot* c, LgMark* m, LgRootWord fn)
{
    const Visitor    v = {m, fn};
    const LgPyTypes* types = lg_python_types();

    visit_interpreters(c, &v);
    for (UInt i = 0; i < c->n; i++) {
        const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
        if (c->type[i] == 0)
            continue;
        visit_container(&v, lg_pytypes_container(types, c->type[i]),
                        lg_sb_base(b));
        if (!lg_pytypes_is_leaf(types, c->type[i]))
            continue;
        visit_leaf(c, &v, b);
        if (lg_pytypes_is_str(types, c->type[i]))
            visit_str(&v, lg_sb_base(b));
    }
    if (lg_python()->layout != NULL && lg_python()->isFreeThreaded)
        visit_data_stacks(&v);
}
