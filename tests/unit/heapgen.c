/* SPDX-License-Identifier: GPL-2.0-or-later */
/* heapgen.c: bytes to heaps.  See heapgen.h. */

#include "heapgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PAGE      = 4096,
    MAX_WORDS = 16,
    MAX_RANGES = 8,
    MAX_SKIPS = 12,
    MAX_HOLES = 8,
    CODE_SZB  = 2 * PAGE
};

/* The memory that heaps are made in.  The second part of the heap lies far
   from the first, so that the index has to span the distance; the last one is
   what vtables stand in.  All are addresses that AddressSanitizer has shadow
   memory for: on arm64 it may have 39 bits of them only, if that is what the
   stack's address looks like (qemu's does). */
#if defined(__aarch64__)
#define AREA(n) ((Addr)(n) << 32)
#else
#define AREA(n) ((Addr)(n) << 40)
#endif
enum { NEAR_HEAP, FAR_HEAP, ROOTS, TABLES, N_AREAS };
static const struct {
    Addr  hint;
    SizeT szB;
} areas[N_AREAS] = {
    [NEAR_HEAP] = {AREA(0x20), 3 << 20},
    [FAR_HEAP]  = {AREA(0x23), 256 << 10},
    [ROOTS]     = {AREA(0x40), 4 * PAGE},
    [TABLES]    = {AREA(0x41), PAGE},
};

struct HeapGen {
    Addr         area[N_AREAS];
    const UChar* bytes;
    SizeT        n, at;
    UInt         limit; /* of blocks */

    LgBlock blocks[ORACLE_MAX];
    OracleKnown known[ORACLE_MAX];
    Addr    words[MAX_WORDS];
    LgRange ranges[MAX_RANGES];
    LgRange skips[MAX_SKIPS];
    LgRange holes[MAX_HOLES];
    Addr    cursor[2]; /* where the next block of a heap may start */

    OracleHeap heap;
};

static UInt take(HeapGen* g)
{
    return g->at < g->n ? g->bytes[g->at++] : 0;
}
static UInt take2(HeapGen* g)
{
    UInt lo = take(g);
    return lo | take(g) << 8;
}

/* ---- What the host says ------------------------------------------------- */

/* Code is two pages that nobody reads: a number is enough. */
#define CODE_START ((Addr)0x7000000)

static Addr file_mapping_end(void* opaque, Addr a)
{
    const HeapGen* g = opaque;
    Addr           lo = g->area[TABLES];
    return a >= lo && a < lo + areas[TABLES].szB ? lo + areas[TABLES].szB : 0;
}

static Bool is_code(void* opaque, Addr a)
{
    (void)opaque;
    return a >= CODE_START && a < CODE_START + CODE_SZB;
}

/* Where a table may begin, as an offset, and what its words are. */
static const struct {
    UInt        at;
    const char* words; /* c: code, 0: NULL, x: something else */
} tables[] = {
    {0, "cc"},
    {64, "0c0c"},
    {256, "00000000000000000000cc"}, /* the second is word 22 */
    {512, "0000000000000000000cc"},  /* it is word 21 */
    {1024, "cx"},
    {PAGE - 16, "cc"},
    {PAGE - 8, "c"}, /* the mapping ends here */
    {2048 + 4, "cc"},
};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

static void put(Addr at, Addr w)
{
    memcpy((void*)at, &w, sizeof w);
}

static void write_tables(const HeapGen* g)
{
    for (UInt t = 0; t < N_TABLES; t++) {
        const char* w = tables[t].words;
        for (UInt i = 0; w[i] != 0; i++)
            put(g->area[TABLES] + tables[t].at + 8 * i,
                w[i] == 'c'   ? CODE_START + PAGE * (i % 2) + i
                : w[i] == '0' ? 0
                              : 0x1234);
    }
}

/* ---- New and delete ----------------------------------------------------- */

