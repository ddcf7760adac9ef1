/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_intercept.h: whether the program's malloc is ours.

   Valgrind replaces the functions of the heap where the program loads the
   preload library, and only in the objects that --soname-synonyms names.  A
   program whose malloc is another one has blocks that nobody knows, and a
   report without any must not say that all were freed. */

#ifndef LG_INTERCEPT_H
#define LG_INTERCEPT_H

#include "pub_tool_basics.h"

/* False: the program has blocks that are not known, if it has any. */
Bool lg_intercept_is_complete(void);

/* Where it is not complete: prints so, and what to do. */
void lg_intercept_explain(void);

#endif
