/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_growth.h: which owners (lg_retained.h) keep more in use than at the check
   before, of which type, and where that was made. */

#ifndef LG_GROWTH_H
#define LG_GROWTH_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

typedef struct LgGrowth LgGrowth;

LgGrowth* lg_growth_new(void);
void      lg_growth_delete(LgGrowth* g); /* NULL is allowed */

/* A new check begins; then each block is added.  `owner`: its name, a number of
   lg_texts.  `type`: 0 if it is no object.  `ctx`: where it was made. */
void lg_growth_begin(LgGrowth* g);
void lg_growth_add(LgGrowth* g, UInt owner, UInt type, UInt ctx, SizeT szB);

/* Appends, on a line each, the n largest of what has grown since the check before;
   nothing if there was none, or nothing has grown. */
void lg_growth_append(LgGrowth* g, XArray* text, UInt n);

/* Appends all that has grown, for programs: on a line each the owner, the type or
   nothing, the place or nothing, the number of blocks and of bytes, with tabs
   between them. */
void lg_growth_append_table(LgGrowth* g, XArray* text);

#endif
