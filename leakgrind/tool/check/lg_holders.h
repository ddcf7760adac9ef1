/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_holders.h: who holds a Python object: the monitor command references, and
   leakgrind.references() in Python. */

#ifndef LG_HOLDERS_H
#define LG_HOLDERS_H

#include "pub_tool_basics.h"

/* Prints the reference count of the object at `a`, or in the block at `a`, each
   reference to it that is found, by the name of its holder, and how many nobody
   holds.  Of an immortal object it says only that it is one.  False: there is no
   object. */
Bool lg_holders_print(Addr a);

/* The same as text: the count (-1: immortal), the number that nobody holds, and
   each holder, on a line each.  Writes what fits into the program's buffer [buf,
   buf + szB), and returns the size of the whole; 0: there is no object. */
SizeT lg_holders_tell(Addr obj, Addr buf, SizeT szB);

#endif
