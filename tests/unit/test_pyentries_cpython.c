/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyentries_cpython.c: what the modules and classes of a real CPython have in
   their dicts, by name. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include "cpython.h"

#include "../../leakgrind/python/lg_pyentries.h"

static unsigned nNames, nEntries;

/* check_module(module, name) */
static PyObject* check_module(PyObject* self, PyObject* args)
{
    PyObject*   module;
    const char* name;
    HChar       found[256];

    (void)self;
    if (!PyArg_ParseTuple(args, "Os", &module, &name))
        return NULL;
    expect_true(lg_pyentries_module_name(&cpython_mem, cpython_layout,
                                         (Addr)module, found, sizeof found));
    expect_str(found, name);
    nNames++;
    Py_RETURN_NONE;
}

/* check_entry(owner, name, value): of a class or a module. */
static PyObject* check_entry(PyObject* self, PyObject* args)
{
    PyObject *   owner, *value;
    const char*  name;
    LgPyDictKeys keys;

    (void)self;
    if (!PyArg_ParseTuple(args, "OsO", &owner, &name, &value))
        return NULL;
    assert_true((PyType_Check(owner) ? lg_pyentries_of_class
                                     : lg_pyentries_of_module)(
        &cpython_mem, cpython_layout, (Addr)owner, &keys));
    expect_eq(lg_pyentries_find(&cpython_mem, cpython_layout, &keys, name,
                                strlen(name)),
              (Addr)value);
    nEntries++;
    /* Neither the beginning of a name nor a longer one. */
    char other[300];
    snprintf(other, sizeof other, "%s\t", name);
    expect_eq(lg_pyentries_find(&cpython_mem, cpython_layout, &keys, other,
                                strlen(other)),
              0);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"check_module", check_module, METH_VARARGS, NULL},
    {"check_entry", check_entry, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}};

static void real_entries(void)
{
    cpython_run(
        "import sys, json, re, argparse, email.message, decimal, lg\n"
        "HEAP = 1 << 9\n"
        "for m in list(sys.modules.values()):\n"
        "    if type(m) is not type(sys): continue\n"
        "    lg.check_module(m, m.__name__)\n"
        "    if m.__name__ == '__main__': continue  # these change now\n"
        "    for name, value in list(vars(m).items()):\n"
        "        if name.isprintable() and len(name) < 200:\n"
        "            lg.check_entry(m, name, value)\n"
        "        if isinstance(value, type) and value.__flags__ & HEAP:\n"
        "            for n, v in list(value.__dict__.items()):\n"
        "                lg.check_entry(value, n, v)\n");
    printf("%u modules, %u entries\n", nNames, nEntries);
    expect_true(nNames > 30);
    expect_true(nEntries > 3000);
}

/* A module without a name, and addresses that are no modules. */
static void nameless(void)
{
    PyObject* module = PyModule_New("gone");
    HChar     name[16];

    assert_eq(PyDict_DelItemString(PyModule_GetDict(module), "__name__"), 0);
    expect_false(lg_pyentries_module_name(&cpython_mem, cpython_layout,
                                          (Addr)module, name, sizeof name));
    expect_false(lg_pyentries_module_name(&cpython_mem, cpython_layout, 0, name,
                                          sizeof name));
    Py_DECREF(module);
}

int main(void)
{
    cpython_start(methods);
    check_run(real_entries);
    check_run(nameless);
    expect_eq(Py_FinalizeEx(), 0);
    return check_done();
}

#endif
