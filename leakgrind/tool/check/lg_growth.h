/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_growth.h: which owners (lg_retained.h) keep more in use than at the check
   before, of which type, and where that was made. */

#ifndef LG_GROWTH_H
#define LG_GROWTH_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

/* A new check begins; then each reachable block is added.  `owner`: its name, a
   number of lg_texts.  `type`: 0 if it is no object.  `ctx`: where it was made. */
void lg_growth_begin(void);
void lg_growth_add(UInt owner, UInt type, UInt ctx, SizeT szB);

/* Appends, on a line each, the n largest of what has grown since the check before;
   nothing if there was none, or nothing has grown. */
void lg_growth_end(XArray* text, UInt n);

#endif
