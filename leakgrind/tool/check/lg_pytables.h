/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytables.h: the tables at the end of a report on a Python program, as text
   or as XML.

   By type and by line of Python: how many bytes and blocks are lost, and how
   many are reachable.  A line is that of the innermost Python frame.  A block
   is in one row of each of the two tables, so each adds up to what there is;
   suppressed blocks are in neither.  --py-table says how many rows are printed.
   With --py-arenas=yes, what pymalloc's arenas are used for
   (lg_pyarenatable.c).

   At exit an interpreter that has ended has left nearly nothing, and what is
   printed is kept from the moment before its end.  Of that moment we have no
   loss records: what the tables call lost can have found its end since, and
   where the leak summary and the tables differ, the summary is right. */

#ifndef LG_PYTABLES_H
#define LG_PYTABLES_H

#include "pub_tool_basics.h"

#include "../../python/lg_pytotals.h"
#include "lg_heapsearch.h"

/* Keeps the tables of a search that was made before the interpreter's end, and
   marks what suppressions suppress; lg_pytables_forget: another interpreter
   begins. */
void lg_pytables_keep(LgHeapSearch* s);
void lg_pytables_forget(void);

/* Prints the tables that the options ask for: those of the search, or at exit
   those that were kept.  Nothing without a Python. */
void lg_pytables_print(const LgHeapSearch* s, LgMoment moment);

/* ---- For lg_pyarenatable.c ----------------------------------------------- */

/* Sums by type and by line. */
typedef struct {
    LgPyTotals* byType;
    LgPyTotals* byLine;
} LgPyTables;

LgPyTables lg_pytables_new(void);
void       lg_pytables_delete(LgPyTables* t);
/* Counts block i of the search. */
void lg_pytables_add(LgPyTables* t, const LgHeapSearch* s, UInt i,
                     LgTallyKind kind);
/* What the numbers of a kind are called: "lost", "reachable".  NULL: they are
   not printed, and those of LgTallyCycles are only where there are any. */
typedef const HChar* LgPyTableHeads[LG_N_TALLIES];
/* Prints both tables, after which nothing may be added.  `of`: whose blocks
   they are, in words that follow the title. */
void lg_pytables_print_both(LgPyTables* t, const HChar* of,
                            const LgPyTableHeads heads);

typedef struct LgPyArenaTable LgPyArenaTable;

LgPyArenaTable* lg_pyarenatable_new(const LgHeapSearch* s);
void            lg_pyarenatable_print(LgPyArenaTable* t); /* once */
void            lg_pyarenatable_delete(LgPyArenaTable* t);

#endif
