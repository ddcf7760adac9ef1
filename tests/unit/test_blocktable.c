/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_blocktable.c: the table of live blocks. */

#include "../../leakgrind/engine/lg_blocktable.h"
#include "check.h"
#include "tableops.h"

static void insert(LgBlockTable* bt, Addr start, SizeT szB, UInt ctx,
                   LgAllocKind kind, UShort flags)
{
    LgBlock b = {start, szB, ctx, (UChar)kind, flags};
    lg_bt_insert(bt, &b);
}

static void expect_block(const LgBlock* b, Addr start, SizeT szB, UInt ctx,
                         LgAllocKind kind, UShort flags)
{
    expect_eq(b->start, start);
    expect_eq(b->szB, szB);
    expect_eq(b->ctx, ctx);
    expect_eq(b->allocKind, kind);
    expect_eq(b->flags, flags);
}

static void empty(void)
{
    LgBlockTable* bt = lg_bt_new();
    LgBlockCursor cur = {{0}};
    LgBlock       b;
    expect_false(lg_bt_find(bt, 0, LgAllocMalloc, &b));
    expect_false(lg_bt_remove(bt, 0x1000, LgAllocMalloc, &b));
    expect_false(lg_bt_remove(bt, ~(Addr)0, LgAllocMalloc, &b));
    expect_false(lg_bt_resize(bt, 0x1000, LgAllocMalloc, 1));
    expect_false(lg_bt_find_containing(bt, 0x1000, 1000, &b));
    expect_false(lg_bt_next(bt, &cur, &b));
    expect_false(lg_bt_next(bt, &cur, &b));
    expect_eq(lg_bt_count(bt), 0);
    expect_eq(lg_bt_bytes(bt), 0);
    lg_bt_flag_all(bt, 1);
    lg_bt_check(bt);
    lg_bt_delete(bt);
}

/* Every start, size and flag that decides how a block is stored. */
static void all_sorts_of_blocks(void)
{
    static const Addr starts[] = {
        0, 1, 63, 64, 0xFFF, 0x1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFFFFFF,
        0x1000000000000, 0x8000000000000000, ~(Addr)63, ~(Addr)0};
    static const SizeT sizes[] = {0, 1, 131071, 131072, 1ULL << 32,
                                  LG_MAX_BLOCK_SZB, LG_MAX_BLOCK_SZB + 1,
                                  ~(SizeT)0};
    static const UShort flags[] = {0, LG_BF_GENERATION, 0x0F, 0x10,
                                    LG_BF_STORED};
    LgBlock            b;

    LgBlockTable* bt = lg_bt_new();
    for (UInt i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        for (UInt k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            UShort f = flags[(i + k) % 5];
            SizeT szB = sizes[k] > LG_MAX_BLOCK_SZB ? LG_MAX_BLOCK_SZB
                                                    : sizes[k];
            LgAllocKind kind = (LgAllocKind)((i + k) % LG_N_ALLOC_KINDS);
            LgBlock in = {starts[i], sizes[k], ~i, (UChar)kind, f};
            lg_bt_insert(bt, &in);
            expect_eq(lg_bt_bytes(bt), szB);
            expect_true(lg_bt_find(bt, starts[i], LgAllocMalloc, &b));
            expect_block(&b, starts[i], szB, ~i, kind, f);
            expect_false(lg_bt_find(bt, starts[i] ^ 1, LgAllocMalloc, &b));
            expect_true(lg_bt_remove(bt, starts[i], LgAllocPool, &b));
            expect_block(&b, starts[i], szB, ~i, kind, f);
            expect_false(lg_bt_find(bt, starts[i], LgAllocMalloc, &b));
            expect_eq(lg_bt_count(bt), 0);
        }
    }
    lg_bt_check(bt);
    lg_bt_delete(bt);
}

