/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_showpaths.h: the paths to the blocks of a loss record (--show-paths): blocks
   that hang from the same places in the same way are one line. */

#ifndef LG_SHOWPATHS_H
#define LG_SHOWPATHS_H

#include "pub_tool_basics.h"

#include "../../engine/lg_lossrec.h"
#include "lg_heapsearch.h"

/* Finds the paths to all blocks of the search that are in records for which
   `isShown`, which has a byte for each record, is not 0. */
void lg_showpaths_begin(LgHeapSearch* s, const LgLossTable* records,
                        const UChar* isShown);
void lg_showpaths_end(void);

/* Between these: tells at most `max` of the paths of record number r, the most
   frequent first, each as its steps from the root on, with newlines after them. */
void lg_showpaths_each(UInt r, UInt max,
                       void (*visit)(void* opaque, UInt nBlocks,
                                     const HChar* steps),
                       void* opaque);

/* Between these: prints at most --show-paths of a record's, the most frequent
   first. */
void lg_showpaths_print(const LgLossRecord* r);

#endif
