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
    Bool           full;       /* loss records; else only a summary */
    LgKindSet      show;       /* kinds to print */
    LgKindSet      errors;     /* kinds to count as errors */
    LgHeuristicSet heuristics;
    LgDeltaMode    delta;
    UInt           maxRecords; /* print only so many, the largest */
    Bool           byMonitor;  /* asked for by a monitor command */
    LgMoment       moment;     /* where the running thread is */
    Bool           isQuiet;    /* only for the data file: reports nothing */
    const HChar*   label;      /* for the data file; NULL: none */
    const HChar*   xtreeFile;  /* if not NULL, write an xtree there instead */
} LgCheckParams;

/* As the command line options say. */
LgCheckParams lg_leakcheck_default_params(void);

/* Searches the heap, and reports what the parameters ask for.  Errors are put
   down to thread tid. */
void lg_leakcheck_run(ThreadId tid, const LgCheckParams* params);

/* The same for the data file alone: reports nothing, and counts no errors.  False:
   there is no data file. */
Bool lg_leakcheck_snapshot(ThreadId tid, LgCheckParams* params);

/* The check at the end of the run.  With --leak-check=no, or in a child that
   --child-silent-after-fork silences, prints at most a hint at the option. */
void lg_leakcheck_run_at_exit(void);

/* The result of the last check; kept until the next one. */
typedef struct {
    LgHeapSearch search; /* .snap NULL: no blocks, or no check yet */
    LgLossTable* records;
    const UInt*  order; /* of records, in report order */
    UInt         nOrdered;
    LgTotals     totals; /* zeroes before the first check */
    ULong        nFrees; /* in the whole run, when the check was made */
    LgDeltaMode  delta;
    UInt         nChecks;
    UInt         searchMs;
    LgMarkStats  stats;
} LgCheckResult;

const LgCheckResult* lg_leakcheck_last(void);

/* The key of the loss record that block i of this check belongs to.  The caller
   must be between lg_ctx_resolve_begin and _end. */
LgLossKey lg_leakcheck_key(const LgCheckResult* c, UInt i);

/* For --stats. */
void lg_leakcheck_print_stats(void);

#endif
