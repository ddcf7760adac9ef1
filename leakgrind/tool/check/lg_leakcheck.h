/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leakcheck.h: one leak check, from the shadow blocks to the report. */

#ifndef LG_LEAKCHECK_H
#define LG_LEAKCHECK_H

#include "pub_tool_basics.h"

#include "../../engine/lg_lossrec.h"
#include "../../engine/lg_mark.h"
#include "../../engine/lg_report.h"
#include "../host/lg_options.h"
#include "lg_heapsearch.h"

#define LG_UNLIMITED 0xFFFFFFFFu

typedef struct {
    Bool           full;       /* loss records, or the summary alone */
    LgKindSet      show;       /* kinds to print */
    LgKindSet      errors;     /* kinds to count as errors */
    LgHeuristicSet heuristics;
    LgDeltaMode    delta;
    UInt           maxRecords; /* print only that many, the largest */
    Bool           byMonitor;  /* asked for by a monitor command */
    LgMoment       moment;     /* where the running thread stands */
    const HChar*   xtreeFile;  /* NULL: print; else write an xtree there */
} LgCheckParams;

/* As the command line options say. */
LgCheckParams lg_leakcheck_default_params(void);

void lg_leakcheck(ThreadId tid, const LgCheckParams* params);

/* What the last check found; kept until the next one. */
typedef struct {
    LgHeapSearch search; /* .snap NULL: no blocks, or no check yet */
    LgLossTable* records;
    const UInt*  order; /* of records, in report order */
    UInt         nOrdered;
    LgTotals     totals; /* zeroes before the first check */
    ULong        nFrees; /* of the heap, when the check was made */
    LgDeltaMode  delta;
    UInt         nChecks;
    UInt         searchMs;
    LgMarkStats  stats;
} LgCheckResult;

const LgCheckResult* lg_leakcheck_last(void);

/* The key of the loss record that block i of the last check belongs to. */
LgLossKey lg_leakcheck_key(UInt i);

/* Prints the blocks of loss records [from, to] (numbers as in the report) of
   the last check, at most maxBlocks, with what hangs from them; with
   heuristics, only those found through one.  False when there is no such
   record.  What is out of date is told. */
Bool lg_block_list(UInt from, UInt to, UInt maxBlocks,
                   LgHeuristicSet heuristics);

/* Prints the places that point into [start, start + szB); with szB 1, only
   those that point at start. */
void lg_who_points_at(Addr start, SizeT szB);

/* For --stats. */
void lg_leakcheck_print_stats(void);

#endif
