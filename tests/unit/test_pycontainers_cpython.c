/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pycontainers_cpython.c: the containers of a real CPython.  Each object that
   one holds must be in a word that is not reported as dead; an object that was taken
   out of it may be only in words that are. */

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

#include "../../leakgrind/python/lg_pycontainers.h"

/* --- Blocks ----------------------------------------------------------------- */

enum { MAX_BLOCKS = 1 << 20 };
static struct {
    Addr  start;
    SizeT szB;
} blocks[MAX_BLOCKS]; /* an open hash; szB 0: it was freed */

static unsigned slot_of(Addr a)
{
    unsigned i = (unsigned)(a * 0x9E3779B97F4A7C15ULL >> 32) % MAX_BLOCKS;
    while (blocks[i].start != 0 && blocks[i].start != a)
        i = (i + 1) % MAX_BLOCKS;
    return i;
}

static void came(void* p, size_t szB)
{
    unsigned i = slot_of((Addr)p);
    blocks[i].start = (Addr)p;
    blocks[i].szB = szB;
}

static void gone(void* p)
{
    unsigned i = slot_of((Addr)p);
    if (blocks[i].start != 0)
        blocks[i].szB = 0;
}

/* --- What is asked and told --------------------------------------------------- */

enum { MAX_RANGES = 4096 };
typedef struct {
    struct {
        Addr lo, hi;
    } at[MAX_RANGES];
    unsigned n;
} Ranges;

static Ranges mine; /* the container's own blocks */
static Ranges told; /* where it holds nothing */

static void add(Ranges* r, Addr lo, Addr hi)
{
    assert_true(r->n < MAX_RANGES);
    r->at[r->n].lo = lo;
    r->at[r->n++].hi = hi;
}

static int has(const Ranges* r, Addr a)
{
    for (unsigned i = 0; i < r->n; i++)
        if (a >= r->at[i].lo && a < r->at[i].hi)
            return 1;
    return 0;
}

static SizeT block(void* opaque, Addr a)
{
    SizeT szB = a == 0 ? 0 : blocks[slot_of(a)].szB;

    (void)opaque;
    if (szB > 0 && !has(&mine, a))
        add(&mine, a, a + szB);
    return szB;
}

static void tell(void* opaque, Addr lo, Addr hi)
{
    (void)opaque;
    expect_true(lo < hi);
    add(&told, lo, hi);
}

static void tell_cleared(void* opaque, Addr obj, Addr lo, Addr hi)
{
    (void)obj;
    if (lo < hi)
        tell(opaque, lo, hi);
}

static const LgPyContainerHost host = {NULL, block, tell, tell, tell_cleared};

/* --- Looking ---------------------------------------------------------------- */

/* How many words of the container's blocks are `a`: told, or not. */
static unsigned count(Addr a, int isTold)
{
    unsigned n = 0;

    for (unsigned i = 0; i < mine.n; i++)
        for (Addr at = mine.at[i].lo; at + sizeof a <= mine.at[i].hi;
             at += sizeof a) {
            Addr word;
            memcpy(&word, (void*)at, sizeof word);
            n += word == a && has(&told, at) == isTold;
        }
    return n;
}

static void look_at(PyObject* o)
{
    const LgPyLayout* l = cpython_layout;
    LgPyContainer     container =
        lg_pycontainers_of(&cpython_mem, l, (Addr)Py_TYPE(o));
    Addr start = (Addr)o;

    mine.n = told.n = 0;
    while (start + 48 > (Addr)o && block(NULL, start) == 0)
        start -= 16;
    assert_true(mine.n == 1);
    expect_true(container != LgPyNoContainer);
    lg_pycontainers_look(&cpython_mem, l, container, (Addr)o, mine.at[0].hi,
                         &host);
}

/* look(container, held, taken): what it holds, and what was taken from it and
   is still to be seen there. */
