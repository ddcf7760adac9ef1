/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_sparse.h: the holes of mapped files. */

#ifndef LG_SPARSE_H
#define LG_SPARSE_H

#include "pub_tool_basics.h"
#include "pub_tool_aspacemgr.h"

/* Calls fn for the parts of [lo, hi), which lies in the mapping of a file, in
   ascending order.  isHole: the part is a hole of the file or lies beyond its
   end; otherwise it is data.  A file that cannot be found or opened counts as
   data.  Only if lg_kernel_allows_files(). */
void lg_sparse_visit(const NSegment* seg, Addr lo, Addr hi,
                     void (*fn)(void* opaque, Addr lo, Addr hi, Bool isHole),
                     void* opaque);

#endif
