/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_datafile.h: writes data files (--out-file), whose format docs/file-format.md
   describes: a JSON value on each line.

   Strings, frames and stacks are written once, when they are first used, and have
   numbers from then on; 0 is the empty string and the empty stack.  The text goes to
   the host in pieces of at most LG_DATAFILE_PIECE bytes.  Whatever bytes the strings
   have, each line is valid JSON in ASCII. */

#ifndef LG_DATAFILE_H
#define LG_DATAFILE_H

#include "lg_course.h"
#include "lg_lossrec.h"

#define LG_DATAFILE_VERSION 1
#define LG_DATAFILE_PIECE 65536u

typedef struct LgDataFile LgDataFile;

typedef void (*LgDataWrite)(void* opaque, const HChar* text, SizeT szB);

LgDataFile* lg_datafile_new(LgDataWrite write, void* opaque);
void        lg_datafile_delete(LgDataFile* f);

/* Hands what is left of the text to the host. */
void lg_datafile_flush(LgDataFile* f);

/* --- Definitions */

UInt lg_datafile_string(LgDataFile* f, const HChar* text);

/* What identifies the build of an object (lg_buildid.h). */
void lg_datafile_build_id(LgDataFile* f, const HChar* object,
                          const HChar* digits);

typedef struct {
    Bool         isPython;
    const HChar* function; /* NULL: not known; of file and object as well */
    const HChar* file;
    UInt         line; /* 0: not known */
    const HChar* object;
    Addr         offset; /* in the object; 0: not known */
    Bool         isInlined;
} LgDataFrame;

UInt lg_datafile_frame(LgDataFile* f, const LgDataFrame* frame);

/* The stack with these frames, the outermost first. */
UInt lg_datafile_stack(LgDataFile* f, const UInt* frames, UInt n);

/* --- The run */

typedef struct {
    const HChar*        tool; /* version */
    const HChar*        valgrind;
    const HChar*        arch;
    UInt                pid;
    const HChar* const* command;
    UInt                nCommand;
    const HChar* const* options;
    UInt                nOptions;
    const HChar*        directory;
} LgDataRun;

void lg_datafile_begin_run(LgDataFile* f, const LgDataRun* run);
void lg_datafile_end_run(LgDataFile* f);

/* --- A check: begin, records and what belongs to each, owners, end */

void lg_datafile_begin_check(LgDataFile* f, const HChar* moment,
                             const HChar* label, UInt ms);
void lg_datafile_record(LgDataFile* f, const LgLossRecord* r,
                        const HChar* type, const HChar* name, UInt stack,
                        Bool isError);
/* How blocks of the last record are reached.  `steps`: the root first, with a newline
   after each. */
void lg_datafile_path(LgDataFile* f, UInt nBlocks, const HChar* steps);
void lg_datafile_owner(LgDataFile* f, const HChar* name, UInt nBlocks,
                       ULong szB);
/* Of the last owner. */
void lg_datafile_owner_type(LgDataFile* f, const HChar* type, UInt nBlocks,
                            ULong szB);

typedef struct {
    const HChar* name;
    ULong        nBlocks, szB;
} LgDataTotal;

void lg_datafile_end_check(LgDataFile* f, const LgDataTotal* totals, UInt n);

/* --- The course */

void lg_datafile_begin_course(LgDataFile* f, Bool isTime);
void lg_datafile_point(LgDataFile* f, const LgCoursePoint* p);
/* Of the last point: `what` is "types", "lines" or "owners". */
void lg_datafile_detail(LgDataFile* f, const HChar* what, const HChar* name,
                        UInt nBlocks, ULong szB);
void lg_datafile_end_course(LgDataFile* f);

#endif
