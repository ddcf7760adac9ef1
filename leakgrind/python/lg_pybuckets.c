/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pybuckets.c: see lg_pybuckets.h. */

#include "lg_pybuckets.h"

enum {
    N_DATA = 1024,
    N_DIMS = 16,
    MIN_DIMS = 2, /* words; fewer are never asked for */
    BUCKET_WORDS = sizeof(LgPyBucket) / sizeof(Addr),
    /* No more places are looked at closely. */
    MAX_TRIES = 4096
};

typedef struct {
    const LgPyBucket* buckets;
    UInt              n;
    SizeT             unitB;
} Array;

static Bool may_lead_to_block(Addr a)
{
    const Addr first = 4096, end = (Addr)1 << 47;
    return a % 16 == 0 && a >= first && a < end;
}

/* Slots are filled from the first on, and never emptied. */
static Bool has_form(const LgPyBucket* b)
{
    UInt nUsed = 0;

    while (nUsed < LG_PY_BUCKET_SLOTS && b->slots[nUsed] != 0)
        if (!may_lead_to_block(b->slots[nUsed++]))
            return False;
    for (UInt k = nUsed; k < LG_PY_BUCKET_SLOTS; k++)
        if (b->slots[k] != 0)
            return False;
    return b->n <= nUsed;
}

/* Do blocks that are large enough wait in bucket i?  Some of just its size? */
static Bool bucket_fits(const Array* a, UInt i, const LgPyBucketsHost* host,
                 Bool* isExact)
{
    const LgPyBucket* b = &a->buckets[i];
    SizeT             szB;

    *isExact = False;
    if (!has_form(b))
        return False;
    for (UInt k = 0; k < b->n; k++) {
        if (!host->block(host->opaque, b->slots[k], &szB) || szB < i * a->unitB)
            return False;
        if (i > 0 && szB == i * a->unitB)
            *isExact = True;
    }
    return True;
}

/* All buckets fit, and in so many there is a block of just the size. */
static Bool is_bucket_array(const Array* a, UInt minExact, const LgPyBucketsHost* host)
{
    UInt nExact = 0;
    Bool isExact;

    for (UInt i = 0; i < a->n; i++) {
        if (!bucket_fits(a, i, host, &isExact))
            return False;
        nExact += isExact;
    }
    return nExact >= minExact;
}

static Bool is_data(const LgPyBucket* buckets, const LgPyBucketsHost* host)
{
    enum { MIN_EXACT = 3 };
    Array a = {buckets, N_DATA, 1};

    return is_bucket_array(&a, MIN_EXACT, host);
}

static Bool is_dims(const LgPyBucket* buckets, const LgPyBucketsHost* host)
{
    Array a = {buckets, N_DIMS, sizeof(Addr)};

    for (UInt i = 0; i < MIN_DIMS; i++)
        if (buckets[i].slots[0] != 0)
            return False;
    return is_bucket_array(&a, 1, host);
}

/* Data of a library, as words. */
typedef struct {
    const Addr* first;
    const Addr* end;
} Words;

static Bool bucket_contains(Words w, const LgPyBucket* b, UInt n)
{
    SizeT before = (SizeT)((const Addr*)b - w.first);
    return before + (SizeT)n * BUCKET_WORDS <= (SizeT)(w.end - w.first);
}

/* Where the array would begin, if `b` is a bucket with a block of just its size;
   or NULL. */
static const LgPyBucket* array_of(Words w, const LgPyBucket* b,
                                  const LgPyBucketsHost* host)
{
    SizeT szB;

    if (b->n == 0 || b->n > LG_PY_BUCKET_SLOTS ||
        !may_lead_to_block(b->slots[0]) ||
        !host->block(host->opaque, b->slots[0], &szB) || szB >= N_DATA ||
        (SizeT)((const Addr*)b - w.first) < szB * BUCKET_WORDS)
        return NULL;
    return bucket_contains(w, b - szB, N_DATA) ? b - szB : NULL;
}

static const LgPyBucket* find_data(Words w, const LgPyBucketsHost* host)
{
    UInt nTries = 0;

    for (const Addr* at = w.first;
         at + BUCKET_WORDS <= w.end && nTries < MAX_TRIES; at++) {
        const LgPyBucket* array = array_of(w, (const LgPyBucket*)at, host);
        if (array == NULL)
            continue;
        if (is_data(array, host))
            return array;
        nTries++;
    }
    return NULL;
}

const LgPyBucket* lg_pybuckets_find(const Addr* words, SizeT nWords,
                                    const LgPyBucketsHost* host, UInt* nBuckets)
{
    Words             w = {words, words + nWords};
    const LgPyBucket* data = find_data(w, host);

    if (data == NULL)
        return NULL;
    *nBuckets = N_DATA + N_DIMS;
    if ((const Addr*)data - words >= N_DIMS * BUCKET_WORDS &&
        is_dims(data - N_DIMS, host))
        return data - N_DIMS;
    if (!bucket_contains(w, data + N_DATA, N_DIMS) || !is_dims(data + N_DATA, host))
        *nBuckets = N_DATA;
    return data;
}