HeapGen* heapgen_new(void)
{
    HeapGen* g = calloc(1, sizeof *g);
    for (UInt i = 0; i < N_AREAS; i++) {
        void* p = mmap((void*)areas[i].hint, areas[i].szB,
                       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0);
        if (p == MAP_FAILED) {
            perror("heapgen: mmap");
            exit(1);
        }
        g->area[i] = (Addr)p;
    }
    write_tables(g);
    return g;
}

static void forget(HeapGen* g)
{
    for (UInt i = 0; i < g->heap.nHoles; i++)
        mprotect((void*)g->holes[i].lo, g->holes[i].hi - g->holes[i].lo,
                 PROT_READ | PROT_WRITE);
    for (UInt i = 0; i <= ROOTS; i++)
        madvise((void*)g->area[i], areas[i].szB, MADV_DONTNEED);
    memset(&g->heap, 0, sizeof g->heap);
}

void heapgen_delete(HeapGen* g)
{
    for (UInt i = 0; i < N_AREAS; i++)
        munmap((void*)g->area[i], areas[i].szB);
    free(g);
}

/* ---- Blocks ------------------------------------------------------------- */

static SizeT take_size(HeapGen* g)
{
    static const UInt special[] = {0,   1,    7,    8,    9,     511,  512, 513,
                                   520, 1024, 4095, 4096, 12288, 70000, 200000};
    UInt c = take(g);
    if (c < 200)
        return c;
    return special[(c - 200) % (sizeof special / sizeof special[0])];
}

/* Can all of it be written to? */
static Bool is_in_heap(const HeapGen* g, Addr a, SizeT szB)
{
    for (UInt i = NEAR_HEAP; i <= FAR_HEAP; i++) {
        if (a >= g->area[i] && a - g->area[i] <= areas[i].szB &&
            szB <= areas[i].szB - (a - g->area[i]))
            return True;
    }
    return False;
}

static void add_block(HeapGen* g, Addr start, SizeT szB, UInt how)
{
    if (g->heap.n == g->limit || !is_in_heap(g, start, szB + 1))
        return;
    LgBlock* b = &g->blocks[g->heap.n++];
    memset(b, 0, sizeof *b);
    memset(&g->known[g->heap.n - 1], 0, sizeof g->known[0]);
    g->known[g->heap.n - 1].rank = LG_N_RANKS - 1;
    b->start = start;
    b->szB = szB;
    b->ctx = g->heap.n;
    b->allocKind = (UChar)(how % 8 < LG_N_ALLOC_KINDS ? how % 8 : 0);
    b->flags = how % 64 >= 56 ? LG_BF_INHERITED : 0;
}

static void op_block(HeapGen* g, UInt how)
{
    UInt  area = how & 1 ? FAR_HEAP : NEAR_HEAP;
    UInt  gap = take(g);
    SizeT szB = take_size(g);
    Addr  start = g->cursor[area] + gap % 64;
    if (gap >= 250)
        start += (Addr)take(g) << 12; /* another chunk of the index */
    if (gap % 4 != 3)
        start = (start + 15) & ~(Addr)15;
    if (!is_in_heap(g, start, szB + 1))
        return;
    add_block(g, start, szB, take(g));
    g->cursor[area] = start + szB + (szB == 0);
}

/* A block within another, or across its end. */
static void op_inner(HeapGen* g)
{
    UInt kind = take(g);
    if (g->heap.n == 0)
        return;
    const LgBlock* outer = &g->blocks[take2(g) % g->heap.n];
    SizeT          off = take2(g) % (outer->szB + 1);
    SizeT          szB = take_size(g);
    if (kind < 240 && szB > outer->szB - off)
        szB = outer->szB - off;
    add_block(g, outer->start + off, szB, kind);
}

/* Some block is an object of Python's, or other memory of its. */
static void op_known(HeapGen* g)
{
    UInt how = take(g), no = take2(g);
    if (g->heap.n == 0)
        return;
    OracleKnown*   k = &g->known[no % g->heap.n];
    const LgBlock* b = &g->blocks[no % g->heap.n];
    UInt           off = how % 4 * 16;

    k->isPymem = how / 4 % 4 <= 1;
    if (off >= b->szB || (k->isPymem && off != 16))
        off = 0;
    k->objOff = (UChar)off;
    k->hasGC = !k->isPymem && off > 0 && how / 64 > 0;
    k->isSkipped = how / 16 % 4 == 0;
    k->isLeaf = !k->isPymem && !k->hasGC && how % 3 == 0;
    how = take(g);
    k->rank = how % LG_N_RANKS;
    k->isExcused = how >= 200;
}

