/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pointersearch.h: the places that hold a pointer to some memory. */

#ifndef LG_POINTERSEARCH_H
#define LG_POINTERSEARCH_H

#include "pub_tool_basics.h"

#include "../../engine/lg_snapshot.h"
#include "lg_roots.h"

/* Who is told. */
typedef struct {
    void* opaque;
    void (*place)(void* opaque, Addr at, Addr word);
    void (*reg)(void* opaque, ThreadId tid, const HChar* name, UWord value);
    Bool (*isEnough)(void* opaque); /* the search may end */
} LgPointerVisitor;

/* Reads the roots of a leak check and all blocks of the snapshot (NULL: none),
   whether they can be reached or not, for words with an address in [start, start
   + szB). */
void lg_pointersearch_run(const LgSnapshot* snap, Addr start, SizeT szB,
                          LgMoment moment, const LgPointerVisitor* v);

#endif
