/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_dataout.h: --out-file: each leak check, and the course, go to a data file
   (engine/lg_datafile.h), besides what is reported.

   The file is opened before the program starts; later only writes are needed.  What
   goes wrong is said once, and nothing more is written then. */

#ifndef LG_DATAOUT_H
#define LG_DATAOUT_H

#include "pub_tool_basics.h"

#include "../../engine/lg_course.h"
#include "../../engine/lg_lossrec.h"
#include "../../engine/lg_report.h"
#include "lg_heapsearch.h"

/* Opens the file that --out-file names. */
void lg_dataout_init(void);

/* A child has a file of its own, if --out-file has %p; else none. */
void lg_dataout_in_child(void);

/* Is there a file to write to? */
Bool lg_dataout_is_open(void);
/* Its name, if there is one. */
const HChar* lg_dataout_name(void);

/* A check that is complete. */
typedef struct {
    const HChar*       moment; /* as docs/file-format.md names it */
    const HChar*       label;  /* NULL: none */
    LgHeapSearch*      search;
    const LgLossTable* records;
    const UInt*        order; /* of the records */
    UInt               nOrdered;
    const LgTotals*    totals;
} LgDataCheck;

void lg_dataout_check(const LgDataCheck* c);

/* Writes what is in use when Python's interpreter begins to end. */
void lg_dataout_in_use(LgHeapSearch* s);

/* Writes the course.  The keys of its rows are texts (lg_texts.h). */
void lg_dataout_course(const LgCourse* course);

/* The run has come to its end. */
void lg_dataout_finish(void);

#endif
