/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapsearch.h: one search of the program's memory: takes a snapshot of all
   blocks, and finds out which of them can be reached. */

#ifndef LG_HEAPSEARCH_H
#define LG_HEAPSEARCH_H

#include "pub_tool_basics.h"
#include "pub_tool_oset.h"

#include "../../engine/lg_mark.h"
#include "../../engine/lg_report.h"
#include "../process/lg_changed.h"
#include "../python/lg_pysnapshot.h"
#include "lg_roots.h"

/* What is searched. */
typedef enum {
    LgSearchAll,
    /* In a child, only the blocks that it has allocated itself, if the kernel
       tells which memory has changed since fork() (lg_changed.h); else all.  A
       pointer to a block of the child's own can only be in memory that has
       changed.  So the snapshot has only those inherited blocks that have
       changed, and the search takes them for reachable. */
    LgSearchOwn
} LgSearchScope;

typedef struct {
    LgSnapshot*    snap;
    LgMark*        mark;
    LgMoment       moment;
    LgPySnapshot*  py;        /* NULL: no Python */
    LgRange*       skips;     /* those of `mark` */
    UInt           nUnhooked; /* see lg_pyblocks_for_each */
    LgChanged*     changed;   /* NULL: everything is searched */
    LgAmount       inherited; /* if not: all inherited blocks */
    OSet*          unjoined;  /* see lg_threads_unjoined_vectors */
} LgHeapSearch;

/* Takes a snapshot and searches it: after this every block is reachable,
   possibly lost or unreached.  isVerbose: prints the number of blocks.
   Returns False if there are no blocks; lg_heapsearch_end need not be called
   then. */
Bool lg_heapsearch_begin(LgHeapSearch* s, LgSearchScope scope,
                         LgHeuristicSet heuristics, LgMoment moment,
                         Bool isVerbose);

/* Counts all references to Python's objects, and notes which objects in use
   have references that nobody holds (lg_pysnap_unheld), or too few
   (lg_pydeficits.h).  To be called before
   lg_heapsearch_judge; takes at most as long as the search.  Does nothing without
   Python, or if there is an obstacle. */
void lg_heapsearch_audit(LgHeapSearch* s);

/* Why the references to Python's objects cannot be counted, as a clause for a
   message; NULL: they can. */
const HChar* lg_heapsearch_audit_obstacle(void);

/* Excuses blocks by the rules, and splits the other unreached blocks into
   leaders and what hangs from them. */
void lg_heapsearch_judge(LgHeapSearch* s);

/* The key of the loss record to which block i belongs, with its context at full
   depth.  After lg_heapsearch_judge. */
LgLossKey lg_heapsearch_key(const LgHeapSearch* s, UInt i);

void lg_heapsearch_end(LgHeapSearch* s); /* zeroes *s */

/* A snapshot of all blocks; NULL if there are none.  Prints a message about
   blocks that overlap. */
LgSnapshot* lg_heapsearch_snapshot(void);

/* Answers the engine's questions about the program's memory. */
LgMarkHost lg_heapsearch_mark_host(void);

#endif
