/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyframes_cpython.c: the frames of a real CPython, at calls from all
   kinds of Python code and at the allocations in between, compared with what
   its C interface says of them. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"
#include "cpython_hooks.h"
#include <frameobject.h>

#include "../../leakgrind/python/lg_pyframes.h"

enum { MAX = 200 };

static struct {
    unsigned nWalks, nFrames;
    unsigned nPreparing, deepest;
} seen;

/* --- Comparing ----------------------------------------------------------- */

/* Has its function not come to its first line?  CPython keeps such frames to
   itself; of ours there are those that the evaluation loop was entered
   with. */
static Bool is_preparing(const LgPyFrame* f, PyCodeObject* code)
{
    const LgPyLayout* l = cpython_layout;
    return l->co_firsttraceable != LG_PY_NONE &&
           f->instr < (Addr)code + l->co_code_adaptive +
                          2 * *(int*)((char*)code + l->co_firsttraceable);
}

static void expect_prepared(LgPyFrame* frames, UInt* n)
{
    UInt kept = 0;

    for (UInt i = 0; i < *n; i++) {
        UInt  at = cpython_layout->frame_owner;
        UChar owner = at == LG_PY_NONE ? 0 : ((UChar*)frames[i].frame)[at];
        if (owner != 1 &&
            is_preparing(&frames[i], (PyCodeObject*)frames[i].code)) {
            expect_true(frames[i].isEntry);
            seen.nPreparing++;
        } else
            frames[kept++] = frames[i];
    }
    *n = kept;
}

/* Of ours, as CPython counts: in bytes, -1 before the first. */
static Long lasti_of(const LgPyFrame* f)
{
    if (cpython_layout->frame_instr == LG_PY_NONE)
        return (Long)f->instr;
    return (Long)(f->instr - (f->code + cpython_layout->co_code_adaptive));
}

static Long true_lasti(PyFrameObject* frame)
{
#if PY_VERSION_HEX >= 0x030B0000
    return PyFrame_GetLasti(frame);
#elif PY_VERSION_HEX >= 0x030A0000
    return frame->f_lasti < 0 ? -1 : 2 * frame->f_lasti;
#else
    return frame->f_lasti;
#endif
}

static PyObject* name_of(PyCodeObject* code)
{
#if PY_VERSION_HEX >= 0x030B0000
    return code->co_qualname;
#else
    return code->co_name;
#endif
}

static void compare_frame(const LgPyFrame* f, PyFrameObject* frame)
{
    LgPyLocation  at;
    PyCodeObject* code = PyFrame_GetCode(frame);
    int           line = PyFrame_GetLineNumber(frame);

    expect_eq(f->code, (Addr)code);
    expect_eq(lasti_of(f), true_lasti(frame));
    if (expect_true(lg_pycode_locate(&cpython_mem, cpython_layout, f->code,
                                     f->instr, &at))) {
        expect_str(at.function, PyUnicode_AsUTF8(name_of(code)));
        expect_str(at.file, PyUnicode_AsUTF8(code->co_filename));
        expect_eq(at.line, line >= 0 ? line
                           : is_preparing(f, code) ? code->co_firstlineno
                                                   : 0);
    }
    Py_DECREF(code);
}

