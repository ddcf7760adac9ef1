/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_heuristics.c: interior pointers that count as start pointers; each
   heuristic switched on and off, at its limits, and with unreadable memory. */

#include "testheap.h"

enum { ALL = (1u << LG_N_HEURISTICS) - 2 };

static const LgHeuristic each[] = {LgHeurStdString, LgHeurLength64,
                                   LgHeurNewArray, LgHeurMultipleInheritance,
                                   LgHeurPyObject, LgHeurHashbrown};

/* ---- A host with two pages of code and one of tables -------------------- */

static Addr tables, code;

static Addr file_mapping_end(void* opaque, Addr a)
{
    (void)opaque;
    return a >= tables && a < tables + 4096 ? tables + 4096 : 0;
}

static Bool is_code(void* opaque, Addr a)
{
    (void)opaque;
    return a >= code && a < code + 8192;
}

static void new_heap(TestHeap* h)
{
    heap_new(h, 1 << 16);
    tables = h->memory + (1 << 15);
    code = tables + 4096;
    h->host.file_mapping_end = file_mapping_end;
    h->host.is_code = is_code;
    poke(tables, code);
    poke(tables + 8, code + 4096);
}

/* What becomes of block a, to which a root points at offset `off`, with the
   heuristics of `set`. */
static LgHeuristic found(TestHeap* h, UInt a, SizeT off, LgHeuristicSet set)
{
    h->nRoots = 0;
    heap_root(h, heap_start(h, a) + off);
    h->heuristics = set;
    heap_search(h);
    LgHeuristic heur = heap_heuristic(h, a);
    expect_eq(heap_kind(h, a), heur == LgHeurNone ? LgPossible : LgReachable);
    for (UInt i = 0; i < sizeof each / sizeof each[0]; i++) {
        Bool applies = lg_mark_heuristic_applies(
            h->mark, heap_no(h, a), heap_start(h, a) + off, each[i]);
        if (heur == each[i])
            expect_true(applies);
    }
    return heur;
}

/* With it alone, with all others, with none. */
static void expect_only(TestHeap* h, UInt a, SizeT off, LgHeuristic want)
{
    expect_eq(found(h, a, off, LG_HEUR_BIT(want)), want);
    expect_eq(found(h, a, off, ALL), want);
    expect_eq(found(h, a, off, ALL & ~LG_HEUR_BIT(want)), LgHeurNone);
    expect_eq(found(h, a, off, 0), LgHeurNone);
}

static void stdstring(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 24 + 10 + 1);
    heap_point(&h, a, 0, 7);  /* length */
    heap_point(&h, a, 8, 10); /* capacity */
    heap_point(&h, a, 16, 0);
    expect_only(&h, a, 24, LgHeurStdString);
    expect_eq(found(&h, a, 25, ALL), LgHeurNone);
    expect_eq(found(&h, a, 23, ALL), LgHeurNone);
    heap_point(&h, a, 0, 10);
    expect_eq(found(&h, a, 24, ALL), LgHeurStdString);
    heap_point(&h, a, 0, 11); /* longer than the capacity */
    expect_eq(found(&h, a, 24, ALL), LgHeurNone);
    heap_point(&h, a, 0, 7);
    heap_point(&h, a, 8, 11); /* not what the block has room for */
    expect_eq(found(&h, a, 24, ALL), LgHeurNone);
    heap_delete(&h);
}

static void length64(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 8 + 40);
    heap_point(&h, a, 0, 40);
    expect_eq(found(&h, a, 8, LG_HEUR_BIT(LgHeurLength64)), LgHeurLength64);
    expect_eq(found(&h, a, 8, ALL), LgHeurLength64);
    /* An array of 40 one-byte elements looks alike. */
    expect_eq(found(&h, a, 8, LG_HEUR_BIT(LgHeurNewArray)), LgHeurNewArray);
    expect_eq(found(&h, a, 8, 0), LgHeurNone);
    expect_eq(found(&h, a, 16, ALL), LgHeurNone);
    heap_point(&h, a, 0, 41);
    expect_eq(found(&h, a, 8, ALL), LgHeurNone);
    heap_delete(&h);
}

static void newarray(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 8 + 60);
    heap_point(&h, a, 0, 5);
    expect_only(&h, a, 8, LgHeurNewArray);
    expect_eq(found(&h, a, 16, ALL), LgHeurNone);
    heap_point(&h, a, 0, 7); /* 60 bytes are not 7 elements */
    expect_eq(found(&h, a, 8, ALL), LgHeurNone);
    heap_point(&h, a, 0, 0);
    expect_eq(found(&h, a, 8, ALL), LgHeurNone);
    heap_delete(&h);
}

