/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_checks.c: each check function finds faults that are planted in its
   structure.  What is private to a module is seen by including it. */

#include "../../leakgrind/engine/lg_lossrec.c"
#include "../../leakgrind/engine/lg_mark_priv.h"
#include "../../leakgrind/engine/lg_wordset.c"
#include "../../leakgrind/python/lg_pytraces_priv.h"
#include "../../leakgrind/python/lg_pytypes.c"
#include "check.h"
#include "faults.h"
#include "testheap.h"

static void faults_of_the_loss_table(void)
{
    LgLossTable* t = lg_loss_new();

    for (UInt i = 0; i < 5; i++)
        lg_loss_add(t, (LgLossKey){LgDefinite, i + 1, 0, LgLossPlain},
                    (LgLossAmount){16, 8, 0, 0, 0});
    expect_found(t->records[2].ctx = 77, lg_loss_check(t));
    expect_found(t->records[2].ctx = t->records[3].ctx, lg_loss_check(t));
    expect_found(t->n--, lg_loss_check(t));
    expect_found(lg_numbering_clear(&t->numbers), lg_loss_check(t));
    expect_found(t->records[0].hasOtherNames = True, lg_loss_check(t));
    expect_found(t->records[1].nBlocks = 0, lg_loss_check(t));
    expect_found(t->records[1].kind = LgPossible, lg_loss_check(t));
    lg_loss_delete(t);
}

/* A leaf of the tree. */
static Leaf* some_leaf(const LgWordSet* ws, Addr a)
{
    Tree t = ws->root;
    for (UInt bits = ALL_BITS; bits > LEAF_BITS;) {
        bits = child_bits(bits);
        t = ((Node*)t)->child[a >> (bits + WORD_SHIFT) & (N_CHILDREN - 1)];
    }
    return t;
}

static void faults_of_a_word_set(void)
{
    LgWordSet* ws = lg_ws_new();
    LgWordSet* emptied = lg_ws_new();

    lg_ws_check(NULL);
    lg_ws_add(ws, 0x10010, 0x10040);
    lg_ws_add(ws, 0x7F0000000000, 0x7F0040000000);
    expect_found(ws->nWords++, lg_ws_check(ws));
    expect_found(some_leaf(ws, 0x10010)->bits[0] ^= 1, lg_ws_check(ws));
    expect_found(some_leaf(ws, 0x10010)->nWords--, lg_ws_check(ws));
    lg_ws_add(emptied, 0x10010, 0x10018);
    lg_ws_remove(emptied, 0x10010, 0x10018);
    assert_true(emptied->spare != NULL);
    expect_found(emptied->spare->bits[3] = 1, lg_ws_check(emptied));
    lg_ws_delete(emptied);
    lg_ws_delete(ws);
}

/* --- Types and traces ------------------------------------------------------ */

/* Memory of a made-up process: this one's. */
static const void* own_memory(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    (void)szB;
    return a < 1 << 20 ? NULL : (const void*)a;
}

static const LgPyMem ownMem = {NULL, own_memory, NULL};

static void put_word(char* at, UInt offset, Addr w)
{
    memcpy(at + offset, &w, sizeof w);
}

static void faults_of_the_types(void)
{
    static char       images[3][512] __attribute__((aligned(16)));
    static const char names[3][8] = {"type", "int", "a.B"};
    const LgPyLayout* l = lg_pylayout_for(0x030B0000);
    LgPyTypes*        t = lg_pytypes_new();

    lg_pytypes_begin(t, &ownMem, l, (Addr)images[0]);
    for (UInt i = 0; i < 3; i++) {
        Addr       block[2] = {1, (Addr)images[i]};
        LgPyObject got;
        put_word(images[i], l->ob_type, (Addr)images[0]);
        put_word(images[i], l->tp_name, (Addr)names[i]);
        put_word(images[i], l->tp_basicsize, 16);
        put_word(images[i], l->tp_flags, i == 0 ? TPFLAGS_TYPE_SUBCLASS : 0);
        assert_true(lg_pytypes_recognise(t, (Addr)block, sizeof block, &got));
    }
    assert_eq(t->nUsed, 3);
    expect_found(slot_of(t, (Addr)images[1])->type = 4, lg_pytypes_check(t));
    expect_found(slot_of(t, (Addr)images[1])->address ^= 4096,
                 lg_pytypes_check(t));
    expect_found(t->nUsed++, lg_pytypes_check(t));
    expect_found(t->nTypes--, lg_pytypes_check(t));
    expect_found(t->types[2].name[0] = 'u', lg_pytypes_check(t));
    expect_found(t->types[3].isLeaf = True, lg_pytypes_check(t));
    expect_found(slot_of(t, (Addr)images[2])->generation = 9,
                 lg_pytypes_check(t));
    lg_pytypes_delete(t);
}

