/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpython.h: embeds CPython in a unit test, which can then compare what leakgrind
   reads in its memory with what CPython's own interfaces return.

   A test that includes this consists of one file with main().  If there is no
   libpython, LG_WITH_PYTHON is not defined, and the test must not include it. */

#ifndef LG_TESTS_CPYTHON_H
#define LG_TESTS_CPYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "../../leakgrind/python/lg_pylayout.h"
#include "../../leakgrind/python/lg_pymem.h"

#include "check.h"

/* libpython keeps memory for the whole life of a process. */
#ifndef CPYTHON_ASAN_OPTIONS
#define CPYTHON_ASAN_OPTIONS "detect_leaks=0"
#endif
const char* __asan_default_options(void);
const char* __asan_default_options(void)
{
    return CPYTHON_ASAN_OPTIONS;
}

static const LgPyLayout* cpython_layout;

/* All memory of this process, of which only the lowest page is known not to be
   readable. */
static const void* cpython_at(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    return a < 4096 || szB == 0 ? NULL : (const void*)a;
}

static const LgPyMem cpython_mem = {NULL, cpython_at, NULL};

/* From 3.12 on, a start of an interpreter that is not the first puts CPython's
   own allocators in place of all hooks.  After this, it does not: hooks may be
   placed. */
static inline void cpython_prepare(void)
{
    PyPreConfig config;

    PyPreConfig_InitIsolatedConfig(&config);
    assert_false(PyStatus_Exception(Py_PreInitialize(&config)));
}

/* Starts it, with `methods` as the module "lg". */
static inline void cpython_start(PyMethodDef* methods)
{
    static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "lg"};
    PyConfig                  config;

    PyConfig_InitIsolatedConfig(&config);
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    assert_false(PyStatus_Exception(status));
    cpython_layout = lg_pylayout_for(PY_VERSION_HEX);
    assert_true(cpython_layout != NULL);
    def.m_methods = methods;
    PyObject* m = PyModule_Create(&def);
    assert_true(m != NULL);
    assert_eq(PyDict_SetItemString(PyImport_GetModuleDict(), "lg", m), 0);
    Py_DECREF(m);
}

/* Runs Python code; an exception ends the test. */
static inline void cpython_run(const char* code)
{
    fflush(stdout);
    assert_eq(PyRun_SimpleString(code), 0);
}

#endif
