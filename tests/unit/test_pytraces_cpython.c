/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytraces_cpython.c: stacks of a real CPython as numbers.  At its
   allocations, the number that lg_pytraces_record returns must have the same text
   as a walk without any cache. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

/* A remembered frame is looked at again though its memory may have been freed:
   lg_pytraces_forget_frames is called only when it is unmapped. */
#define CPYTHON_ASAN_OPTIONS "detect_leaks=0:poison_heap=0"
#include "cpython.h"
#include "cpython_hooks.h"

#include "../../leakgrind/python/lg_pytraces.h"

static LgPyTraces*   stacks;
static UInt          depth;
static unsigned long nRecords, nReads;

/* Few reads tell that a stack comes from the cache. */
static const void* counting_at(void* opaque, Addr a, SizeT szB)
{
    nReads++;
    return cpython_at(opaque, a, szB);
}

static const LgPyMem mem = {NULL, counting_at, NULL};

/* --- Code objects that were met ------------------------------------------- */

enum { MAX_CODES = 20000 };
static Addr     codes[MAX_CODES];
static unsigned nCodes, nForgotten;

static void on_code(void* opaque, Addr code)
{
    expect_eq((Addr)opaque, (Addr)&nCodes);
    for (unsigned i = 0; i < nCodes; i++)
        if (!expect_true(codes[i] != code))
            return;
    assert_true(nCodes < MAX_CODES);
    codes[nCodes++] = code;
}

static void on_free(Addr p)
{
    unsigned i = 0;
    while (i < nCodes && codes[i] != p)
        i++;
    if (i == nCodes)
        return;
    codes[i] = codes[--nCodes];
    nForgotten++;
    lg_pytraces_forget_code(stacks, p);
}

/* --- Comparing ------------------------------------------------------------ */

static UInt record(void)
{
    nRecords++;
    return lg_pytraces_record(stacks, &mem, cpython_layout,
                              (Addr)PyThreadState_Get(), on_code, &nCodes);
}

static void compare(void)
{
    LgPyFrame    frames[LG_PY_MAX_DEPTH];
    LgPyLocation at;
    UInt         stack = record();
    UInt         n = lg_pyframes_walk(&cpython_mem, cpython_layout,
                                      (Addr)PyThreadState_Get(), frames, depth);

    if (!expect_eq(lg_pytraces_depth(stacks, stack), n))
        return;
    expect_eq(stack == 0, n == 0);
    for (UInt i = 0; i < n; i++) {
        LgPyTraceFrame f = lg_pytraces_frame(stacks, stack, i);
        expect_true(lg_pycode_locate(&cpython_mem, cpython_layout,
                                     frames[i].code, frames[i].instr, &at));
        expect_str(f.function, at.function);
        expect_str(f.file, at.file);
        expect_eq(f.line, at.line);
        expect_eq(f.isEntry, frames[i].isEntry);
        if (i == 0) {
            UInt           line = lg_pytraces_innermost(stacks, stack);
            LgPyTraceFrame l = lg_pytraces_line(stacks, line);
            expect_true(l.function == f.function && l.file == f.file &&
                        l.line == f.line);
        }
    }
}

/* --- Hooks ---------------------------------------------------------------- */

static PyObjectArenaAllocator belowArenas;
static int                    isOff = 1;

static void at_allocation(void)
{
    if (!isOff && PyGILState_Check())
        compare();
}

static void gone(void* p)
{
    on_free((Addr)p);
}

/* Arenas, and the chunks that frames are in. */
static void hook_arena_free(void* ctx, void* p, size_t szB)
{
    lg_pytraces_forget_frames(stacks);
    belowArenas.free(ctx, p, szB);
}

static void place_hooks(void)
{
    CpythonHooks blocks = {at_allocation, NULL, gone};

    cpython_hook(PYMEM_DOMAIN_MEM, blocks);
    cpython_hook(PYMEM_DOMAIN_OBJ, blocks);
    PyObject_GetArenaAllocator(&belowArenas);
    PyObjectArenaAllocator arenas = {belowArenas.ctx, belowArenas.alloc,
                                     hook_arena_free};
    PyObject_SetArenaAllocator(&arenas);
}

/* --- The module "lg" ------------------------------------------------------ */

/* stack(): its number. */
static PyObject* stack(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    return PyLong_FromUnsignedLong(record());
}

