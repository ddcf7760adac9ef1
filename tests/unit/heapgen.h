/* SPDX-License-Identifier: GPL-2.0-or-later */
/* heapgen.h: turns bytes into a heap with roots, for random tests and fuzzing.

   Any sequence of bytes gives a heap, in real memory of this process: blocks
   (also overlapping ones), pointers of all sorts, contents that heuristics look
   for, tables of virtual functions, skips, pages that cannot be read. */

#ifndef LG_TESTS_HEAPGEN_H
#define LG_TESTS_HEAPGEN_H

#include "oracle.h"

typedef struct HeapGen HeapGen;

HeapGen* heapgen_new(void);
void     heapgen_delete(HeapGen* g);

/* The heap of these bytes; holds until the next call. */
const OracleHeap* heapgen_make(HeapGen* g, const UChar* bytes, SizeT n);

#endif
