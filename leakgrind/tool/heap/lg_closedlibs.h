/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_closedlibs.h: names of functions in libraries that the program has closed.

   When a library is unmapped, Valgrind's core forgets its debug information,
   and stacks that go through it say no more than "???".  With
   --keep-debuginfo=yes it keeps that of every library.  Here it is kept of the
   libraries that live blocks were allocated through, and of a library that is
   opened and closed at the same place again and again, once.
   --keep-debuginfo on the command line goes before. */

#ifndef LG_CLOSEDLIBS_H
#define LG_CLOSEDLIBS_H

#include "pub_tool_basics.h"

/* After the options are read. */
void lg_closedlibs_init(void);

/* The core has taken up the debug information of another file. */
void lg_closedlibs_on_file_read(void);

/* Before the core drops what it knows of the files at [a, a + szB), which was
   unmapped. */
void lg_closedlibs_on_munmap(Addr a, SizeT szB);

#endif