/* Only where the host says so is one past the end a pointer to the block. */
static void no_elements(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 8), b = heap_block(&h, 16);
    h.blocks[a].flags = h.blocks[b].flags = LG_BF_NO_ELEMENTS;
    expect_only(&h, a, 8, LgHeurNewArray);
    expect_only(&h, b, 16, LgHeurNewArray);
    expect_eq(found(&h, a, 7, ALL), LgHeurNone);
    expect_eq(lg_sb_szB(&lg_snap_blocks(h.snap)[heap_no(&h, a)]), 8);
    for (SizeT off = 9; off <= 16; off++) {
        h.nRoots = 0;
        heap_root(&h, heap_start(&h, a) + off);
        heap_search(&h);
        expect_eq(heap_kind(&h, a), LgDefinite);
    }
    h.blocks[b].flags = 0;
    h.nRoots = 0;
    heap_root(&h, heap_start(&h, b) + 16);
    heap_search(&h);
    expect_eq(heap_kind(&h, b), LgDefinite);
    heap_delete(&h);
}

static void multipleinheritance(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 64);
    heap_point(&h, a, 0, tables);
    heap_point(&h, a, 16, tables);
    heap_point(&h, a, 32, tables + 4); /* unaligned */
    heap_point(&h, a, 40, code);       /* code is no table */
    heap_point(&h, a, 48, 8);
    expect_only(&h, a, 16, LgHeurMultipleInheritance);
    expect_eq(found(&h, a, 24, ALL), LgHeurNone);
    expect_eq(found(&h, a, 32, ALL), LgHeurNone);
    expect_eq(found(&h, a, 40, ALL), LgHeurNone);
    expect_eq(found(&h, a, 48, ALL), LgHeurNone);
    expect_eq(found(&h, a, 17, ALL), LgHeurNone);
    expect_eq(found(&h, a, 60, ALL), LgHeurNone); /* the word sticks out */
    heap_point(&h, a, 0, 0); /* the object itself must begin with one, too */
    expect_eq(found(&h, a, 16, ALL), LgHeurNone);
    heap_point(&h, a, 0, tables);
    h.host.is_code = NULL;
    expect_eq(found(&h, a, 16, ALL), LgHeurNone);
    h.host.is_code = is_code;
    h.host.file_mapping_end = NULL;
    expect_eq(found(&h, a, 16, ALL), LgHeurNone);
    heap_delete(&h);
}

/* The object's base, and at that no other heuristic. */
static void pyobject(void)
{
    for (UInt off = 16; off <= 48; off += 16) {
        TestHeap h;
        new_heap(&h);
        UInt a = heap_object(&h, 128, off, False);
        heap_point(&h, a, 0, tables);
        heap_point(&h, a, off, tables);
        expect_only(&h, a, off, LgHeurPyObject);
        expect_eq(found(&h, a, off - 8, ALL), LgHeurNone);
        expect_eq(found(&h, a, off + 8, ALL), LgHeurNone);
        heap_point(&h, a, off + 8, tables);
        expect_eq(found(&h, a, off + 8, ALL), LgHeurMultipleInheritance);
        heap_delete(&h);
    }
}

/* Values of a dictionary: the byte before them says how far in they are. */
static void pyobject_dict_values(void)
{
    static const UInt bases[] = {0, 16}; /* with a debug allocator */
    for (UInt k = 0; k < 2; k++) {
        UInt     base = bases[k];
        TestHeap h;
        new_heap(&h);
        UInt a = heap_block(&h, 400);
        UChar* p = (UChar*)heap_start(&h, a) + base;
        h.known[a].objOff = base;
        h.known[a].isPymem = True;
        for (UInt off = 8; off < 256; off += 8) {
            p[off - 1] = (UChar)off;
            expect_only(&h, a, base + off, LgHeurPyObject);
            /* As CPython 3.12 points at them. */
            expect_only(&h, a, base + off - 1, LgHeurPyObject);
            expect_eq(found(&h, a, base + off + 1, ALL), LgHeurNone);
            expect_eq(found(&h, a, base + off - 2, ALL), LgHeurNone);
            p[off - 1]++;
            expect_eq(found(&h, a, base + off - 1, ALL), LgHeurNone);
            expect_eq(found(&h, a, base + off, ALL), LgHeurNone);
            p[off - 1] = 0;
        }
        p[256 - 1] = 0; /* no byte holds 256 */
        expect_eq(found(&h, a, base + 256, ALL), LgHeurNone);
        p[12 - 1] = 12;
        expect_eq(found(&h, a, base + 12, ALL), LgHeurNone);
        p[16 - 1] = 16;
        h.known[a].isPymem = False; /* an object has no such thing */
        expect_eq(found(&h, a, base + 16, ALL), LgHeurNone);
        h.known[a].isPymem = True;
        h.skips[0] = (LgRange){(Addr)p + 15, (Addr)p + 16};
        h.nSkips = 1;
        expect_eq(found(&h, a, base + 16, ALL), LgHeurNone);
        h.nSkips = 0;
        mprotect((void*)h.memory, 4096, PROT_NONE);
        expect_eq(found(&h, a, base + 16, ALL), LgHeurNone);
        heap_delete(&h);
    }
}

