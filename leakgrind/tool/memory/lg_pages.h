/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pages.h: which pages of memory are in use.

   A reservation of a terabyte costs nothing until it is used, and reading it
   to find that out would take forever.  Reading the holes of a sparse file
   would fill the page cache.  So the kernel is asked:
   - about memory, with the request PAGEMAP_SCAN (Linux 6.7), page by page in
     /proc/self/pagemap, or, if that cannot be opened and nothing of the
     process is swapped out, with mincore;
   - about files, with lseek.
   Where the kernel must not be asked (lg_kernel.h) or does not know, all pages
   count as used. */

#ifndef LG_PAGES_H
#define LG_PAGES_H

#include "pub_tool_basics.h"

/* Calls fn for ranges of [lo, hi), in ascending order.  Together they hold all
   memory there that the program can read and that may be nonzero.  As far as
   the core knows, all of each range is readable. */
void lg_pages_apply_used(Addr lo, Addr hi,
                         void (*fn)(void* opaque, Addr lo, Addr hi),
                         void* opaque);

/* To be called after a successful mmap of the program, with its flags: other
   processes may write to shared anonymous memory, also to pages that the
   program itself has not touched. */
void lg_pages_after_mmap(Addr a, SizeT szB, UWord flags);
void lg_pages_on_munmap(Addr a, SizeT szB);

/* Asserts the invariants of what is known of shared memory.  For --sanity-level. */
void lg_pages_check(void);

/* Zeroes [p, p + szB) without touching pages that are zero already.  May zero
   up to 7 bytes behind the end as well. */
void lg_pages_zero(Addr p, SizeT szB);

#endif
