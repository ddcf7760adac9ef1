/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mark.c: what can be reached, and how. */

#include "testheap.h"

/* ---- The nine cases ----------------------------------------------------- */

/* The chains of Valgrind's manual, "Memory leak detection": a root leads to
   block A, or not, and A to block B.  S is a start pointer, I an interior
   one, - none.  `kindA` and `kindB` are what becomes of them. */
static const struct {
    char   rootToA, aToB, rootToB;
    LgKind kindA, kindB;
} cases[] = {
    {'-', '-', 'S', LgDefinite, LgReachable},  /* 1: B alone */
    {'S', 'S', '-', LgReachable, LgReachable}, /* 2 */
    {'-', '-', '-', LgDefinite, LgDefinite},   /* 3: B alone */
    {'-', 'S', '-', LgDefinite, LgIndirect},   /* 4 */
    {'-', '-', 'I', LgDefinite, LgPossible},   /* 5: B alone */
    {'S', 'I', '-', LgReachable, LgPossible},  /* 6 */
    {'I', 'S', '-', LgPossible, LgPossible},   /* 7 */
    {'I', 'I', '-', LgPossible, LgPossible},   /* 8 */
    {'-', 'I', '-', LgDefinite, LgIndirect},   /* 9 */
    /* Two ways at once: the better one counts. */
    {'I', 'S', 'S', LgPossible, LgReachable},
    {'S', 'S', 'I', LgReachable, LgReachable},
    {'-', 'S', 'I', LgDefinite, LgPossible},
    {'-', 'I', 'S', LgDefinite, LgReachable},
};

static Addr pointer_to(const TestHeap* h, UInt i, char how)
{
    return how == '-' ? 0 : heap_start(h, i) + (how == 'I' ? 8 : 0);
}

static void pointer_chains(void)
{
    for (UInt c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        for (UInt swap = 0; swap < 2; swap++) {
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_block(&h, 32), b = heap_block(&h, 16);
            if (swap) { /* B lies before A */
                UInt t = a;
                a = b;
                b = t;
            }
            heap_root(&h, pointer_to(&h, a, cases[c].rootToA));
            heap_root(&h, pointer_to(&h, b, cases[c].rootToB));
            heap_point(&h, a, 0, pointer_to(&h, b, cases[c].aToB));
            heap_search(&h);
            if (!expect_eq(heap_kind(&h, a), cases[c].kindA) ||
                !expect_eq(heap_kind(&h, b), cases[c].kindB))
                printf("  in case %u\n", c);
            heap_delete(&h);
        }
    }
}

/* ---- What is a pointer -------------------------------------------------- */

static LgKind kind_by_word(UInt szB, int off)
{
    TestHeap h;
    heap_new(&h, 4096);
    h.used = 64;
    UInt a = heap_block(&h, szB);
    heap_root(&h, heap_start(&h, a) + off);
    heap_search(&h);
    LgKind k = heap_kind(&h, a);
    heap_delete(&h);
    return k;
}

static void ends_of_a_block(void)
{
    expect_eq(kind_by_word(24, -1), LgDefinite);
    expect_eq(kind_by_word(24, 0), LgReachable);
    expect_eq(kind_by_word(24, 1), LgPossible);
    expect_eq(kind_by_word(24, 23), LgPossible);
    expect_eq(kind_by_word(24, 24), LgDefinite);
    /* A zero-sized block counts as one byte. */
    expect_eq(kind_by_word(0, 0), LgReachable);
    expect_eq(kind_by_word(0, 1), LgDefinite);
    expect_eq(kind_by_word(1, 0), LgReachable);
}

