/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_takers.h: whose code a context is, in which a reference count changed, and
   what a person would call the place. */

#ifndef LG_TAKERS_H
#define LG_TAKERS_H

#include "pub_tool_basics.h"

#include "../../python/lg_pybalance.h"

/* What context is that of a change; isNew: there the object was made. */
LgPySite lg_takers_site(UInt ctx, Bool isNew);

/* Enough for a description. */
#define LG_TAKERS_TEXT_SZB 1000

/* "by PySequence_GetItem at first (seq.c:12), by Python: f (app.py:3)"; the
   function of CPython's is missing if an extension has changed the count by
   itself, or if it has no name. */
void lg_takers_describe(UInt ctx, HChar text[LG_TAKERS_TEXT_SZB]);

#endif
