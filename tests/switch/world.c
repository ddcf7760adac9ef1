/* SPDX-License-Identifier: GPL-2.0-or-later */
/* world.c: memory in which stacks and data lie side by side.  See switch.h. */

#include "switch.h"

#include <sys/mman.h>
#include <unistd.h>

__thread World* here;
volatile int    damaged;
int             tracing;
int             ticking;

/* ---- Messages about errors ------------------------------------------------ */

enum { NOTES = 4 };
static __thread const char* notes[NOTES][2];
static __thread unsigned    nNotes;

/* Needs little stack, as all that may run on a small one. */
static void say(const char* text)
{
    size_t n = 0;
    while (text[n] != '\0')
        n++;
    if (write(2, text, n) < 0)
        damaged = 1;
}

static void say_number(uint64_t n)
{
    char digits[24];
    int  i = sizeof digits - 1;

    digits[i] = '\0';
    do
        digits[--i] = "0123456789abcdef"[n % 16];
    while ((n /= 16) != 0);
    say(&digits[i]);
}

static void say_note(const char* const pair[2])
{
    say(pair[0]);
    if (pair[1] != NULL) {
        say(" ");
        say(pair[1]);
    }
}

void note(const char* what, const char* how)
{
    const char** next = notes[nNotes++ % NOTES];

    next[0] = what;
    next[1] = how;
    if (tracing) {
        char mark;
        say_note((const char* const*)next);
        say(" at ");
        say_number((uintptr_t)&mark);
        say("\n");
    }
}

void damage(const char* where, const void* address, const char* after)
{
    if (damaged++ > 0)
        return;
    say("DAMAGED: ");
    say(where);
    say(" at ");
    say_number((uintptr_t)address);
    say(", seen after ");
    say(after);
    say("; before:");
    for (unsigned i = nNotes < NOTES ? 0 : nNotes - NOTES; i < nNotes; i++) {
        say(" [");
        say_note((const char* const*)notes[i % NOTES]);
        say("]");
    }
    say("\n");
}

void keep(volatile uint64_t* words, size_t n, uint64_t first)
{
    for (size_t i = 0; i < n; i++)
        words[i] = first + i;
}

void look(const volatile uint64_t* words, size_t n, const char* where,
          const char* after)
{
    for (size_t i = 1; i < n; i++)
        if (words[i] != words[0] + i) {
            damage(where, (const void*)&words[i], after);
            return;
        }
}

/* ---- Random numbers ------------------------------------------------------ */

uint64_t world_random(World* w)
{
    w->random ^= w->random >> 12;
    w->random ^= w->random << 25;
    w->random ^= w->random >> 27;
    return w->random * 0x2545f4914f6cdd1d;
}

unsigned world_choose(World* w, unsigned n)
{
    return (unsigned)(world_random(w) >> 33) % n;
}

/* ---- Data ---------------------------------------------------------------- */

/* Never 0. */
static uint64_t word_of(uint64_t key, size_t i)
{
    return (key + i) * 0x9e3779b97f4a7c15 | 1;
}

static void fill(Piece* p, uint64_t key)
{
    uint64_t* words = (uint64_t*)p->lo;

    p->kind = Data;
    p->key  = key;
    for (size_t i = 0; i < (size_t)(p->hi - p->lo) / 8; i++)
        words[i] = word_of(key, i);
}

static void compare(const Piece* p, const char* after)
{
    const uint64_t* words = (const uint64_t*)p->lo;

    for (size_t i = 0; i < (size_t)(p->hi - p->lo) / 8; i++)
        if (words[i] != word_of(p->key, i)) {
            damage(words[i] == 0 ? "data is zero" : "data differs", &words[i],
                   after);
            return;
        }
}

void world_check(const World* w, const char* after)
{
    for (; w != NULL; w = w->parent)
        for (int i = 0; i < w->nPieces; i++)
            if (w->pieces[i].kind == Data)
                compare(&w->pieces[i], after);
    if (asm_damage != 0) {
        asm_damage = 0;
        damage("what a function keeps while it waits", NULL, after);
    }
}

/* ---- Layout -------------------------------------------------------------- */

static char   fixed[1 << 20] __attribute__((aligned(ALIGNMENT)));
static World* fixedOwner;

static char* take(size_t szB)
{
    void* p = NULL;
    return posix_memalign(&p, ALIGNMENT, szB) == 0 ? p : NULL;
}

static size_t stack_size(World* w)
{
    static const size_t sizes[] = { 7168,  8192,  9104,  12288,
                                    16384, 32768, 65536, 262144 };
    return sizes[world_choose(w, sizeof sizes / sizeof *sizes)] +
           16 * world_choose(w, 20);
}

static size_t data_size(World* w)
{
    return world_choose(w, 5) == 0 ? 0 : 16 * (1 + world_choose(w, 120));
}

/* The next piece of the memory that is left, or of malloc's; 0: no room. */
static int add_piece(World* w, PieceKind kind, char** left, size_t szB)
{
    Piece* p = &w->pieces[w->nPieces];

    if (szB == 0 || w->nPieces == MAX_PIECES)
        return 0;
    if (w->place == InMallocEach)
        p->lo = take(szB);
    else {
        if (szB > (size_t)(w->memory + w->memorySzB - *left))
            return 0;
        p->lo = *left;
        *left += szB;
    }
    p->hi   = p->lo + szB;
    p->busy = 0;
    p->kind = kind;
    if (kind == Data)
        fill(p, world_random(w));
    w->nPieces++;
    return 1;
}

