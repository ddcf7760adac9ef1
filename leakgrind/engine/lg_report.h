/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_report.h: the wording of leak reports.

   Turns loss records and totals into text, in the words that users and parsers
   know from memcheck.  The caller prints it. */

#ifndef LG_REPORT_H
#define LG_REPORT_H

#include "lg_lossrec.h"

/* Bytes and blocks, now and in the last search. */
typedef struct {
    SizeT szB, nBlocks;
    SizeT oldSzB, oldNBlocks;
} LgAmount;

/* Why blocks are suppressed, other than by the user's suppressions. */
typedef enum {
    LgRuleFinalized, /* what Python's finalization leaves, and what hangs
                        from it */
    LgRuleCached,    /* Python objects that wait in a free list */
    LgRuleImmortal,  /* Python objects that are never freed */
    LgRuleFiles,     /* the suppression files that come with leakgrind */
    LG_N_RULES
} LgRule;

/* References, and to how many objects in use; now, and in the last search. */
typedef struct {
    ULong n, oldN;
    UInt  nObjects, oldNObjects;
} LgRefAmount;

typedef struct {
    LgAmount kind[LG_N_KINDS];
    LgAmount heuristic[LG_N_HEURISTICS]; /* parts of kind[LgReachable] */
    LgAmount cycles; /* LgLossGarbage; not in kind[] */
    LgAmount suppressed;
    LgAmount byRule[LG_N_RULES]; /* parts of suppressed */
    LgAmount inherited; /* lost, but the parent's: see LG_BF_INHERITED */
    /* Of LgReference and LgOverReleased; not suppressed. */
    LgRefAmount refs[LG_N_RECORD_KINDS - LG_N_KINDS];
} LgTotals;

/* "definite", ...: as in --show-leak-kinds and match-leak-kinds */
const HChar* lg_report_kind_option(LgKind k);
/* "Leak_DefinitelyLost", ... */
const HChar* lg_report_kind_xml(LgKind k);
/* "stdstring", ... */
const HChar* lg_report_heuristic(LgHeuristic h);
/* "finalized", ...: as in --py-rules, and what that means.  NULL for
   LgRuleFiles, which has an option of its own. */
const HChar* lg_report_rule_option(LgRule r);
const HChar* lg_report_rule_help(LgRule r);

/* What stands between the name of an object that was released too often, and
   that of one that holds it. */
#define LG_HELD_BY ", held by "

/* Enough for each of the lines below. */
#define LG_REPORT_LINE_SZB 600

/* "16 (8 direct, 8 indirect) bytes in 1 blocks are definitely lost in loss
   record 3 of 4", without a newline.  With a delta mode other than Any,
   each number is followed by its change.  A record of LgReference is worded
   otherwise: "7 references that nobody holds to 1 object in use in ...", and so is
   one of LgOverReleased: "1 reference too few to 1 object in use, which will be
   freed too early, in ...". */
void lg_report_record(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r,
                      UInt number, UInt nRecords, LgDeltaMode mode);

/* The second line for a record of Python objects, whose type has this name:
   "1,000 'tuple' objects, 1,000 references that nobody holds".  `ownName` is
   the name of the first of them that is a class, or "": "2 'type' objects
   (app.models.Item, ...)".  Very long names are cut off.  For objects in use, with
   the bytes of the objects: "1 'dict' object (app.CACHE), 232 bytes". */
void lg_report_python(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r,
                      const HChar* typeName, const HChar* ownName);

/* The second line for a record of LgLossThread: "1 thread that ended and was
   neither joined nor detached". */
void lg_report_threads(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r);

/* Calls line() for each line of the leak summary, without newlines. */
void lg_report_summary(const LgTotals* t, LgDeltaMode mode,
                       void (*line)(void* opaque, const HChar* text),
                       void* opaque);

/* The same as the XML element <leak_summary> of Valgrind's protocol 6.  Numbers
   that only leakgrind has are in elements of their own; the parts by rule are
   left out. */
void lg_report_summary_xml(const LgTotals* t, LgDeltaMode mode,
                           void (*line)(void* opaque, const HChar* text),
                           void* opaque);

#endif
