/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pages.h: which pages of private anonymous memory were ever touched.

   A reservation of a terabyte costs nothing until it is used, and must not be
   read to find that out.  The kernel knows: through the PAGEMAP_SCAN request
   (Linux 6.7), else page by page in /proc/self/pagemap.  Where neither can be
   had, all pages count as touched. */

#ifndef LG_PAGES_H
#define LG_PAGES_H

#include "pub_tool_basics.h"

/* Calls fn for ranges that together hold every touched page of [lo, hi),
   clipped to it, ascending.  Untouched pages read as zeroes. */
void lg_pages_apply_touched(Addr lo, Addr hi,
                            void (*fn)(void* opaque, Addr lo, Addr hi),
                            void* opaque);

/* Makes [p, p + szB) all zeroes without touching pages that are untouched.
   Up to 7 bytes behind it may be zeroed as well. */
void lg_pages_zero(Addr p, SizeT szB);

#endif
