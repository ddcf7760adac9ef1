/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycheck_priv.h: what lg_pycheck.c and lg_pylook.c share. */

#ifndef LG_PYCHECK_PRIV_H
#define LG_PYCHECK_PRIV_H

#include "lg_pycheck.h"

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
