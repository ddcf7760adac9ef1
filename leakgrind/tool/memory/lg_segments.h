/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_segments.h: the mappings of the program, as the core's address space
   manager knows them. */

#ifndef LG_SEGMENTS_H
#define LG_SEGMENTS_H

#include "pub_tool_basics.h"
#include "pub_tool_aspacemgr.h"
#include "pub_tool_debuginfo.h"

/* Kinds (SegKind) of memory that the program may have. */
#define LG_PROGRAM_SEGMENTS (SkFileC | SkAnonC | SkShmC)

/* The starts of all mappings of these kinds, in ascending order, and in *n
   their number; to be freed with VG_(free).  Reading or allocating memory may
   change the mappings: call VG_(am_find_nsegment) again for each start. */
Addr* lg_segments(UInt kinds, Int* n);

/* Visits the static variables of a library or of the program: the writable
   mappings of its file, from its code on, and then its bss. */
void lg_segments_visit_statics(const DebugInfo* module,
                               void (*range)(void* opaque, Addr lo, Addr hi),
                               void* opaque);

#endif
