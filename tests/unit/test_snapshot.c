/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_snapshot.c: sorting, overlaps, and the block that holds an address. */

#include "../../leakgrind/engine/lg_snapshot.h"
#include "check.h"

static LgOverlap mistakes[4];
static UInt      nMistakes;

static LgSnapshot* snapshot(const LgBlock* blocks, UInt n)
{
    LgSnapshot* s = lg_snap_new(n);
    for (UInt i = 0; i < n; i++)
        lg_snap_add(s, &blocks[i]);
    memset(mistakes, 0, sizeof mistakes);
    nMistakes = lg_snap_finish(s, mistakes, 4);
    lg_snap_check(s);
    return s;
}

/* Which block holds `a`, by its context; 0 for none. */
static UInt holder(const LgSnapshot* s, Addr a)
{
    Int i = lg_snap_find(s, a);
    return i < 0 ? 0 : lg_snap_ctx(s, (UInt)i);
}

static void empty(void)
{
    LgSnapshot* s = snapshot(NULL, 0);
    expect_eq(lg_snap_count(s), 0);
    expect_eq(lg_snap_find(s, 0), -1);
    expect_eq(lg_snap_find(s, 0x1000), -1);
    expect_eq(lg_snap_find(s, ~(Addr)0), -1);
    lg_snap_delete(s);
}

static void what_is_stored(void)
{
    const LgBlock b[] = {
        {0x3000, 0, 7, LgAllocPool, LG_BF_INHERITED},
        {0x1000, 5, 0xFFFFFFFF, LgAllocNewVec,
         LG_BF_PY_OBJ | LG_BF_PY_CODE | LG_BF_PY_LEFT},
        {0x1005, 3, 8, LgAllocCustom, 0}};
    LgSnapshot* s = snapshot(b, 3);
    expect_eq(nMistakes, 0);
    assert_eq(lg_snap_count(s), 3);
    const LgSnapBlock* e = lg_snap_blocks(s);
    expect_eq(lg_sb_start(&e[0]), 0x1000);
    expect_eq(lg_sb_szB(&e[0]), 5);
    expect_eq(lg_snap_ctx(s, 0), 0xFFFFFFFF);
    expect_eq(lg_sb_allocKind(&e[0]), LgAllocNewVec);
    expect_false(lg_sb_inherited(&e[0]));
    expect_eq(lg_sb_szB(&e[2]), 0);
    expect_eq(lg_sb_searchSzB(&e[2]), 1);
    expect_eq(lg_sb_allocKind(&e[2]), LgAllocPool);
    expect_true(lg_sb_inherited(&e[2]));
    expect_eq(lg_sb_kind(&e[2]), LgDefinite);
    expect_false(lg_sb_suppressed(&e[2]));
    expect_eq(lg_snap_flags(s, 0), LG_BF_PY_OBJ | LG_BF_PY_CODE | LG_BF_PY_LEFT);
    expect_eq(lg_snap_flags(s, 1), 0);
    expect_eq(lg_snap_flags(s, 2), LG_BF_INHERITED);
    expect_eq(holder(s, 0xFFF), 0);
    expect_eq(holder(s, 0x1004), 0xFFFFFFFF);
    expect_eq(holder(s, 0x1005), 8);
    expect_eq(holder(s, 0x3000), 7);
    expect_eq(holder(s, 0x3001), 0);
    lg_snap_delete(s);
}

/* Both ends of the address space, and blocks that would stick out. */
static void ends_of_the_address_space(void)
{
    const LgBlock b[] = {{0, 16, 1, 0, 0},
                         {0x1000, 1ULL << 50, 2, 0, 0},
                         {~(Addr)0 - 15, 100, 3, 0, 0}};
    LgSnapshot* s = snapshot(b, 3);
    expect_eq(holder(s, 0), 1);
    expect_eq(holder(s, 16), 0);
    expect_eq(holder(s, 0x1000 + LG_MAX_BLOCK_SZB - 1), 2);
    expect_eq(holder(s, 0x1000 + LG_MAX_BLOCK_SZB), 0);
    expect_eq(holder(s, ~(Addr)0 - 16), 0);
    expect_eq(holder(s, ~(Addr)0 - 15), 3);
    expect_eq(holder(s, ~(Addr)0 - 1), 3);
    expect_eq(lg_sb_szB(&lg_snap_blocks(s)[2]), 16);
    lg_snap_delete(s);
}

/* Blocks of `szB` bytes with `gap` between them; every address is looked up. */
static void look_up_all(UInt n, SizeT szB, SizeT gap, Addr start)
{
    LgSnapshot* s = lg_snap_new(n);
    for (UInt i = 0; i < n; i++) {
        LgBlock b = {start + i * (szB + gap), szB, i + 1, 0, 0};
        lg_snap_add(s, &b);
    }
    assert_eq(lg_snap_finish(s, NULL, 0), 0);
    UInt nWrong = 0;
    SizeT step = (szB + gap) * n / 200000 + 1;
    for (SizeT off = 0; off < (szB + gap) * n; off += step) {
        UInt i = (UInt)(off / (szB + gap));
        Bool inside = off % (szB + gap) < (szB == 0 ? 1 : szB);
        nWrong += holder(s, start + off) != (inside ? i + 1 : 0);
    }
    if (!expect_eq(nWrong, 0))
        printf("  %u blocks of %lu, %lu apart, from 0x%lx\n", n, szB, gap,
               start);
    lg_snap_delete(s);
}

