/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pybuckets.h: NumPy's caches of small blocks.

   NumPy puts small blocks aside instead of freeing them: the data of an array of
   i bytes in bucket i of one static array, its dimensions (i words) in bucket i
   of another, which lies beside the first.  A bucket is a number and seven
   pointers.  The first `number` of these lead to blocks that wait, whose contents
   are dead.  The others lead to blocks that were taken out: they are stale.

   The arrays have no symbols, so they are known by what stands in them.  All that
   is in the place of an array must have the form of buckets, and no block that
   waits may be too small for its bucket; in the larger array, three buckets must
   have blocks of exactly their sizes; the smaller one must have a block of exactly
   its bucket's size, and nothing in its first two buckets, which NumPy does not
   use. */

#ifndef LG_PYBUCKETS_H
#define LG_PYBUCKETS_H

#include "lg_pymem.h"

enum { LG_PY_BUCKET_SLOTS = 7 };

typedef struct {
    Addr n; /* that wait */
    Addr slots[LG_PY_BUCKET_SLOTS];
} LgPyBucket;

typedef struct {
    void* opaque;
    /* Does a live block begin at `a`?  Of what size? */
    Bool (*block)(void* opaque, Addr a, SizeT* szB);
} LgPyBucketsHost;

/* Finds the buckets of both arrays, or those of the larger one alone, among the
   words of a library's data.  NULL: there are none, or it is not certain. */
const LgPyBucket* lg_pybuckets_find(const Addr* words, SizeT nWords,
                                    const LgPyBucketsHost* host, UInt* nBuckets);

/* No fewer words can have them. */
enum { LG_PY_MIN_BUCKET_WORDS = 1024 * (1 + LG_PY_BUCKET_SLOTS) };

#endif
