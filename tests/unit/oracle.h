/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oracle.h: a naive reference for the engine.

   Computes for a small heap what lg_mark.h and lg_snapshot.h define, straight from
   the definitions: with linear searches and a matrix of pointers between blocks;
   without index, batches, mark stack or any of the engine's code.  It is meant to
   be obviously right, not fast. */

#ifndef LG_TESTS_ORACLE_H
#define LG_TESTS_ORACLE_H

#include "../../leakgrind/engine/lg_mark.h"

#define ORACLE_MAX 320 /* blocks */
#define ORACLE_MAX_ROOTS 64

/* Where in a leaf its data are, for lg_snap_set_leaf_data: 32, 40 and 56 bytes
   behind its base, as in CPython 3.12. */
#define ORACLE_LEAF_DATA (1ULL << 4 | 1ULL << 5 | 1ULL << 7)

/* What the host knows of a Python block, and makes of it. */
typedef struct {
    UChar objOff;
    Bool  hasGC, isPymem, isLeaf, isSkipped;
    Bool  isExcused;
    UChar rank;
} OracleKnown;

typedef struct {
    const LgBlock* blocks; /* in the order in which they are added */
    UInt           n;
    const OracleKnown* known; /* of the block with context i + 1 */
    Bool hasRanks;  /* ranks and excuses are only told if there are any */
    Bool hasExcuses;
    const Addr*    words; /* roots in registers */
    UInt           nWords;
    const LgRange* ranges; /* roots in memory */
    UInt           nRanges;
    const LgRange* skips; /* sorted, disjoint */
    UInt           nSkips;
    const LgRange* holes; /* whole pages that cannot be read */
    UInt           nHoles;
    LgHeuristicSet heuristics;
    LgMarkHost     host;
} OracleHeap;

typedef struct {
    LgBlock     block;
    OracleKnown known;
    LgKind      reached; /* before anything is excused */
    Bool        excused;
    LgKind      kind;
    LgHeuristic heuristic;
    UInt        refs;      /* of an unreached one: those of others */
    UInt        allRefs;   /* of any: those of roots, too */
    UInt        owner;     /* of a lost block: its leader, or itself */
    SizeT       indirectB; /* of a leader */
    Bool        suppressed;
} OracleBlock;

typedef struct {
    Bool        isLegal; /* no overlaps but those that may be */
    UInt        n;       /* if legal: what remains, sorted as a snapshot is */
    OracleBlock blocks[ORACLE_MAX];
    UChar       edge[ORACLE_MAX][ORACLE_MAX]; /* a word of [i] leads to [j] */
    /* How many words of [i], which is a block, or root number i - n (first the
       words, then the ranges), the search follows to [j], before anything is
       excused (lg_graph.h). */
    UShort      followed[ORACLE_MAX + ORACLE_MAX_ROOTS][ORACLE_MAX];
} OracleAnswer;

void oracle_classify(const OracleHeap* h, OracleAnswer* a);

/* The innermost block that holds `at`, or -1. */
Int oracle_find(const OracleAnswer* a, Addr at);

/* What lg_mark_spread_suppressed does; `suppressed` says where to begin. */
void oracle_spread(OracleAnswer* a);

/* Faults for oracle_compare to plant into what it compares with. */
typedef enum {
    OracleNoFault,
    OracleIndexFault /* the index points behind the right block */
} OracleFault;

/* Runs the engine over the heap and compares all it says with the reference.
   `choices` decides which blocks are suppressed, and where the index is asked.
   True when they agree, or when the fault could not be planted (then
   *isPlanted is False); else prints the difference, unless isQuiet. */
Bool oracle_compare(const OracleHeap* h, ULong choices, OracleFault fault,
                    Bool* isPlanted, Bool isQuiet);

#endif
