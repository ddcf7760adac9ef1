/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytotals.h: sums of blocks for the tables at the end of a report: by type,
   or by line of Python.

   What a key means is the caller's affair; keys are small numbers, as those of
   types and lines are, since memory is taken for all up to the largest. */

#ifndef LG_PYTOTALS_H
#define LG_PYTOTALS_H

#include "../lg_platform.h"

typedef enum {
    LgTallyLost,
    LgTallyCycles, /* that Python's collector would free */
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

/* The rows that have blocks: by bytes lost, in cycles, reachable, the largest
   first; those that are alike by blocks in the same way, then by key.  Stores
   how many in *n.  To be called once, when all is added; the array belongs to
   the tally. */
const LgPyTotalsRow* lg_pytotals_sort(LgPyTotals* t, UInt* n);

#endif
