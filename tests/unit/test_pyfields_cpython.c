/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyfields_cpython.c: what the references in objects of C types are called in a
   real CPython. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"

#include "../../leakgrind/python/lg_pyfields.h"

static unsigned nFields, nFrames, nVariables;

/* check_field(object, name, value): one word has the name, and holds the value. */
static PyObject* check_field(PyObject* self, PyObject* args)
{
    PyObject *  obj, *value;
    const char* name;
    HChar       found[256];
    UInt        n = 0;

    (void)self;
    if (!PyArg_ParseTuple(args, "OsO", &obj, &name, &value))
        return NULL;
    Addr end = (Addr)Py_TYPE(obj)->tp_basicsize;
    for (Addr off = 0; off + sizeof(Addr) <= end; off += sizeof(Addr)) {
        if (!lg_pyfields_name(&cpython_mem, cpython_layout, (Addr)Py_TYPE(obj),
                              off, found, sizeof found) ||
            strcmp(found, name) != 0)
            continue;
        n++;
        expect_eq(*(Addr*)((Addr)obj + off), (Addr)value);
    }
    if (n != 1)
        printf("%s.%s\n", Py_TYPE(obj)->tp_name, name);
    expect_eq(n, 1);
    nFields++;
    Py_RETURN_NONE;
}

/* check_frame(object, code): code is None where the object has no frame. */
static PyObject* check_frame(PyObject* self, PyObject* args)
{
    PyObject *obj, *code;
    LgPyFrame f;

    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &obj, &code))
        return NULL;
    Bool has = lg_pyfields_frame(&cpython_mem, cpython_layout, (Addr)obj, &f);
    expect_eq(has, code != Py_None);
    if (has)
        expect_eq(f.code, (Addr)code);
    nFrames++;
    Py_RETURN_NONE;
}

/* check_variable(function, n, i, name) */
static PyObject* check_variable(PyObject* self, PyObject* args)
{
    PyObject*   function;
    Py_ssize_t  n, i;
    const char* name;
    HChar       found[LG_PY_NAME_SZB];

    (void)self;
    if (!PyArg_ParseTuple(args, "Onns", &function, &n, &i, &name))
        return NULL;
    expect_true(lg_pyfields_closure_name(&cpython_mem, cpython_layout,
                                         (Addr)function, (Addr)n, (Addr)i,
                                         found));
    expect_str(found, name);
    expect_false(lg_pyfields_closure_name(&cpython_mem, cpython_layout,
                                          (Addr)function, (Addr)n, (Addr)n,
                                          found));
    nVariables++;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"check_field", check_field, METH_VARARGS, NULL},
    {"check_frame", check_frame, METH_VARARGS, NULL},
    {"check_variable", check_variable, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}};

static void real_fields(void)
{
    cpython_run(
        "import functools, lg, sys, types\n"
        "def check(obj, *names):\n"
        "    for name in names:\n"
        "        lg.check_field(obj, name, getattr(obj, name))\n"
        "def outer(a, b=[1], *, k=[2]) -> list:\n"
        "    z, y, x = [3], [4], [5]\n"
        "    def inner(own=0):\n"
        "        return own, z, y, x, a\n"
        "    return inner\n"
        "f = outer([6])\n"
        "check(outer, '__code__', '__defaults__', '__kwdefaults__')\n"
        "check(f, '__code__', '__closure__', '__globals__')\n"
        "names = f.__code__.co_freevars\n"
        "for i, name in enumerate(names):\n"
        "    lg.check_variable(f, len(names), i, name)\n"
        "check(functools.partial(print, [1], end=''), 'func', 'args',\n"
        "      'keywords')\n"
        "check(property(outer), 'fget')\n"
        "check([].append, '__self__')\n"
        "def fail():\n"
        "    raise KeyError([7])\n"
        "try:\n"
        "    try:\n"
        "        fail()\n"
        "    except KeyError as e:\n"
        "        raise ValueError([8]) from e\n"
        "except ValueError as e:\n"
        "    error = e\n"
        "check(error, 'args', '__traceback__', '__context__', '__cause__')\n"
        "tb = error.__cause__.__traceback__\n"
        "check(tb, 'tb_next')\n"
        "lg.check_frame(tb.tb_next.tb_frame, fail.__code__)\n"
        "def generate():\n"
        "    yield [9]\n"
        "g = generate()\n"
        "next(g)\n"
        "if sys.version_info >= (3, 11):\n"
        "    lg.check_frame(g, generate.__code__)\n"
        "else:\n"
        "    lg.check_field(g, 'gi_frame', g.gi_frame)\n"
        "    lg.check_frame(g.gi_frame, generate.__code__)\n"
        "lg.check_frame([], None)\n"
        "lg.check_frame(f, None)\n");
    expect_true(nFields >= 15);
    expect_eq(nFrames, 4);
    expect_eq(nVariables, 4);
}

int main(void)
{
    cpython_start(methods);
    check_run(real_fields);
    expect_eq(Py_FinalizeEx(), 0);
    return check_done();
}

#endif
