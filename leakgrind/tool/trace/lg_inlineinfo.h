/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_inlineinfo.h: for which files Valgrind reads information on inlined
   calls.

   Without it, stacks would lack frames that memcheck shows.  But the C
   library's debug information is large: reading its inlined calls takes most
   of leakgrind's start-up time, and they tell users little.  So they are read
   only with --read-inline-info=yes. */

#ifndef LG_INLINEINFO_H
#define LG_INLINEINFO_H

#include "pub_tool_basics.h"

/* To be called after the options are read. */
void lg_inlineinfo_init(void);

/* To be called when memory was mapped at `a`.  The core may be about to read
   the debug information of the file; isFileRead: it has read it now. */
void lg_inlineinfo_on_mmap(Addr a, Bool isFileRead);

/* To be called before stacks are compared or printed.  If the program maps a C
   library as data, the core may not have read debug information after
   lg_inlineinfo_on_mmap; this restores the setting. */
void lg_inlineinfo_settle(void);

#endif
