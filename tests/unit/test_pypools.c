/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pypools.c: pools made by hand, whole and torn.  Pools of a real CPython
   are in test_pypools_cpython.c. */

#include "../../leakgrind/python/lg_pypools.h"
#include "check.h"
#include "poolgen.h"

static PoolGen* g;

/* Offsets in the header of a pool */
enum {
    COUNT         = 0,
    FREEBLOCK     = 8,
    SZIDX         = 36,
    NEXTOFFSET    = 40,
    MAXNEXTOFFSET = 44
};

static void set_number(UInt pool, UInt offset, UInt value)
{
    memcpy((void*)(poolgen_pool(g, pool) + offset), &value, sizeof value);
}

static void set_address(Addr at, Addr value)
{
    memcpy((void*)at, &value, sizeof value);
}

static Addr block(UInt pool, UInt i)
{
    return poolgen_pool(g, pool) + LG_PY_POOL_OVERHEAD +
           (Addr)i * (g->pool[pool].szidx + 1) * LG_PY_ALIGNMENT;
}

static void count_block(void* opaque, Addr start, UInt szB)
{
    (void)start;
    (void)szB;
    ++*(UInt*)opaque;
}

/* --- Whole pools --------------------------------------------------------- */

static void header(void)
{
    poolgen_clear(g, 4096, 1);
    LgPyMem  mem = poolgen_mem(g);
    LgPyPool p = lg_pypool_read(&mem, poolgen_pool(g, 0), 4096);
    expect_eq(p.state, LgPyPoolUnused);

    poolgen_fill(g, 0, 3, 20, 5, 1);
    p = lg_pypool_read(&mem, poolgen_pool(g, 0), 4096);
    expect_eq(p.state, LgPyPoolUsed);
    expect_eq(p.start, poolgen_pool(g, 0));
    expect_eq(p.szidx, 3);
    expect_eq(p.refcount, 15);
    expect_eq(p.nBlocks, 63); /* (4096 - 48) / 64 */
    expect_eq(p.nextoffset, 48 + 20 * 64);

    poolgen_fill(g, 0, 3, 20, 20, 1);
    p = lg_pypool_read(&mem, poolgen_pool(g, 0), 4096);
    expect_eq(p.state, LgPyPoolUnused); /* used before */
}

/* Every size class, in the pools of all versions: none, one, all of the blocks
   handed out; none, some, all of them free. */
static void all_classes(void)
{
    static const UInt poolSzB[] = {4096, 16384, 65536};

    for (UInt s = 0; s < 3; s++)
        for (UInt szidx = 0; szidx < LG_PY_SIZE_CLASSES; szidx++) {
            poolgen_clear(g, poolSzB[s], 4);
            UInt fit = poolgen_fit(g, szidx);
            poolgen_fill(g, 0, szidx, 1, 0, 1);
            poolgen_fill(g, 1, szidx, fit, 0, 1);
            poolgen_fill(g, 2, szidx, fit, fit / 2, szidx);
            poolgen_fill(g, 3, szidx, fit, fit, szidx);
            expect_true(poolgen_check(g));
        }
}

static void use(void)
{
    LgPyArenaUse u;

    poolgen_clear(g, 4096, 4);
    poolgen_fill(g, 0, 0, 100, 10, 1);
    poolgen_fill(g, 1, 31, 7, 0, 2);
    poolgen_fill(g, 2, 31, 7, 7, 3);
    LgPyMem mem = poolgen_mem(g);
    lg_pyarena_walk(&mem, poolgen_pool(g, 0), poolgen_pool(g, 4), 4096, NULL,
                    NULL, &u);
    expect_eq(u.nPools, 4);
    expect_eq(u.nUsed, 2);
    expect_eq(u.nTorn, 0);
    expect_eq(u.size[0].nPools, 1);
    expect_eq(u.size[0].nBlocksUsed, 90);
    expect_eq(u.size[0].nBlocksFree, 253 - 90); /* (4096 - 48) / 16 */
    expect_eq(u.size[31].nPools, 1);
    expect_eq(u.size[31].nBlocksUsed, 7);
    expect_eq(u.size[31].nBlocksFree, 0);
    expect_eq(u.usedB, 90 * 16 + 7 * 512);
    expect_eq(u.freeB, (253 - 90) * 16 + 2 * 4096);
}

/* Pools begin at multiples of their size; what is before the first one and
   behind the last one is none. */
