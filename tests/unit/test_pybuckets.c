/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pybuckets.c: NumPy's caches of small blocks among other data, and data
   that only looks like them. */

#include "check.h"

#include "../../leakgrind/python/lg_pybuckets.h"

enum {
    N_DATA = 1024,
    N_DIMS = 16,
    BEFORE = 37, /* words of other data */
    AFTER = 200,
    N_BUCKETS = N_DATA + 2 * N_DIMS,
    N_WORDS = BEFORE + N_BUCKETS * 8 + AFTER,
    MAX_BLOCKS = 4096
};

/* --- Data of a library, and blocks ------------------------------------------ */

static Addr words[N_WORDS];

static struct {
    Addr  start[MAX_BLOCKS];
    SizeT szB[MAX_BLOCKS];
    UInt  n;
} heap;

static Bool block_at(void* opaque, Addr a, SizeT* szB)
{
    (void)opaque;
    for (UInt i = 0; i < heap.n; i++)
        if (heap.start[i] == a) {
            *szB = heap.szB[i];
            return True;
        }
    return False;
}

static const LgPyBucketsHost host = {NULL, block_at};

static Addr make_block(SizeT szB)
{
    assert_true(heap.n < MAX_BLOCKS);
    heap.start[heap.n] = 0x5000000 + (Addr)heap.n * 4096;
    heap.szB[heap.n] = szB;
    return heap.start[heap.n++];
}

/* --- Caches ------------------------------------------------------------------ */

static LgPyBucket* bucket(UInt i)
{
    return (LgPyBucket*)(words + BEFORE) + i;
}

/* After the dimensions, where they come first. */
static LgPyBucket* data(UInt i)
{
    return bucket(N_DIMS + i);
}

static LgPyBucket* dims_before(UInt i)
{
    return bucket(i);
}

static LgPyBucket* dims_after(UInt i)
{
    return bucket(N_DIMS + N_DATA + i);
}

static void wait_in(LgPyBucket* b, SizeT szB)
{
    b->slots[b->n++] = make_block(szB);
}

/* Other data everywhere, and a cache of data with blocks in some buckets. */
static void make_data(void)
{
    static const UInt used[] = {1, 8, 80, 1023};

    heap.n = 0;
    for (UInt i = 0; i < N_WORDS; i++)
        words[i] = i % 3 == 0 ? 0x5000001 : i;
    memset(data(0), 0, N_DATA * sizeof(LgPyBucket));
    for (UInt i = 0; i < sizeof used / sizeof used[0]; i++)
        for (UInt k = 0; k < 4; k++)
            wait_in(data(used[i]), used[i]);
    data(8)->n = 2;
    data(300)->slots[0] = 0x7FFF00001000; /* stale */
}

static void make_dims(LgPyBucket* first)
{
    memset(first, 0, N_DIMS * sizeof(LgPyBucket));
    wait_in(&first[2], 2 * sizeof(Addr));
    wait_in(&first[2], 4 * sizeof(Addr)); /* too large does no harm */
    wait_in(&first[4], 4 * sizeof(Addr));
}

static const LgPyBucket* find(UInt* n)
{
    *n = 0;
    return lg_pybuckets_find(words, N_WORDS, &host, n);
}

/* `first`: NULL if nothing is to be found. */
static void expect_found(const LgPyBucket* first, UInt n)
{
    UInt got;
    expect_eq((Addr)find(&got), (Addr)first);
    expect_eq(got, n);
}

/* --- Tests ------------------------------------------------------------------- */

static void found(void)
{
    make_data();
    expect_found(data(0), N_DATA);
    make_dims(dims_before(0));
    expect_found(dims_before(0), N_DATA + N_DIMS);
    make_data();
    make_dims(dims_after(0));
    expect_found(data(0), N_DATA + N_DIMS);
}

static void at_the_edges(void)
{
    const SizeT first = BEFORE + N_DIMS * 8, n = N_DATA * 8;
    UInt        got;

    make_data();
    expect_eq((Addr)lg_pybuckets_find(words + first, n, &host, &got),
              (Addr)data(0));
    expect_eq(got, N_DATA);
    expect_true(lg_pybuckets_find(words + first, n - 1, &host, &got) == NULL);
    expect_true(lg_pybuckets_find(words + first + 1, n - 1, &host, &got) == NULL);
    expect_true(lg_pybuckets_find(words, 7, &host, &got) == NULL);
    expect_true(lg_pybuckets_find(words, 0, &host, &got) == NULL);
}

/* Each of these alone leaves a doubt. */
static void doubtful(void)
{
    make_data();
    data(500)->n = 8;
    expect_found(NULL, 0);
    make_data();
    data(500)->n = 1; /* and nothing in it */
    expect_found(NULL, 0);
    make_data();
    wait_in(data(500), 499);
    expect_found(NULL, 0);
    make_data();
    data(500)->slots[1] = 0x5000000; /* after a slot that was never used */
    expect_found(NULL, 0);
    make_data();
    data(500)->slots[0] = 0x5000008; /* malloc has no such addresses */
    expect_found(NULL, 0);
    make_data();
    data(500)->slots[0] = (Addr)1 << 47;
    expect_found(NULL, 0);
    make_data();
    data(500)->n = 1;
    data(500)->slots[0] = 0x5FFF000; /* no block */
    expect_found(NULL, 0);
}

static void too_little(void)
{
    make_data();
    data(80)->n = data(1023)->n = 0;
    expect_found(NULL, 0);
    make_data();
    data(1023)->n = 0;
    expect_found(data(0), N_DATA);
    for (UInt k = 0; k < heap.n; k++)
        if (heap.szB[k] == 80)
            heap.szB[k] = 88;
    expect_found(NULL, 0);
}

static void no_dims(void)
{
    make_data();
    memset(dims_before(0), 0, N_DIMS * sizeof(LgPyBucket));
    expect_found(data(0), N_DATA);
    wait_in(dims_before(2), 3 * sizeof(Addr));
    expect_found(data(0), N_DATA);
    make_data();
    make_dims(dims_before(0));
    wait_in(dims_before(1), sizeof(Addr));
    expect_found(data(0), N_DATA);
    make_data();
    make_dims(dims_after(0));
    wait_in(dims_after(15), 14 * sizeof(Addr));
    expect_found(data(0), N_DATA);
}

/* Many words that could each be a bucket end the search. */
static void many_tries(void)
{
    static Addr many[1 << 20];
    UInt        got;

    heap.n = 0;
    Addr block = make_block(1);
    for (SizeT i = 0; i + 1 < sizeof many / sizeof many[0]; i += 2) {
        many[i] = 1;
        many[i + 1] = block;
    }
    expect_true(lg_pybuckets_find(many, sizeof many / sizeof many[0], &host,
                                  &got) == NULL);
}

int main(void)
{
    check_run(found);
    check_run(at_the_edges);
    check_run(doubtful);
    check_run(too_little);
    check_run(no_dims);
    check_run(many_tries);
    return check_done();
}
