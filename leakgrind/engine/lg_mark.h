/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark.h: mark and classify.

   One LgMark is one search over one snapshot.  The order of use:

       lg_mark_new            nothing is reached: every block is LgDefinite
       lg_mark_word / _range  for every root; marks what they point at
       lg_mark_drain          follows the blocks until nothing new is found
                              After this, every block is LgReachable,
                              LgPossible or (not reached) LgDefinite.
       lg_mark_excuse         if some of that may be lost
       lg_refs_count          if references are to be compared (lg_refs.h)
       lg_mark_cliques        splits the unreached into leaders (LgDefinite)
                              and those that hang from them (LgIndirect)

   Meaning (memcheck's): only aligned words are pointers.  A start pointer
   from a root or from a reachable block makes a block reachable; an interior
   pointer, or any pointer from a possibly lost block, makes it possibly lost,
   unless it is reachable anyway.  A heuristic turns an interior pointer into
   a start pointer; a block that is reachable through a heuristic forgets that
   when a real start pointer (from a reachable place or not, as memcheck does)
   to it is met; when several heuristics make a block reachable, the first in
   LgHeuristic's order is recorded.  Among the unreached, the first becomes a
   leader, and everything unreached that can be found from it, by start or
   interior pointers, is LgIndirect and in its clique; a leader that is found
   from a later leader joins that one's clique with all it has.  The first is
   that with the lowest address, unless the host has ranked the blocks;
   inherited ones come before all others.

   Python: what the host knows of a block (lg_snapshot.h) changes what words
   mean.  References to an object hold its base, which may lie behind the
   block's start: such a word is a start pointer by the heuristic pyobject.  So
   is one into memory that is no object, by 8..255 bytes behind its base, in
   words, if the byte before it holds this distance: CPython points at the
   values of a split dictionary, whose size is kept there.  A word that points
   into a PyGC_Head is one of the collector's links, and no pointer at all, in
   any step of a search.  What is not to be searched can be reached like any
   other block, but leads nowhere.

   Speed: the cost of a mark phase is memory latency, and this module hides
   it.  A word goes through a pipeline: bounds check, prefetch of its index
   entry, prefetch of its block entry, mark; blocks to be scanned are
   prefetched in the same way.  Large blocks are scanned in slices, so that
   the mark stack stays small when one array points at every block.

   Reads of guest memory run under lg_plat_guarded: what cannot be read is
   skipped, and counted. */

#ifndef LG_MARK_H
#define LG_MARK_H

#include "lg_snapshot.h"

/* Addresses in the guest may carry bits that the processor ignores. */
#if defined(VGA_arm64)
#define LG_ADDRESS_BITS 0x00FFFFFFFFFFFFFFUL /* top-byte-ignore */
#else
#define LG_ADDRESS_BITS 0xFFFFFFFFFFFFFFFFUL
#endif

/* What only the surroundings can tell.  Every pointer may be NULL: then the
   answer is no / nothing happens. */
typedef struct {
    void* opaque;
    /* If `a` lies in a mapping of a file that the program may read: the end
       (exclusive) of that mapping, else 0.  For the multipleinheritance
       heuristic: tables of virtual functions live there. */
    Addr (*file_mapping_end)(void* opaque, Addr a);
    /* May `a` be executed as code that comes from a file? */
    Bool (*is_code)(void* opaque, Addr a);
    /* Called now and then during a long search. */
    void (*progress)(void* opaque, ULong scannedB, UInt nMarked);
    /* `a` could not be read: the first address from there on that perhaps
       can.  Without this, unreadable memory is tried page by page. */
    Addr (*readable_from)(void* opaque, Addr a);
    /* Calls fn(x, ...) for ranges that together hold all of [lo, hi) that can be
       read and that may be anything but zeroes.  Asked for large blocks
       only. */
    void (*used)(void* opaque, Addr lo, Addr hi,
                 void (*fn)(void* x, Addr lo, Addr hi), void* x);
} LgMarkHost;

/* Of the roots and of what they lead to. */
typedef struct {
    ULong scannedB;    /* bytes read as possible pointers */
    ULong skippedB;    /* bytes that could not be read */
    ULong nCandidates; /* words within the bounds of the heap */
    UInt  nReached;    /* blocks reachable or possibly lost */
} LgMarkStats;

typedef struct LgMark LgMark;

/* `skips`: sorted, disjoint ranges of memory never to be read, e.g. what the
   program declared inaccessible; they must outlive the LgMark. */
LgMark* lg_mark_new(LgSnapshot* snap, LgHeuristicSet heuristics,
                    const LgMarkHost* host, const LgRange* skips, UInt nSkips);
void lg_mark_delete(LgMark* m);

/* Memory that belongs to a block though it stands elsewhere, among the skips: it
   is read where the block is read, and nowhere else. */
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

/* Excuses what may be lost: every block that was marked with
   lg_sb_set_suppressed and is unreached or possibly lost becomes LgReachable
   and stays suppressed, and so does everything unreached or possibly lost that
   can be found from these, by start or interior pointers.  The stats remain
   those of the search from the roots. */
void lg_mark_excuse(LgMark* m);

/* `parent[i]` of an indirectly lost block: the block through which it was
   found (its leader, or another block of the clique); LG_NO_PARENT of a
   leader.  `indirectB[i]` of a leader: the bytes of its clique without itself.
   Neither says anything of reachable or possibly lost blocks: so the arrays
   cost memory only where blocks are lost.  Both belong to the LgMark, and are
   NULL when no block is lost. */
#define LG_NO_PARENT 0xFFFFFFFFu

/* `rank`, if not NULL, holds a byte below LG_N_RANKS for each unreached block:
   leaders are tried in ascending order of rank, and of address within one
   rank.  A block of rank LG_RANK_ALONE is always a leader, and never joins
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

/* Suppression is inherited (what hangs from a suppressed block is suppressed
   with it).  Mark blocks with lg_sb_set_suppressed, then call this: every
   LgIndirect block that can be found from a suppressed LgDefinite or
   LgIndirect block, and every LgPossible block that can be found from a
   suppressed LgPossible one, becomes suppressed too; and the bytes of
   suppressed blocks leave their leaders' indirectB.  May be called again
   after more blocks were suppressed. */
void lg_mark_spread_suppressed(LgMark* m);

/* Does `ptr` (anywhere in block i) make block i reachable by heuristic h? */
Bool lg_mark_heuristic_applies(LgMark* m, UInt i, Addr ptr, LgHeuristic h);

const LgMarkStats* lg_mark_stats(const LgMark* m);

/* Asserts every invariant that holds between two calls.  O(n): for tests and
   --sanity-level only. */
void lg_mark_check(const LgMark* m);

#endif