/* Pointers behind a first word that may hold one, too. */
static void pyobject_call_arguments(void)
{
    TestHeap h;
    new_heap(&h);
    for (UInt n = 1; n <= 3; n++) {
        UInt a = heap_block(&h, 8 + 8 * n);
        Addr s = heap_start(&h, a);
        h.known[a].isPymem = True;
        for (UInt k = 1; k <= n; k++) {
            expect_eq(found(&h, a, 8, ALL), LgHeurNone);
            poke(s + 8 * k, tables + 8 * k);
        }
        expect_only(&h, a, 8, LgHeurPyObject);
        expect_eq(found(&h, a, 7, ALL), LgHeurNone);
        poke(s, tables);
        expect_only(&h, a, 8, LgHeurPyObject);
        if (n > 1)
            expect_eq(found(&h, a, 16, ALL), LgHeurNone);
        poke(s, tables + 1); /* no pointer */
        expect_eq(found(&h, a, 8, ALL), LgHeurNone);
        poke(s, 0);
        poke(s + 8 * n, tables + 1);
        expect_eq(found(&h, a, 8, ALL), LgHeurNone);
        poke(s + 8 * n, tables);
        h.known[a].isPymem = False;
        expect_eq(found(&h, a, 8, ALL), LgHeurNone);
    }
    UInt odd = heap_block(&h, 20);
    h.known[odd].isPymem = True;
    poke(heap_start(&h, odd) + 8, tables);
    expect_eq(found(&h, odd, 8, ALL), LgHeurNone);
    heap_delete(&h);
}

static void pyobject_numpy_buffer_info(void)
{
    TestHeap h;
    new_heap(&h);
    for (UInt n = 1; n <= 3; n++) {
        UInt a = heap_block(&h, 40 + 16 * n);
        Addr s = heap_start(&h, a);
        poke(s + 8, 0xABABABABULL << 32 | n); /* an int */
        poke(s + 16, s + 40 + 8 * n);
        poke(s + 24, s + 40);
        expect_only(&h, a, 3, LgHeurPyObject);
        expect_eq(found(&h, a, 2, ALL), LgHeurNone);
        expect_eq(found(&h, a, 4, ALL), LgHeurNone);
        poke(s + 8, n + 1); /* not what the block has room for */
        expect_eq(found(&h, a, 3, ALL), LgHeurNone);
        poke(s + 8, n);
        poke(s + 16, s + 40);
        expect_eq(found(&h, a, 3, ALL), LgHeurNone);
        poke(s + 16, s + 40 + 8 * n);
        poke(s + 24, s + 48);
        expect_eq(found(&h, a, 3, ALL), LgHeurNone);
    }
    UInt none = heap_block(&h, 40); /* nothing says what this is */
    expect_eq(found(&h, none, 3, ALL), LgHeurNone);
    heap_delete(&h);
}

/* ---- Rust's tables ------------------------------------------------------- */

#if defined(VGA_arm64)
enum { GROUP = 8 };
#else
enum { GROUP = 16 };
#endif

/* As hashbrown sets a control byte. */
static void set_control(UChar* control, SizeT n, SizeT i, UChar byte)
{
    control[i] = byte;
    control[((i - GROUP) & (n - 1)) + GROUP] = byte;
}

/* A block for a table of n elements of so many bytes, all places empty. */
static UInt new_table(TestHeap* h, SizeT n, SizeT szB, SizeT* elementsB)
{
    *elementsB = (n * szB + GROUP - 1) & ~(SizeT)(GROUP - 1);
    UInt a = heap_block(h, *elementsB + n + GROUP);
    memset((void*)(heap_start(h, a) + *elementsB), 0xFF, n + GROUP);
    return a;
}

