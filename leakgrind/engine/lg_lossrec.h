/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_lossrec.h: loss records, the lines of a leak report.

   A table of loss records lives as long as the program: a search adds up
   sizes under keys (kind, context, type and class), and what the search before
   had found stays beside it, so that increases and changes can be told.

   The order of use, for each search:
       lg_loss_begin    the sizes of the last search become the old ones
       lg_loss_add      for every block
       lg_loss_recount  when blocks turned out to be suppressed: add again
       lg_loss_sort     the records in report order
   Records are named by their number in the table; the numbers hold until the
   next lg_loss_begin. */

#ifndef LG_LOSSREC_H
#define LG_LOSSREC_H

#include "lg_vocab.h"

/* Why a leader is lost, when more is known than that it is. */
typedef enum {
    LgLossPlain,
    LgLossCycle,  /* a reference cycle, and nobody will free it */
    LgLossGarbage, /* a reference cycle that Python's collector would free */
    LgLossDead,    /* an object whose reference count is 0 */
    LgLossOwnType, /* a class that is its own type: a cycle that nobody can
                      free */
    LgLossThread   /* what a thread is given that ended, and was never joined */
} LgLossClass;

/* The blocks with the same key make up one record. */
typedef struct {
    LgKind      kind;
    UInt        ctx;  /* the context that stands for all its equals */
    UInt        type; /* number of a Python type; 0: none */
    LgLossClass cls;
} LgLossKey;

/* What one block adds. */
typedef struct {
    SizeT szB;
    SizeT indirectB;   /* of what hangs from it; only for leaders */
    ULong nExcessRefs; /* references that nobody holds */
    UInt  name;        /* of the block itself (a lost class), as a number of
                          the caller's; 0: it has none */
    ULong nCRefs;      /* in C memory: pointers of its own to itself, or the
                          references in its cycle */
} LgLossAmount;

typedef struct {
    LgKind      kind; /* the key */
    UInt        ctx;
    UInt        type;
    LgLossClass cls;
    UInt        nBlocks;
    UInt        oldNBlocks;
    SizeT       szB;       /* of its blocks themselves */
    SizeT       indirectB; /* of what hangs from them; only for leaders */
    SizeT       oldSzB;
    SizeT       oldIndirectB;
    ULong       nExcessRefs;
    ULong       oldNExcessRefs;
    UInt        name;          /* of the first of its blocks that has one */
    Bool        hasOtherNames; /* and others have another */
    ULong       nCRefs;
    Bool        suppressed;
} LgLossRecord;

typedef struct LgLossTable LgLossTable;

/* Which records a delta mode reports. */
typedef enum {
    LgDeltaAny,       /* all that have blocks */
    LgDeltaIncreased, /* grown since the last search */
    LgDeltaChanged,   /* grown or shrunk */
    LgDeltaNew        /* not there in the last search */
} LgDeltaMode;

LgLossTable* lg_loss_new(void);
void         lg_loss_delete(LgLossTable* t);

void lg_loss_begin(LgLossTable* t);

/* Counts one block; returns the record's number. */
UInt lg_loss_add(LgLossTable* t, LgLossKey key, LgLossAmount amount);

/* The number of the record with this key, or -1. */
Int lg_loss_find(const LgLossTable* t, LgLossKey key);

UInt          lg_loss_count(const LgLossTable* t);
LgLossRecord* lg_loss_record(const LgLossTable* t, UInt r);

/* Forgets the sizes of all records that are not suppressed. */
void lg_loss_recount(LgLossTable* t);

/* Numbers of the records in report order: by total size, then kind, number of
   blocks, age of the context, type and class, ascending; without those that
   had no blocks in the last search nor have any in this one.  Stores how many in *n.  The
   array belongs to the table and holds until the next lg_loss_begin. */
const UInt* lg_loss_sort(LgLossTable* t, UInt* n);

/* Asserts every invariant.  O(n): for tests and --sanity-level only. */
void lg_loss_check(const LgLossTable* t);

Bool lg_loss_delta_reports(const LgLossRecord* r, LgDeltaMode mode);

#endif
