/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_inlineinfo.h: of which files the inlined calls are read.

   A report without inlined frames loses lines that memcheck shows, so they are
   read.  But the C library's debug information is large, its inlined calls
   say little to its users, and reading them is the better part of what
   leakgrind needs to start: so not those, unless --read-inline-info=yes says
   so. */

#ifndef LG_INLINEINFO_H
#define LG_INLINEINFO_H

#include "pub_tool_basics.h"

/* After the options are read. */
void lg_inlineinfo_init(void);

/* Memory at `a` was mapped: perhaps of a file whose debug information is about
   to be read.  `isFileRead`: it has been read now. */
void lg_inlineinfo_on_mmap(Addr a, Bool isFileRead);

/* Before stacks are compared or printed: a program that maps a C library as
   data leaves it open what follows. */
void lg_inlineinfo_settle(void);

#endif
