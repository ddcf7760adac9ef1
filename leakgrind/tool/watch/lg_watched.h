/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_watched.h: the objects that are watched, and all changes of their reference
   counts.

   A change is kept as the context in which it was made; the changes in the same
   context are added up.  What the objects of one place went through that have
   died properly is kept, too: it tells which changes undo each other. */

#ifndef LG_WATCHED_H
#define LG_WATCHED_H

#include "pub_tool_basics.h"

#include "../../python/lg_pybalance.h"

typedef struct LgWatched LgWatched;
struct LgWatched {
    LgWatched*  next; /* as in VgHashNode */
    UWord       key;  /* the address of its reference count */
    Addr        start;  /* of its block; 0: it is no block */
    UInt        ctx;    /* where it was made */
    UInt        type;
    ULong       before; /* references that were taken before it was watched */
    LgPyChange* changes; /* `site` is the context */
    UInt        nChanges, maxChanges;
};

/* A copy of w that is not in the table and is never freed. */
LgWatched* lg_watched_copy(const LgWatched* w);

/* The object whose reference count is at this address, or whose block begins at
   `start`; NULL: it is not watched. */
LgWatched* lg_watched_find(Addr refcnt);
LgWatched* lg_watched_in_block(Addr start);

/* Begins to watch an object.  It has `refcnt` references; isNew: one of them
   is that of whoever has made it. */
LgWatched* lg_watched_add(Addr at, Addr start, UInt ctx, UInt type,
                          ULong refcnt, Bool isNew);
/* Its count has changed in this context. */
void lg_watched_change(LgWatched* w, UInt ctx, Long delta);
/* It is no more.  hasDied: its last reference was given back. */
void lg_watched_end(LgWatched* w, Bool hasDied);

UInt lg_watched_count(void); /* that are watched now */

/* Calls fn for each object that is watched now. */
void lg_watched_visit(void (*fn)(void* opaque, const LgWatched* w),
                      void* opaque);

/* The changes that objects made in `ctx` have gone through which have died
   properly; *n of them.  To be freed with VG_(free). */
LgPyChange* lg_watched_lives(UInt ctx, UInt* n);

/* The memory of these objects is no more. */
void lg_watched_end_in(Addr lo, SizeT szB);

/* Another Python begins. */
void lg_watched_forget(void);

#endif