static void dense_and_sparse(void)
{
    look_up_all(200000, 1, 0, 0x10000);      /* more than 16 bits can count */
    look_up_all(70000, 0, 15, 0x10000);
    look_up_all(50000, 16, 0, 0x12345);
    look_up_all(50000, 16, 16, 0x10000);
    look_up_all(20000, 100, 27, 0x100001);
    look_up_all(17, 1000, 0, 0x0FFFF0);      /* just too many for "few" */
    look_up_all(16, 1000, 0, 0x0FFFF0);
    look_up_all(1000, 70000, 4096, 0x55555000);
    look_up_all(100, (SizeT)1 << 20, 0, 0x7F0000000000);
    look_up_all(100, ((SizeT)1 << 20) + 8, 8, 0x7F0000012340);
    look_up_all(20, (SizeT)5 << 20, 16, 0x7F0000012340); /* whole chunks */
    look_up_all(10, (SizeT)6 << 30, (SizeT)1 << 40, 0x10000000);
}

/* So far apart that there is no index. */
static void all_over_the_address_space(void)
{
    enum { N = 60 };
    LgBlock b[N];
    for (UInt i = 0; i < N; i++)
        b[i] = (LgBlock){((Addr)i << 58) | 0x1000, i, i + 1, 0, 0};
    LgSnapshot* s = snapshot(b, N);
    for (UInt i = 0; i < N; i++) {
        Addr start = b[i].start;
        expect_eq(holder(s, start - 1), 0);
        expect_eq(holder(s, start), i + 1);
        expect_eq(holder(s, start + i + (i == 0)), 0);
    }
    lg_snap_delete(s);
}

static void grounds_are_dropped(void)
{
    const LgBlock b[] = {
        {0x1000, 4096, 1, LgAllocMalloc, 0},  /* holds 4 and 5 */
        {0x3000, 4096, 2, LgAllocNew, 0},     /* stays */
        {0x5000, 4096, 3, LgAllocNewVec, 0},  /* holds the end of 6 */
        {0x1000, 16, 4, LgAllocCustom, 0},
        {0x1800, 16, 5, LgAllocPool, 0},
        {0x4FF0, 32, 6, LgAllocMeta, 0},
    };
    LgSnapshot* s = snapshot(b, 6);
    expect_eq(nMistakes, 0);
    expect_eq(lg_snap_count(s), 4);
    expect_eq(holder(s, 0x1000), 4);
    expect_eq(holder(s, 0x1010), 0);
    expect_eq(holder(s, 0x1808), 5);
    expect_eq(holder(s, 0x3FFF), 2);
    expect_eq(holder(s, 0x500F), 6);
    expect_eq(holder(s, 0x5010), 0);
    lg_snap_delete(s);
}

/* An arena of pymalloc that came from malloc, one that came from a metapool;
   blocks of Python's are no ground themselves. */
static void grounds_of_python(void)
{
    const LgBlock b[] = {
        {0x10000, 0x4000, 1, LgAllocMalloc, LG_BF_PY_MEM},
        {0x10000, 512, 2, LgAllocPython, LG_BF_PY_OBJ},
        {0x13FF0, 16, 3, LgAllocPython, LG_BF_PY_MEM},
        {0x20000, 0x4000, 4, LgAllocMeta, 0},
        {0x20040, 64, 5, LgAllocPython, LG_BF_PY_LEFT},
        {0x30000, 64, 6, LgAllocPython, 0},
        {0x30010, 16, 7, LgAllocCustom, 0}, /* a mistake */
    };
    LgSnapshot* s = snapshot(b, 7);
    expect_eq(nMistakes, 1);
    expect_eq(mistakes[0].b.ctx, 7);
    expect_eq(mistakes[0].a.ctx, 6);
    expect_eq(lg_snap_count(s), 5);
    expect_eq(holder(s, 0x10000), 2);
    expect_eq(holder(s, 0x10200), 0);
    expect_eq(holder(s, 0x13FFF), 3);
    expect_eq(holder(s, 0x20000), 4);
    expect_eq(holder(s, 0x20040), 5);
    for (UInt i = 0; i < 5; i++) /* nothing is mixed up by moving */
        expect_eq(lg_snap_flags(s, i), b[lg_snap_ctx(s, i) - 1].flags);
    lg_snap_delete(s);
}