static UChar* control_of(const TestHeap* h, UInt a, SizeT at)
{
    return (UChar*)(heap_start(h, a) + at);
}

static void hashbrown_in_use(SizeT n, SizeT szB)
{
    TestHeap h;
    SizeT    at;

    new_heap(&h);
    UInt   a = new_table(&h, n, szB, &at);
    UChar* control = control_of(&h, a, at);
    expect_eq(found(&h, a, at, ALL), LgHeurNone); /* nothing in it */
    for (SizeT i = 0; i < n - 1; i++) {
        set_control(control, n, i, (UChar)(i * 37 % 128));
        expect_only(&h, a, at, LgHeurHashbrown);
    }
    set_control(control, n, 1, 0x80); /* deleted */
    expect_only(&h, a, at, LgHeurHashbrown);
    expect_eq(found(&h, a, at - 8, ALL), LgHeurNone);
    expect_eq(found(&h, a, at + 8, ALL), LgHeurNone);
    heap_delete(&h);
}

static void hashbrown_damaged(SizeT n)
{
    TestHeap h;
    SizeT    at;

    new_heap(&h);
    UInt   a = new_table(&h, n, 24, &at);
    UChar* control = control_of(&h, a, at);
    for (SizeT i = 0; i < n - 1; i++)
        set_control(control, n, i, (UChar)i % 128);
    set_control(control, n, n - 1, 0x80); /* no place is empty */
    expect_eq(found(&h, a, at, ALL), LgHeurNone);
    set_control(control, n, n - 1, 0xFF);
    set_control(control, n, 2, 0x81); /* nothing of the kind */
    expect_eq(found(&h, a, at, ALL), LgHeurNone);
    set_control(control, n, 2, 2);
    for (SizeT i = 0; i < n + GROUP; i++) {
        if (i >= GROUP && i < n)
            continue; /* has no copy */
        if (n < GROUP && i >= GROUP + n)
            continue; /* is none */
        control[i] ^= 1; /* the copy differs */
        expect_eq(found(&h, a, at, ALL), LgHeurNone);
        control[i] ^= 1;
    }
    expect_only(&h, a, at, LgHeurHashbrown);
    heap_delete(&h);
}

