/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_mark_priv.h: the parts of a search, for the files that make it up:

       lg_mark.c         the interface; reachable and possibly lost
       lg_mark_batch.c   mark stack, filling batches, faults
       lg_mark_read.c    reading words and looking them up
       lg_mark_skips.c   memory that is not to be read
       lg_nonleaks.c       what is lost, but may be
       lg_refs.c         references among the unreached
       lg_audit.c        all references
       lg_cliques.c      the unreached: leaders and what hangs from them
       lg_spread.c       inherited suppression
       lg_heuristics.c   interior pointers that count as start pointers

   Everything goes in batches, each in four steps: take some blocks from the
   mark stack; read their words and keep those that lie within the bounds of
   the heap (the candidates); look the candidates up in the index; mark the
   blocks found, which puts them on the mark stack.  A step prefetches what the
   next one reads, for all blocks or candidates of the batch, so the waits for
   memory overlap.

   A batch is also what makes faults harmless.  Its state is in memory, and a
   step that is left by a fault begins again where that state says: with the
   item that could not be read (whose candidates are forgotten and found
   again), or with the candidate whose heuristic could not be computed. */

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

/* Sizes of a batch.  The prefetched lines of all candidates fit the first
   level cache. */
#define LG_BATCH_ITEMS 64
#define LG_BATCH_CANDS 512

/* A block with more words is not read at once, but in slices as large as the
   candidates allow: the mark stack stays small when a table that points at
   every block is read. */
#define LG_SMALL_WORDS 64

/* So many bytes are read between progress reports. */
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

    /* When stack and slices are empty, looks for more to push.  May be NULL.
       Returns False when there is no more. */
    Bool (*source)(LgMark* m);
    UInt sourceAt; /* where it looks next */
    UInt nPending; /* blocks with the pending bit */

    UChar* met; /* see lg_met_begin; may be NULL */
    Bool   useMet;
    Bool   isMetStale; /* noted while searching from possibly lost blocks */

    Bool  isDone;          /* or else: left for a progress report */
    ULong progressB;       /* total.scannedB when progress is due */
    Bool  inHeuristic;     /* guest memory is being read for a heuristic */
    Bool  heuristicFaults; /* and could not be, for the current candidate */

    UInt*  refs;       /* while they are counted */
    UChar* found;      /* while it is followed what leads where */
    UInt   leader;     /* of the clique being gathered */
    UInt   leaderItem; /* in the batch of leaders, whose turn is next */
    UInt*  parent;
    SizeT* indirectB;
    UInt   pass; /* of leaders; see lg_cliques.c */
    const UChar* rank;
    UInt   spreadFrom; /* kinds, as a set */
    LgKind spreadTo;
    UInt   nSpread; /* blocks gone through */

    LgPageAnswer mappingEnds[LG_PAGE_CACHE];
    LgPageAnswer codePages[LG_PAGE_CACHE];

    LgBatch* active; /* the one to look at after a fault */
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

/* Does one of the skips lie in so short an item? */
Bool lg_short_item_has_skip(const LgMark* m, const LgItem* it);

/* Can it be read as it is? */
static inline Bool lg_item_is_small(const LgMark* m, const LgItem* it)
{
    return lg_item_is_short(it) &&
           (LIKELY(m->nSkips == 0) || !lg_short_item_has_skip(m, it));
}

/* Takes an item out of a batch of leaders; when it is its turn, it is read by
   way of the slices. */
static inline void lg_item_postpone(LgItem* it) { it->end = it->cur; }

/* To be read when the mark stack is empty. */
void lg_push_slice(LgMark* m, Addr lo, Addr hi, UInt src);
/* The same for an item that is no small block: without what was never
   touched, and with what is attached. */
void lg_push_block(LgMark* m, const LgItem* it);

/* A root in memory, to be read when the mark stack is empty.  False: it has no
   word. */
