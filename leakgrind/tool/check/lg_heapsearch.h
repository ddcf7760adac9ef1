/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapsearch.h: one search of the program's memory: all blocks, sorted, and
   which of them can be reached.  What is made of that is the caller's
   affair. */

#ifndef LG_HEAPSEARCH_H
#define LG_HEAPSEARCH_H

#include "pub_tool_basics.h"
#include "pub_tool_oset.h"

#include "../../engine/lg_mark.h"
#include "../../engine/lg_report.h"
#include "../process/lg_changed.h"
#include "../python/lg_pyblocks.h"
#include "../python/lg_pysnapshot.h"
#include "lg_roots.h"

/* What is searched. */
typedef enum {
    LgSearchAll,
    /* Of a child, what it has allocated itself, if the rest can be told from it
       without a search.  What leads to a block is either changed since fork() or
       does not matter: so of what is inherited, only that is in the snapshot, and
       all of it is taken for reachable. */
    LgSearchOwn
} LgSearchScope;

typedef struct {
    LgSnapshot* snap;
    LgMark*     mark;
    LgMoment    moment;
    LgPySnapshot*  py;    /* NULL: no Python */
    LgRange*    skips; /* belongs to the mark */
    LgPyBlockStats pyBlocks;
    LgChanged* changed; /* NULL: everything is searched */
    LgAmount   inherited; /* all that is, where it is not */
    OSet*      unjoined; /* see lg_threads_unjoined_vectors */
} LgHeapSearch;

/* Takes a snapshot and searches it: after this every block is reachable,
   possibly lost or not reached.  `tells`: with a message
   of how many blocks there are.  False, and nothing to end, when there are no
   blocks. */
Bool lg_heapsearch_begin(LgHeapSearch* s, LgSearchScope scope,
                         LgHeuristicSet heuristics, LgMoment moment, Bool tells);

/* Counts all references to Python's objects, and notes which objects in use have
   some that nobody holds (lg_pysnap_unheld).  Before lg_heapsearch_judge; takes
   about as long as the search.  Nothing happens where that cannot be told:
   without Python, in a Python that is not known or has no GIL, and where not
   everything was searched. */
void lg_heapsearch_audit(LgHeapSearch* s);

/* Sets aside what the rules excuse, and splits the unreached into leaders and
   what hangs from them. */
void lg_heapsearch_judge(LgHeapSearch* s);

/* The loss record that block i, which is lost, belongs to, at the full depth of
   its stack.  After lg_heapsearch_judge. */
LgLossKey lg_heapsearch_key(const LgHeapSearch* s, UInt i);

void lg_heapsearch_end(LgHeapSearch* s); /* zeroes *s */

/* All blocks, sorted; NULL when there are none.  Overlaps that cannot be are
   told. */
LgSnapshot* lg_heapsearch_snapshot(LgPyBlockStats* stats);

/* What the engine asks of the program's memory. */
LgMarkHost lg_heapsearch_mark_host(void);

#endif
