/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_lossrec.h: loss records, the lines of a leak report.

   The table of loss records lives as long as the program.  A search adds up
   sizes by key (kind, context, type and class).  The sums of the search before
   it are kept as well, so that increases and changes can be reported.

   The order of use, for each search:
       lg_loss_begin    the sizes of the last search become the old ones
       lg_loss_add      for every block
       lg_loss_recount  when blocks turn out to be suppressed: then add again
       lg_loss_sort     the records in report order
   Records are known by their numbers in the table, which are valid until the
   next lg_loss_begin. */

#ifndef LG_LOSSREC_H
#define LG_LOSSREC_H

#include "lg_vocab.h"

/* Why a leader is lost, if that is known. */
typedef enum {
    LgLossPlain,
    LgLossCycle,   /* a reference cycle that nobody will free */
    LgLossGarbage, /* a reference cycle that Python's collector would free */
    LgLossDead,    /* an object whose reference count is 0 */
    LgLossOwnType, /* a class that is its own type: a cycle that nobody can
                      free */
    LgLossThread   /* memory of a thread that ended and was never joined */
} LgLossClass;

/* The blocks with the same key make up one record. */
typedef struct {
    LgKind      kind;
    UInt        ctx;  /* the context that represents all equal ones */
    UInt        type; /* number of a Python type; 0: none */
    LgLossClass cls;
} LgLossKey;

/* What one block adds. */
typedef struct {
    SizeT szB;
    SizeT indirectB;   /* of what hangs from it; only for leaders */
    ULong nExcessRefs; /* references that nobody holds */
    UInt  name;        /* the block's own name (of a lost class), as a number
                          of the caller's; 0: it has none */
    ULong nCRefs;      /* references in C memory: its own pointers to itself,
                          or those of its cycle */
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
    Bool        hasOtherNames; /* others of its blocks have another name */
    ULong       nCRefs;
    Bool        suppressed;
} LgLossRecord;

typedef struct LgLossTable LgLossTable;

/* Which records are reported. */
typedef enum {
    LgDeltaAny,       /* all that have blocks */
    LgDeltaIncreased, /* grown since the last search */
    LgDeltaChanged,   /* grown or shrunk */
    LgDeltaNew        /* absent in the last search */
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

/* Numbers of the records in report order: by total size, then by kind, number
   of blocks, age of the context, type and class, ascending.  Records without
   blocks in this search and in the last one are left out.  Stores the length in
   *n.  The array belongs to the table and is valid until the next
   lg_loss_begin. */
const UInt* lg_loss_sort(LgLossTable* t, UInt* n);

/* Asserts every invariant.  O(n): for tests and --sanity-level only. */
void lg_loss_check(const LgLossTable* t);

Bool lg_loss_delta_reports(const LgLossRecord* r, LgDeltaMode mode);

#endif