/* A pointer at offset `at` of a range, or of a block; is it seen? */
static void only_aligned_words(void)
{
    for (UInt at = 0; at <= 24; at++) {
        for (UInt lo = 0; lo < 10; lo++) {
            for (UInt hi = 20; hi <= 34; hi++) {
                TestHeap h;
                heap_new(&h, 4096);
                UInt a = heap_block(&h, 8);
                Addr range = h.memory + 1024;
                poke(range + at, heap_start(&h, a));
                heap_search(&h);
                expect_eq(heap_kind(&h, a), LgDefinite);
                lg_mark_delete(h.mark);
                h.mark = lg_mark_new(h.snap, 0, NULL, NULL, 0);
                lg_mark_range(h.mark, range + lo, range + hi);
                Bool seen = at % 8 == 0 && at >= lo && at + 8 <= hi;
                expect_eq(heap_kind(&h, a), seen ? LgReachable : LgDefinite);
                heap_delete(&h);
            }
        }
    }
}

static void unaligned_block(void)
{
    for (UInt start = 0; start < 8; start++) {
        for (UInt szB = 7; szB < 18; szB++) {
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_block(&h, 8);
            UInt b = heap_add(&h, h.memory + 512 + start, szB, LgAllocCustom, 0);
            heap_root(&h, heap_start(&h, b));
            poke(h.memory + 512 + 8, heap_start(&h, a));
            heap_search(&h);
            Bool seen = start + szB >= 16; /* the word is [8, 16) */
            expect_eq(heap_kind(&h, a), seen ? LgReachable : LgDefinite);
            expect_eq(lg_mark_stats(h.mark)->nReached, 1 + seen);
            heap_delete(&h);
        }
    }
}

static void empty_and_strange_ranges(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 8);
    heap_search(&h);
    lg_mark_delete(h.mark);
    h.mark = lg_mark_new(h.snap, 0, NULL, NULL, 0);
    lg_mark_range(h.mark, h.memory + 8, h.memory + 8);
    lg_mark_range(h.mark, h.memory + 16, h.memory + 8);
    lg_mark_range(h.mark, ~(Addr)0 - 3, ~(Addr)0);
    lg_mark_range(h.mark, 0, 0);
    lg_mark_word(h.mark, 0);
    lg_mark_word(h.mark, ~(Addr)0);
    lg_mark_drain(h.mark);
    expect_eq(heap_kind(&h, a), LgDefinite);
    expect_eq(lg_mark_stats(h.mark)->scannedB, 0);
    expect_eq(lg_mark_stats(h.mark)->nReached, 0);
    heap_delete(&h);
}

static void nothing_in_the_heap(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    heap_root(&h, h.memory);
    heap_search(&h);
    lg_mark_range(h.mark, h.memory, h.memory + 4096);
    expect_eq(lg_mark_stats(h.mark)->nCandidates, 0);
    lg_mark_word(h.mark, ~(Addr)0);
    lg_mark_spread_suppressed(h.mark);
    expect_eq(lg_mark_stats(h.mark)->nReached, 0);
    expect_eq(lg_mark_stats(h.mark)->scannedB, 4096);
    expect_true(lg_mark_parents(h.mark) == NULL);
    heap_delete(&h);
}

/* ---- Skips and unreadable pages ----------------------------------------- */

static void skips_are_not_read(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt from = heap_block(&h, 4096), to[10];
    for (UInt i = 0; i < 10; i++) {
        to[i] = heap_block(&h, 8);
        heap_point(&h, from, 8 * i, heap_start(&h, to[i]));
    }
    Addr s = heap_start(&h, from);
    h.skips[0] = (LgRange){s - 100, s + 8};
    h.skips[1] = (LgRange){s + 20, s + 21}; /* a byte of word 2 */
    h.skips[2] = (LgRange){s + 32, s + 48}; /* words 4 and 5 */
    h.skips[3] = (LgRange){s + 72, ~(Addr)0};
    h.nSkips = 4;
    heap_root(&h, s);
    heap_search(&h);
    for (UInt i = 0; i < 10; i++) {
        Bool skipped = i == 0 || i == 2 || i == 4 || i == 5 || i == 9;
        expect_eq(heap_kind(&h, to[i]), skipped ? LgDefinite : LgReachable);
    }
    /* Words that are not in memory are not concerned. */
    lg_mark_word(h.mark, heap_start(&h, to[9]));
    expect_eq(heap_kind(&h, to[9]), LgReachable);
    heap_delete(&h);
}