/* ---- Contents and roots ------------------------------------------------- */

/* Also behind the end of small blocks, but nowhere else. */
static void put_in_heap(const HeapGen* g, Addr at, Addr w)
{
    if (is_in_heap(g, at, sizeof w))
        put(at, w);
}

/* A pointer into CPython's memory; mostly to the values of a dictionary, before
   which is told how far from the start they are. */
static Addr take_values(HeapGen* g, Addr base)
{
    UInt off = take(g);
    off = off < 200 ? off % 8 * 8 : off;
    put_in_heap(g, base + off - 8, (Addr)off << 56 | take(g));
    return base + off;
}

/* A pointer to the control bytes of a table of hashbrown, if the block has the
   size of one. */
static Addr take_table(HeapGen* g, Addr s, SizeT szB)
{
#if defined(VGA_arm64)
    enum { GROUP = 8 };
#else
    enum { GROUP = 16 };
#endif
    for (SizeT n = 4; 2 * n + GROUP <= szB; n *= 2) {
        Addr   at = s + szB - GROUP - n;
        UChar* control = (UChar*)at;
        if (at % GROUP != 0 || !is_in_heap(g, at, n + GROUP))
            continue;
        memset(control, 0xFF, n + GROUP);
        for (UInt more = take(g) % 8; more > 0; more--) {
            SizeT i = take(g) % n;
            control[i] = (UChar)(take(g) % 0x82);
            control[((i - GROUP) & (n - 1)) + GROUP] = control[i];
        }
        return at;
    }
    return s;
}

static Addr take_target(HeapGen* g, UInt how)
{
    if (g->heap.n == 0 || how == 15)
        return (Addr)take2(g) << 32;
    LgBlock* b = &g->blocks[take2(g) % g->heap.n];
    Addr     s = b->start;
    SizeT    szB = b->szB;
    const OracleKnown* k = &g->known[b - g->blocks];
    Addr     base = s + k->objOff;

    switch (how) {
    case 0: case 1:
        return s;
    case 3: case 4:
        return k->isPymem ? take_values(g, base) : base;
    case 5: case 6:
        if (k->isPymem)
            return take_values(g, base);
        if (k->isLeaf) {
            UInt n = take(g) % 13;
            return base + (n == 12 ? 1 : n * 8);
        }
        return s + take2(g) % (szB + 1);
    case 7:
        return s - 1;
    case 8:
        return s + szB;
    case 9: /* stdstring */
        put_in_heap(g, s, szB - 25 - take(g) % 3);
        put_in_heap(g, s + 8, szB - 25);
        return s + 24;
    case 10: /* length64 */
        put_in_heap(g, s, szB - 8);
        return s + 8;
    case 11: /* newarray */
        put_in_heap(g, s, take(g));
        return s + 8;
    case 12: /* hashbrown */
        return take_table(g, s, szB);
    case 2: case 13: { /* multipleinheritance */
        SizeT off = (1 + take(g) % 4) * 8;
        put_in_heap(g, s + off, g->area[TABLES] + tables[take(g) % N_TABLES].at);
        put_in_heap(g, s, g->area[TABLES] + tables[take(g) % N_TABLES].at);
        return s + off;
    }
    default: /* a link of the garbage collector */
        return base - 16 + take(g) % 16;
    }
}

