/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tableops.c: see tableops.h. */

#include "tableops.h"

#include <stdio.h>
#include <string.h>

#include "../../leakgrind/engine/lg_blocktable.h"
#include "../../leakgrind/engine/lg_wordset.h"
#include "../../leakgrind/lg_platform.h"

typedef struct {
    const UChar* bytes;
    SizeT        n, at;
} Input;

static UInt take(Input* in)
{
    return in->at < in->n ? in->bytes[in->at++] : 0;
}

#define DISAGREE(...)                                                         \
    do {                                                                      \
        printf(__VA_ARGS__);                                                  \
        printf("\n");                                                         \
        return False;                                                         \
    } while (0)

/* ---- Block table -------------------------------------------------------- */

enum { MAX_BLOCKS = 200 };

/* Youngest last. */
typedef struct {
    LgBlock blocks[MAX_BLOCKS];
    UInt    n;
} List;

static Bool same(const LgBlock* a, const LgBlock* b)
{
    return a->start == b->start && a->szB == b->szB && a->ctx == b->ctx &&
           a->allocKind == b->allocKind && a->flags == b->flags;
}

static Int list_find(const List* l, Addr start, LgAllocKind prefer)
{
    Int found = -1;
    for (UInt i = 0; i < l->n; i++) {
        const LgBlock* b = &l->blocks[i];
        if (b->start == start &&
            (found < 0 || b->allocKind == prefer ||
             l->blocks[found].allocKind != prefer))
            found = (Int)i;
    }
    return found;
}

static void list_remove(List* l, UInt i)
{
    memmove(&l->blocks[i], &l->blocks[i + 1],
            (--l->n - i) * sizeof l->blocks[0]);
}

/* As lg_bt_find_containing says; of equals, any. */
static Bool is_right_description(const List* l, Addr a, SizeT slop, Bool found,
                                 const LgBlock* got)
{
    SizeT bestStart = 0, bestBelow = ~(SizeT)0, bestAbove = ~(SizeT)0;
    Bool  holder = False;
    for (UInt i = 0; i < l->n; i++) {
        const LgBlock* b = &l->blocks[i];
        SizeT          szB = b->szB == 0 ? 1 : b->szB;
        if (b->start <= a && a - b->start < szB) {
            holder = True;
            if (b->start > bestStart)
                bestStart = b->start;
        } else if (b->start <= a && a - b->start - szB <= slop) {
            if (a - b->start - szB < bestBelow)
                bestBelow = a - b->start - szB;
        } else if (b->start > a && b->start - a <= slop) {
            if (b->start - a < bestAbove)
                bestAbove = b->start - a;
        }
    }
    if (holder)
        return found && got->start == bestStart;
    if (bestBelow != ~(SizeT)0)
        return found && got->start <= a &&
               a - got->start - (got->szB == 0 ? 1 : got->szB) == bestBelow;
    if (bestAbove != ~(SizeT)0)
        return found && got->start > a && got->start - a == bestAbove;
    return !found;
}

static Addr take_start(Input* in)
{
    static const Addr bases[] = {
        0,          0x1000,         0x7FFFFFC0,         0x80000000,
        0x55550000, 0x7FFFF0000000, 0xFFFFFFFFFFC0,     0x1000000000000,
        0x123456780000000, 0x8000000000000000, 0xFFFFFFFFFFFFF000};
    UInt c = take(in);
    Addr a = bases[c % (sizeof bases / sizeof bases[0])] + take(in);
    return c >= 200 ? a + ((Addr)take(in) << 12) : a;
}

static SizeT take_szB(Input* in)
{
    static const SizeT special[] = {0, 1, 131071, 131072, 1 << 20,
                                    LG_MAX_BLOCK_SZB, LG_MAX_BLOCK_SZB + 1};
    UInt c = take(in);
    return c < 240 ? c : special[c % (sizeof special / sizeof special[0])];
}