/* What is attached to a block stands elsewhere, and is read with it alone. */
static void attached_is_read_with_its_block(void)
{
    enum { N = 3 };
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt table = heap_block(&h, 8 * N), owner[N], held[N];
    for (UInt i = 0; i < N; i++) {
        owner[i] = heap_block(&h, 32);
        held[i] = heap_block(&h, 8);
        heap_point(&h, table, 8 * i, heap_start(&h, held[i]));
        h.skips[1 + i] =
            (LgRange){heap_start(&h, owner[i]), heap_start(&h, owner[i]) + 8};
    }
    Addr t = heap_start(&h, table);
    h.skips[0] = (LgRange){t, t + 8 * N};
    h.nSkips = 1 + N;
    heap_root(&h, t);
    heap_root(&h, heap_start(&h, owner[1]));
    for (UInt i = 0; i < N; i++)
        h.attached[i] = (LgAttached){0, {t + 8 * i, t + 8 * i + 8}};
    heap_search(&h); /* numbers the blocks */
    for (UInt i = 0; i < N; i++)
        h.attached[i].block = heap_no(&h, owner[i]);
    h.nAttached = N;
    heap_search(&h);
    for (UInt i = 0; i < N; i++) {
        expect_eq(heap_kind(&h, owner[i]), i == 1 ? LgReachable : LgDefinite);
        expect_eq(heap_kind(&h, held[i]), i == 1 ? LgReachable : LgIndirect);
    }
    expect_eq(heap_kind(&h, table), LgReachable);
    heap_delete(&h);
}

/* A word here and there, in many more blocks than a filter of the smallest size
   can tell apart; with a huge skip behind all, there is no filter at all. */
static void many_skips(void)
{
    enum { N = 60000, SZB = 64 };
    Addr     mem = memory_new((SizeT)2 * N * SZB);
    LgRange* skips = calloc(N + 1, sizeof *skips);
    for (UInt mode = 0; mode < 4; mode++) {
        /* Block i points at block N + i; every third one in a skipped word. */
        LgSnapshot* s = lg_snap_new(2 * N);
        UInt        nSkips = 0, nWrong = 0;
        for (UInt i = 0; i < 2 * N; i++) {
            LgBlock b = {mem + (SizeT)i * SZB, SZB, 1, 0, 0};
            lg_snap_add(s, &b);
        }
        for (UInt i = 0; i < N; i++) {
            Addr at = mem + (SizeT)i * SZB + 8 * (i % 8);
            poke(at, mem + (SizeT)(N + i) * SZB);
            if (i % 3 == 0)
                skips[nSkips++] = (LgRange){at, at + 8};
            if (i % 3 == 1 && i % 8 > 0) /* the word before */
                skips[nSkips++] = (LgRange){at - 8, at};
        }
        if (mode % 2 == 1)
            skips[nSkips++] = (LgRange){mem + ((Addr)1 << 40),
                                        mem + ((Addr)2 << 40)};
        expect_eq(lg_snap_finish(s, NULL, 0), 0);
        LgMark* m = lg_mark_new(s, 0, NULL, skips, nSkips);
        for (UInt i = 0; i < N && mode < 2; i++)
            lg_mark_word(m, mem + (SizeT)i * SZB);
        lg_mark_drain(m);
        lg_mark_cliques(m, NULL);
        for (UInt i = 0; i < N; i++) {
            LgKind k = lg_sb_kind(&lg_snap_blocks(s)[N + i]);
            LgKind found = mode < 2 ? LgReachable : LgIndirect;
            nWrong += k != (i % 3 == 0 ? LgDefinite : found);
        }
        if (!expect_eq(nWrong, 0))
            printf("  mode %u\n", mode);
        lg_mark_delete(m);
        lg_snap_delete(s);
    }
    free(skips);
    munmap((void*)mem, (SizeT)2 * N * SZB);
}

static Addr far_enough(void* opaque, Addr a)
{
    return a < *(Addr*)opaque ? *(Addr*)opaque : a;
}

