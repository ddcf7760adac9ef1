/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_priv.h: the parts of a search, for the files that make it up:

       lg_mark.c         the interface; reachable and possibly lost
       lg_mark_batch.c   mark stack, filling batches, faults
       lg_mark_read.c    reading words and looking them up
       lg_mark_skips.c   memory that must not be read
       lg_mark_check.c   the invariants
       lg_nonleaks.c     unreachable blocks that are not leaks
       lg_refs.c         references among the unreached
       lg_audit.c        all references
       lg_graph.c        the pointers, as a graph
       lg_cliques.c      the unreached: leaders and what hangs from them
       lg_spread.c       inherited suppression
       lg_heuristics.c   interior pointers that count as start pointers

   All work is done in batches, in four steps: take some blocks from the mark
   stack; read their words and keep those that lie within the bounds of the heap
   (the candidates); look the candidates up in the index; mark the blocks that
   were found, which puts them on the mark stack.  Each step prefetches what the
   next one reads, for all blocks or candidates of the batch, so that the waits
   for memory overlap.

   Batches also make faults harmless.  The state of a batch is in memory, and a
   step that a fault has ended is begun again where the state says: at the item
   that could not be read (its candidates are dropped and found again), or at
   the candidate whose heuristic could not be evaluated. */

#ifndef LG_MARK_PRIV_H
#define LG_MARK_PRIV_H

#include "lg_mark.h"
#include "lg_snapshot_priv.h"

#define LG_WORD_SZB ((Addr)sizeof(Addr))

static inline Addr lg_word_up(Addr a)
{
    return (a + LG_WORD_SZB - 1) & ~(LG_WORD_SZB - 1);
}
static inline Addr lg_word_down(Addr a) { return a & ~(LG_WORD_SZB - 1); }

/* Sizes of a batch.  The cache lines that are prefetched for all candidates fit
   into the first level cache. */
#define LG_BATCH_ITEMS 64
#define LG_BATCH_CANDS 512

/* A block with more words is read in slices, each as large as there is room for
   candidates: then the mark stack stays small when a table that points to every
   block is read. */
#define LG_SMALL_WORDS 64

/* Bytes read between two progress reports. */
#define LG_PROGRESS_SZB ((ULong)64 << 20)

/* Memory to read, [cur, end) in whole words, found in block `src` (or in a
   root: LG_NO_PARENT). */
typedef struct {
    Addr cur;
    Addr end;
    UInt src;
} LgItem;

/* A word that lies within the bounds of the heap. */
typedef struct {
    Addr ptr;
    UInt block; /* after looking up: the block where the walk begins */
    UInt src;
} LgCandidate;

typedef enum { LgStepFill, LgStepScan, LgStepMark } LgStep;

typedef struct {
    LgStep      step;
    UInt        nItems, item; /* being read */
    UInt        nCands;       /* while reading: of the items before `item` */
    UInt        cand;         /* being marked */
    Bool        hasBig;       /* the last item is a slice of something big */
    LgItem      items[LG_BATCH_ITEMS + 1];
    LgCandidate cands[LG_BATCH_CANDS];
} LgBatch;

/* The mark stack: block numbers, in chunks that are added as needed. */
#define LG_STACK_CHUNK 8190
typedef struct LgStackChunk LgStackChunk;
struct LgStackChunk {
    LgStackChunk* below;
    UInt          blocks[LG_STACK_CHUNK];
};

/* What the host said about a page. */
#define LG_PAGE_CACHE 64
typedef struct {
    Addr page;
    Addr answer;
} LgPageAnswer;

typedef struct LgGraphNotes LgGraphNotes; /* lg_graph.c */

struct LgMark {
    LgSnapshot*    snap;
    LgHeuristicSet heuristics;
    LgMarkHost     host;
    const LgRange* skips;
    UInt           nSkips;
    const LgAttached* attached;
    UInt              nAttached;
    UChar*         skipFilter; /* see lg_mark_skips.c; may be NULL */
    UInt           skipFilterBits;
    LgMarkStats    stats; /* of reachable and possibly lost */
    LgMarkStats    total; /* with what cliques and suppression read again */

    LgStackChunk* stack;
    UInt          nInChunk; /* in the topmost chunk */
    LgStackChunk* spareChunk;
    LgItem*       slices; /* big things, to be gone on with */
    UInt          nSlices, maxSlices;

    /* Called when stack and slices are empty: pushes more, or returns False if
       there is no more.  May be NULL. */
    Bool (*source)(LgMark* m);
    UInt sourceAt; /* where it looks next */
    UInt nPending; /* blocks with the pending bit */

