/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppress_priv.h: what the files of lg_suppress share.

   Valgrind's core reads suppression files and goes through the entries, but
   leakgrind reads and compares what they say.  lg_suppread takes the lines of
   the stack from the core, and leaves it one line that matches every stack;
   lg_suppmatch compares the stacks. */

#ifndef LG_SUPPRESS_PRIV_H
#define LG_SUPPRESS_PRIV_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_lossrec.h"
#include "../../engine/lg_tracepattern.h"
#include "../../engine/lg_vocab.h"

typedef enum {
    LgSuppLeak,
    LgSuppFree,
    LgSuppFishyValue,
    LgSuppReallocZero,
    LgSuppMempool,
    LgSuppBadAlign,
    LgSuppUnsafeZeroSize,
    LgSuppSizeMismatch,
    LgSuppAlignMismatch
} LgSuppKind;

/* A suppression entry: the tool's part of a Supp. */
typedef struct LgSuppEntry {
    struct LgSuppEntry* next;
    LgSuppKind     kind;
    LgTracePattern stack;
    Bool           isOurs; /* from one of the files that come with leakgrind */
    /* Leak */
    LgKindSet kinds;
    HChar*    pyType;      /* pattern; NULL: matches any type, and none */
    HChar*    pyName;      /* likewise, for the name of the first object */
    UInt      pyClasses;   /* bit 1 << LgLossClass; the bit of LgLossPlain
                              stands for LgLossDead, too */
    UInt      maxRefs;     /* that nobody holds, for each object */
    SizeT     nBlocks, szB; /* suppressed in search number `search` */
    UInt      search;
    /* FishyValue; NULL: any */
    HChar* function;
    HChar* argument;
} LgSuppEntry;

/* lg_suppread.c: reads the body of an entry into *e, from the file that the
   core has open as `fd`.  Returns False, after a message, if it is malformed;
   the core then ends the run. */
Bool lg_supp_read(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                  LgSuppEntry* e);

/* lg_suppfiles.c: is `fd` one of the files that come with leakgrind? */
Bool lg_supp_is_our_file(Int fd);

/* lg_suppmatch.c: does the entry's stack match this stack?  `ctx`: the context
   of a loss record; 0 for other errors. */
Bool lg_supp_stack_matches(const LgSuppEntry* e, ExeContext* where, UInt ctx);

#endif
