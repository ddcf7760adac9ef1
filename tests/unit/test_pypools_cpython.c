/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pypools_cpython.c: the pools of a real CPython.  It runs in this
   process, with hooks in its allocators that know which blocks are in use; a
   walk of the pools must find the same blocks, at every moment. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#define PY_SSIZE_T_CLEAN
#include "cpython_hooks.h"

#include "../../leakgrind/python/lg_pylayout.h"
#include "../../leakgrind/python/lg_pypools.h"

/* libpython keeps memory for the whole life of a process. */
const char* __asan_default_options(void);
const char* __asan_default_options(void)
{
    return "detect_leaks=0";
}

/* --- What the hooks know ------------------------------------------------- */

/* Blocks in use that are in arenas; open addressing, and freed places stay
   taken (szB 0).  Larger blocks are malloc's. */
enum { N_SLOTS = 1 << 23 };
static struct {
    uintptr_t start;
    size_t    szB; /* as requested, plus 1 */
} known[N_SLOTS];
static unsigned long nTaken;

enum { MAX_ARENAS = 20000 };
static struct {
    uintptr_t lo, hi;
} arenas[MAX_ARENAS];
static unsigned nArenas;

static size_t* slot_of(uintptr_t start)
{
    size_t i = (start >> 4) * 0x9E3779B97F4A7C15u >> 42;
    while (known[i].start != 0 && known[i].start != start)
        i = (i + 1) % N_SLOTS;
    if (known[i].start == 0) {
        known[i].start = start;
        nTaken++;
    }
    return &known[i].szB;
}

static int is_in_arena(uintptr_t p)
{
    unsigned i = 0;
    while (i < nArenas && (p < arenas[i].lo || p >= arenas[i].hi))
        i++;
    return i < nArenas;
}

static void note(void* p, size_t szB)
{
    if (is_in_arena((uintptr_t)p))
        *slot_of((uintptr_t)p) = szB + 1;
}

static void forget(void* p)
{
    if (is_in_arena((uintptr_t)p))
        *slot_of((uintptr_t)p) = 0;
}

static PyObjectArenaAllocator arenasBelow;

static void* hook_arena_alloc(void* ctx, size_t szB)
{
    uintptr_t p = (uintptr_t)arenasBelow.alloc(ctx, szB);
    if (p != 0 && nArenas < MAX_ARENAS) {
        arenas[nArenas].lo = p;
        arenas[nArenas++].hi = p + szB;
    }
    return (void*)p;
}

static void hook_arena_free(void* ctx, void* p, size_t szB)
{
    for (unsigned i = 0; i < nArenas; i++)
        if (arenas[i].lo == (uintptr_t)p)
            arenas[i] = arenas[--nArenas];
    arenasBelow.free(ctx, p, szB);
}

static void place_hooks(void)
{
    CpythonHooks blocks = {NULL, note, forget};

    cpython_hook(PYMEM_DOMAIN_MEM, blocks);
    cpython_hook(PYMEM_DOMAIN_OBJ, blocks);
    PyObject_GetArenaAllocator(&arenasBelow);
    PyObjectArenaAllocator hooks = {arenasBelow.ctx, hook_arena_alloc,
                                    hook_arena_free};
    PyObject_SetArenaAllocator(&hooks);
}

/* --- Comparing ----------------------------------------------------------- */

static const LgPyLayout* layout;

static const void* at(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    for (unsigned i = 0; i < nArenas; i++)
        if (a >= arenas[i].lo && a <= arenas[i].hi && szB <= arenas[i].hi - a)
            return (const void*)a;
    return NULL;
}

/* What else the arena allocator gives out are data stacks. */
static int is_arena(unsigned i)
{
    return arenas[i].hi - arenas[i].lo == layout->arenaSzB;
}

typedef struct {
    unsigned long nFound, nUnknown, nOfOtherSize;
} Found;

static void on_block(void* opaque, Addr block, UInt szB)
{
    Found* f = opaque;
    size_t known1 = *slot_of(block);

    f->nFound++;
    if (known1 == 0)
        f->nUnknown++;
    else {
        size_t asked = known1 - 1 == 0 ? 1 : known1 - 1;
        /* A realloc to not much less leaves the block as it is. */
        f->nOfOtherSize +=
            szB < asked || (szB - asked >= 16 && 4 * asked <= 3 * szB);
    }
}

