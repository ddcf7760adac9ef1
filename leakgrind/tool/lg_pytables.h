/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytables.h: the tables at the end of a report on a Python program, as text
   or as XML.

   By type and by line of Python: how many bytes and blocks are lost, and how
   many are reachable.  A line is that of the innermost Python frame.  A block
   is in one row of each of the two tables, so each adds up to what the leak
   summary says.  --py-table says how many rows are printed.

   At exit an interpreter that has ended has left nearly nothing, and the tables
   that are printed are those of the moment before its end: there, what waits
   for the collector is told, too.

   With --py-arenas=yes, what pymalloc's arenas are used for
   (lg_pyarenatable.c). */

#ifndef LG_PYTABLES_H
#define LG_PYTABLES_H

#include "pub_tool_basics.h"

#include "../python/lg_pytally.h"
#include "lg_search.h"

/* Keeps the tables of a search that was made before the interpreter's end, for
   lg_pytables_print to print instead; lg_pytables_forget: another has begun. */
void lg_pytables_keep(const LgSearch* s);
void lg_pytables_forget(void);

/* Prints the tables that the options ask for; nothing without a Python. */
void lg_pytables_print(const LgSearch* s);

/* ---- For lg_pyarenatable.c ----------------------------------------------- */

/* Sums by type and by line. */
typedef struct {
    LgPyTally* byType;
    LgPyTally* byLine;
} LgPyTables;

LgPyTables lg_pytables_new(void);
void       lg_pytables_delete(LgPyTables* t);
/* Counts block i of the search. */
void lg_pytables_add(LgPyTables* t, const LgSearch* s, UInt i,
                     LgTallyKind kind);
/* What the numbers of a kind are called: "lost", "reachable".  NULL: they are
   not printed, and those of LgTallyCycles are only where there are any. */
typedef const HChar* LgPyTableHeads[LG_N_TALLIES];
/* Prints both tables, after which nothing may be added. */
void lg_pytables_print_both(LgPyTables* t, const LgPyTableHeads heads);

void lg_pyarenatable_print(const LgSearch* s);

#endif