static void faults_of_the_traces(void)
{
    LgPyTraces* s = lg_pytraces_new(4);
    UInt        elements[2] = {LG_PY_ELEMENT(0, True), LG_PY_ELEMENT(1, True)};

    /* Two lines, of a code object, as if they had been read. */
    for (UInt i = 0; i < 2; i++) {
        LgPyFrame        f = {0, 0x1000, 16 * i, False};
        LgPyTraceRequest r = {&ownMem, lg_pylayout_for(0x030B0000), NULL, NULL};
        UInt             line;
        assert_false(lg_pytraces_line_of_frame(s, &r, &f, &line));
    }
    s->lines = lg_array_reserve("test", s->lines, 0, &s->maxLines,
                                sizeof *s->lines);
    s->lines[0] = (LgPyLine){"f", "x.py", 1};
    expect_found(s->nLines = 1, lg_pytraces_check(s));
    expect_found(lg_pytraces_intern(s, elements, 2), lg_pytraces_check(s));
    expect_found(s->generation = 0, lg_pytraces_check(s));
    expect_found(s->nSites = 1, lg_pytraces_check(s));
    expect_found(s->cache[7].frames++, lg_pytraces_check(s));
    expect_found(
        {
            s->cache[7].generation = s->generation;
            s->cache[7].n = 0;
        },
        lg_pytraces_check(s));
    lg_pytraces_delete(s);
}

/* --- The search ------------------------------------------------------------ */

/* After the search: a leads b, and b leads to c; d is reachable, e possibly
   lost. */
static void faults_of_a_search(void)
{
    TestHeap h;
    UInt     at[5];

    heap_new(&h, 4096);
    for (UInt i = 0; i < 5; i++)
        heap_block(&h, 64);
    heap_point(&h, 0, 8, heap_start(&h, 1));
    heap_point(&h, 1, 8, heap_start(&h, 2));
    heap_root(&h, heap_start(&h, 3));
    heap_root(&h, heap_start(&h, 4) + 8);
    h.skips[0] = (LgRange){8, 16};
    h.skips[1] = (LgRange){16, 24};
    h.nSkips = 2;
    heap_search(&h);
    LgMark*      m = h.mark;
    LgSnapBlock* b = lg_snap_blocks(h.snap);
    for (UInt i = 0; i < 5; i++)
        at[i] = heap_no(&h, i);
    assert_eq(lg_sb_kind(&b[at[2]]), LgIndirect);

    expect_found(lg_sb_set_kind(&b[at[3]], LgDefinite), lg_mark_check(m));
    expect_found(lg_sb_set_kind(&b[at[4]], LgIndirect), lg_mark_check(m));
    expect_found(lg_sb_set_kind(&b[at[2]], LgDefinite), lg_mark_check(m));
    expect_found(b[at[4]].bits |= LG_SB_PENDING, lg_mark_check(m));
    expect_found(b[at[0]].bits |= LG_SB_ITSELF, lg_mark_check(m));
    expect_found(b[at[0]].bits |= LG_SB_SPREAD, lg_mark_check(m));
    expect_found(b[at[4]].bits |= 1ULL << LG_SB_HEURISTIC_SHIFT,
                 lg_mark_check(m));
    expect_found(m->parent[at[1]] = at[2], lg_mark_check(m));
    expect_found(m->parent[at[1]] = at[3], lg_mark_check(m));
    expect_found(m->parent[at[0]] = at[1], lg_mark_check(m));
    expect_found(m->indirectB[at[0]]--, lg_mark_check(m));
    expect_found(m->indirectB[at[0]]++, lg_mark_check(m));
    expect_found(m->total.nReached++, lg_mark_check(m));
    expect_found(m->nPending++, lg_mark_check(m));
    expect_found(lg_push(m, 0), lg_mark_check(m));
    expect_found(h.skips[1].lo = 12, lg_mark_check(m));
    heap_delete(&h);
}

int main(void)
{
    check_run(faults_of_the_loss_table);
    check_run(faults_of_a_word_set);
    check_run(faults_of_the_types);
    check_run(faults_of_the_traces);
    check_run(faults_of_a_search);
    return check_done();
}