static unsigned long count_known(void)
{
    unsigned long n = 0;
    for (size_t s = 0; s < N_SLOTS; s++)
        n += known[s].szB != 0;
    return n;
}

/* Returns how many blocks there are. */
static unsigned long compare(const char* when)
{
    LgPyMem       mem = {NULL, at, NULL};
    Found         f = {0, 0, 0};
    unsigned long nCounted = 0, nTorn = 0, nArenasHere = 0;

    for (unsigned i = 0; i < nArenas; i++) {
        LgPyArenaUse use;
        if (!is_arena(i))
            continue;
        nArenasHere++;
        lg_pyarena_walk(&mem, arenas[i].lo, arenas[i].hi, layout->poolSzB,
                        on_block, &f, &use);
        nTorn += use.nTorn;
        for (unsigned c = 0; c < LG_PY_SIZE_CLASSES; c++)
            nCounted += use.size[c].nBlocksUsed;
        if (use.nUsed >= 2)
            expect_true(lg_pyarena_is_likely(&mem, arenas[i].lo, arenas[i].hi,
                                             layout->poolSzB));
    }
    assert_true(nTaken < N_SLOTS / 2 && nArenas < MAX_ARENAS);
    int good = expect_eq(f.nFound, count_known());
    good &= expect_eq(f.nFound, nCounted);
    good &= expect_eq(f.nUnknown, 0);
    good &= expect_eq(f.nOfOtherSize, 0);
    good &= expect_eq(nTorn, 0);
    printf("%s: %lu blocks in %lu arenas%s\n", when, f.nFound, nArenasHere,
           good ? "" : " (wrong)");
    return f.nFound;
}

static void run(const char* code)
{
    assert_eq(PyRun_SimpleString(code), 0);
}

static void start(void)
{
    PyConfig config;

    PyConfig_InitIsolatedConfig(&config);
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    assert_false(PyStatus_Exception(status));
    layout = lg_pylayout_for(PY_VERSION_HEX);
    assert_true(layout != NULL);
    expect_true(compare("started") > 1000);
}

static void work(void)
{
    run("import json, random, re\n"
        "random.seed(1)\n"
        "class Item:\n"
        "    def __init__(self, i):\n"
        "        self.name = 'item %d' % i\n"
        "        self.next = self\n"
        "items = [Item(i) for i in range(20000)]\n"
        "table = {str(i): (float(i), [i] * (i % 40), 'x' * (i % 600))\n"
        "         for i in range(50000)}\n"
        "text = json.dumps(table)\n");
    expect_true(compare("worked") > 100000);
    run("table = json.loads(text)\n"
        "for key in list(table):\n"
        "    if random.random() < 0.9:\n"
        "        del table[key]\n");
    compare("freed here and there");
    run("items = None\n");
    unsigned long before = compare("cycles left alone");
    run("import gc\n"
        "assert gc.collect() >= 20000\n");
    expect_true(compare("collected") + 40000 < before);
    run("table = text = None\n");
    compare("all freed");
}

/* Blocks of all sizes, freed in another order, by the allocator itself. */
static void sizes(void)
{
    enum { N = 40000, MAX_SZB = 600 };
    static void* blocks[N];
    unsigned     seed = 7;

    for (int i = 0; i < N; i++)
        blocks[i] = PyObject_Malloc((unsigned)i % MAX_SZB);
    compare("sizes from 0 to 599");
    for (int i = 0; i < N; i++) {
        seed = seed * 1664525u + 1013904223u;
        if (seed >> 31) {
            PyObject_Free(blocks[i]);
            blocks[i] = NULL;
        } else
            blocks[i] = PyObject_Realloc(blocks[i], (seed >> 8) % MAX_SZB);
    }
    compare("half of them freed, half resized");
    for (int i = 0; i < N; i++)
        PyObject_Free(blocks[i]);
    compare("none of them left");
}

static void finish(void)
{
    expect_eq(Py_FinalizeEx(), 0);
    compare("finalized");
#if PY_VERSION_HEX >= 0x030C0000
    /* The next start would put CPython's own allocators in place of hooks. */
    PyPreConfig config;
    PyPreConfig_InitIsolatedConfig(&config);
    assert_false(PyStatus_Exception(Py_PreInitialize(&config)));
    place_hooks();
#endif
    start();
    compare("started again");
    Py_FinalizeEx();
}

int main(void)
{
    place_hooks();
    check_run(start);
    check_run(work);
    check_run(sizes);
    check_run(finish);
    return check_done();
}

#endif
