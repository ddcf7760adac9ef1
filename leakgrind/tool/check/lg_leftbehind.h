/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leftbehind.h: what a piece of a program leaves behind: the blocks that are made
   after a request of the program's and are still there at the next
   (leakgrind.growth()). */

#ifndef LG_LEFTBEHIND_H
#define LG_LEFTBEHIND_H

#include "pub_tool_basics.h"

/* Notes which blocks there are, and returns a number for lg_leftbehind_end. */
UWord lg_leftbehind_begin(void);

/* Makes a search, and writes the table (lg_growth_append_table) of the blocks that
   are new to the program's buffer [buf, buf + szB), if it fits.  Returns the size of
   this text; 0: there are none, or the number is wrong.  A number is good until its
   text has fitted.  A block that has the place and the stack of an earlier one does
   not count as new. */
SizeT lg_leftbehind_end(UWord number, Addr buf, SizeT szB);

#endif
