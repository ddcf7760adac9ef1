/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_course.h: the course of the heap over time: what checks in mid-run have
   counted, and the graph of it.

   Fewer than LG_COURSE_MAX points are kept.  When there are as many, every
   second one is dropped and the distance between points doubles, so that the
   points always cover the whole run evenly. */

#ifndef LG_COURSE_H
#define LG_COURSE_H

#include "../lg_platform.h"

typedef enum {
    LgCourseDefinite,
    LgCourseIndirect,
    LgCoursePossible,
    LgCourseCycles, /* what Python's collector would free */
    LgCourseReachable,
    LgCourseExcused, /* not lost, by a rule */
    LG_N_COURSE_KINDS
} LgCourseKind;

/* What the bytes of a point are divided by. */
typedef enum {
    LgCourseTypes,
    LgCourseLines,
    LgCourseOwners, /* what they retain */
    LG_N_COURSE_TABLES
} LgCourseTable;

/* The keys are numbers of the caller's. */
typedef struct {
    UInt  key;
    UInt  nBlocks;
    ULong szB;
} LgCourseRow;

/* At most so many rows are kept of a point: the largest. */
#define LG_COURSE_ROWS 64

typedef struct {
    ULong       at; /* milliseconds of run time, or bytes allocated */
    ULong       szB[LG_N_COURSE_KINDS];
    ULong       nBlocks[LG_N_COURSE_KINDS];
    UInt        nRows[LG_N_COURSE_TABLES];
    LgCourseRow rows[LG_N_COURSE_TABLES][LG_COURSE_ROWS];
} LgCoursePoint;

#define LG_COURSE_MAX 100u

typedef struct LgCourse LgCourse;

LgCourse* lg_course_new(ULong distance);
void      lg_course_delete(LgCourse* c);

/* Is the next point due?  `now` is in the unit of `distance`. */
Bool lg_course_is_due(const LgCourse* c, ULong now);
/* Adds a copy of the point; its `at` is not below that of the last one. */
void lg_course_add(LgCourse* c, const LgCoursePoint* p);

UInt                 lg_course_count(const LgCourse* c);
const LgCoursePoint* lg_course_point(const LgCourse* c, UInt i);

ULong lg_course_bytes(const LgCoursePoint* p);  /* of all kinds */
ULong lg_course_blocks(const LgCoursePoint* p);
ULong lg_course_lost(const LgCoursePoint* p); /* bytes lost in any way */

/* Sorts rows, the largest first, by bytes, blocks, and key ascending. */
void lg_course_sort(LgCourseRow* rows, UInt n);

/* The row with this key, or NULL. */
const LgCourseRow* lg_course_find(const LgCourseRow* rows, UInt n, UInt key);

/* Reads the value of --checks-every: a number with ms, s, m or h (*isTime), or
   with B, kB, MB or GB.  Returns the distance in milliseconds or bytes; 0 if
   the text is none, or means nothing or too much. */
ULong lg_course_parse(const HChar* text, Bool* isTime);

/* Draws bytes over time, with a column of the graph for each point: '#' what is
   lost, 'c' what waits for the collector, ':' the rest.  Calls line() for each
   line, without newlines. */
void lg_course_draw(const LgCourse* c, Bool isTime,
                    void (*line)(void* opaque, const HChar* text),
                    void* opaque);

#endif
