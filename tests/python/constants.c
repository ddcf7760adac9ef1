/* SPDX-License-Identifier: GPL-2.0-or-later */
/* constants.c: a module that makes constants when it is executed, as those of
   Cython do, and drops each, which is what a compiler makes of unused constants.  For
   comparison it also has a function that loses what it makes. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject* one;

__attribute__((noinline)) static int __Pyx_InitGlobals(void)
{
    one = PyLong_FromLong(1000);
    return PyLong_FromLong(1001) && PyLong_FromString("1000000000000", 0, 0) &&
                   PyFloat_FromDouble(0.25) && PyTuple_Pack(2, one, one)
               ? 0
               : -1;
}

static int __pyx_pymod_exec_constants(PyObject* module)
{
    if (__Pyx_InitGlobals() < 0)
        return -1;
    return PyLong_FromLong(1002) && PyFloat_FromDouble(0.75) &&
                   PyTuple_Pack(1, one)
               ? 0
               : -1;
    (void)module;
}

static PyObject* lose(PyObject* self, PyObject* number)
{
    long n = PyLong_AsLong(number);
    for (long i = 0; i < n; i++)
        if (!PyLong_FromLong(1000 + i) || !PyTuple_Pack(1, one))
            return NULL;
    Py_RETURN_NONE;
    (void)self;
}

static PyMethodDef methods[] = {{"lose", lose, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void*)__pyx_pymod_exec_constants},
                                   {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "constants", .m_methods = methods,
    .m_slots = slots};

PyMODINIT_FUNC PyInit_constants(void);
PyMODINIT_FUNC PyInit_constants(void) { return PyModuleDef_Init(&definition); }
