/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyowned_cpython.c: what the objects of a real CPython own, compared with what
   gc.get_referents() says; and the names of the words in a frame (lg_pylocals.h). */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"

#include "../../leakgrind/python/lg_pylocals.h"
#include "../../leakgrind/python/lg_pyowned.h"

/* Of the words of one object. */
static struct {
    Addr at[1 << 14];
    int  n;
} seen;

static void note(void* opaque, const LgPyOwned* w)
{
    PyObject* list = opaque;
    PyObject* pair;

    for (int i = 0; i < seen.n; i++)
        expect_true(seen.at[i] != w->at);
    assert_true(seen.n < (int)(sizeof seen.at / sizeof seen.at[0]));
    seen.at[seen.n++] = w->at;
    pair = Py_BuildValue("iO", (int)w->as, (PyObject*)w->obj);
    assert_true(pair != NULL && PyList_Append(list, pair) == 0);
    Py_DECREF(pair);
}

/* owned(obj): a list of (LgPyOwnedAs, object). */
static PyObject* owned(PyObject* self, PyObject* obj)
{
    PyObject* list = PyList_New(0);
    LgPyOwner owner;

    (void)self;
    seen.n = 0;
    assert_true(lg_pyowned_look(&cpython_mem, cpython_layout,
                                (Addr)Py_TYPE(obj), &owner));
    lg_pyowned_visit(&cpython_mem, cpython_layout, &owner, (Addr)obj,
                     ~(Addr)0, note, list);
    return list;
}

/* local(obj): the name of the local variable of the calling frame that has it. */
static PyObject* local(PyObject* self, PyObject* obj)
{
    LgPyFrame frame;
    HChar     name[LG_PY_NAME_SZB];

    (void)self;
    assert_eq(lg_pyframes_walk(&cpython_mem, cpython_layout,
                               (Addr)PyThreadState_Get(), &frame, 1),
              1);
    for (Addr at = frame.frame; at < frame.frame + 400; at += sizeof at) {
        Addr word;
        memcpy(&word, (void*)at, sizeof word);
        if (word == (Addr)obj &&
            lg_pylocals_find(&cpython_mem, cpython_layout, &frame, at, name) ==
                LgPyLocal)
            return PyUnicode_FromString(name);
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"owned", owned, METH_O, NULL},
                                {"local", local, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static void containers(void)
{
    cpython_run(
        "import lg, gc, collections, types\n"
        "KEY = 2\n"
        "def check(*objs):\n"
        "    count = lambda objs: collections.Counter(map(id, objs))\n"
        "    found = count(o for obj in objs for how, o in lg.owned(obj)\n"
        "                  if how != KEY or not isinstance(o, str))\n"
        "    expected = count(gc.get_referents(*objs))\n"
        "    assert found == expected, (objs, found, expected)\n"
        "class Item: pass\n"
        "def items(n): return [Item() for _ in range(n)]\n"
        "for n in 0, 1, 3, 7, 8, 100, 3000:\n"
        "    all = items(n)\n"
        "    for kind in list, tuple, set, frozenset: check(kind(all))\n"
        "    check(dict.fromkeys(all, 'value'))\n"
        "    check({str(i): v for i, v in enumerate(all)})\n"
        "    work = list(all); del work[:n // 2]; check(work)\n"
        "    work = set(all); work.difference_update(all[::2]); check(work)\n"
        "    work = dict(zip(all, all))\n"
        "    for i in all[::2]: del work[i]\n"
        "    check(work)\n"
        "class List(list): __slots__ = 'a', 'b'\n"
        "work = List(all); work.a = Item(); check(work)\n"
        "class Tuple(tuple): pass\n"
        "check(tuple.__new__(types.new_class('T', (tuple,), exec_body=lambda\n"
        "    n: n.update(__slots__=())), (1, [2])))\n"
        "keys = [o for how, o in lg.owned({'a' * 7: 1}) if how == KEY]\n"
        "assert keys == ['aaaaaaa'], keys\n");
}

static void instances(void)
{
    cpython_run(
        "class Slots:\n"
        "    __slots__ = 'one', 'two'\n"
        "class More(Slots):\n"
        "    __slots__ = 'three', '__dict__', '__weakref__'\n"
        "class Plain:\n"
        "    def __init__(self): self.a, self.b = items(2)\n"
        "    def method(self): pass\n"
        "s = Slots(); s.two = Item(); check(s)\n"
        "m = More(); m.one, m.three = items(2); m.four = Item(); check(m)\n"
        "for p in [Plain() for _ in range(3)]:\n"
        "    check(p)\n"
        "    p.c = Item(); check(p)\n"
        /* Either of the two may say that it has the values. */
        "    d = vars(p); check(p, d)\n"
        "    d['other'] = Item(); check(p, d)\n"
        "    for i in range(100): setattr(p, 'x%d' % i, Item())\n"
        "    check(p, d)\n"
        "p = Plain(); del p.a; check(p); p.__dict__ = {'q': Item()}; check(p)\n"
        "check(p.method)\n"
        "def f(x):\n"
        "    return lambda: x\n"
        "check(f(Item()).__closure__[0])\n");
}

static void classes(void)
{
    cpython_run(
        "class Meta(type): pass\n"
        "class Base(metaclass=Meta): x = [1]\n"
        "class Derived(Base, Plain): pass\n"
        "def all_of(obj): return collections.Counter(id(o) for _, o in\n"
        "                                            lg.owned(obj))\n"
        "for c in Base, Derived, Plain:\n"
        "    found = all_of(c)\n"
        "    for o in (c.__base__, c.__bases__, c.__mro__):\n"
        "        assert found[id(o)] >= 1, (c, o)\n"
        "    assert not found - collections.Counter(\n"
        "        map(id, gc.get_referents(c) + [type(c)])), c\n"
        "assert all_of(Derived)[id(Meta)] == 1\n"
        "assert not all_of(int)\n"
        "assert all_of(vars(Plain)['__weakref__'])[id(Plain)] == 1\n"
        "module = types.ModuleType('m'); check(module)\n"
        "class Module(types.ModuleType): pass\n"
        "module = Module('m'); assert all_of(module)[id(vars(module))] == 1\n");
}

static void locals(void)
{
    cpython_run("def f(first, second):\n"
                "    cell = Item()\n"
                "    third = Item()\n"
                "    g = lambda: cell\n"
                "    for o, name in ((first, 'first'), (second, 'second'),\n"
                "                    (third, 'third')):\n"
                "        assert lg.local(o) == name, name\n"
                "    assert lg.local(Item()) is None\n"
                "    assert lg.local(g.__closure__[0]) == 'cell'\n"
                "f(Item(), Item())\n");
}

/* A container whose words contradict each other owns nothing. */
static void nonsense(void)
{
    PyObject* list = PyList_New(3);
    PyObject* told;

    for (int i = 0; i < 3; i++)
        PyList_SET_ITEM(list, i, PyFloat_FromDouble(i));
    ((PyListObject*)list)->allocated = 2;
    told = owned(NULL, list);
    expect_eq(PyList_Size(told), 0);
    Py_DECREF(told);
    ((PyListObject*)list)->allocated = 3;
    told = owned(NULL, list);
    expect_eq(PyList_Size(told), 3);
    Py_DECREF(told);
    Py_DECREF(list);
}

int main(void)
{
    cpython_start(methods);
    check_run(containers);
    check_run(instances);
    check_run(classes);
    check_run(locals);
    check_run(nonsense);
    expect_eq(Py_FinalizeEx(), 0);
    return check_done();
}

#endif