/* Three pages, the middle one unreadable, in a block or in a range. */
static void unreadable_pages(void)
{
    for (UInt mode = 0; mode < 4; mode++) {
        TestHeap h;
        heap_new(&h, 1 << 16);
        Addr pages = h.memory + (1 << 15), from = pages + 4096 - 64;
        Addr readable = pages + 2 * 4096;
        UInt b = 0;
        UInt before = heap_block(&h, 8), behind = heap_block(&h, 8),
             within = heap_block(&h, 8);
        if (mode % 2 == 0)
            b = heap_add(&h, from, 4096 + 128, LgAllocMalloc, 0);
        poke(pages + 4096 - 8, heap_start(&h, before));
        poke(pages + 4096, heap_start(&h, within));
        poke(pages + 2 * 4096, heap_start(&h, behind));
        mprotect((void*)(pages + 4096), 4096, PROT_NONE);
        if (mode >= 2) {
            h.host.opaque = &readable;
            h.host.readable_from = far_enough;
        }
        if (mode % 2 == 0)
            heap_root(&h, heap_start(&h, b));
        heap_search(&h);
        lg_mark_range(h.mark, from, from + 4096 + 128);
        lg_mark_drain(h.mark);
        expect_eq(heap_kind(&h, before), LgReachable);
        expect_eq(heap_kind(&h, behind), LgReachable);
        expect_eq(heap_kind(&h, within), LgDefinite);
        expect_eq(lg_mark_stats(h.mark)->skippedB,
                  mode % 2 == 0 ? 2 * 4096 : 4096);
        heap_delete(&h);
    }
}

static void unreadable_lost_block(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt big = heap_block(&h, 3 * 4096), child = heap_block(&h, 8);
    UInt small = heap_add(&h, h.memory + (1 << 15), 64, LgAllocMalloc, 0);
    heap_point(&h, big, 2 * 4096, heap_start(&h, child));
    mprotect((void*)(h.memory + 4096), 4096, PROT_NONE);
    mprotect((void*)(h.memory + (1 << 15)), 4096, PROT_NONE);
    heap_search(&h);
    expect_eq(heap_kind(&h, big), LgDefinite);
    expect_eq(heap_kind(&h, child), LgIndirect);
    expect_eq(heap_kind(&h, small), LgDefinite);
    expect_eq(heap_indirectB(&h, big), 8);
    heap_delete(&h);
}

/* What a lost block holds before the page that cannot be read counts. */
static void partly_unreadable_lost_block(void)
{
    TestHeap h;
    heap_new(&h, 1 << 16);
    UInt child = heap_block(&h, 8);
    Addr page = h.memory + (1 << 15);
    UInt small = heap_add(&h, page - 16, 64, LgAllocMalloc, 0);
    heap_point(&h, small, 8, heap_start(&h, child));
    mprotect((void*)page, 4096, PROT_NONE);
    heap_search(&h);
    expect_eq(heap_kind(&h, small), LgDefinite);
    expect_eq(heap_kind(&h, child), LgIndirect);
    heap_delete(&h);
}

/* An address that the processor refuses altogether. */
static void not_canonical(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 8);
    heap_search(&h);
    lg_mark_range(h.mark, (Addr)1 << 62, ((Addr)1 << 62) + 4096);
    expect_eq(heap_kind(&h, a), LgDefinite);
    expect_true(lg_mark_stats(h.mark)->skippedB > 0);
    heap_delete(&h);
}

/* ---- Large -------------------------------------------------------------- */

/* A block of 5 GiB, whose middle is skipped; pointers at both of its ends. */
static void block_over_4_GiB(void)
{
    const SizeT szB = (SizeT)5 << 30;
    TestHeap    h;
    heap_new(&h, szB + (1 << 20));
    UInt big = heap_block(&h, szB);
    UInt first = heap_block(&h, 8), last = heap_block(&h, 8),
         skipped = heap_block(&h, 8);
    heap_point(&h, big, 0, heap_start(&h, first));
    heap_point(&h, big, szB / 2, heap_start(&h, skipped));
    heap_point(&h, big, szB - 8, heap_start(&h, last));
    Addr s = heap_start(&h, big);
    h.skips[0] = (LgRange){s + (1 << 20), s + szB - (1 << 20)};
    h.nSkips = 1;
    heap_root(&h, s + szB - 1);
    heap_search(&h);
    expect_eq(heap_kind(&h, big), LgPossible);
    expect_eq(heap_kind(&h, first), LgPossible);
    expect_eq(heap_kind(&h, last), LgPossible);
    expect_eq(heap_kind(&h, skipped), LgDefinite);
    expect_eq(lg_mark_stats(h.mark)->scannedB, (2 << 20) + 16);
    heap_delete(&h);
}