static void lay_out(World* w)
{
    static const long strides[] = { 0x5340, 0x21340, 0x200340 }; /* ways.py */
    char*             left = w->memory;
    int               n = 2 + (int)world_choose(w, 5);

    if (w->place != InMallocEach && world_choose(w, 3) == 0) {
        w->stride = strides[world_choose(w, 3)];
        if (w->memorySzB < 2 * (size_t)w->stride)
            w->stride = strides[0];
    }
    for (int i = 0; i < n; i++) {
        size_t data = w->stride != 0 ? 0x340 : data_size(w);
        add_piece(w, Data, &left, data);
        add_piece(w, Stack, &left,
                  w->stride != 0 ? (size_t)w->stride - 0x340 : stack_size(w));
    }
    if (w->place == InMallocEach)
        add_piece(w, Data, &left, 16 + data_size(w));
    else {
        size_t rest = (size_t)(w->memory + w->memorySzB - left);
        add_piece(w, Data, &left, rest > 4096 ? 4096 : rest / 16 * 16);
    }
}

static void take_memory(World* w)
{
    switch (w->place) {
    case InStatic:
        if (fixedOwner == NULL) {
            fixedOwner   = w;
            w->memory    = fixed;
            w->memorySzB = sizeof fixed;
            break;
        }
        w->place = InMalloc;
        /* fall through */
    case InMalloc:
        w->memorySzB = 0x30000 + 0x10000 * world_choose(w, 8);
        w->memory    = take(w->memorySzB);
        break;
    case InMapping:
        w->memorySzB = 0x40000 << world_choose(w, 6);
        w->memory    = mmap(NULL, w->memorySzB, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        break;
    default: break;
    }
}

static void give_back(World* w)
{
    switch (w->place) {
    case InStatic:  fixedOwner = NULL; break;
    case InMalloc:  free(w->memory); break;
    case InMapping: munmap(w->memory, w->memorySzB); break;
    case InMallocEach:
        for (int i = 0; i < w->nPieces; i++)
            free(w->pieces[i].lo);
        break;
    default: break;
    }
}

/* ---- Alternate stacks ---------------------------------------------------- */

void world_set_alternate(const Piece* p)
{
    stack_t ss;

    memset(&ss, 0, sizeof ss);
    if (p == NULL)
        ss.ss_flags = SS_DISABLE;
    else {
        ss.ss_sp   = p->lo;
        ss.ss_size = (size_t)(p->hi - p->lo);
    }
    sigaltstack(&ss, NULL);
}

/* While a handler runs, or waits, on the old one it cannot be changed. */
static void choose_alternate(World* w)
{
    Piece* p = NULL;

    if (w->alternate == NULL || !w->alternate->busy)
        p = world_idle(w, HANDLER_SZB);
    if (p == NULL || ticking)
        return;
    /* Nobody else runs there; a handler says so while it does. */
    w->alternate = p;
    world_set_alternate(p);
}

/* ---- Worlds -------------------------------------------------------------- */

World* world_make(World* parent, uint64_t random, PlaceKind place, char* memory,
                  size_t szB, Piece base)
{
    World* w = calloc(1, sizeof *w);

    w->parent    = parent;
    w->random    = random | 1;
    w->place     = place;
    w->memory    = memory;
    w->memorySzB = szB;
    w->base      = base;
    w->base.busy = 1;
    w->current   = &w->base;
    w->alternate = parent != NULL ? parent->alternate : NULL;
    take_memory(w);
    lay_out(w);
    choose_alternate(w);
    here = w;
    return w;
}

void world_end(World* w)
{
    world_check(w, "the end");
    here = w->parent;
    if (w->alternate != NULL &&
        (w->parent == NULL || w->alternate != w->parent->alternate))
        world_set_alternate(w->parent != NULL ? w->parent->alternate : NULL);
    give_back(w);
    free(w);
}

Piece* world_idle(World* w, size_t szB)
{
    unsigned start = world_choose(w, (unsigned)w->nPieces);

    for (int i = 0; i < w->nPieces; i++) {
        Piece* p = &w->pieces[(start + (unsigned)i) % (unsigned)w->nPieces];
        if (p->kind == Stack && !p->busy && p != w->alternate &&
            (size_t)(p->hi - p->lo) >= szB)
            return p;
    }
    return NULL;
}

void world_convert(World* w)
{
    unsigned i = world_choose(w, (unsigned)w->nPieces);
    Piece*   p = &w->pieces[i];

    if (p->kind == Stack) {
        if (p->busy || p == w->alternate || p->hi - p->lo > 70000)
            return;
        note("a stack becomes data", NULL);
        if (w->place == InMallocEach && world_choose(w, 2)) {
            size_t szB = (size_t)(p->hi - p->lo);
            free(p->lo);
            p->lo = take(szB);
            p->hi = p->lo + szB;
        }
        fill(p, world_random(w));
    } else if (p->hi - p->lo >= 7168) {
        compare(p, "it was data");
        note("data becomes a stack", NULL);
        p->kind = Stack;
    }
}

size_t world_room(const World* w)
{
    return (size_t)((char*)__builtin_frame_address(0) - w->current->lo);
}
