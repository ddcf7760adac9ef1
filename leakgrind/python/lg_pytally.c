/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytally.c: sums by key.  See lg_pytally.h. */

#include "lg_pytally.h"

enum { MIN_ROOM = 256 };

struct LgPyTally {
    LgPyTallyRow* rows; /* by key, until they are sorted */
    UInt          n, room;
    Bool          isSorted;
};

LgPyTally* lg_pytally_new(void)
{
    LgPyTally* t = lg_plat_alloc("lg.pytally", sizeof *t);
    memset(t, 0, sizeof *t);
    return t;
}

void lg_pytally_delete(LgPyTally* t)
{
    lg_plat_free(t->rows);
    lg_plat_free(t);
}

/* After this there are rows for all keys up to this one. */
static void reach(LgPyTally* t, UInt key)
{
    if (key >= t->room) {
        t->room = key < MIN_ROOM / 2 ? MIN_ROOM : 2 * (key + 1);
        t->rows = lg_plat_realloc("lg.pytally.rows", t->rows,
                                  (SizeT)t->room * sizeof *t->rows);
    }
    for (; t->n <= key; t->n++) {
        memset(&t->rows[t->n], 0, sizeof *t->rows);
        t->rows[t->n].key = t->n;
    }
}

void lg_pytally_add(LgPyTally* t, UInt key, LgTallyKind kind, SizeT szB)
{
    lg_assert(!t->isSorted && key < 1u << 31);
    if (key >= t->n)
        reach(t, key);
    t->rows[key].szB[kind] += szB;
    t->rows[key].nBlocks[kind]++;
}

static Int descending(SizeT a, SizeT b)
{
    return a > b ? -1 : a < b;
}

static Int in_table_order(const void* va, const void* vb)
{
    const LgPyTallyRow *a = va, *b = vb;
    Int                 order = 0;

    for (UInt k = 0; k < LG_N_TALLIES && order == 0; k++)
        order = descending(a->szB[k], b->szB[k]);
    for (UInt k = 0; k < LG_N_TALLIES && order == 0; k++)
        order = descending(a->nBlocks[k], b->nBlocks[k]);
    return order != 0 ? order : a->key < b->key ? -1 : a->key > b->key;
}

const LgPyTallyRow* lg_pytally_sort(LgPyTally* t, UInt* n)
{
    UInt kept = 0;

    for (UInt i = 0; i < t->n; i++) {
        SizeT nBlocks = 0;
        for (UInt k = 0; k < LG_N_TALLIES; k++)
            nBlocks += t->rows[i].nBlocks[k];
        if (nBlocks > 0)
            t->rows[kept++] = t->rows[i];
    }
    t->n = *n = kept;
    t->isSorted = True;
    if (kept > 0)
        lg_plat_sort(t->rows, kept, sizeof *t->rows, in_table_order);
    return t->rows;
}
