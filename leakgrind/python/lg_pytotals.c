/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytotals.c: sums by key.  See lg_pytotals.h. */

#include "lg_pytotals.h"

enum { MIN_ROOM = 256 };

struct LgPyTotals {
    LgPyTotalsRow* rows; /* by key, until they are sorted */
    UInt          n, room;
    Bool          isSorted;
};

LgPyTotals* lg_pytotals_new(void)
{
    LgPyTotals* t = lg_plat_alloc("lg.pytally", sizeof *t);
    memset(t, 0, sizeof *t);
    return t;
}

void lg_pytotals_delete(LgPyTotals* t)
{
    lg_plat_free(t->rows);
    lg_plat_free(t);
}

/* After this there are rows for all keys up to this one. */
static void reach_key(LgPyTotals* t, UInt key)
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

void lg_pytotals_add(LgPyTotals* t, UInt key, LgTallyKind kind, SizeT szB)
{
    lg_assert(!t->isSorted && key < 1u << 31);
    if (key >= t->n)
        reach_key(t, key);
    t->rows[key].szB[kind] += szB;
    t->rows[key].nBlocks[kind]++;
}

static Int compare_descending(SizeT a, SizeT b)
{
    return a > b ? -1 : a < b;
}

static Int in_table_order(const void* va, const void* vb)
{
    const LgPyTotalsRow *a = va, *b = vb;
    Int                 order = 0;

    for (UInt k = 0; k < LG_N_TALLIES && order == 0; k++)
        order = compare_descending(a->szB[k], b->szB[k]);
    for (UInt k = 0; k < LG_N_TALLIES && order == 0; k++)
        order = compare_descending(a->nBlocks[k], b->nBlocks[k]);
    return order != 0 ? order : a->key < b->key ? -1 : a->key > b->key;
}

const LgPyTotalsRow* lg_pytotals_sort(LgPyTotals* t, UInt* n)
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