/* A table that points at more blocks than a batch holds, in a block and in a
   range; and a list so long that recursion would not do. */
static void table_and_list(void)
{
    enum { N = 100000, SZB = 32 };
    Addr        mem = memory_new((SizeT)N * SZB + N * 8);
    Addr        table = mem + (SizeT)N * SZB;
    for (UInt mode = 0; mode < 3; mode++) {
        LgSnapshot* s = lg_snap_new(N + 1);
        for (UInt i = 0; i < N; i++) {
            LgBlock b = {mem + (SizeT)i * SZB, SZB, 1, 0, 0};
            lg_snap_add(s, &b);
            /* The list runs criss-cross. */
            UInt next = (UInt)((i + 7919ULL) % N);
            poke(b.start + 16, mode == 2 ? mem + (SizeT)next * SZB : 0);
            poke(table + 8 * i, mode == 2 ? 0 : b.start + mode);
        }
        LgBlock t = {table, N * 8, 1, 0, 0};
        lg_snap_add(s, &t);
        expect_eq(lg_snap_finish(s, NULL, 0), 0);
        LgMark* m = lg_mark_new(s, 0, NULL, NULL, 0);
        if (mode == 0)
            lg_mark_word(m, table);
        else if (mode == 1)
            lg_mark_range(m, table, table + N * 8);
        else
            lg_mark_word(m, mem);
        lg_mark_drain(m);
        lg_mark_cliques(m, NULL);
        UInt n[LG_N_KINDS] = {0};
        for (UInt i = 0; i <= N; i++)
            n[lg_sb_kind(&lg_snap_blocks(s)[i])]++;
        expect_eq(n[LgReachable], mode == 0 ? N + 1 : mode == 1 ? 0 : N);
        expect_eq(n[LgPossible], mode == 1 ? N : 0);
        expect_eq(n[LgDefinite], mode == 0 ? 0 : 1);
        lg_mark_delete(m);
        lg_snap_delete(s);
    }
    munmap((void*)mem, (SizeT)N * SZB + N * 8);
}

/* A range that is read in several slices, with an unreadable page in the first
   of them. */
static void unreadable_page_in_a_long_range(void)
{
    const SizeT szB = (SizeT)40 << 20;
    TestHeap    h;
    heap_new(&h, szB + 4096);
    UInt before = heap_block(&h, 8), behind = heap_block(&h, 8),
         last = heap_block(&h, 8);
    Addr lo = h.memory + 4096, hole = lo + (1 << 20);
    poke(hole - 8, heap_start(&h, before));
    poke(hole + 4096, heap_start(&h, behind));
    poke(lo + szB - 8, heap_start(&h, last));
    mprotect((void*)hole, 4096, PROT_NONE);
    heap_search(&h);
    lg_mark_range(h.mark, lo, lo + szB);
    expect_eq(heap_kind(&h, before), LgReachable);
    expect_eq(heap_kind(&h, behind), LgReachable);
    expect_eq(heap_kind(&h, last), LgReachable);
    expect_eq(lg_mark_stats(h.mark)->skippedB, 4096);
    heap_delete(&h);
}

/* Says that of a large block only one page was touched. */
static void one_page(void* opaque, Addr lo, Addr hi,
                     void (*fn)(void* x, Addr lo, Addr hi), void* x)
{
    Addr page = *(Addr*)opaque;
    expect_true(lo <= page && page + 4096 <= hi);
    fn(x, page, page + 4096);
}