/* The walk against CPython's own; returns how many frames there are. */
static UInt compare_stack(void)
{
    LgPyFrame      frames[MAX];
    PyThreadState* tstate = PyThreadState_Get();
    UInt n = lg_pyframes_walk(&cpython_mem, cpython_layout, (Addr)tstate,
                              frames, MAX);
    PyFrameObject* frame = PyThreadState_GetFrame(tstate);
    UInt           k = 0;

    expect_prepared(frames, &n);
    for (; frame != NULL && k < MAX; k++) {
        if (k < n)
            compare_frame(&frames[k], frame);
        PyFrameObject* back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    Py_XDECREF(frame);
    expect_eq(n, k);
    seen.nWalks++;
    seen.nFrames += n;
    seen.deepest = n > seen.deepest ? n : seen.deepest;
    return n;
}

/* --- The module "lg" ------------------------------------------------------ */

/* here(*ignored): compares; returns how deep it is. */
static PyObject* here(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    return PyLong_FromUnsignedLong(compare_stack());
}

/* entries(n): "name+ name name+": the n innermost frames, those that began a
   run of the evaluation loop with a plus. */
static PyObject* entries(PyObject* self, PyObject* arg)
{
    LgPyFrame    frames[MAX];
    LgPyLocation at;
    char         text[4096] = "";
    UInt n = lg_pyframes_walk(&cpython_mem, cpython_layout,
                              (Addr)PyThreadState_Get(), frames,
                              (UInt)PyLong_AsUnsignedLong(arg));

    (void)self;
    for (UInt i = 0; i < n; i++) {
        size_t used = strlen(text);
        if (lg_pycode_locate(&cpython_mem, cpython_layout, frames[i].code,
                             frames[i].instr, &at))
            snprintf(text + used, sizeof text - used, "%s%s%s",
                     i > 0 ? " " : "", at.function,
                     frames[i].isEntry ? "+" : "");
    }
    return PyUnicode_FromString(text);
}

static PyMethodDef methods[] = {{"here", here, METH_VARARGS, NULL},
                                {"entries", entries, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

/* --- Calls from all kinds of code ----------------------------------------- */

static void calls(void)
{
    cpython_run("from lg import here\n"
                "def outer(n):\n"
                "    def inner():\n"
                "        return (n and\n"
                "                outer(n - 1)) or here(\n"
                "                    1,\n"
                "                    2)\n"
                "    return inner()\n"
                "assert outer(20) == 43\n"
                "class Item:\n"
                "    size = here()\n"
                "    def __init__(self): here()\n"
                "    def __eq__(self, other):\n"
                "        return here() > 0\n"
                "    def __hash__(self): return here() and 1\n"
                "    def __iter__(self):\n"
                "        yield here()\n"
                "        yield from (here() for i in range(2))\n"
                "    @property\n"
                "    def depth(self): return here()\n"
                "    @staticmethod\n"
                "    def static(): return here()\n"
                "    def __del__(self): here()\n"
                "    def __getattr__(self, name): return here()\n"
                "Item() == Item(); {Item(): 1, Item(): 2}; list(Item())\n"
                "Item().depth; Item.static(); Item().missing\n");
    cpython_run("sorted([3, 1, 2], key=lambda v: here(v))\n"
                "list(map(here, [1, 2])); [here() for i in range(3)]\n"
                "{here() for i in range(3)}; {i: here() for i in range(3)}\n"
                "[[here() for j in range(2)] for i in range(2)]\n"
                "import functools\n"
                "functools.reduce(lambda a, b: here(a, b), [1, 2, 3])\n"
                "functools.partial(lambda *a: here(*a), 1)(2)\n"
                "def decorate(f):\n"
                "    here()\n"
                "    @functools.wraps(f)\n"
                "    def wrapped(*args, **kw):\n"
                "        here()\n"
                "        return f(*args, **kw)\n"
                "    return wrapped\n"
                "@decorate\n"
                "@decorate\n"
                "def decorated(a=here(), *, b=here()): return here()\n"
                "decorated(); decorated(1, b=2)\n"
                "exec('here()\\n\\nhere()'); eval('here() + \\\\\\n here()')\n"
                "exec(compile('def \\u00e9t\\u00e9(): here()\\n\\u00e9t\\u00e9()',"
                "             '/tmp/\\u4e2d\\U0001f40d.py', 'exec'))\n");
}

#if PY_VERSION_HEX >= 0x030B0000
#define EXCEPT_STAR "*"
#else
#define EXCEPT_STAR ""
#endif
#if PY_VERSION_HEX >= 0x030A0000
#define MATCH                                                                 \
    "match {'a': 1}:\n"                                                       \
    "    case {'a': v} if here(): here()\n"
#else
#define MATCH ""
#endif

static void exceptions(void)
{
    cpython_run("import contextlib, warnings\n"
                "def fail():\n"
                "    try:\n"
                "        here()\n"
                "        raise ValueError(here())\n"
                "    except ValueError as e:\n"
                "        here()\n"
                "        try:\n"
                "            1 / 0\n"
                "        except" EXCEPT_STAR " ZeroDivisionError:\n"
                "            here()\n"
                "    finally:\n"
                "        here()\n"
                "fail()\n"
                "class Context:\n"
                "    def __enter__(self): here()\n"
                "    def __exit__(self, *e): return here() > 0\n"
                "@contextlib.contextmanager\n"
                "def managed():\n"
                "    here()\n"
                "    try:\n"
                "        yield here()\n"
                "    finally:\n"
                "        here()\n"
                "with Context() as a, \\\n"
                "     managed() as b:\n"
                "    here()\n"
                "with managed(): here()\n"
                "with Context():\n"
                "    raise KeyError\n"
                MATCH
                "while here():\n"
                "    break\n"
                "for i in range(here()): pass\n"
                "else: here()\n");
}

static void generators(void)
{
    cpython_run("def numbers(n):\n"
                "    for i in range(n):\n"
                "        got = yield here()\n"
                "        if got: here()\n"
                "    return here()\n"
                "def delegating():\n"
                "    yield from numbers(3)\n"
                "    here()\n"
                "for n in delegating(): here()\n"
                "g = numbers(3); next(g); g.send(1); here()\n"
                "def throwing():\n"
                "    try:\n"
                "        yield 1\n"
                "    except KeyError: here()\n"
                "    finally: here()\n"
                "t = throwing(); next(t)\n"
                "try: t.throw(KeyError)\n"
                "except StopIteration: here()\n"
                "t = throwing(); next(t); del t\n"
                "import asyncio\n"
                "async def leaf(n):\n"
                "    here()\n"
                "    await asyncio.sleep(0)\n"
                "    return here()\n"
                "class Async:\n"
                "    async def __aenter__(self): await leaf(1)\n"
                "    async def __aexit__(self, *e): here()\n"
                "async def agen():\n"
                "    for i in range(3):\n"
                "        yield await leaf(i)\n"
                "async def main():\n"
                "    await asyncio.gather(*(leaf(i) for i in range(5)))\n"
                "    async with Async(): here()\n"
                "    async for a in agen(): here()\n"
                "    return [here() async for a in agen()]\n"
                "asyncio.run(main())\n");
}

static void threads(void)
{
    cpython_run("import threading\n"
                "def work(n):\n"
                "    for i in range(50):\n"
                "        outer(n); list(numbers(n))\n"
                "ts = [threading.Thread(target=work, args=[n])\n"
                "      for n in range(4)]\n"
                "for t in ts: t.start()\n"
                "for t in ts: t.join()\n");
}

static void deep_stacks(void)
{
    cpython_run("def down(n):\n"
                "    return down(n - 1) if n else here()\n"
                "assert down(150) == 152\n"
                "def down_c(n):\n"
                "    return max([n], key=lambda n: down_c(n - 1) if n"
                " else here())\n"
                "down_c(40)\n");
    expect_true(seen.deepest >= 150);
}

/* Before 3.11 each frame has a run of the loop, and no frame knows its qualified
   name; from 3.12 on comprehensions have no frame. */
static void entries_of_the_loop(void)
{
    cpython_run("import sys\n"
                "from lg import entries\n"
                "def check(found, wanted):\n"
                "    if sys.version_info < (3, 11):\n"
                "        wanted = ' '.join(w.rstrip('+').split('.')[-1] + '+'\n"
                "                          for w in wanted.split())\n"
                "    if sys.version_info >= (3, 12):\n"
                "        wanted = wanted.replace(' <listcomp>', '')\n"
                "    assert found == wanted, (found, wanted)\n"
                "def direct(): return indirect()\n"
                "def indirect(): return entries(9)\n"
                "check(direct(), 'indirect direct <module>+')\n"
                "def key(v):\n"
                "    global found\n"
                "    found = direct()\n"
                "    return v\n"
                "sorted([1], key=key)\n"
                "check(found, 'indirect direct key+ <module>+')\n"
                "def gen(): yield direct()\n"
                "for found in gen(): pass\n"
                "check(found, 'indirect direct gen+ <module>+')\n"
                "class New:\n"
                "    def __init__(self): self.found = direct()\n"
                "found = New().found\n"
                "check(found, 'indirect direct New.__init__+ <module>+')\n"
                "check([direct() for i in [1]][0],"
                "      'indirect direct <listcomp> <module>+')\n"
                "assert entries(0) == ''\n"
                "check(entries(2), '<module>+')\n"
                "def two(): return entries(2)\n"
                "check((lambda: two())(), 'two <lambda>')\n");
}

/* --- At allocations -------------------------------------------------------- */

static unsigned long nAllocs;
static int           isComparing;

/* Comparing makes frame objects, which is done when nothing can collect
   them. */
static void at_allocation(void)
{
    if (isComparing || !PyGILState_Check() || nAllocs++ % 7 != 0)
        return;
    isComparing = 1;
    compare_stack();
    isComparing = 0;
}

static void allocations(void)
{
    unsigned before = seen.nWalks;

    cpython_run("import gc; gc.disable()\n");
    cpython_hook(PYMEM_DOMAIN_OBJ, (CpythonHooks){at_allocation, NULL, NULL});
    cpython_run("def closures(n):\n"
                "    a = b = c = n\n"
                "    def inner():\n"
                "        nonlocal a\n"
                "        a += 1\n"
                "        return lambda: (a, b, c)\n"
                "    return inner()\n"
                "for i in range(300): closures(i)()\n"
                "def gen(n):\n"
                "    x = n\n"
                "    yield from (lambda i=i: (i, x) for i in range(n))\n"
                "for i in range(20): [f() for f in gen(i)]\n"
                "for n in map(closures, range(200)): n()\n"
                "for n in map(gen, range(200)): pass\n"
                "for i in range(200):\n"
                "    try: gen(i).throw(KeyError)\n" /* not yet begun */
                "    except KeyError: pass\n"
                "import json, re, ast\n"
                "json.loads(json.dumps({str(i): [i, {}] for i in range(99)}))\n"
                "re.sub('a(b+)', lambda m: m[1] * 2, 'abbabbb' * 20)\n"
                "ast.dump(ast.parse('class A:\\n def f(self): return 1'))\n"
                "outer(10); fail(); asyncio.run(main())\n");
    cpython_unhook(PYMEM_DOMAIN_OBJ);
    expect_true(seen.nWalks > before + 500);
    if (cpython_layout->co_firsttraceable != LG_PY_NONE)
        expect_true(seen.nPreparing > 10);
}

/* --- Memory that is not what it should be ---------------------------------- */

static Addr hidden;

static const void* at_but_hidden(void* opaque, Addr a, SizeT szB)
{
    return a <= hidden && hidden < a + szB ? NULL
                                           : cpython_at(opaque, a, szB);
}

static Bool is_in(UInt byte, UInt field, UInt szB)
{
    return field != LG_PY_NONE && byte >= field && byte - field < szB;
}

/* Does a walk read this byte of a frame? */
static Bool is_looked_at(UInt byte)
{
    const LgPyLayout* l = cpython_layout;
    return is_in(byte, l->frame_previous, 8) || is_in(byte, l->frame_code, 8) ||
           is_in(byte, l->frame_instr, 8) || is_in(byte, l->frame_lasti, 4) ||
           is_in(byte, l->frame_owner, 1) || is_in(byte, l->frame_is_entry, 1);
}

/* torn(): hides each byte on the way in turn. */
static PyObject* torn(PyObject* self, PyObject* args)
{
    LgPyMem      mem = {NULL, at_but_hidden, NULL};
    LgPyFrame    whole[MAX], frames[MAX];
    LgPyLocation at;
    Addr         tstate = (Addr)PyThreadState_Get();

    (void)self;
    (void)args;
    hidden = 0;
    UInt n = lg_pyframes_walk(&mem, cpython_layout, tstate, whole, MAX);
    for (UInt i = 0; i < n; i++)
        for (UInt byte = 0; byte < 0x70; byte++) {
            hidden = whole[i].frame + byte;
            UInt got =
                lg_pyframes_walk(&mem, cpython_layout, tstate, frames, MAX);
            expect_eq(got, is_looked_at(byte) ? i : n);
        }
    const UInt fields[] = {cpython_layout->co_qualname != LG_PY_NONE
                               ? cpython_layout->co_qualname
                               : cpython_layout->co_name,
                           cpython_layout->co_filename};
    for (UInt i = 0; i < 2; i++) {
        hidden = whole[0].code + fields[i];
        expect_false(lg_pycode_locate(&mem, cpython_layout, whole[0].code,
                                      whole[0].instr, &at));
    }
    hidden = whole[0].code + cpython_layout->co_linetable;
    expect_true(lg_pycode_locate(&mem, cpython_layout, whole[0].code,
                                 whole[0].instr, &at));
    expect_eq(at.line, 0);
    hidden = tstate + cpython_layout->tstate_frame;
    expect_eq(lg_pyframes_walk(&mem, cpython_layout, tstate, frames, MAX), 0);
    Py_RETURN_NONE;
}

/* cyclic(): a chain that leads back to its beginning. */
static PyObject* cyclic(PyObject* self, PyObject* args)
{
    LgPyFrame frames[MAX], copies[2];
    Addr      image[2][16], cframe[4] = {0}, tstate[16] = {0};
    const LgPyLayout* l = cpython_layout;

    (void)self;
    (void)args;
    assert_eq(lg_pyframes_walk(&cpython_mem, l, (Addr)PyThreadState_Get(),
                               copies, 2),
              2);
    for (UInt i = 0; i < 2; i++) {
        memcpy(image[i], (void*)copies[i].frame, sizeof image[i]);
        image[i][l->frame_previous / 8] = (Addr)image[1 - i];
    }
    Addr* first = &tstate[l->tstate_frame / 8];
    if (l->cframe_current_frame != LG_PY_NONE) {
        *first = (Addr)cframe;
        first = &cframe[l->cframe_current_frame / 8];
    }
    *first = (Addr)image[0];
    expect_eq(lg_pyframes_walk(&cpython_mem, l, (Addr)tstate, frames, MAX),
              MAX);
    /* None of them begun: there is nothing to return, but an end. */
    if (l->co_firsttraceable != LG_PY_NONE) {
        for (UInt i = 0; i < 2; i++) {
            image[i][l->frame_instr / 8] = 0;
            ((UChar*)image[i])[l->frame_owner] = 0;
            if (l->frame_is_entry != LG_PY_NONE)
                ((UChar*)image[i])[l->frame_is_entry] = 0;
        }
        expect_eq(lg_pyframes_walk(&cpython_mem, l, (Addr)tstate, frames, MAX),
                  0);
    }
    *first = 0;
    expect_eq(lg_pyframes_walk(&cpython_mem, l, (Addr)tstate, frames, MAX), 0);
    Py_RETURN_NONE;
}

static void damaged(void)
{
    static PyMethodDef extra[] = {{"torn", torn, METH_NOARGS, NULL},
                                  {"cyclic", cyclic, METH_NOARGS, NULL}};
    PyObject*          m = PyImport_ImportModule("lg");

    for (UInt i = 0; i < 2; i++) {
        PyObject* f = PyCFunction_New(&extra[i], NULL);
        assert_eq(PyObject_SetAttrString(m, extra[i].ml_name, f), 0);
        Py_DECREF(f);
    }
    Py_DECREF(m);
    cpython_run("import lg\n"
                "def a(n):\n"
                "    lg.torn() if not n else a(n - 1)\n"
                "    lg.cyclic()\n"
                "a(5); list(map(a, [1, 2]))\n"
                "def g():\n"
                "    lg.torn()\n"
                "    yield lg.cyclic()\n"
                "list(g())\n");
}

int main(void)
{
    cpython_start(methods);
    check_run(calls);
    check_run(exceptions);
    check_run(generators);
    check_run(threads);
    check_run(deep_stacks);
    check_run(entries_of_the_loop);
    check_run(allocations);
    check_run(damaged);
    expect_eq(Py_FinalizeEx(), 0);
    printf("%u stacks, %u frames\n", seen.nWalks, seen.nFrames);
    return check_done();
}

#endif
