/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytypes_names.c: what the types of a real CPython are called, while they
   come and go, and while their names change. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

/* What was freed is used again at once: types have to come to the same places. */
#define CPYTHON_ASAN_OPTIONS                                                  \
    "detect_leaks=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0"

#include "cpython.h"
#include "objblocks.h"
#include "ownmaps.h"

#include "../../leakgrind/python/lg_pytypes.h"

static LgPyTypes* types;

/* --- For the program -------------------------------------------------------- */

/* forget_module(type): takes __module__ from its dictionary, as the end of the
   interpreter does. */
static PyObject* forget_module(PyObject* self, PyObject* type)
{
    (void)self;
    if (PyDict_DelItemString(((PyTypeObject*)type)->tp_dict, "__module__") < 0)
        return NULL;
    PyType_Modified((PyTypeObject*)type);
    Py_RETURN_NONE;
}

/* named(x): what the type of x is taken for. */
static PyObject* named(PyObject* self, PyObject* x)
{
    LgPyObject got;
    UInt       off = objblocks_offset(Py_TYPE(x));

    (void)self;
    if (!set_has(&objblocks, (Addr)x - off))
        Py_RETURN_NONE;
    if (!lg_pytypes_recognise(types, (Addr)x - off,
                              set_slot(&objblocks, (Addr)x - off)->szB, &got))
        return PyUnicode_FromString("");
    return PyUnicode_FromString(lg_pytypes_name(types, got.type));
}

/* begin(): another check. */
static PyObject* begin(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    lg_pytypes_begin(types, &ownmaps_mem, cpython_layout, (Addr)&PyType_Type);
    Py_RETURN_NONE;
}

/* keep_names() */
static PyObject* keep_names(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    lg_pytypes_keep_names(types);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"begin", begin, METH_NOARGS, NULL},
    {"forget_module", forget_module, METH_O, NULL},
    {"keep_names", keep_names, METH_NOARGS, NULL},
    {"named", named, METH_O, NULL},
    {NULL, NULL, 0, NULL}};

/* --- Types that change ------------------------------------------------------ */

static void module_forgotten(void)
{
    cpython_run("class Late: pass\n"
                "Late.__module__ = 'a.b'\n"
                "late = Late()\n"
                "begin()\n"
                "assert named(late) == 'a.b.Late', named(late)\n"
                "forget_module(Late)\n"
                "assert named(late) == 'a.b.Late', named(late)\n"
                "begin()\n"
                "assert named(late) == 'a.b.Late', named(late)\n"
                "begin()\n"
                "assert named(late) == 'a.b.Late', named(late)\n");
}

/* An extension may set __module__ when the class has been looked at already. */
static void module_late(void)
{
    cpython_run("class Early: pass\n"
                "early = Early()\n"
                "forget_module(Early)\n"
                "begin()\n"
                "assert named(early) == 'Early', named(early)\n"
                "Early.__module__ = 'a.b'\n"
                "assert named(early) == 'a.b.Early', named(early)\n");
}

/* Types come and go at the same addresses, and so do their names. */
static void address_reused(void)
{
    cpython_run("def make(i):\n"
                "    return type('Reused%04d' % i, (), {'__module__':\n"
                "                'mod%d' % (i % 7)})\n"
                "places = {}\n"
                "for i in range(500):\n"
                "    T = make(i)\n"
                "    t = T()\n"
                "    wanted = '%s.%s' % (T.__module__, T.__qualname__)\n"
                "    begin()\n"
                "    assert named(t) == wanted, (named(t), wanted)\n"
                "    places[id(T)] = places.get(id(T), 0) + 1\n"
                "    del t, T\n"
                "    gc.collect(0) if i % 2 else gc.collect()\n"
                "assert max(places.values()) > 10, places\n");
    /* The same name in another module, or in none. */
    cpython_run("places = {}\n"
                "for i in range(300):\n"
                "    m = ('one', 'other', 'builtins')[i % 3]\n"
                "    T = type('Same', (), {'__module__': m})\n"
                "    t = T()\n"
                "    wanted = 'Same' if i % 3 == 2 else m + '.Same'\n"
                "    begin()\n"
                "    assert named(t) == wanted, (named(t), wanted)\n"
                "    places[id(T)] = places.get(id(T), 0) + 1\n"
                "    del t, T\n"
                "    gc.collect()\n"
                "assert max(places.values()) > 10, places\n");
}

/* A class that is called something else from now on. */
static void renamed(void)
{
    cpython_run("class Before: pass\n"
                "Before.__module__ = 'm'\n"
                "x = Before()\n"
                "begin()\n"
                "assert named(x) == 'm.Before'\n"
                "Before.__qualname__ = 'Outer.After'\n"
                "begin()\n"
                "assert named(x) == 'm.Outer.After', named(x)\n"
                "Before.__module__ = 'n'\n"
                "begin()\n"
                "assert named(x) == 'n.Outer.After', named(x)\n");
}

/* Of types that have outlived an interpreter, which took their names with it. */
static void names_kept(void)
{
    cpython_run("class Left: pass\n"
                "Left.__module__ = 'm'\n"
                "x = Left()\n"
                "begin()\n"
                "assert named(x) == 'm.Left'\n"
                "lg.keep_names()\n"
                "Left.__qualname__ = 'Other'\n"
                "begin()\n"
                "assert named(x) == 'm.Left', named(x)\n"
                "Left.__name__ = 'New'\n"
                "begin()\n"
                "assert named(x) == 'm.Other', named(x)\n");
}

static void control_characters(void)
{
    cpython_run("T = type('a\\nb\\x1b[1m', (), {'__module__': 'm\\x07'})\n"
                "t = T()\n"
                "begin()\n"
                "assert named(t) == 'm?.a?b?[1m', named(t)\n"
                "L = type('x' * 5000, (), {'__module__': 'y' * 5000})\n"
                "l = L()\n"
                "begin()\n"
                "assert named(l) == 'y' * 255 + '.' + 'x' * 255, named(l)\n");
}

int main(void)
{
    objblocks_watch();
    cpython_start(methods);
    cpython_run("import gc, lg\n"
                "from lg import begin, forget_module, named\n");
    types = lg_pytypes_new();
    check_run(module_forgotten);
    check_run(module_late);
    check_run(address_reused);
    check_run(renamed);
    check_run(names_kept);
    check_run(control_characters);
    lg_pytypes_delete(types);
    return check_done();
}

#endif