/* A walk stops at the end of the address space instead of beginning again. */
static void walk_to_the_very_end(void)
{
    static const Addr starts[] = {0, 0xFFFFFFFFFFFF, ~(Addr)64, ~(Addr)1,
                                  ~(Addr)0};
    enum { N = sizeof starts / sizeof starts[0] };
    LgBlockTable* bt = lg_bt_new();
    LgBlockCursor cur = {{0}};
    LgBlock       b;
    UInt          n = 0;
    for (UInt i = N; i-- > 0;)
        insert(bt, starts[i], 1, i, LgAllocMalloc, 0);
    while (n <= N && lg_bt_next(bt, &cur, &b)) {
        expect_eq(b.start, starts[n]);
        n++;
    }
    expect_eq(n, N);
    expect_false(lg_bt_next(bt, &cur, &b));
    lg_bt_delete(bt);
}

/* From any place on, and the one before it: dense blocks, large ones, none. */
static void seeking(void)
{
    static const struct {
        Addr  start;
        SizeT szB;
    } blocks[] = {{0x10000, 16},   {0x10010, 16},    {0x10040, 0x20},
                  {0x14000, 0x9000}, {0x200000, 0}, {0x7fff00000000, 0x40}};
    enum { N = sizeof blocks / sizeof blocks[0] };
    LgBlockTable* bt = lg_bt_new();
    LgBlockCursor cur = {{0}};
    LgBlock       b;

    expect_false(lg_bt_before(bt, 0x10000, &b));
    for (UInt i = 0; i < N; i++)
        insert(bt, blocks[i].start, blocks[i].szB, i, LgAllocMalloc, 0);
    for (UInt i = 0; i < N; i++) {
        Addr at = blocks[i].start & ~(Addr)63;
        UInt first = i; /* of those in the same 64 bytes */
        while (first > 0 && blocks[first - 1].start >= at)
            first--;
        lg_bt_seek(&cur, at);
        assert_true(lg_bt_next(bt, &cur, &b));
        expect_eq(b.start, blocks[first].start);
        lg_bt_seek(&cur, at + 64);
        expect_eq(lg_bt_next(bt, &cur, &b), i + 1 < N);
        /* No block is so large that an earlier one could reach up to here. */
        if (i + 1 < N && blocks[i].start + 64 < blocks[i + 1].start) {
            assert_true(lg_bt_before(bt, at + 64, &b));
            expect_eq(b.start, blocks[i].start);
        }
    }
    assert_true(lg_bt_before(bt, 0x14000 + 0x9000, &b));
    expect_eq(b.start, 0x14000);
    expect_false(lg_bt_before(bt, 0x7ffe00000000, &b));
    expect_false(lg_bt_before(bt, 0, &b));
    lg_bt_delete(bt);
}

static void several_with_one_start(void)
{
    LgBlockTable* bt = lg_bt_new();
    LgBlock       b;
    insert(bt, 0x1008, 100, 1, LgAllocMalloc, 0);
    insert(bt, 0x1008, 50, 2, LgAllocCustom, 0);
    insert(bt, 0x1008, 25, 3, LgAllocPool, 0);
    insert(bt, 0x1008, 12, 4, LgAllocCustom, 0);
    insert(bt, 0x1000, 8, 5, LgAllocMalloc, 0); /* the same 64 bytes */
    insert(bt, 0x1010, 8, 6, LgAllocMalloc, 0);
    lg_bt_check(bt);
    expect_true(lg_bt_find(bt, 0x1008, LgAllocNew, &b));
    expect_eq(b.ctx, 4); /* the youngest */
    expect_true(lg_bt_find(bt, 0x1008, LgAllocMalloc, &b));
    expect_eq(b.ctx, 1);
    expect_true(lg_bt_find(bt, 0x1008, LgAllocCustom, &b));
    expect_eq(b.ctx, 4); /* the youngest of that kind */

    static const UInt order[] = {5, 4, 3, 2, 1, 6};
    LgBlockCursor     cur = {{0}};
    for (UInt i = 0; i < 6; i++) {
        expect_true(lg_bt_next(bt, &cur, &b));
        expect_eq(b.ctx, order[i]);
    }
    expect_false(lg_bt_next(bt, &cur, &b));

    expect_true(lg_bt_resize(bt, 0x1008, LgAllocPool, 1 << 20));
    expect_true(lg_bt_remove(bt, 0x1008, LgAllocPool, &b));
    expect_block(&b, 0x1008, 1 << 20, 3, LgAllocPool, 0);
    lg_bt_check(bt);
    for (UInt i = 0; i < 3; i++)
        expect_true(lg_bt_remove(bt, 0x1008, LgAllocCustom, &b));
    expect_eq(b.ctx, 1);
    expect_false(lg_bt_remove(bt, 0x1008, LgAllocCustom, &b));
    expect_eq(lg_bt_count(bt), 2);
    expect_eq(lg_bt_bytes(bt), 16);
    lg_bt_check(bt);
    lg_bt_delete(bt);
}