    UChar* met; /* see lg_met_begin; may be NULL */
    Bool   useMet;
    Bool   isMetStale; /* noted while searching from possibly lost blocks */

    Bool  isDone;          /* False: interrupted for a progress report */
    ULong progressB;       /* total.scannedB when progress is due */
    Bool  inHeuristic;     /* guest memory is being read for a heuristic */
    Bool  heuristicFaults; /* that failed for the current candidate */

    UInt*  refs;       /* while they are counted */
    UChar* found;      /* while lg_refs_follow runs */
    LgGraphNotes* graph; /* while one is made */
    UInt   leader;     /* of the clique being gathered */
    UInt   leaderItem; /* the next leader, in the batch of leaders */
    UInt*  parent;
    SizeT* indirectB;
    UInt   pass; /* of leaders; see lg_cliques.c */
    const UChar* rank;
    UInt   spreadFrom; /* kinds, as a set */
    LgKind spreadTo;
    UInt   nSpread; /* blocks gone through */

    LgPageAnswer mappingEnds[LG_PAGE_CACHE];
    LgPageAnswer codePages[LG_PAGE_CACHE];

    LgBatch* active; /* the one that a fault interrupts */
    LgBatch  main;
    LgBatch  leaders; /* cliques only */
};

/* Of what `refs` points to. */
static inline SizeT lg_refs_szB(const LgMark* m)
{
    return (SizeT)m->snap->n * sizeof(UInt);
}

/* ---- lg_mark_batch.c ---- */

void lg_push_new_chunk(LgMark* m);

static inline void lg_push(LgMark* m, UInt i)
{
    if (UNLIKELY(m->nInChunk == LG_STACK_CHUNK))
        lg_push_new_chunk(m);
    m->stack->blocks[m->nInChunk++] = i;
}

static inline Bool lg_stack_is_empty(const LgMark* m)
{
    return m->nInChunk == 0;
}

/* The words of block i. */
static inline LgItem lg_block_item(const LgMark* m, UInt i)
{
    const LgSnapBlock* b = &m->snap->blocks[i];
    LgItem             it;
    it.cur = lg_word_up(b->start);
    it.end = lg_word_down(b->start + lg_sb_searchSzB(b));
    if (UNLIKELY(it.cur < b->start || it.end < it.cur ||
                 (b->bits & LG_SB_SKIPPED)))
        it.end = it.cur; /* smaller than a word, or at the very top */
    it.src = i;
    return it;
}

static inline Bool lg_item_is_short(const LgItem* it)
{
    return it->end - it->cur <= LG_SMALL_WORDS * LG_WORD_SZB;
}

/* Does the item, which is short, contain a part of a skip? */
Bool lg_short_item_has_skip(const LgMark* m, const LgItem* it);

/* Can the item be read at once? */
static inline Bool lg_item_is_small(const LgMark* m, const LgItem* it)
{
    return lg_item_is_short(it) &&
           (LIKELY(m->nSkips == 0) || !lg_short_item_has_skip(m, it));
}

/* Makes an item of a batch of leaders empty.  When its leader's turn comes, the
   block is pushed as slices. */
static inline void lg_item_postpone(LgItem* it) { it->end = it->cur; }

/* A source: all blocks, from sourceAt on. */
Bool lg_push_all_blocks(LgMark* m);

/* Pushes memory that is read when the mark stack is empty. */
void lg_push_slice(LgMark* m, Addr lo, Addr hi, UInt src);
/* The same for a block that is not small: without memory that was never
   touched, and with attached memory. */
void lg_push_block(LgMark* m, const LgItem* it);

/* A root in memory, to be read when the mark stack is empty.  False: it has no
   word. */
Bool lg_push_root(LgMark* m, Addr lo, Addr hi);
/* Makes a word of our own memory the first batch. */
void lg_batch_take_root(LgMark* m, const Addr* w);

/* always_inline, because gcc takes a function that only prefetches to have no
   effect, and drops the call. */
__attribute__((always_inline)) static inline void
lg_prefetch_item(const LgItem* it)
{
    __builtin_prefetch((const void*)it->cur);
    if (it->end - it->cur > 64 - (it->cur & 63))
        __builtin_prefetch((const void*)(it->cur + 64));
}

/* Marks the candidates of a batch, from b->cand on. */
typedef void (*LgMarkStep)(LgMark* m, LgBatch* b);

/* Runs until stack, slices and source are empty (True), or until a progress
   report is due (False). */
Bool lg_drain(LgMark* m, LgMarkStep mark);

