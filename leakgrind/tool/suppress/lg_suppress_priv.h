/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppress_priv.h: what the files of lg_suppress share.

   Valgrind's core reads suppression files and goes through the entries, but
   what an entry says is ours: lg_suppread takes its lines from the core, all
   but a last one, which is such that the core's own comparison of stacks
   always succeeds; lg_suppmatch compares. */

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

/* An entry: what hangs from a Supp. */
typedef struct LgSuppEntry {
    struct LgSuppEntry* next;
    LgSuppKind     kind;
    LgTracePattern stack;
    Bool           isOurs; /* from one of the files that come with leakgrind */
    /* Leak */
    LgKindSet kinds;
    HChar*    pyType;      /* pattern; NULL: any, also none */
    UInt      pyClasses;   /* bit 1 << LgLossClass; LgLossDead is as
                              LgLossPlain */
    SizeT     nBlocks, szB; /* suppressed in search number `search` */
    UInt      search;
    /* FishyValue; NULL: any */
    HChar* function;
    HChar* argument;
} LgSuppEntry;

/* The classes of loss records as an entry names them: LgLossClass. */
extern const HChar lg_supp_class_tokens[];

/* lg_suppread.c: reads the body of an entry from the file that the core has
   open as `fd`, into *e.  False, after a message, when it is malformed; then
   the core ends the run. */
Bool lg_supp_read(Int fd, HChar** bufpp, SizeT* nBufp, Int* lineno,
                  LgSuppEntry* e);

/* lg_suppfiles.c: is this one of the files that come with leakgrind? */
Bool lg_supp_is_our_file(Int fd);

/* lg_suppmatch.c: does the entry's stack match this one?  `ctx`: the context of
   a loss record; else 0. */
Bool lg_supp_stack_matches(const LgSuppEntry* e, ExeContext* where, UInt ctx);

#endif
