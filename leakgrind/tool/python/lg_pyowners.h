/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyowners.h: which object surely owns which references (lg_pyowned.h), of all
   objects of a leak check. */

#ifndef LG_PYOWNERS_H
#define LG_PYOWNERS_H

#include "../../python/lg_pyowned.h"
#include "lg_pysnapshot.h"

/* `owner` is the number of a block. */
typedef void (*LgPyOwnersFn)(void* opaque, UInt owner, const LgPyOwned* w);

/* Visits what object i owns; nothing if it is dead, or is the table of interned
   strings, which owns none of them. */
void lg_pyowners_visit(LgPySnapshot* c, UInt i, LgPyOwnersFn fn, void* opaque);

/* The same for all objects. */
void lg_pyowners_visit_all(LgPySnapshot* c, LgPyOwnersFn fn, void* opaque);

#endif