Bool lg_push_root(LgMark* m, Addr lo, Addr hi);
/* Makes a word of our own memory the first batch. */
void lg_batch_take_root(LgMark* m, const Addr* w);

/* always_inline, because gcc takes a function that only prefetches for one
   without effect, and drops the call. */
__attribute__((always_inline)) static inline void
lg_prefetch_item(const LgItem* it)
{
    __builtin_prefetch((const void*)it->cur);
    if (it->end - it->cur > 64 - (it->cur & 63))
        __builtin_prefetch((const void*)(it->cur + 64));
}

/* Marks the candidates b->cand.. of a batch. */
typedef void (*LgMarkStep)(LgMark* m, LgBatch* b);

/* Goes on until stack, slices and source are empty (True), or a progress
   report is due (False). */
Bool lg_drain(LgMark* m, LgMarkStep mark);

/* Runs `body` under guard until it sets isDone, and sees to its faults and to
   progress reports. */
void lg_run_guarded(LgMark* m, void (*body)(void* m));

/* ---- lg_mark_skips.c ---- */

void lg_skips_begin(LgMark* m);
void lg_skips_end(LgMark* m);

/* Pushes the slices of an item that remain without the skips. */
void lg_push_slices(LgMark* m, const LgItem* it);

/* Is [a, a + 8) an aligned word outside the skips? */
Bool lg_word_is_allowed(const LgMark* m, Addr a);

/* ---- lg_mark_read.c ---- */

/* Reads the items of a batch, from item b->item on, and looks its candidates
   up.  After this they name the block where the walk begins, and that block's
   entry is on its way. */
void lg_batch_scan(LgMark* m, LgBatch* b);

/* Most words are met more than once, and the second time changes nothing.  So
   there is a bit for every multiple of 16 (in the chunks that have a
   sub-index) that tells whether a word of this value was met in the current
   search: less than a byte for each block, where the blocks themselves take
   16.  Candidates of the main batch set their bits; those of the batch of
   leaders may be dropped unused and do not. */
#define LG_MET_STEP 16
#define LG_MET_BITS (1u << (LG_CHUNK_BITS - 4))

static inline SizeT lg_met_bit(UInt how, UWord d)
{
    return (SizeT)(how - 1) * LG_MET_BITS +
           (d / LG_MET_STEP & (LG_MET_BITS - 1));
}

void lg_met_begin(LgMark* m); /* nothing was met */
void lg_met_end(LgMark* m);   /* from now on, every candidate counts */
/* When a word may mean something the next time it is met. */
void lg_met_forget(LgMark* m, Addr ptr);

/* ---- lg_heuristics.c ---- */

/* The first heuristic of `set` that makes `ptr`, which points into block i but
   not at its start, a start pointer.  Reads guest memory; to be called under
   guard. */
LgHeuristic lg_heuristic_of(LgMark* m, UInt i, Addr ptr, LgHeuristicSet set);

/* Does `ptr` point to the data of a leaf: to the bytes of a bytes object, to the
   characters of a str?  C code keeps such pointers. */
static inline Bool lg_is_leaf_data(const LgSnapshot* s, const LgSnapBlock* b,
                                   Addr ptr)
{
    Addr off = ptr - lg_sb_base(b);
    return off < 64 * 8 && off % 8 == 0 && (s->leafData >> off / 8 & 1);
}

/* A reference to an object holds its address.  A word that points elsewhere
   into a known object is a link of the collector's, which holds the address of a
   PyGC_Head, or not a pointer at all. */
static inline Bool lg_refers_to_object(const LgSnapshot* s,
                                       const LgSnapBlock* b, Addr ptr)
{
    if (lg_sb_pymem(b) || ptr == lg_sb_base(b))
        return True;
    return lg_sb_isLeaf(b) && lg_is_leaf_data(s, b, ptr);
}

/* The block that a candidate points into; False if there is none, or if it is
   a word that means nothing there.  `i` comes from the lookup and becomes the
   block's number. */
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