/* Walks the table; removes what `removeMask` names. */
static Bool walk(LgBlockTable* bt, List* l, UInt removeMask)
{
    List          seen = *l;
    LgBlockCursor cur = {{0}};
    LgBlock       b;
    Addr          before = 0;
    UInt          n = 0;

    while (lg_bt_next(bt, &cur, &b)) {
        Int i = -1;
        if (b.start < before)
            DISAGREE("the walk goes back from 0x%lx to 0x%lx", before, b.start);
        before = b.start;
        for (UInt k = 0; k < seen.n; k++) {
            if (seen.blocks[k].start == b.start)
                i = (Int)k;
        }
        if (i < 0 || !same(&seen.blocks[i], &b))
            DISAGREE("the walk yields 0x%lx, which is not its turn", b.start);
        list_remove(&seen, (UInt)i);
        if ((removeMask >> n++ % 8) & 1) {
            LgBlock gone;
            /* The youngest of its start, whatever its kind is. */
            Int at = list_find(l, b.start, (LgAllocKind)b.allocKind);
            if (!same(&l->blocks[at], &b))
                continue;
            if (!lg_bt_remove(bt, b.start, (LgAllocKind)b.allocKind, &gone) ||
                !same(&gone, &b))
                DISAGREE("cannot remove 0x%lx while walking", b.start);
            list_remove(l, (UInt)at);
        }
    }
    if (seen.n > 0)
        DISAGREE("the walk leaves out %u blocks", seen.n);
    return True;
}

static Bool one_call(LgBlockTable* bt, List* l, Input* in)
{
    UInt    op = take(in);
    LgBlock b, got;
    memset(&b, 0, sizeof b);

    if (op < 120) {
        b.start = take_start(in);
        b.szB = take_szB(in);
        b.ctx = op << 24 | l->n;
        b.allocKind = take(in) % LG_N_ALLOC_KINDS;
        b.flags = op % 16 == 0 ? 0x41 : op & LG_BF_INHERITED;
        if (l->n == MAX_BLOCKS)
            return True;
        lg_bt_insert(bt, &b);
        if (b.szB > LG_MAX_BLOCK_SZB)
            b.szB = LG_MAX_BLOCK_SZB;
        l->blocks[l->n++] = b;
        return True;
    }
    Addr start = take_start(in);
    if (op % 4 != 0 && l->n > 0)
        start = l->blocks[start % l->n].start;
    LgAllocKind prefer = (LgAllocKind)(take(in) % LG_N_ALLOC_KINDS);
    Int         i = list_find(l, start, prefer);
    if (op < 150) {
        if (lg_bt_find(bt, start, prefer, &got) != (i >= 0) ||
            (i >= 0 && !same(&got, &l->blocks[i])))
            DISAGREE("find 0x%lx", start);
    } else if (op < 200) {
        if (lg_bt_remove(bt, start, prefer, &got) != (i >= 0) ||
            (i >= 0 && !same(&got, &l->blocks[i])))
            DISAGREE("remove 0x%lx", start);
        if (i >= 0)
            list_remove(l, (UInt)i);
    } else if (op < 210) {
        b.start = start;
        b.szB = take_szB(in);
        b.ctx = op << 24 | l->n;
        b.allocKind = take(in) % LG_N_ALLOC_KINDS;
        b.flags = (UChar)take(in);
        if (lg_bt_update(bt, start, prefer, &b) != (i >= 0))
            DISAGREE("update 0x%lx", start);
        if (b.szB > LG_MAX_BLOCK_SZB)
            b.szB = LG_MAX_BLOCK_SZB;
        if (i >= 0)
            l->blocks[i] = b;
    } else if (op < 220) {
        SizeT szB = take_szB(in);
        if (lg_bt_resize(bt, start, prefer, szB) != (i >= 0))
            DISAGREE("resize 0x%lx", start);
        if (i >= 0)
            l->blocks[i].szB = szB > LG_MAX_BLOCK_SZB ? LG_MAX_BLOCK_SZB : szB;
    } else if (op < 240) {
        SizeT slop = take(in);
        /* Nothing is far from the largest block: then the search takes long. */
        for (UInt k = 0; k < l->n; k++) {
            if (l->blocks[k].szB > 1 << 20)
                return True;
        }
        start += take(in);
        Bool found = lg_bt_find_containing(bt, start, slop, &got);
        if (!is_right_description(l, start, slop, found, &got))
            DISAGREE("describe 0x%lx (slop %lu): %d 0x%lx+%lu", start, slop,
                     found, found ? got.start : 0, found ? got.szB : 0);
    } else if (op < 244) {
        UChar flags = op & 1 ? 1 : 0x20;
        lg_bt_flag_all(bt, flags);
        for (UInt k = 0; k < l->n; k++)
            l->blocks[k].flags |= flags;
    } else {
        return walk(bt, l, op < 250 ? 0 : take(in));
    }
    return True;
}