/* Runs `body` under guard until it sets isDone; handles faults, and calls for
   progress reports. */
void lg_run_guarded(LgMark* m, void (*body)(void* m));

/* ---- lg_mark_skips.c ---- */

void lg_skips_begin(LgMark* m);
void lg_skips_end(LgMark* m);

/* Pushes an item without the skips, as slices. */
void lg_push_slices(LgMark* m, const LgItem* it);

/* Is [a, a + 8) an aligned word outside the skips? */
Bool lg_word_is_allowed(const LgMark* m, Addr a);

/* ---- lg_mark_read.c ---- */

/* Reads the items of a batch, from item b->item on, and looks the candidates
   up.  After this, `block` of each is where its walk begins, and that block is
   being prefetched. */
void lg_batch_scan(LgMark* m, LgBatch* b);

/* Most words are found more than once, and the second time changes nothing.  So
   there is a bit for every multiple of 16 (in chunks that have a sub-index)
   that says whether a word with this value was found in the current search.
   That is less than a byte for each block, which itself takes 16.  Candidates
   of the main batch set their bits; those of the batch of leaders may be
   dropped before they are used, and do not. */
#define LG_MET_STEP 16
#define LG_MET_BITS (1u << (LG_CHUNK_BITS - 4))

static inline SizeT lg_met_bit(UInt how, UWord d)
{
    return (SizeT)(how - 1) * LG_MET_BITS +
           (d / LG_MET_STEP & (LG_MET_BITS - 1));
}

void lg_met_begin(LgMark* m); /* clears all bits */
void lg_met_end(LgMark* m);   /* from now on, no candidate is dropped */
/* Clears the bit of a word that may mean something the next time. */
void lg_met_forget(LgMark* m, Addr ptr);

/* ---- lg_heuristics.c ---- */

/* The first heuristic of `set` that makes `ptr`, which points into block i but
   not to its start, count as a start pointer.  Reads the program's memory: call
   it under guard. */
LgHeuristic lg_heuristic_of(LgMark* m, UInt i, Addr ptr, LgHeuristicSet set);

/* The same for the current candidate of the batch, without a guard of its own;
   None also if its memory cannot be read.  Called from a mark step, which has set
   b->cand: after a fault the step begins there again. */
LgHeuristic lg_guarded_heuristic(LgMark* m, UInt i, Addr ptr,
                                 LgHeuristicSet set);

/* Does `ptr` point to the data of a leaf: to the bytes of a bytes object, to
   the characters of a str?  C code keeps such pointers. */
static inline Bool lg_is_leaf_data(const LgSnapshot* s, const LgSnapBlock* b,
                                   Addr ptr)
{
    Addr off = ptr - lg_sb_base(b);
    return off < 64 * 8 && off % 8 == 0 && (s->leafData >> off / 8 & 1);
}

/* Is `ptr` a reference to the object in the block: its address, or for a leaf
   its address plus 1?  mypyc's programs tag their references to ints in this
   way. */
static inline Bool lg_is_reference(const LgSnapBlock* b, Addr ptr)
{
    Addr base = lg_sb_base(b);
    return ptr == base || (ptr == base + 1 && lg_sb_isLeaf(b));
}

/* May `ptr`, which points into a known block, be a pointer?  What points
   elsewhere into an object is a link of the collector's, which holds the address
   of a PyGC_Head, or not a pointer at all. */
static inline Bool lg_refers_to_object(const LgSnapshot* s,
                                       const LgSnapBlock* b, Addr ptr)
{
    if (lg_sb_pymem(b) || lg_is_reference(b, ptr))
        return True;
    return lg_sb_isLeaf(b) && lg_is_leaf_data(s, b, ptr);
}

/* Does a candidate point into a block, and mean something there?  *i comes from
   the lookup, and becomes the number of the block. */
static inline Bool lg_candidate_hits(const LgSnapshot* s, Addr ptr, UInt* i)
{
    UInt               at = lg_snap_walk(s, *i, ptr);
    const LgSnapBlock* b = &s->blocks[at];
    if (UNLIKELY(ptr - b->start >= lg_sb_searchSzB(b))) {
        if (LIKELY(!(b->bits & LG_SB_IN_META)) || ptr < b->start)
            return False;
        at = lg_snap_holder_of(s, at, ptr);
        if (at == LG_NO_HOLDER)
            return False;
        b = &s->blocks[at];
    }
    *i = at;
    return LIKELY(!(b->bits & LG_SB_GC)) || lg_refers_to_object(s, b, ptr);
}

#endif