static void untouched_memory_is_not_read(void)
{
    const SizeT szB = (SizeT)64 << 20;
    TestHeap    h;
    heap_new(&h, szB + 4096);
    UInt big = heap_block(&h, szB), small = heap_block(&h, 16);
    UInt other = heap_block(&h, 8), unseen = heap_block(&h, 8);
    Addr page = (heap_start(&h, big) + szB / 2) & ~(Addr)4095;
    poke(page, heap_start(&h, small));
    poke(page + 4096, heap_start(&h, unseen));
    heap_point(&h, small, 0, heap_start(&h, other));
    h.host.opaque = &page;
    h.host.used = one_page;
    for (UInt isLost = 0; isLost < 2; isLost++) {
        h.nRoots = 0;
        if (!isLost)
            heap_root(&h, heap_start(&h, big));
        heap_search(&h);
        expect_eq(heap_kind(&h, small), isLost ? LgIndirect : LgReachable);
        expect_eq(heap_kind(&h, other), isLost ? LgIndirect : LgReachable);
        expect_eq(heap_kind(&h, unseen), LgDefinite);
        expect_eq(lg_mark_stats(h.mark)->scannedB, isLost ? 0 : 4096 + 24);
    }
    heap_delete(&h);
}

/* ---- Python ------------------------------------------------------------- */

/* What a root holds, against what becomes of an object 32 bytes into its
   block, with a PyGC_Head before it. */
static void links_of_the_collector(void)
{
    static const struct {
        int    off; /* from the start */
        LgKind kind;
    } roots[] = {
        {0, LgDefinite},  {8, LgDefinite},   {15, LgDefinite},
        {16, LgDefinite}, {17, LgDefinite},  {24, LgDefinite},
        {31, LgDefinite}, {32, LgReachable}, {33, LgDefinite},
        {63, LgDefinite}, {64, LgDefinite},
    };
    for (UInt c = 0; c < sizeof roots / sizeof roots[0]; c++) {
        for (UInt isOn = 0; isOn < 2; isOn++) {
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_object(&h, 64, 32, True);
            h.heuristics = isOn ? LG_HEUR_BIT(LgHeurPyObject) : 0;
            heap_root(&h, heap_start(&h, a) + (Addr)(long)roots[c].off);
            heap_search(&h);
            LgKind want = roots[c].off == 32 && !isOn ? LgPossible
                                                      : roots[c].kind;
            if (!expect_eq(heap_kind(&h, a), want))
                printf("  %d bytes from the start\n", roots[c].off);
            heap_delete(&h);
        }
    }
}

/* The same for an object without references, 16 bytes into its block: its
   address and that of its data count. */
static void data_of_leaves(void)
{
    for (int off = 0; off < 128; off++) {
        for (UInt isOn = 0; isOn < 2; isOn++) {
            Bool     isData = off - 16 == 32 || off - 16 == 40 ||
                          off - 16 == 48 || off - 16 == 56 || off - 16 == 72;
            TestHeap h;
            heap_new(&h, 4096);
            UInt a = heap_object(&h, 128, 16, False);
            h.known[a].isLeaf = True;
            h.heuristics = isOn ? LG_HEUR_BIT(LgHeurPyObject) : 0;
            heap_root(&h, heap_start(&h, a) + (Addr)(long)off);
            heap_search(&h);
            LgKind want = off != 16 && !isData ? LgDefinite
                          : isOn               ? LgReachable
                                               : LgPossible;
            if (!expect_eq(heap_kind(&h, a), want))
                printf("  %d bytes from the start\n", off);
            heap_delete(&h);
        }
    }
}

/* Objects that the collector's links hold together are not held by that: not
   if one is reachable, nor possibly lost, nor as a clique; nor is what they
   lead to found twice. */
