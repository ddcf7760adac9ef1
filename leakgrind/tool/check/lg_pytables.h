/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytables.h: the tables at the end of a report on a Python program, as
   text or as XML.

   One table by type and one by line of Python code say how many bytes and
   blocks are lost, and how many are reachable.  The line is that of the
   innermost Python frame.  Each block is in one row of each table, but
   suppressed blocks are in neither.  --py-table says how many rows are
   printed.  With --py-arenas=yes, a third table says what pymalloc's arenas
   are used for (lg_pyarenatable.c).

   An interpreter that has ended leaves nearly nothing until exit.  So the
   tables that are printed at exit were made right before the interpreter's
   end.  There are no loss records of that moment: blocks that the tables call
   lost may have been freed since.  If the leak summary and the tables differ,
   the summary is right. */

#ifndef LG_PYTABLES_H
#define LG_PYTABLES_H

#include "pub_tool_basics.h"

#include "../../python/lg_pytotals.h"
#include "lg_heapsearch.h"

/* lg_pytables_keep makes the tables of a search before the interpreter's end,
   and marks in the search what suppressions suppress.  lg_pytables_forget, to
   be called when another interpreter begins, drops these tables. */
void lg_pytables_keep(LgHeapSearch* s);
void lg_pytables_forget(void);

/* Prints the tables that the options ask for: at exit those that were kept,
   otherwise those of the search.  Prints nothing without Python. */
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
/* The head of each column: "lost", "reachable".  NULL: the column is not
   printed.  The column of LgTallyCycles is printed only if it has any
   numbers. */
typedef const HChar* LgPyTableHeads[LG_N_TALLIES];
/* Prints both tables; nothing may be added afterwards.  `of`: text after the
   title, which says whose blocks these are. */
void lg_pytables_print_both(LgPyTables* t, const HChar* of,
                            const LgPyTableHeads heads);

typedef struct LgPyArenaTable LgPyArenaTable;

LgPyArenaTable* lg_pyarenatable_new(const LgHeapSearch* s);
void            lg_pyarenatable_print(LgPyArenaTable* t); /* once */
void            lg_pyarenatable_delete(LgPyArenaTable* t);

#endif
