/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pysnapshot_priv.h: what the files of lg_pysnapshot share. */

#ifndef LG_PYSNAPSHOT_PRIV_H
#define LG_PYSNAPSHOT_PRIV_H

#include "pub_tool_xarray.h"

#include "../../python/lg_pyowned.h"
#include "../../python/lg_pytypes.h"
#include "lg_pysnapshot.h"

/* Words of an object that hold no references, unless the object is being
   cleared. */
typedef struct {
    Addr    obj;
    LgRange words;
} LgPyCleared;

/* Blocks to which static variables lead (lg_pystatics.h). */
enum { LG_PY_MAX_STATICS = 256 };
typedef struct {
    UInt block[LG_PY_MAX_STATICS];
    Bool isUsed[LG_PY_MAX_STATICS];
    UInt n;
} LgPyStatics;

struct LgPySnapshot {
    LgSnapshot* snap;
    UInt        n;
    UInt*       type;   /* by block; 0: no object, or not recognised */
    UInt*       refcnt; /* by block, of objects; at most 2^32 - 1 */
    UInt*       excess; /* by block, of unreached objects */
    UInt*       cRefs;  /* by block: see lg_pysnap_c_refs */
    UInt*       unheld; /* by block: see lg_pysnap_unheld; or NULL */
    UInt        nUnheld;
    UInt*       inC;    /* by block, of unreached objects without excess: the
                           references to it that stand in C memory; or NULL */
    UChar*      isOld;  /* by block: it has outlived a run of the collector over
                           all objects, which was its last run; or NULL */
    UChar*      rank;   /* by block, of unreached ones */
    UChar*      cls;    /* by block: LgLossClass, and the flags below */
    LgRange*    skips;
    UInt        nSkips, maxSkips;
    XArray*     attached;    /* of LgAttached */
    XArray*     cleared;     /* of LgPyCleared; while blocks are classified */
    LgPyStatics dequeBlocks; /* likewise */
    UInt        interned;    /* likewise: which block may be the table of the
                                interned strings, plus 1, and how many entries */
    Addr        nInterned;   /* it has */
    UInt*       deficit; /* by block: see lg_pydeficits_of; or NULL */
    UInt        nDeficits; /* how many objects have one */
    LgPyOwner*  ownerTypes;  /* of lg_pyowners; or NULL */
};

/* In `cls`. */
enum {
    IS_HELD     = 0x80, /* some reference to the object stands where the
                           collector does not look; so it takes the object
                           for one that is in use */
    IS_CACHED   = 0x40, /* it waits in a free list of CPython's */
    IS_IMMORTAL = 0x20,
    IS_DEAD     = 0x10, /* it waits in somebody else's, or was not freed */
    IS_OWN_TYPE = 0x08, /* a class that is its own type */
    CLASS_FLAGS = IS_HELD | IS_CACHED | IS_IMMORTAL | IS_DEAD | IS_OWN_TYPE
};

static inline LgSnapBlock* lg_pysnap_block(const LgPySnapshot* c, UInt i)
{
    return &lg_snap_blocks(c->snap)[i];
}

/* The number of the block with the object at `obj`; -1: there is none. */
static inline Int lg_pysnap_object_at(const LgPySnapshot* c, Addr obj)
{
    Int i = lg_snap_find(c->snap, obj);

    return i >= 0 && c->type[i] != 0 &&
                   lg_sb_base(lg_pysnap_block(c, (UInt)i)) == obj
               ? i
               : -1;
}

/* Is block i an object of one of CPython's own types, the one of this name? */
Bool lg_pysnap_is_builtin(const LgPySnapshot* c, UInt i, const HChar* name);

static inline Bool lg_pysnap_is_unreached(const LgPySnapshot* c, UInt i)
{
    return lg_sb_kind(lg_pysnap_block(c, i)) == LgDefinite;
}

/* Add to the skips: a range; a word; a word only if it leads to a block. */
void lg_pysnap_skip(LgPySnapshot* c, LgRange r);
void lg_pysnap_skip_word(LgPySnapshot* c, Addr a);
void lg_pysnap_skip_number(LgPySnapshot* c, Addr a);

/* Does this rule apply (--py-rules)? */
Bool lg_pysnap_applies(LgRule rule);

/* lg_pyobjects.c: classifies every block of the snapshot.  Fills in `type`,
   `refcnt`, the flags in `cls`, and `skips`, and marks the objects in the
   snapshot. */
void lg_pysnap_look(LgPySnapshot* c);

/* lg_pycycles.c: to be called after references were counted; after
   lg_mark_cliques. */
void lg_pycycles_judge(LgPySnapshot* c, LgMark* m);
void lg_pycycles_settle(LgPySnapshot* c, LgMark* m);

/* lg_pyforeign.c: objects of extension modules.

   The part of object i that belongs to code other than CPython's: the C
   structure of its type, or of the nearest base type that has a tp_dealloc of
   its own, without the structure of CPython's type that it extends.  False:
   there is none. */
Bool lg_pyforeign_part(const LgPySnapshot* c, UInt i, LgRange* out);
/* How many words point at the object from that part, and from unreached memory
   that hangs from it and is no object. */
UInt lg_pyforeign_own_pointers(const LgPySnapshot* c, UInt i);

/* lg_pycollector.c: fills in isOld, if any object is old. */
void lg_pycollector_mark_old(LgPySnapshot* c);
/* In CPython 3.9 to 3.11: the lists of an interpreter's collector; gc.garbage;
   0: not found.  lg_pycollector_visit calls fn for each object in the lists. */
Addr lg_pycollector_generations(Addr interp);
Addr lg_pycollector_garbage(Addr generations);
void lg_pycollector_visit(Addr generations,
                          void (*fn)(void* opaque, Addr obj), void* opaque);
static inline Bool lg_pysnap_is_old(const LgPySnapshot* c, UInt i)
{
    return c->isOld != NULL && c->isOld[i];
}

#endif
