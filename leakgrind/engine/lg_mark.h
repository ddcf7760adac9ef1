/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark.h: mark and classify.

   An LgMark is one search over one snapshot.  The order of use:

       lg_mark_new            nothing is reached: every block is LgDefinite
       lg_mark_word / _range  for every root: marks the blocks it points to
       lg_mark_drain          follows pointers until no new block is found
                              After this, every block is LgReachable,
                              LgPossible or (not reached) LgDefinite.
       lg_mark_excuse         if some unreachable blocks are not leaks
       lg_refs_count          if references are to be compared (lg_refs.h)
       lg_mark_cliques        splits the unreached into leaders (LgDefinite)
                              and those that hang from them (LgIndirect)

   The rules are memcheck's.  Only aligned words are pointers.
   - A start pointer from a root or from a reachable block makes a block
     reachable.  An interior pointer, or any pointer from a possibly lost block,
     makes it possibly lost, unless it is reachable anyway.
   - A heuristic makes an interior pointer count as a start pointer.  If several
     heuristics make a block reachable, the first in the order of LgHeuristic is
     recorded; if a real start pointer to the block is found (whether from a
     reachable place or not), none is.
   - The first of the unreached blocks becomes a leader.  Every unreached block
     that can be found from it, by start or interior pointers, is LgIndirect and
     in its clique; then the next leader is chosen.  A leader that is found from
     a later leader joins that one's clique, with all of its own.  Leaders are
     tried in the order of their addresses, unless the host has ranked the
     blocks; inherited blocks come before all others.

   Python: what the host knows of a block (lg_snapshot.h) changes what words
   mean.
   - References to an object hold its base, which may lie behind the start of
     the block: such a word is a start pointer by the heuristic pyobject.
   - So is a word that points into memory which is not an object, 8..255 bytes
     behind its base, if the byte before the place holds this distance: CPython
     points to the values of a split dictionary, and their offset is kept there.
   - A word that points into a PyGC_Head is one of the collector's links, and in
     no step of a search a pointer.
   - A skipped block can be reached like any other, but its words are not read.

   Speed: the cost of marking is the latency of memory, and this module hides
   it.  A word goes through a pipeline: compare with the bounds of the heap,
   prefetch its cell of the index, prefetch its block, mark.  Blocks to be read
   are prefetched in the same way.  Large blocks are read in slices, so that the
   mark stack stays small if one array points to every block.

   The program's memory is read under lg_plat_guarded: memory that cannot be
   read is left out, and counted. */

#ifndef LG_MARK_H
#define LG_MARK_H

#include "lg_snapshot.h"

/* Addresses of the program may have bits that the processor ignores. */
#if defined(VGA_arm64)
#define LG_ADDRESS_BITS 0x00FFFFFFFFFFFFFFUL /* top-byte-ignore */
#else
#define LG_ADDRESS_BITS 0xFFFFFFFFFFFFFFFFUL
#endif

/* What only the host knows.  Every function may be NULL: then the answer is
   "no", or nothing happens. */
typedef struct {
    void* opaque;
    /* If `a` lies in a mapping of a file that the program may read: the end
       (exclusive) of that mapping, else 0.  For the multipleinheritance
       heuristic: tables of virtual functions live there. */
    Addr (*file_mapping_end)(void* opaque, Addr a);
    /* May `a` be executed as code that comes from a file? */
    Bool (*is_code)(void* opaque, Addr a);
    /* Called from time to time in a long search. */
    void (*progress)(void* opaque, ULong scannedB, UInt nMarked);
    /* `a` could not be read: the first address from there on that may be
       readable.  Without this, unreadable memory is tried page by page. */
    Addr (*readable_from)(void* opaque, Addr a);
    /* Calls fn(x, ...) for ranges of [lo, hi): all memory outside them is
       unreadable or zero.  Asked for large blocks only. */
    void (*used)(void* opaque, Addr lo, Addr hi,
                 void (*fn)(void* x, Addr lo, Addr hi), void* x);
} LgMarkHost;

