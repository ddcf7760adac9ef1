/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_rootnames.h: what the place is called where a path begins. */

#ifndef LG_ROOTNAMES_H
#define LG_ROOTNAMES_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../base/lg_ranges.h"
#include "../../python/lg_pyframes.h"

/* In a program with Python, how much these words tell as a beginning: 0 globals of
   other code than CPython's; 1 the same without symbols, a stack or a mapping; 2
   globals of CPython's own, or of leakgrind's library. */
UChar lg_rootnames_rank(LgRange words);

/* Is it a function of leakgrind/client.py? */
Bool lg_rootnames_is_own_frame(const LgPyFrame* f);

/* "global registry (in libfoo.so)", "thread 2, f (foo.c:30)", "thread-local memory
   of thread 1", "frame f (app.py:12) stack", "a mapping".  `frames`: of Python, of
   all threads.  isGeneral: elements of an array are not told apart. */
void lg_rootnames_append(XArray* text, const XArray* frames, Addr at,
                         Bool isGeneral);

/* "frame f (app.py:12) local x" */
void lg_rootnames_append_local(XArray* text, const LgPyFrame* f, Addr at);

#endif