static void links_lead_nowhere(void)
{
    enum { N = 6 };
    TestHeap h;
    UInt     a[N];
    heap_new(&h, 4096);
    for (UInt i = 0; i < N; i++)
        a[i] = heap_object(&h, 64, 16, True);
    for (UInt i = 0; i < N; i++) {
        heap_point(&h, a[i], 0, heap_start(&h, a[(i + 1) % N]));
        heap_point(&h, a[i], 8, heap_start(&h, a[(i + N - 1) % N]));
    }
    h.heuristics = LG_HEUR_BIT(LgHeurPyObject);
    heap_root(&h, heap_base(&h, a[0]));
    heap_root(&h, heap_base(&h, a[1]) + 8);
    heap_point(&h, a[4], 24, heap_base(&h, a[5]));
    heap_search(&h);
    expect_eq(heap_kind(&h, a[0]), LgReachable);
    expect_eq(heap_heuristic(&h, a[0]), LgHeurPyObject);
    expect_eq(heap_kind(&h, a[1]), LgDefinite);
    expect_eq(heap_kind(&h, a[2]), LgDefinite);
    expect_eq(heap_indirectB(&h, a[2]), 0);
    expect_eq(heap_kind(&h, a[3]), LgDefinite);
    expect_eq(heap_kind(&h, a[4]), LgDefinite);
    expect_eq(heap_indirectB(&h, a[4]), 64);
    expect_eq(heap_kind(&h, a[5]), LgIndirect);
    /* Nor does suppression go that way. */
    lg_sb_set_suppressed(heap_entry(&h, a[4]));
    lg_sb_set_suppressed(heap_entry(&h, a[1]));
    lg_mark_spread_suppressed(h.mark);
    expect_true(heap_suppressed(&h, a[5]));
    expect_false(heap_suppressed(&h, a[3]));
    expect_false(heap_suppressed(&h, a[0]));
    heap_delete(&h);
}

static void objects_lead_on(void)
{
    static const UInt offs[] = {0, 16, 32, 48};
    TestHeap          h;
    UInt              a[4];
    heap_new(&h, 4096);
    for (UInt i = 0; i < 4; i++)
        a[i] = heap_object(&h, 80, offs[i], i % 2 == 1);
    for (UInt i = 0; i < 3; i++)
        heap_point(&h, a[i], 72, heap_base(&h, a[i + 1]));
    h.heuristics = LG_HEUR_BIT(LgHeurPyObject);
    heap_root(&h, heap_base(&h, a[0]));
    heap_search(&h);
    for (UInt i = 0; i < 4; i++) {
        expect_eq(heap_kind(&h, a[i]), LgReachable);
        expect_eq(heap_heuristic(&h, a[i]), i > 0 ? LgHeurPyObject
                                                  : LgHeurNone);
    }
    /* A pointer to the start is better. */
    heap_root(&h, heap_start(&h, a[2]));
    heap_search(&h);
    expect_eq(heap_heuristic(&h, a[2]), LgHeurNone);
    expect_eq(heap_heuristic(&h, a[3]), LgHeurPyObject);
    heap_delete(&h);
}

/* In no phase of a search, and large ones neither. */
static void unsearched_blocks_lead_nowhere(void)
{
    for (UInt szB = 64; szB <= 8192; szB *= 128) {
        TestHeap h;
        heap_new(&h, 1 << 16);
        UInt a[3], child[3];
        for (UInt i = 0; i < 3; i++) {
            a[i] = heap_block(&h, szB);
            child[i] = heap_block(&h, 16);
            heap_point(&h, a[i], 8, heap_start(&h, child[i]));
            h.known[a[i]].isUnsearched = True;
        }
        heap_root(&h, heap_start(&h, a[0]));
        heap_root(&h, heap_start(&h, a[1]) + 1);
        heap_search(&h);
        expect_eq(heap_kind(&h, a[0]), LgReachable);
        expect_eq(heap_kind(&h, a[1]), LgPossible);
        expect_eq(heap_kind(&h, a[2]), LgDefinite);
        for (UInt i = 0; i < 3; i++)
            expect_eq(heap_kind(&h, child[i]), LgDefinite);
        expect_eq(heap_indirectB(&h, a[2]), 0);
        expect_eq(lg_mark_stats(h.mark)->scannedB, 0);
        lg_sb_set_suppressed(heap_entry(&h, a[2]));
        lg_mark_spread_suppressed(h.mark);
        expect_false(heap_suppressed(&h, child[2]));
        heap_delete(&h);
    }
}

