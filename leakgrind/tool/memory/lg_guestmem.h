/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_guestmem.h: access to memory of the program of which only the address is
   known, e.g. from a client request or a word of Python's memory.

   Mapped memory need not be readable: a file may be shorter than its mapping,
   and a mapping may have guard pages.  These functions try the access and
   survive a fault. */

#ifndef LG_GUESTMEM_H
#define LG_GUESTMEM_H

#include "pub_tool_basics.h"

/* False if not all bytes could be read or written; some of them may have
   been. */
Bool lg_guestmem_read(void* to, Addr from, SizeT szB);
Bool lg_guestmem_write(Addr to, const void* from, SizeT szB);

/* A copy of the string at `a` (to be freed with VG_(free)), cut off if it is
   very long; if the string cannot be read, a text that says so. */
HChar* lg_guestmem_string(Addr a);

/* Can each page of [lo, hi) be read? */
Bool lg_guestmem_is_readable(Addr lo, Addr hi);

/* Are there guard pages (MADV_GUARD_INSTALL) in [lo, hi), which lies in a
   readable mapping? */
Bool lg_guestmem_has_guards(Addr lo, Addr hi);

/* To be called after a successful madvise of the program.  Returns whether it
   installed or removed guard pages. */
Bool lg_guestmem_on_madvise(Addr a, SizeT szB, UWord advice);
void lg_guestmem_on_munmap(Addr a, SizeT szB);

/* Asserts the invariants of what is known of guard pages.  For --sanity-level. */
void lg_guestmem_check(void);

#endif
