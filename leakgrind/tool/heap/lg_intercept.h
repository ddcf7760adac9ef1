/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_intercept.h: whether the program's malloc was replaced.

   Valgrind replaces the heap functions only if the program loads the preload
   library, and only in the objects that --soname-synonyms names.  The blocks
   of any other malloc are unknown to leakgrind, and a report without blocks
   must then not say that all were freed. */

#ifndef LG_INTERCEPT_H
#define LG_INTERCEPT_H

#include "pub_tool_basics.h"

/* Does leakgrind know the blocks of the malloc that the program calls? */
Bool lg_intercept_is_complete(void);

/* If it is not complete, prints so, and what to do about it. */
void lg_intercept_explain(void);

#endif