static void hashbrown(void)
{
    static const SizeT sizes[] = {1, 4, 12, 24};

    for (SizeT n = 4; n <= 256; n *= 2) {
        for (UInt i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            hashbrown_in_use(n, sizes[i]);
        hashbrown_damaged(n);
    }
}

/* The size must be that of a table. */
static void hashbrown_sizes(void)
{
    for (SizeT more = 0; more < 20; more++) {
        TestHeap h;
        SizeT    at;
        new_heap(&h);
        UInt a = new_table(&h, 16, 24, &at);
        set_control(control_of(&h, a, at), 16, 0, 5);
        h.blocks[a].szB += more;
        expect_eq(found(&h, a, at, ALL),
                  more == 0 ? LgHeurHashbrown : LgHeurNone);
        heap_delete(&h);
    }
}

/* Two words of code among the first 21, and nothing but NULL besides. */
static void tables_of_virtual_functions(void)
{
    static const struct {
        UInt at, first, second, other;
        Bool good;
    } table[] = {
        {512, 0, 1, 0, True},        {512, 3, 20, 0, True},
        {512, 3, 21, 0, False},      {512, 1, 3, 2, False},
        {512, 0, 1, 2, True},        {4096 - 16, 0, 1, 0, True},
        {4096 - 8, 0, 0, 0, False},
    };
    for (UInt t = 0; t < sizeof table / sizeof table[0]; t++) {
        TestHeap h;
        new_heap(&h);
        UInt a = heap_block(&h, 64);
        Addr at = tables + table[t].at;
        poke(at + 8 * table[t].first, code);
        poke(at + 8 * table[t].second, code + 1);
        if (table[t].other != 0)
            poke(at + 8 * table[t].other, 42);
        heap_point(&h, a, 0, at);
        heap_point(&h, a, 8, at);
        if (!expect_eq(found(&h, a, 8, LG_HEUR_BIT(LgHeurMultipleInheritance)),
                       table[t].good ? LgHeurMultipleInheritance : LgHeurNone))
            printf("  table %u\n", t);
        heap_delete(&h);
    }
}

/* What cannot be read, or is not to be, is no evidence. */
static void unreadable(void)
{
    for (UInt mode = 0; mode < 3; mode++) {
        TestHeap h;
        new_heap(&h);
        UInt a = heap_block(&h, 68), child = heap_block(&h, 8);
        heap_point(&h, a, 0, mode == 2 ? tables : 5);
        heap_point(&h, a, 8, tables);
        heap_point(&h, a, 16, heap_start(&h, child));
        if (mode == 0) {
            h.skips[0] = (LgRange){heap_start(&h, a), heap_start(&h, a) + 4};
            h.nSkips = 1;
        } else {
            mprotect((void*)(mode == 1 ? h.memory : tables), 4096, PROT_NONE);
        }
        expect_eq(found(&h, a, 8, ALL), LgHeurNone);
        expect_eq(heap_kind(&h, child), mode == 1 ? LgDefinite : LgPossible);
        heap_delete(&h);
    }
}

/* Another heuristic that comes first; a start pointer; in any order. */
static void better_pointers_win(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 24 + 40 + 1), from = heap_block(&h, 16);
    heap_point(&h, a, 0, 1); /* both a string and an array of one */
    heap_point(&h, a, 8, 40);
    for (UInt order = 0; order < 2; order++) {
        h.nRoots = 0;
        h.heuristics = ALL;
        heap_root(&h, heap_start(&h, a) + (order ? 24 : 8));
        heap_root(&h, heap_start(&h, a) + (order ? 8 : 24));
        heap_search(&h);
        expect_eq(heap_heuristic(&h, a), LgHeurStdString);
        expect_eq(heap_kind(&h, a), LgReachable);
        heap_root(&h, heap_start(&h, a));
        heap_search(&h);
        expect_eq(heap_heuristic(&h, a), LgHeurNone);
        h.roots[2] = h.roots[0];
        h.roots[0] = heap_start(&h, a);
        heap_search(&h);
        expect_eq(heap_heuristic(&h, a), LgHeurNone);
    }
    /* A start pointer from a possibly lost block counts for that, too. */
    h.nRoots = 0;
    heap_root(&h, heap_start(&h, a) + 8);
    heap_root(&h, heap_start(&h, from) + 4);
    heap_point(&h, from, 8, heap_start(&h, a));
    heap_search(&h);
    expect_eq(heap_kind(&h, from), LgPossible);
    expect_eq(heap_kind(&h, a), LgReachable);
    expect_eq(heap_heuristic(&h, a), LgHeurNone);
    heap_delete(&h);
}

/* Heuristics hold for pointers in reachable places only. */
static void from_possibly_lost_blocks(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 68), from = heap_block(&h, 16);
    heap_point(&h, a, 0, 5);
    heap_point(&h, from, 8, heap_start(&h, a) + 8);
    heap_root(&h, heap_start(&h, from) + 4);
    h.heuristics = ALL;
    heap_search(&h);
    expect_eq(heap_kind(&h, a), LgPossible);
    h.roots[0] = heap_start(&h, from);
    heap_search(&h);
    expect_eq(heap_kind(&h, a), LgReachable);
    heap_delete(&h);
}

static void asked_for_one(void)
{
    TestHeap h;
    new_heap(&h);
    UInt a = heap_block(&h, 68);
    heap_point(&h, a, 0, 5);
    heap_search(&h);
    Addr s = heap_start(&h, a);
    expect_true(lg_mark_heuristic_applies(h.mark, 0, s + 8, LgHeurNewArray));
    expect_false(lg_mark_heuristic_applies(h.mark, 0, s + 8, LgHeurNone));
    expect_false(lg_mark_heuristic_applies(h.mark, 0, s, LgHeurNewArray));
    expect_false(lg_mark_heuristic_applies(h.mark, 0, s + 8, LgHeurStdString));
    mprotect((void*)h.memory, 4096, PROT_NONE);
    expect_false(lg_mark_heuristic_applies(h.mark, 0, s + 8, LgHeurNewArray));
    heap_delete(&h);
}

int main(void)
{
    check_run(stdstring);
    check_run(length64);
    check_run(newarray);
    check_run(no_elements);
    check_run(multipleinheritance);
    check_run(pyobject);
    check_run(pyobject_dict_values);
    check_run(pyobject_call_arguments);
    check_run(pyobject_numpy_buffer_info);
    check_run(hashbrown);
    check_run(hashbrown_sizes);
    check_run(tables_of_virtual_functions);
    check_run(unreadable);
    check_run(better_pointers_win);
    check_run(from_possibly_lost_blocks);
    check_run(asked_for_one);
    return check_done();
}