static void resizing(void)
{
    LgBlockTable* bt = lg_bt_new();
    LgBlock       b;
    insert(bt, 0x1000, 16, 9, LgAllocNew, 1);
    static const SizeT sizes[] = {0, 131071, 131072, 1ULL << 40, 5, ~(SizeT)0};
    for (UInt i = 0; i < 6; i++) {
        SizeT want = sizes[i] > LG_MAX_BLOCK_SZB ? LG_MAX_BLOCK_SZB : sizes[i];
        expect_true(lg_bt_resize(bt, 0x1000, LgAllocMalloc, sizes[i]));
        lg_bt_check(bt);
        expect_true(lg_bt_find(bt, 0x1000, LgAllocMalloc, &b));
        expect_block(&b, 0x1000, want, 9, LgAllocNew, 1);
        expect_eq(lg_bt_bytes(bt), want);
    }
    lg_bt_delete(bt);
}

/* Everything but the start may change; of several with one start, only the
   one that would be found does. */
static void updating(void)
{
    static const UShort flags[] = {LG_BF_PY_MEM, LG_BF_PY_PREFIX, 0x0F,
                                    LG_BF_STORED, 0};
    LgBlockTable*      bt = lg_bt_new();
    LgBlock            b;

    insert(bt, 0x1000, 16, 9, LgAllocMalloc, 0);
    for (UInt i = 0; i < 5; i++) {
        LgBlock new = {0x1000, i * 100000, i, LgAllocPython, flags[i]};
        expect_true(lg_bt_update(bt, 0x1000, LgAllocMalloc, &new));
        lg_bt_check(bt);
        expect_true(lg_bt_find(bt, 0x1000, LgAllocMalloc, &b));
        expect_block(&b, 0x1000, i * 100000, i, LgAllocPython, flags[i]);
        expect_eq(lg_bt_bytes(bt), i * 100000);
        expect_eq(lg_bt_count(bt), 1);
    }
    insert(bt, 0x1000, 8, 1, LgAllocMalloc, 0);
    insert(bt, 0x1008, 8, 2, LgAllocPython, 0);
    LgBlock new = {0x1000, 24, 7, LgAllocMalloc, LG_BF_PY_OBJ};
    expect_true(lg_bt_update(bt, 0x1000, LgAllocPython, &new));
    expect_true(lg_bt_remove(bt, 0x1000, LgAllocMalloc, &b));
    expect_block(&b, 0x1000, 8, 1, LgAllocMalloc, 0); /* still the youngest */
    expect_true(lg_bt_remove(bt, 0x1000, LgAllocMalloc, &b));
    expect_block(&b, 0x1000, 24, 7, LgAllocMalloc, LG_BF_PY_OBJ);
    expect_false(lg_bt_update(bt, 0x1000, LgAllocMalloc, &new));
    lg_bt_check(bt);
    lg_bt_delete(bt);
}