Bool tableops_blocks(const UChar* bytes, SizeT n)
{
    static List   l;
    Input         in = {bytes, n, 0};
    LgBlockTable* bt = lg_bt_new();
    ULong         sum = 0;
    Bool          agrees = True;

    l.n = 0;
    while (agrees && in.at < in.n)
        agrees = one_call(bt, &l, &in);
    if (agrees) {
        if (n % 8 == 0) /* it looks at every page of the address space */
            lg_bt_check(bt);
        for (UInt i = 0; i < l.n; i++)
            sum += l.blocks[i].szB;
        if (lg_bt_count(bt) != l.n || lg_bt_bytes(bt) != sum) {
            printf("%u blocks of %llu bytes, want %u of %llu\n",
                   lg_bt_count(bt), lg_bt_bytes(bt), l.n, sum);
            agrees = False;
        }
        agrees &= walk(bt, &l, 0);
    }
    lg_bt_delete(bt);
    return agrees;
}

/* ---- Word set ----------------------------------------------------------- */

enum { SPACE_WORDS = 40000 };

Bool tableops_words(const UChar* bytes, SizeT n)
{
    static UChar in_set[SPACE_WORDS];
    Input        in = {bytes, n, 0};
    const Addr   base = take(&in) & 1 ? 0x7FFFFFFF0000 : 0;
    LgWordSet*   ws = lg_ws_new();

    memset(in_set, 0, sizeof in_set);
    while (in.at < in.n) {
        UInt  op = take(&in);
        SizeT lo = take(&in);
        lo |= take(&in) << 8;
        lo |= (take(&in) & 3) << 16;
        lo %= SPACE_WORDS * 8;
        SizeT hi = lo + (op & 4 ? take(&in) : take(&in) << 9);
        if (hi > SPACE_WORDS * 8)
            hi = SPACE_WORDS * 8;
        if (op & 1)
            lg_ws_add(ws, base + lo, base + hi);
        else
            lg_ws_remove(ws, base + lo, base + hi);
        lg_ws_check(ws);
        for (SizeT w = lo / 8; w < SPACE_WORDS && w * 8 < hi; w++) {
            if (op & 1 ? w * 8 >= lo && w * 8 + 8 <= hi : lo < hi)
                in_set[w] = op & 1;
        }
    }
    UInt     nRanges, r = 0, nRuns = 0;
    LgRange* ranges = lg_ws_ranges(ws, &nRanges);
    Bool     agrees = True;
    for (UInt w = 0; w < SPACE_WORDS && agrees; w++) {
        Addr a = base + (Addr)w * 8;
        while (r < nRanges && ranges[r].hi <= a)
            r++;
        Bool in_ranges = r < nRanges && ranges[r].lo <= a;
        nRuns += in_set[w] && (w == 0 || !in_set[w - 1]);
        if (lg_ws_contains(ws, a + w % 8) != in_set[w] ||
            in_ranges != in_set[w]) {
            printf("word %u: %d, in ranges: %d, want %d\n", w,
                   lg_ws_contains(ws, a), in_ranges, in_set[w]);
            agrees = False;
        }
    }
    if (agrees && nRuns != nRanges) {
        printf("%u ranges, want %u\n", nRanges, nRuns);
        agrees = False;
    }
    lg_plat_free(ranges);
    lg_ws_delete(ws);
    return agrees;
}