/* ---- Several searches, progress ----------------------------------------- */

static void search_again_forgets(void)
{
    TestHeap h;
    heap_new(&h, 4096);
    UInt a = heap_block(&h, 16), b = heap_block(&h, 16);
    heap_root(&h, heap_start(&h, a));
    heap_point(&h, a, 0, heap_start(&h, b) + 4);
    heap_search(&h);
    lg_sb_set_suppressed(heap_entry(&h, b));
    lg_mark_delete(h.mark);
    h.mark = lg_mark_new(h.snap, 0, NULL, NULL, 0);
    lg_mark_drain(h.mark);
    lg_mark_cliques(h.mark, NULL);
    expect_eq(heap_kind(&h, a), LgDefinite);
    expect_eq(heap_kind(&h, b), LgIndirect);
    expect_false(heap_suppressed(&h, b));
    heap_delete(&h);
}

/* What was possibly lost becomes reachable by a root that is met later. */
static void roots_after_a_drain(void)
{
    TestHeap h;
    heap_new(&h, 8192);
    UInt a[40];
    for (UInt i = 0; i < 40; i++)
        a[i] = heap_block(&h, 64);
    for (UInt i = 0; i + 1 < 40; i++)
        heap_point(&h, a[i], 0, heap_start(&h, a[i + 1]));
    heap_root(&h, heap_start(&h, a[0]) + 16);
    heap_search(&h);
    expect_eq(heap_kind(&h, a[0]), LgPossible);
    expect_eq(heap_kind(&h, a[39]), LgPossible);
    lg_mark_word(h.mark, heap_start(&h, a[1]));
    lg_mark_drain(h.mark);
    expect_eq(heap_kind(&h, a[0]), LgPossible);
    expect_eq(heap_kind(&h, a[1]), LgReachable);
    expect_eq(heap_kind(&h, a[39]), LgReachable);
    expect_eq(lg_mark_stats(h.mark)->nReached, 40);
    heap_delete(&h);
}

static void count_progress(void* opaque, ULong scannedB, UInt nMarked)
{
    UInt* n = opaque;
    (*n)++;
    expect_true(scannedB > 0);
    expect_eq(nMarked, 1);
}

static void progress_is_told(void)
{
    TestHeap h;
    UInt     n = 0;
    heap_new(&h, ((SizeT)300 << 20) + 4096);
    UInt a = heap_block(&h, (SizeT)300 << 20);
    UInt b = heap_block(&h, 8);
    heap_point(&h, a, ((SizeT)300 << 20) - 8, heap_start(&h, b));
    h.host.opaque = &n;
    h.host.progress = count_progress;
    heap_root(&h, heap_start(&h, a));
    heap_search(&h);
    expect_eq(heap_kind(&h, b), LgReachable);
    expect_true(n >= 2 && n <= 20);
    expect_eq(lg_mark_stats(h.mark)->scannedB, ((ULong)300 << 20) + 8);
    heap_delete(&h);
}

int main(void)
{
    check_run(pointer_chains);
    check_run(ends_of_a_block);
    check_run(only_aligned_words);
    check_run(unaligned_block);
    check_run(empty_and_strange_ranges);
    check_run(nothing_in_the_heap);
    check_run(skips_are_not_read);
    check_run(attached_is_read_with_its_block);
    check_run(many_skips);
    check_run(unreadable_pages);
    check_run(unreadable_lost_block);
    check_run(partly_unreadable_lost_block);
    check_run(not_canonical);
    check_run(block_over_4_GiB);
    check_run(table_and_list);
    check_run(unreadable_page_in_a_long_range);
    check_run(untouched_memory_is_not_read);
    check_run(links_of_the_collector);
    check_run(data_of_leaves);
    check_run(links_lead_nowhere);
    check_run(objects_lead_on);
    check_run(unsearched_blocks_lead_nowhere);
    check_run(search_again_forgets);
    check_run(roots_after_a_drain);
    check_run(progress_is_told);
    return check_done();
}