static void unaligned_arena(void)
{
    LgPyArenaUse u;
    UInt         n = 0;

    poolgen_clear(g, 4096, 4);
    for (UInt i = 0; i < 4; i++)
        poolgen_fill(g, i, 5, 10, 2, i);
    LgPyMem mem = poolgen_mem(g);
    lg_pyarena_walk(&mem, poolgen_pool(g, 0) + 16, poolgen_pool(g, 4) - 16,
                    4096, count_block, &n, &u);
    expect_eq(u.nPools, 2);
    expect_eq(n, 16);
    n = 0;
    lg_pyarena_walk(&mem, poolgen_pool(g, 0), poolgen_pool(g, 0), 4096,
                    count_block, &n, &u);
    expect_eq(u.nPools, 0);
    /* At the end of the address space. */
    lg_pyarena_walk(&mem, ~(Addr)0 - 100, ~(Addr)0, 4096, count_block, &n, &u);
    expect_eq(u.nPools, 0);
    expect_eq(n, 0);
}

/* --- Torn pools ---------------------------------------------------------- */

/* The pool in the middle of three was damaged: nothing of it is told, and all
   of the others. */
static void expect_torn(const char* how)
{
    LgPyMem      mem = poolgen_mem(g);
    LgPyArenaUse u;
    UInt         n = 0;

    lg_pyarena_walk(&mem, poolgen_pool(g, 0), poolgen_pool(g, 3), g->poolSzB,
                    count_block, &n, &u);
    if (!expect_eq(u.nTorn, 1) || !expect_eq(u.nUsed, 2) ||
        !expect_eq(n, g->pool[0].nUsed + g->pool[2].nUsed))
        printf("  %s\n", how);
}

enum { SZIDX_HERE = 5, SZB = 96, CARVED = 30, FREE = 10 };

static void three_pools(void)
{
    poolgen_clear(g, 4096, 3);
    for (UInt i = 0; i < 3; i++)
        poolgen_fill(g, i, SZIDX_HERE, CARVED, FREE, 7 + i);
}

static void torn_headers(void)
{
    static const struct {
        const char* how;
        UInt        offset, value;
    } damages[] = {
        {"no such size class", SZIDX, 32},
        {"a size class far away", SZIDX, 0xFFFFFFFF},
        {"another size class", SZIDX, SZIDX_HERE + 1},
        {"maxnextoffset too small", MAXNEXTOFFSET, 4096 - SZB - 16},
        {"maxnextoffset too large", MAXNEXTOFFSET, 4096},
        {"more in use than fit", COUNT, 43},
        {"many more", COUNT, 0xFFFFFFFF},
        {"more in use than were handed out", COUNT, CARVED},
        {"one more in use", COUNT, CARVED - FREE + 1},
        {"one less in use", COUNT, CARVED - FREE - 1},
        {"nextoffset in the header", NEXTOFFSET, 32},
        {"nextoffset within a block", NEXTOFFSET, 48 + CARVED * SZB + 16},
        {"nextoffset one block further", NEXTOFFSET, 48 + (CARVED + 1) * SZB},
        {"nextoffset behind the pool", NEXTOFFSET, 48 + 43 * SZB},
        {"nextoffset far away", NEXTOFFSET, 0xFFFFFFF0},
    };

    for (UInt i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        three_pools();
        set_number(1, damages[i].offset, damages[i].value);
        expect_torn(damages[i].how);
    }
}

/* All the rest of the header fits a size class that does not exist: of blocks
   without bytes, or of more than pymalloc gives out. */
static void no_such_class(void)
{
    three_pools();
    set_number(1, COUNT, 0);
    set_number(1, SZIDX, 0xFFFFFFFF);
    set_number(1, MAXNEXTOFFSET, 4096);
    expect_torn("blocks without bytes");

    three_pools();
    set_address(poolgen_pool(g, 1) + FREEBLOCK, 0);
    set_number(1, COUNT, 2);
    set_number(1, SZIDX, 32);
    set_number(1, NEXTOFFSET, 48 + 2 * 528);
    set_number(1, MAXNEXTOFFSET, 4096 - 528);
    expect_torn("blocks of 528 bytes");
}

/* A block of pool 1 that is free, or that is in use. */
static Addr some_block(Bool isUsed)
{
    UInt i = 0;
    while (g->pool[1].isUsed[i] != isUsed)
        i++;
    return block(1, i);
}