static void flags_for_all(void)
{
    LgBlockTable* bt = lg_bt_new();
    LgBlock       b;
    for (UInt i = 0; i < 100; i++)
        insert(bt, ((Addr)i << 57) + i, i * 10000, i, LgAllocMalloc,
               i % 3 == 0 ? 2 : 0);
    lg_bt_flag_all(bt, LG_BF_GENERATION);
    lg_bt_flag_all(bt, 0x80); /* does not fit the short form */
    lg_bt_check(bt);
    for (UInt i = 0; i < 100; i++) {
        expect_true(lg_bt_find(bt, ((Addr)i << 57) + i, LgAllocMalloc, &b));
        expect_eq(b.flags, 0x81 | (i % 3 == 0 ? 2 : 0));
        expect_eq(b.szB, i * 10000);
    }
    lg_bt_delete(bt);
}

static UInt describe(const LgBlockTable* bt, Addr a, SizeT slop)
{
    LgBlock b;
    return lg_bt_find_containing(bt, a, slop, &b) ? b.ctx : 0;
}

static void describing_an_address(void)
{
    LgBlockTable* bt = lg_bt_new();
    insert(bt, 0x10000, 100, 1, LgAllocMalloc, 0);
    insert(bt, 0x10080, 0, 2, LgAllocMalloc, 0);
    insert(bt, 0x20000, 1 << 24, 3, LgAllocMalloc, 0);
    insert(bt, 0x30000, 16, 4, LgAllocCustom, 0); /* in the one before */
    expect_eq(describe(bt, 0x10000, 0), 1);
    expect_eq(describe(bt, 0x10063, 0), 1);
    expect_eq(describe(bt, 0x10064, 0), 1); /* just behind: 0 bytes after */
    expect_eq(describe(bt, 0x10065, 0), 0);
    expect_eq(describe(bt, 0x10065, 1), 1);
    expect_eq(describe(bt, 0xFFFF, 0), 0);
    expect_eq(describe(bt, 0xFFFF, 1), 1); /* just before */
    expect_eq(describe(bt, 0x10080, 0), 2);
    expect_eq(describe(bt, 0x10078, 20), 1); /* behind comes before ahead */
    expect_eq(describe(bt, 0x30008, 0), 4);
    expect_eq(describe(bt, 0x30010, 0), 3);
    expect_eq(describe(bt, 0x20000 + (1 << 24) - 1, 0), 3);
    expect_eq(describe(bt, 0, 0xFFFF), 0);
    expect_eq(describe(bt, 0, 0x10000), 1);
    expect_eq(describe(bt, ~(Addr)0, 1000), 0);
    lg_bt_delete(bt);
}

/* Used as a program uses a heap: what is released is used again. */
static void footprint(void)
{
    enum { N = 200000 };
    LgBlockTable* bt = lg_bt_new();
    LgBlock       b = {0, 40, 1, 0, 0}, out;
    SizeT         first = 0;
    for (UInt round = 0; round < 3; round++) {
        Addr base = 0x40000000 + (Addr)round * N * 48;
        for (UInt i = 0; i < N; i++) {
            b.start = base + i * 48;
            lg_bt_insert(bt, &b);
        }
        if (round == 0)
            first = lg_bt_footprint(bt);
        for (UInt i = 0; i < N; i++)
            expect_true(lg_bt_remove(bt, base + i * 48, LgAllocMalloc, &out));
    }
    lg_bt_check(bt);
    expect_true(first / N <= 16); /* bytes per block */
    expect_true(lg_bt_footprint(bt) < first + first / 4);
    lg_bt_delete(bt);
}

/* Random calls, compared with a plain list. */
static void like_a_list(void)
{
    static UChar bytes[1200];
    ULong        x = 88172645463325252ULL;
    for (UInt round = 0; round < 40; round++) {
        for (UInt i = 0; i < sizeof bytes; i++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[i] = (UChar)(x >> 56);
        }
        if (!expect_true(tableops_blocks(bytes, sizeof bytes - round)))
            printf("  in round %u\n", round);
    }
}

int main(void)
{
    check_run(empty);
    check_run(all_sorts_of_blocks);
    check_run(walk_to_the_very_end);
    check_run(seeking);
    check_run(several_with_one_start);
    check_run(resizing);
    check_run(updating);
    check_run(flags_for_all);
    check_run(describing_an_address);
    check_run(footprint);
    check_run(like_a_list);
    return check_done();
}