/* cost(): how often memory was asked for to tell the number. */
static PyObject* cost(PyObject* self, PyObject* args)
{
    unsigned long before = nReads;
    (void)self;
    (void)args;
    record();
    return PyLong_FromUnsignedLong(nReads - before);
}

/* text(number): "function:line function:line", innermost first. */
static PyObject* text(PyObject* self, PyObject* number)
{
    char buf[8192] = "";
    UInt st = (UInt)PyLong_AsUnsignedLong(number);

    (void)self;
    for (UInt i = 0; i < lg_pytraces_depth(stacks, st); i++) {
        LgPyTraceFrame f = lg_pytraces_frame(stacks, st, i);
        size_t         used = strlen(buf);
        snprintf(buf + used, sizeof buf - used, "%s%s:%u",
                 i == 0 ? "" : " ", f.function, f.line);
    }
    return PyUnicode_FromString(buf);
}

static PyObject* innermost(PyObject* self, PyObject* number)
{
    (void)self;
    return PyLong_FromUnsignedLong(lg_pytraces_innermost(
        stacks, (UInt)PyLong_AsUnsignedLong(number)));
}

/* forget(): as if mappings had changed. */
static PyObject* forget(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    lg_pytraces_forget_frames(stacks);
    Py_RETURN_NONE;
}

