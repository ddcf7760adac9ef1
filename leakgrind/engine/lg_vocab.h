/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_vocab.h: the vocabulary of the whole project, as types.

   block           a piece of memory handed out to the program: malloc, new,
                   MALLOCLIKE, a mempool chunk
   shadow block    what leakgrind knows about a block: start, size, context
   context         where a block was allocated: its stack traces, as a small
                   number that only tool/ can resolve (0: not recorded)
   root            memory or a register that is alive by itself
   start pointer   a word that holds the address of a block's first byte, or
                   that a heuristic treats as such
   interior pointer a word that points into a block, but is no start pointer
   leader          a definitely lost block; what hangs from it is its clique,
                   and indirectly lost
   loss record     all blocks of one kind and context, as one line of report */

#ifndef LG_VOCAB_H
#define LG_VOCAB_H

#include "../base/lg_ranges.h"

/* How a block can (not) be reached.  The order is memcheck's, so that sets
   of kinds have the same bits: "reachable,possible,indirect,definite". */
typedef enum {
    LgReachable = 0, /* by start pointers all the way from a root */
    LgPossible  = 1, /* from a root, but through an interior pointer */
    LgIndirect  = 2, /* only from lost blocks */
    LgDefinite  = 3, /* not at all: a leader */
    LG_N_KINDS  = 4, /* of blocks */
    /* Of loss records alone: objects in use to which there are references that
       nobody holds; and those to which there are more references than are
       counted. */
    LgReference    = 4,
    LgOverReleased = 5,
    LG_N_RECORD_KINDS = 6
} LgKind;

typedef UInt LgKindSet; /* bit 1 << LgKind */
#define LG_KIND_BIT(k) (1u << (k))
#define LG_REFERENCE_KINDS (LG_KIND_BIT(LgReference) | LG_KIND_BIT(LgOverReleased))

/* Which function allocated a block, which determines what may free it. */
typedef enum {
    LgAllocMalloc = 0, /* malloc, calloc, realloc, memalign, ... */
    LgAllocNew    = 1, /* operator new */
    LgAllocNewVec = 2, /* operator new[] */
    LgAllocCustom = 3, /* VALGRIND_MALLOCLIKE_BLOCK */
    LgAllocPool   = 4, /* VALGRIND_MEMPOOL_ALLOC */
    LgAllocMeta   = 5, /* VALGRIND_MEMPOOL_ALLOC in a metapool */
    LgAllocPython = 6, /* CPython's pymalloc */
    LG_N_ALLOC_KINDS = 7
} LgAllocKind;

/* Ways to treat an interior pointer as a start pointer. */
typedef enum {
    LgHeurNone                = 0,
    LgHeurStdString           = 1,
    LgHeurLength64            = 2,
    LgHeurNewArray            = 3,
    LgHeurMultipleInheritance = 4,
    LgHeurHashbrown           = 5,
    LgHeurPyObject            = 6, /* the last: see meet_base in lg_mark.c */
    LG_N_HEURISTICS           = 7
} LgHeuristic;

typedef UInt LgHeuristicSet; /* bit 1 << LgHeuristic */
#define LG_HEUR_BIT(h) (1u << (h))

/* One block as every module sees it.  Sizes up to 2^44 - 1 bytes (16 TiB). */
#define LG_MAX_BLOCK_SZB ((1ULL << 44) - 1)
typedef struct {
    Addr  start;
    SizeT szB;       /* as requested; 0 is possible */
    UInt  ctx;       /* context */
    UChar allocKind; /* LgAllocKind */
    UShort flags;    /* LG_BF_* */
} LgBlock;

/* The generation of the block, 0 or 1: see tool/process/lg_forks.h. */
#define LG_BF_GENERATION 0x01
/* Allocated in CPython's domain MEM (PyMem_Malloc) or OBJ (PyObject_Malloc). */
#define LG_BF_PY_MEM 0x02
#define LG_BF_PY_OBJ 0x04
/* Was reachable when the interpreter was finalized. */
#define LG_BF_PY_LEFT 0x08
/* Made by one of CPython's debug allocators: the data begin 16 bytes in. */
#define LG_BF_PY_PREFIX 0x10
/* A code object whose lines are remembered. */
#define LG_BF_PY_CODE 0x20
/* In a snapshot: the block existed before fork(), so it is the parent's. */
#define LG_BF_INHERITED 0x40
/* Made by a subinterpreter. */
#define LG_BF_PY_SUB 0x80
/* An object of a subinterpreter that has ended: the collector took a reference
   to it when it ended, and never gives that back. */
#define LG_BF_PY_KEPT 0x100
/* Made by a subinterpreter that has ended: then a static variable led to it. */
#define LG_BF_PY_STATIC 0x200
/* What a block table can store. */
#define LG_BF_STORED 0x3FF
/* In a snapshot: made by new[] for no elements, so that it holds only their
   count, 0: the pointer that new[] returned is one past the end. */
#define LG_BF_NO_ELEMENTS 0x400

#endif