static PyObject* look(PyObject* self, PyObject* args)
{
    PyObject *container, *held, *taken;

    (void)self;
    if (!PyArg_ParseTuple(args, "OO!O!", &container, &PyList_Type, &held,
                          &PyList_Type, &taken))
        return NULL;
    look_at(container);
    for (Py_ssize_t i = 0; i < PyList_Size(held); i++)
        if (!expect_true(count((Addr)PyList_GetItem(held, i), 0) > 0))
            printf("  held by %s: %zd of %zd\n", Py_TYPE(container)->tp_name,
                   i, PyList_Size(held));
    for (Py_ssize_t i = 0; i < PyList_Size(taken); i++) {
        Addr a = (Addr)PyList_GetItem(taken, i);
        if (!expect_eq(count(a, 0), 0) || !expect_true(count(a, 1) > 0))
            printf("  taken from %s: %zd of %zd\n",
                   Py_TYPE(container)->tp_name, i, PyList_Size(taken));
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"look", look, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

static void lists(void)
{
    cpython_run(
        "import lg, collections, contextvars\n"
        "class Item: pass\n"
        "def items(n): return [Item() for _ in range(n)]\n"
        "for n in 1, 2, 5, 50, 1000:\n"
        "    work = items(n)\n"
        "    lg.look(work, work[:], [])\n"
        "    all = work[:]\n"
        "    k = n // 4\n"
        "    for _ in range(k): work.pop()\n"
        "    lg.look(work, all[:n - k], all[n - k:])\n"
        "    lg.look(tuple(all), all, [])\n"
        "    class List(list): __slots__ = 'a', 'b'\n"
        "    work = List(all); work.a, work.b = items(2)\n"
        "    lg.look(work, all + [work.a, work.b], [])\n"
        "work = items(10)\n"
        "work.sort(key=lambda i: (lg.look(work, [], []), id(i))[1])\n"
        "lg.look([], [], [])\n");
}

static void sets(void)
{
    cpython_run(
        "for n in 0, 1, 3, 4, 5, 8, 100, 3000:\n"
        "    all = items(n)\n"
        "    lg.look(set(all), all, [])\n"
        "    lg.look(frozenset(all), all, [])\n"
        "    work = set(all[:3])\n"
        "    work.update(all)\n"
        "    if n > 4:\n"
        "        for item in all[:3]: work.remove(item)\n"
        "        lg.look(work, all[3:], all[:3])\n");
}

static void deques(void)
{
    cpython_run(
        "def deque_of(n, left, appended):\n"
        "    work = collections.deque(items(n))\n"
        "    work.rotate(left)\n"
        "    for item in items(appended): work.appendleft(item)\n"
        "    return work\n"
        "for n in list(range(0, 70)) + [127, 128, 129, 500]:\n"
        "    for left, appended in (0, 0), (7, 0), (-9, 3), (33, 70):\n"
        "        work = deque_of(n, left, appended)\n"
        "        all = list(work)\n"
        "        lg.look(work, all, [])\n"
        "        if len(all) > 2:\n"
        "            taken = [work.pop(), work.popleft()]\n"
        "            lg.look(work, list(work), [])\n"
        "work = collections.deque(all := items(20))\n"
        "taken = [work.pop(), work.popleft()]\n"
        "lg.look(work, list(work), taken)\n"
        "work = collections.deque()\n"
        "work.append(item := Item()); work.pop()\n"
        "lg.look(work, [], [item])\n");
}

static void others(void)
{
    cpython_run(
        "work = collections.OrderedDict((i, i) for i in all)\n"
        "lg.look(work, all[:1], [])\n"
        "work = contextvars.ContextVar('v', default=(default := Item()))\n"
        "contextvars.Context().run(work.set, item)\n"
        "lg.look(work, [default], [item])\n"
        "import xml.etree.ElementTree as etree\n"
        "for n in 2, 4, 5, 20:\n"
        "    work = etree.Element('e')\n"
        "    all = [etree.SubElement(work, 'c') for _ in range(n)]\n"
        "    lg.look(work, all, [])\n"
        "    work.remove(all[-1])\n"
        "    lg.look(work, all[:-1], all[-1:])\n");
}

static void generators(void)
{
    if (cpython_layout->gi_iframe == LG_PY_NONE)
        return; /* their frames are objects */
    cpython_run(
        "def pick(item): return 1\n"
        "def work(item, taken):\n"
        "    pick(taken.pop())\n"
        "    yield item\n"
        "    yield [item, (yield Item())]\n"
        "item, taken = Item(), Item()\n"
        "one = work(item, [taken])\n"
        "lg.look(one, [item], [])\n"
        "next(one)\n"
        "lg.look(one, [item], [])\n"
        "next(one)\n"
        "lg.look(one, [item], [])\n"
        "list(one)\n"
        "lg.look(one, [], [item])\n"
        "async def co(item):\n"
        "    return 1\n"
        "one = co(item)\n"
        "lg.look(one, [item], [])\n"
        "one.close()\n"
        "lg.look(one, [], [])\n");
}

/* Classes that are called as builtins are. */
static void namesakes(void)
{
    PyObject* main = PyImport_AddModule("__main__");
    cpython_run("class list: pass\n"
                "class Tuple(tuple): pass\n"
                "class Both(collections.deque): pass\n");
    expect_eq(lg_pycontainers_of(&cpython_mem, cpython_layout,
                                 (Addr)PyObject_GetAttrString(main, "list")),
              LgPyNoContainer);
    expect_eq(lg_pycontainers_of(&cpython_mem, cpython_layout,
                                 (Addr)PyObject_GetAttrString(main, "Tuple")),
              LgPyNoContainer);
    expect_eq(lg_pycontainers_of(&cpython_mem, cpython_layout,
                                 (Addr)PyObject_GetAttrString(main, "Both")),
              LgPyDeque);
    expect_eq(lg_pycontainers_of(&cpython_mem, cpython_layout, 0),
              LgPyNoContainer);
}

int main(void)
{
    cpython_hook(PYMEM_DOMAIN_MEM, (CpythonHooks){NULL, came, gone});
    cpython_hook(PYMEM_DOMAIN_OBJ, (CpythonHooks){NULL, came, gone});
    cpython_start(methods);
    check_run(lists);
    check_run(sets);
    check_run(deques);
    check_run(others);
    check_run(generators);
    check_run(namesakes);
    expect_eq(Py_FinalizeEx(), 0);
    return check_done();
}

#endif