static void op_pointer(HeapGen* g, UInt how)
{
    UInt target = take(g);
    UInt where = take2(g);
    Addr at = 0, w;

    w = take_target(g, target & 15);
    if (how % 8 == 0) {
        if (g->heap.nWords < MAX_WORDS)
            g->words[g->heap.nWords++] = w;
        return;
    }
    if (how % 8 == 1 || g->heap.n == 0) {
        at = g->area[ROOTS] + where % (areas[ROOTS].szB - 8);
    } else {
        const LgBlock* b = &g->blocks[where % g->heap.n];
        at = b->start + take2(g) % (b->szB + 1);
    }
    if (how < 248)
        at &= ~(Addr)7;
    if (at >= g->area[ROOTS] && at < g->area[ROOTS] + areas[ROOTS].szB)
        put(at, w);
    else
        put_in_heap(g, at, w);
}

static void op_range(HeapGen* g, UInt how)
{
    UInt area = how % 8 == 7 ? NEAR_HEAP : ROOTS;
    Addr lo = take2(g), szB = take2(g);
    if (g->heap.nRanges == MAX_RANGES || lo > areas[area].szB)
        return;
    if (szB > areas[area].szB - lo)
        szB = areas[area].szB - lo;
    g->ranges[g->heap.nRanges++] =
        (LgRange){g->area[area] + lo, g->area[area] + lo + szB};
}

static Addr take_place(HeapGen* g)
{
    UInt c = take(g), off = take2(g);
    if (g->heap.n == 0 || c % 4 == 0)
        return g->area[ROOTS] + off % areas[ROOTS].szB;
    const LgBlock* b = &g->blocks[off % g->heap.n];
    return b->start + take2(g) % (b->szB + 1);
}

/* Skips must be sorted and disjoint. */
static void op_skip(HeapGen* g)
{
    Addr lo = take_place(g), hi = lo + 1 + take2(g) % 600;
    UInt i = g->heap.nSkips;
    if (i == MAX_SKIPS)
        return;
    for (UInt k = 0; k < i; k++) {
        if (lo <= g->skips[k].hi && hi >= g->skips[k].lo)
            return;
    }
    for (; i > 0 && g->skips[i - 1].lo > lo; i--)
        g->skips[i] = g->skips[i - 1];
    g->skips[i] = (LgRange){lo, hi};
    g->heap.nSkips++;
}

static void op_hole(HeapGen* g)
{
    Addr lo = take_place(g) & ~(Addr)(PAGE - 1);
    if (g->heap.nHoles < MAX_HOLES)
        g->holes[g->heap.nHoles++] = (LgRange){lo, lo + PAGE};
}

/* ------------------------------------------------------------------------- */

const OracleHeap* heapgen_make(HeapGen* g, const UChar* bytes, SizeT n)
{
    OracleHeap* h = &g->heap;

    forget(g);
    g->bytes = bytes;
    g->n = n;
    g->at = 0;
    g->cursor[0] = g->area[NEAR_HEAP] + (take(g) % 4) * 1000;
    g->cursor[1] = g->area[FAR_HEAP];
    h->heuristics = take(g) % (1u << LG_N_HEURISTICS);
    g->limit = take(g) == 255 ? ORACLE_MAX : 40;
    h->hasRanks = h->heuristics % 4 == 3;
    h->hasExcuses = h->heuristics / 4 % 4 == 2;
    h->ranges = g->ranges;
    if (h->heuristics & 1) /* the usual root */
        g->ranges[h->nRanges++] = (LgRange){
            g->area[ROOTS], g->area[ROOTS] + areas[ROOTS].szB};
    while (g->at < g->n) {
        UInt op = take(g);
        if (op < 90)
            op_block(g, op);
        else if (op < 94)
            op_inner(g);
        else if (op < 116)
            op_known(g);
        else if (op < 248)
            op_pointer(g, take(g));
        else if (op < 251)
            op_range(g, take(g));
        else if (op < 254)
            op_skip(g);
        else
            op_hole(g);
    }
    for (UInt i = 0; i < h->nHoles; i++)
        mprotect((void*)g->holes[i].lo, PAGE, PROT_NONE);
    h->blocks = g->blocks;
    h->known = g->known;
    h->words = g->words;
    h->skips = g->skips;
    h->holes = g->holes;
    h->host.opaque = g;
    h->host.file_mapping_end = file_mapping_end;
    h->host.is_code = is_code;
    return h;
}
