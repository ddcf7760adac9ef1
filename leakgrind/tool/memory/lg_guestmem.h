/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_guestmem.h: the program's memory where an address is all that is known of
   it: what a request names, or what some word of Python's points at.

   That something is mapped does not say that it can be read: a file may be
   shorter than its mapping, and a mapping may have guard pages.  Each of these
   tries, and survives. */

#ifndef LG_GUESTMEM_H
#define LG_GUESTMEM_H

#include "pub_tool_basics.h"

/* False if not all bytes could be read or written; then part of them may have
   been. */
Bool lg_guestmem_read(void* to, Addr from, SizeT szB);
Bool lg_guestmem_write(Addr to, const void* from, SizeT szB);

/* A copy of the string at `a` (for VG_(free)), cut if it is very long; of what
   cannot be read, a text that says so. */
HChar* lg_guestmem_string(Addr a);

/* Can each page of [lo, hi) be read? */
Bool lg_guestmem_is_readable(Addr lo, Addr hi);

/* Has a mapping that can be read otherwise guard pages in [lo, hi)
   (MADV_GUARD_INSTALL)? */
Bool lg_guestmem_has_guards(Addr lo, Addr hi);

/* The program has called madvise, with success; is this about guard pages? */
Bool lg_guestmem_on_madvise(Addr a, SizeT szB, UWord advice);
void lg_guestmem_on_munmap(Addr a, SizeT szB);

#endif
