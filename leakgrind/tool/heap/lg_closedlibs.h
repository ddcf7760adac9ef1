/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_closedlibs.h: names of functions in libraries that the program has
   closed.

   When a library is unmapped, Valgrind's core forgets its debug information,
   and its frames become "???".  With --keep-debuginfo=yes the core keeps the
   debug information of every library.  This module has it kept only for
   libraries through which live blocks were allocated, and only once for a
   library that is opened and closed at the same place again and again.  An
   explicit --keep-debuginfo switches this module off. */

#ifndef LG_CLOSEDLIBS_H
#define LG_CLOSEDLIBS_H

#include "pub_tool_basics.h"

/* To be called after the options are read. */
void lg_closedlibs_init(void);

/* To be called when the core has read the debug information of another file. */
void lg_closedlibs_on_file_read(void);

/* To be called when [a, a + szB) was unmapped, before the core drops the debug
   information of the files there. */
void lg_closedlibs_on_munmap(Addr a, SizeT szB);

#endif
