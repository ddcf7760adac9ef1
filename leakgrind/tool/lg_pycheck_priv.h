/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycheck_priv.h: what the files of a check share. */

#ifndef LG_PYCHECK_PRIV_H
#define LG_PYCHECK_PRIV_H

#include "pub_tool_xarray.h"

#include "../python/lg_pytypes.h"
#include "lg_pycheck.h"

/* What an object holds no references in, unless it is being cleared. */
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

struct LgPyCheck {
    LgSnapshot* snap;
    UInt        n;
    UInt*       type;   /* by block; 0: no object, or not recognised */
    UInt*       refcnt; /* by block, of objects; at most 2^32 - 1 */
    UInt*       excess; /* by block, of unreached objects */
    UChar*      rank;   /* by block, of unreached ones */
    UChar*      cls;    /* by block: LgLossClass, and the flags below */
    LgRange*    skips;
    UInt        nSkips, maxSkips;
    XArray*     attached;    /* of LgAttached */
    XArray*     cleared;     /* of LgPyCleared; while the blocks are looked at */
    LgPyStatics dequeBlocks; /* likewise */
    UInt        interned;    /* likewise: which block may be the table of the
                                interned strings, plus 1, and how many entries */
    Addr        nInterned;   /* it has */
};

/* In `cls`. */
enum {
    IS_HELD     = 0x80, /* some reference to the object stands where the
                           collector does not look; so it takes the object
                           for one that is in use */
    IS_CACHED   = 0x40, /* it waits in a free list of CPython's */
    IS_IMMORTAL = 0x20,
    IS_DEAD     = 0x10, /* it waits in somebody else's, or was not freed */
    CLASS_FLAGS = IS_HELD | IS_CACHED | IS_IMMORTAL | IS_DEAD
};

/* lg_pylook.c: looks at every block of the snapshot: fills in `type`, `refcnt`,
   flags of `cls` and `skips`, and tells the snapshot. */
void lg_pycheck_look(LgPyCheck* c);

#endif