static void torn_lists(void)
{
    Addr head;

    three_pools();
    Addr pool = poolgen_pool(g, 1);
    set_address(pool + FREEBLOCK, 0);
    expect_torn("no list");

    three_pools();
    set_address(pool + FREEBLOCK, pool);
    expect_torn("the header is the first free block");

    three_pools();
    set_address(pool + FREEBLOCK, block(1, CARVED));
    expect_torn("a block that was never handed out");

    three_pools();
    set_address(pool + FREEBLOCK, block(2, 0));
    expect_torn("a block of another pool");

    three_pools();
    set_address(pool + FREEBLOCK, some_block(False) + 8);
    expect_torn("not the start of a block");

    three_pools();
    memcpy(&head, (void*)(pool + FREEBLOCK), sizeof head);
    set_address(head, head);
    expect_torn("a block that follows itself");

    three_pools();
    memcpy(&head, (void*)(pool + FREEBLOCK), sizeof head);
    set_address(some_block(False), head);
    expect_torn("a list that comes back");

    three_pools();
    set_address(head, some_block(True));
    expect_torn("a list that goes on through blocks in use");

    three_pools();
    set_address(head, 1);
    expect_torn("an odd address");

    three_pools();
    set_address(head, ~(Addr)0);
    expect_torn("the last address there is");
}

/* Torn beyond reading. */
static const void* nowhere(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    (void)a;
    (void)szB;
    return NULL;
}

/* The headers can be read, and nothing else. */
static const void* headers_only(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    return szB == LG_PY_POOL_OVERHEAD ? (const void*)a : NULL;
}

static void unreadable(void)
{
    LgPyMem      mem = {NULL, nowhere, NULL};
    LgPyArenaUse u;
    UInt         n = 0;

    three_pools();
    lg_pyarena_walk(&mem, poolgen_pool(g, 0), poolgen_pool(g, 3), 4096,
                    count_block, &n, &u);
    expect_eq(u.nTorn, 3);
    expect_eq(n, 0);
    mem.at = headers_only;
    lg_pyarena_walk(&mem, poolgen_pool(g, 0), poolgen_pool(g, 3), 4096,
                    count_block, &n, &u);
    expect_eq(u.nTorn, 3);
    expect_eq(n, 0);
}

/* --- Is it an arena? ----------------------------------------------------- */

static Bool is_likely(UInt poolSzB)
{
    LgPyMem mem = poolgen_mem(g);
    return lg_pyarena_is_likely(&mem, (Addr)g->arena,
                                poolgen_pool(g, g->nPools), poolSzB);
}

static void likely(void)
{
    three_pools();
    expect_true(is_likely(4096));

    poolgen_clear(g, 4096, 4); /* zeroes */
    expect_false(is_likely(4096));

    poolgen_fill(g, 0, 1, 10, 0, 1); /* a single pool may be chance */
    expect_false(is_likely(4096));

    poolgen_clear(g, 4096, 4);
    UInt seed = 12345;
    for (UInt i = 0; i < 4 * 4096; i++)
        g->arena[i] = (UChar)((seed = seed * 1664525u + 1013904223u) >> 24);
    expect_false(is_likely(4096));

    poolgen_clear(g, 16384, 4); /* other pools than one believes */
    for (UInt i = 0; i < 4; i++)
        poolgen_fill(g, i, 9, 60, 3, i);
    expect_true(is_likely(16384));
    expect_false(is_likely(4096));
}

/* --- Random -------------------------------------------------------------- */

static void random_pools(void)
{
    enum { ROUNDS = 20000, MAX_BYTES = 80 };
    UInt  seed = 1;
    UChar data[MAX_BYTES];

    for (UInt i = 0; i < ROUNDS; i++) {
        UInt n = 1 + i % MAX_BYTES;
        for (UInt j = 0; j < n; j++)
            data[j] = (UChar)((seed = seed * 1664525u + 1013904223u) >> 24);
        poolgen_make(g, data, n);
        if (!expect_true(poolgen_check(g))) {
            printf("  round %u\n", i);
            return;
        }
    }
}

int main(void)
{
    g = poolgen_new();
    check_run(header);
    check_run(all_classes);
    check_run(use);
    check_run(unaligned_arena);
    check_run(torn_headers);
    check_run(no_such_class);
    check_run(torn_lists);
    check_run(unreadable);
    check_run(likely);
    check_run(random_pools);
    poolgen_delete(g);
    return check_done();
}