/* watch(on): compares at each allocation. */
static PyObject* watch(PyObject* self, PyObject* on)
{
    (void)self;
    isOff = !PyObject_IsTrue(on);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"stack", stack, METH_NOARGS, NULL},
                                {"cost", cost, METH_NOARGS, NULL},
                                {"text", text, METH_O, NULL},
                                {"innermost", innermost, METH_O, NULL},
                                {"forget", forget, METH_NOARGS, NULL},
                                {"watch", watch, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

/* --- Tests ---------------------------------------------------------------- */

static void numbers(void)
{
    cpython_run(
        "from lg import *\n"
        "def f():\n"
        "    a = [stack() for i in range(3)]\n"
        "    b = stack()\n"
        "    c = stack(); d = stack()\n"
        "    return a, b, c, d\n"
        "a, b, c, d = f()\n"
        "assert a[0] == a[1] == a[2]\n"
        "assert len({a[0], b, c}) == 3 and c == d\n" /* a line, not a place */
        "import sys\n"
        "part = ('' if sys.version_info >= (3, 12) else\n"
        "        'f.<locals>.<listcomp>:3 ' if sys.version_info >= (3, 11)\n"
        "        else '<listcomp>:3 ')\n"
        "assert text(a[0]) == part + 'f:3 <module>:7', text(a[0])\n"
        "assert text(b) == 'f:4 <module>:7'\n"
        "assert f() != (a, b, c, d)\n"
        "def g(): return f()\n"
        "x, y = (g() for i in range(2))\n"
        "assert x == y and x[1] != b\n"
        "assert innermost(x[1]) == innermost(b) != innermost(c)\n"
        "assert innermost(0) == 0 and text(0) == ''\n");
    expect_eq(lg_pytraces_depth(stacks, 0), 0);
    expect_eq(lg_pytraces_depth(stacks, ~0u), 0);
}

static void known_places_are_not_walked(void)
{
    cpython_run(
        "def deep(n):\n"
        "    return deep(n - 1) if n else [cost() for i in range(3)]\n"
        "first, second, third = deep(20)\n"
        "assert first > 100 and second == third < 5, (first, second)\n"
        "forget()\n"
        "assert deep(20)[1:] == [second, third]\n"
        "def generate():\n"
        "    while True: yield cost()\n"
        "g = generate()\n"
        /* CPython may come another way once it knows what is called here. */
        "costs = [next(g) for i in range(40)]\n"
        "assert costs[0] > costs[-1] == costs[-2] == second, (costs, second)\n"
        "def twice():\n"
        "    out = []\n"
        "    for i in range(2):\n"
        "        if i: forget()\n"
        "        out.append([cost() for j in range(2)])\n"
        "    return out\n"
        "(a, b), (c, d) = twice()\n"
        "assert b == d == second and c > d\n");
}

/* The same frames at the same addresses, in all kinds of combinations. */
static void random_calls(void)
{
    unsigned long before = check.nChecks;

    cpython_run(
        "import random\n"
        "random.seed(SEED)\n"
        "fs = []\n"
        "def call(n):\n"
        "    return random.choice(fs)(n - 1) if n > 0 else [n]\n"
        "for i in range(12):\n"
        "    source = f'''def f{i}(n):\n"
        "    a = [n, {i}]\n"
        "    if n % 3 == {i % 3}: return [call(n), (n, a)]\n"
        "    if n % 4 == {i % 4}: return [*map(call, [n - 1])]\n"
        "    b = {{n: call(n)}}\n"
        "    cell = n * 1.5\n"
        "    return [(lambda: (cell, a))(), b]'''\n"
        "    if i % 3 == 0:\n"
        "        source = source.replace('return [*map', 'yield [*map')\n"
        "    exec(source)\n"
        "    f = locals()[f'f{i}']\n"
        "    fs.append(f if i % 3 else lambda n, f=f: list(f(n)))\n"
        "class Finalized:\n"
        "    def __del__(self): call(3)\n"
        "import gc\n"
        "gc.set_threshold(50, 5, 5)\n"
        "watch(True)\n"
        "for i in range(400):\n"
        "    x = Finalized(); x.me = x\n"
        "    call(i % 9)\n"
        "watch(False)\n");
    expect_true(check.nChecks > before + 100000);
}

static void threads(void)
{
    cpython_run("import threading, sys\n"
                "sys.setswitchinterval(1e-5)\n"
                "ts = [threading.Thread(target=lambda: [call(7) for i in"
                " range(20)]) for n in range(4)]\n"
                "watch(True)\n"
                "for t in ts: t.start()\n"
                "for t in ts: t.join()\n"
                "watch(False)\n");
}

static void code_that_goes(void)
{
    unsigned before = nForgotten;

    cpython_run(
        "def make(i):\n"
        "    space = {'stack': stack}\n"
        "    exec('\\n' * (i % 50) + f'def f{i}(): return stack()', space)\n"
        "    return space[f'f{i}']\n"
        "at = {}\n"
        "old = []\n"
        "for i in range(2000):\n"
        "    f = make(i)\n"
        "    n = f()\n"
        "    assert text(n).startswith(f'f{i}:{i % 50 + 1} '), (i, text(n))\n"
        "    at[id(f.__code__)] = i\n"
        "    old.append(n)\n"
        "    del f\n"
        "assert len(at) < 1000\n" /* they came to each other's places */
        "for i, n in enumerate(old):\n"
        "    assert text(n).startswith(f'f{i}:{i % 50 + 1} ')\n");
    /* Some still are in cycles. */
    expect_true(nForgotten > before + 1000);
    cpython_run("watch(True)\n"
                "for i in range(300): make(i)()\n"
                "watch(False)\n");
}

static void frames_that_go(void)
{
    cpython_run(
        "def down(n):\n"
        "    x = [n]\n"
        "    return down(n - 1) if n else (stack(), x)\n"
        "watch(True)\n"
        "for i in range(60): down(i * 10 % 700)\n" /* chunks come and go */
        "big = 'def gen(n):\\n' + ''.join(f'    v{i} = n\\n'"
        "    for i in range(300)) + '    yield [n]\\n'\n"
        "exec(big)\n"
        "for i in range(60): list(gen(i))\n"
        "watch(False)\n");
}

static void with_depth(UInt d, unsigned seed)
{
    char setSeed[40];

    printf("depth %u, seed %u\n", d, seed);
    depth = d;
    stacks = lg_pytraces_new(d);
    nCodes = 0;
    cpython_start(methods);
    snprintf(setSeed, sizeof setSeed, "SEED = %u\n", seed);
    cpython_run(setSeed);
    if (d > 30) {
        check_run(numbers);
        check_run(known_places_are_not_walked);
    }
    cpython_run("from lg import *\n");
    check_run(random_calls);
    check_run(threads);
    check_run(code_that_goes);
    check_run(frames_that_go);
    expect_eq(Py_FinalizeEx(), 0);
    lg_pytraces_delete(stacks);
}

/* Its argument is the seed. */
int main(int argc, char** argv)
{
    unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1;

    place_hooks();
    with_depth(LG_PY_MAX_DEPTH, seed);
    if (PY_VERSION_HEX >= 0x030C0000) {
        cpython_prepare();
        place_hooks();
    }
    with_depth(3, seed + 1);
    printf("%lu stacks, %u code objects freed\n", nRecords, nForgotten);
    return check_done();
}

#endif
