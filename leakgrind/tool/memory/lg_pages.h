/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pages.h: which pages of memory hold anything.

   A reservation of a terabyte costs nothing until it is used, and must not be
   read to find that out; nor must the holes of a sparse file, which would fill
   the page cache.  The kernel knows: of memory through the PAGEMAP_SCAN request
   (Linux 6.7), or page by page in /proc/self/pagemap, or where that cannot be
   opened by mincore, if nothing of the process is swapped out; of files through
   lseek.  What it may not be asked (lg_kernel.h), or cannot tell, is all taken
   for used. */

#ifndef LG_PAGES_H
#define LG_PAGES_H

#include "pub_tool_basics.h"

/* Calls fn for ranges that together hold all of [lo, hi) that the program can
   read and that may be anything but zeroes, clipped to it, ascending.  Of each
   range, all can be read as far as the core knows. */
void lg_pages_apply_used(Addr lo, Addr hi,
                         void (*fn)(void* opaque, Addr lo, Addr hi),
                         void* opaque);

/* The program has called mmap, with these flags and with success.  Of anonymous
   memory that it shares with other processes, these may have written to pages
   that it has not touched itself. */
void lg_pages_after_mmap(Addr a, SizeT szB, UWord flags);
void lg_pages_on_munmap(Addr a, SizeT szB);

/* Makes [p, p + szB) all zeroes without touching pages that are zero.  Up to 7
   bytes behind it may be zeroed as well. */
void lg_pages_zero(Addr p, SizeT szB);

#endif
