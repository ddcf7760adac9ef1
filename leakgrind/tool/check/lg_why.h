/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_why.h: why a block is still there: the monitor command why, LEAKGRIND_WHY, and
   leakgrind.why() in Python. */

#ifndef LG_WHY_H
#define LG_WHY_H

#include "pub_tool_basics.h"

/* Prints, for each of n blocks, the shortest path from a root to it, each step on a
   line.  `at`: the address of a block, or a place in one; the address of what is in
   no block gets a message. */
void lg_why_print(const Addr* at, UInt n);

/* The same as text, of the object at `obj`: a line for each step.  Writes what fits
   into the program's buffer [buf, buf + szB), and returns the size of the whole; 0:
   there is no path. */
SizeT lg_why_tell(Addr obj, Addr buf, SizeT szB);

#endif