/* Of the search from the roots. */
typedef struct {
    ULong scannedB;    /* bytes read as possible pointers */
    ULong skippedB;    /* bytes that could not be read */
    ULong nCandidates; /* words within the bounds of the heap */
    UInt  nReached;    /* blocks reachable or possibly lost */
} LgMarkStats;

typedef struct LgMark LgMark;

/* `skips`: sorted ranges of memory that must not be read, for example because
   the program declared it inaccessible.  They must outlive the LgMark. */
LgMark* lg_mark_new(LgSnapshot* snap, LgHeuristicSet heuristics,
                    const LgMarkHost* host, const LgRange* skips, UInt nSkips);
void lg_mark_delete(LgMark* m);

/* Memory among the skips that is read when another block is read, as if it
   were part of that block, and at no other time. */
typedef struct {
    UInt    block; /* one of the skips must be in it */
    LgRange words;
} LgAttached;

/* Before the first root.  `attached`: by ascending `block`; must outlive the
   LgMark. */
void lg_mark_attach(LgMark* m, const LgAttached* attached, UInt n);

/* A root in a register. */
void lg_mark_word(LgMark* m, Addr w);
/* A root in memory: all aligned words of [lo, hi), without the skips. */
void lg_mark_range(LgMark* m, Addr lo, Addr hi);
void lg_mark_drain(LgMark* m);

/* Excuses unreachable blocks that are not leaks.  Every block that was marked
   with lg_sb_set_suppressed and is unreached or possibly lost becomes
   LgReachable and stays suppressed.  So does every unreached or possibly lost
   block that can be found from these, by start or interior pointers.  The stats
   remain those of the search from the roots. */
void lg_mark_excuse(LgMark* m);

/* `parent[i]` of an indirectly lost block is the block from which it was found:
   its leader, or another block of the clique.  A leader has LG_NO_PARENT.
   `indirectB[i]` of a leader: the bytes of its clique, without itself.  The
   elements of reachable and possibly lost blocks are undefined, so that the
   arrays cost memory only where blocks are lost.  Both arrays belong to the
   LgMark, and are NULL if no block is lost. */
#define LG_NO_PARENT 0xFFFFFFFFu

/* `rank`, if not NULL, has a number below LG_N_RANKS for each unreached
   block: leaders are tried by ascending rank, and by address within a rank.
   A block of rank LG_RANK_ALONE is always a leader, and never joins
   another's clique. */
#define LG_RANK_ALONE 0
#define LG_N_RANKS    4
void         lg_mark_cliques(LgMark* m, const UChar* rank);
const UInt*  lg_mark_parents(const LgMark* m);
const SizeT* lg_mark_indirectB(const LgMark* m);
/* The leader of block i, which is lost.  `known` has a number for each block,
   all 0 at first: that of its leader plus 1.  After this it has those of all
   blocks on the way. */
UInt lg_mark_leader_of(const UInt* parents, UInt* known, UInt i);

/* Suppresses what hangs from suppressed blocks.  Mark blocks with
   lg_sb_set_suppressed, then call this.  It suppresses every LgIndirect block
   that can be found from a suppressed LgDefinite or LgIndirect block, and every
   LgPossible block that can be found from a suppressed LgPossible one, and
   takes the bytes of suppressed blocks out of their leaders' indirectB.  It may
   be called again after more blocks were suppressed. */
void lg_mark_spread_suppressed(LgMark* m);

/* Does `ptr`, which points into block i, make it reachable by heuristic h? */
Bool lg_mark_heuristic_applies(LgMark* m, UInt i, Addr ptr, LgHeuristic h);

const LgMarkStats* lg_mark_stats(const LgMark* m);

/* Asserts every invariant that holds between two calls.  O(n): for tests and
   --sanity-level only. */
void lg_mark_check(const LgMark* m);

#endif