/* None of the setters disturbs another, nor what else is stored. */
static void what_the_host_knows(void)
{
    const LgBlock b = {0x1000, 100, 1, LgAllocPython, LG_BF_INHERITED};
    LgSnapshot*   s = snapshot(&b, 1);
    LgSnapBlock*  e = lg_snap_blocks(s);
    const ULong   bits = e->bits;

    for (UInt off = 0; off <= LG_MAX_OBJ_OFF; off += 16) {
        for (UInt hasGC = 0; hasGC < 2; hasGC++) {
            lg_sb_set_object(e, off, (Bool)hasGC);
            expect_eq(lg_sb_objOff(e), off);
            expect_eq(lg_sb_base(e), 0x1000 + off);
            expect_eq(lg_sb_hasGC(e), hasGC && off > 0);
            expect_false(lg_sb_pymem(e));
            expect_eq(e->bits << 5, bits << 5);
            lg_snap_check(s);
            lg_sb_set_pymem(e);
            expect_eq(lg_sb_objOff(e), off);
            expect_false(lg_sb_hasGC(e));
            expect_true(lg_sb_pymem(e));
            lg_snap_check(s);
        }
    }
    expect_false(lg_sb_skipped(e));
    lg_sb_set_skipped(e);
    lg_sb_set_object(e, 16, True);
    expect_true(lg_sb_skipped(e));
    expect_true(lg_sb_hasGC(e));
    expect_eq(lg_sb_szB(e), 100);
    expect_eq(lg_sb_allocKind(e), LgAllocPython);
    lg_snap_delete(s);
}

static void metapools_hold_blocks(void)
{
    const LgBlock b[] = {
        {0x10000, 0x10000, 1, LgAllocMeta, 0},
        {0x10000, 0x8000, 2, LgAllocMeta, 0}, /* starts with the first */
        {0x10010, 16, 3, LgAllocMalloc, 0},
        {0x10100, 16, 4, LgAllocCustom, 0},
        {0x18000, 0x8000, 5, LgAllocPool, 0}, /* ends with the first */
        {0x20000, 16, 6, LgAllocMalloc, 0},
    };
    LgSnapshot* s = snapshot(b, 6);
    expect_eq(nMistakes, 0);
    expect_eq(lg_snap_count(s), 6);
    expect_eq(holder(s, 0x10000), 2);
    expect_eq(holder(s, 0x10010), 3);
    expect_eq(holder(s, 0x10020), 2);
    expect_eq(holder(s, 0x1010F), 4);
    expect_eq(holder(s, 0x17FFF), 2);
    expect_eq(holder(s, 0x18000), 5);
    expect_eq(holder(s, 0x1FFFF), 5);
    expect_eq(holder(s, 0x20000), 6);
    expect_eq(holder(s, 0x20010), 0);
    lg_snap_delete(s);
}

/* A large metapool block with blocks only at its start: what lies many chunks
   behind them is still its own. */
static void behind_the_last_held_block(void)
{
    const LgBlock b[] = {{0x100000, 64 << 20, 1, LgAllocMeta, 0},
                         {0x100100, 16, 2, LgAllocPool, 0},
                         {0x100200, 3 << 20, 3, LgAllocPool, 0}};
    LgSnapshot* s = snapshot(b, 3);
    expect_eq(holder(s, 0x100200 + (3 << 20) - 1), 3);
    expect_eq(holder(s, 0x100200 + (3 << 20)), 1);
    expect_eq(holder(s, 0x100000 + (64 << 20) - 1), 1);
    expect_eq(holder(s, 0x100000 + (64 << 20)), 0);
    lg_snap_delete(s);
}

static void mistakes_are_told(void)
{
    const LgBlock b[] = {
        {0x1000, 32, 1, LgAllocCustom, 0}, {0x1010, 32, 2, LgAllocCustom, 0},
        {0x2000, 32, 3, LgAllocMalloc, 0}, {0x2000, 16, 4, LgAllocMalloc, 0},
        {0x3000, 32, 5, LgAllocMeta, 0},   {0x3010, 32, 6, LgAllocPool, 0},
        {0x4000, 16, 7, LgAllocPool, 0},   {0x4000, 16, 8, LgAllocPool, 0},
        {0x5000, 32, 9, LgAllocPool, 0},   {0x5008, 1, 10, LgAllocPool, 0},
    };
    LgSnapshot* s = snapshot(b, 10);
    expect_eq(nMistakes, 5); /* of which 4 are stored */
    expect_eq(lg_snap_count(s), 5);
    for (UInt i = 0; i < 4; i++) {
        expect_eq(mistakes[i].b.ctx % 2, 0);
        expect_eq(mistakes[i].a.ctx, mistakes[i].b.ctx - 1);
    }
    for (UInt i = 0; i < 5; i++)
        expect_eq(lg_snap_ctx(s, i), 2 * i + 1);
    lg_snap_delete(s);

    s = lg_snap_new(10);
    for (UInt i = 10; i-- > 0;)
        lg_snap_add(s, &b[i]);
    expect_eq(lg_snap_finish(s, NULL, 0), 5);
    expect_eq(lg_snap_count(s), 5);
    lg_snap_delete(s);
}

int main(void)
{
    check_run(empty);
    check_run(what_is_stored);
    check_run(ends_of_the_address_space);
    check_run(dense_and_sparse);
    check_run(all_over_the_address_space);
    check_run(grounds_are_dropped);
    check_run(grounds_of_python);
    check_run(what_the_host_knows);
    check_run(metapools_hold_blocks);
    check_run(behind_the_last_held_block);
    check_run(mistakes_are_told);
    return check_done();
}
