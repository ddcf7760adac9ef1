/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytotals.h: sums of blocks for the tables at the end of a report, by type
   or by line of Python.

   Keys are numbers whose meaning only the caller knows.  They should be small,
   as those of types and lines are: the table has a row for every number up to
   the largest key. */

#ifndef LG_PYTOTALS_H
#define LG_PYTOTALS_H

#include "../lg_platform.h"

typedef enum {
    LgTallyLost,
    LgTallyCycles, /* cycles that Python's collector would free */
    LgTallyReachable,
    LG_N_TALLIES
} LgTallyKind;

typedef struct {
    UInt  key;
    SizeT szB[LG_N_TALLIES];
    SizeT nBlocks[LG_N_TALLIES];
} LgPyTotalsRow;

typedef struct LgPyTotals LgPyTotals;

LgPyTotals* lg_pytotals_new(void);
void       lg_pytotals_delete(LgPyTotals* t);

void lg_pytotals_add(LgPyTotals* t, UInt key, LgTallyKind kind, SizeT szB);

/* The rows that have blocks, the largest first: by the bytes that are lost, in
   cycles, and reachable, then by the numbers of blocks in the same order, then
   by key.  Stores their number in *n.  Call it once, after everything was
   added.  The array belongs to the totals. */
const LgPyTotalsRow* lg_pytotals_sort(LgPyTotals* t, UInt* n);

#endif
