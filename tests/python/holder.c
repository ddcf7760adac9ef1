/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that holds references in the places that C has: a global
   variable, a malloc block, the stack of a function.  A held reference is counted,
   a forgotten one is counted and held nowhere. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

#define NEVER_INLINE __attribute__((noinline))

PyObject* holder_table[4];
static PyObject** holder_block;

static PyObject* hold_in_table(PyObject* self, PyObject* args)
{
    PyObject* obj;
    int       i;

    (void)self;
    if (!PyArg_ParseTuple(args, "iO", &i, &obj))
        return NULL;
    Py_INCREF(obj);
    holder_table[i & 3] = obj;
    Py_RETURN_NONE;
}

static NEVER_INLINE PyObject** make_holder_block(void)
{
    PyObject** volatile block = calloc(5, sizeof *block);
    return block;
}

static PyObject* hold_in_block(PyObject* self, PyObject* obj)
{
    (void)self;
    holder_block = make_holder_block();
    Py_INCREF(obj);
    holder_block[3] = obj;
    Py_RETURN_NONE;
}

/* Calls a function, with the first object of a list in an array meanwhile. */
static NEVER_INLINE PyObject* hold_on_stack(PyObject* self, PyObject* args)
{
    PyObject* volatile held[8] = {NULL};
    PyObject* function;
    PyObject* list;

    (void)self;
    if (!PyArg_ParseTuple(args, "OO!", &function, &PyList_Type, &list))
        return NULL;
    held[4] = PyList_GetItem(list, 0);
    Py_XINCREF(held[4]);
    PyObject* result = PyObject_CallNoArgs(function);
    Py_XDECREF(held[4]);
    return result;
}

static PyObject* forget(PyObject* self, PyObject* obj)
{
    (void)self;
    Py_INCREF(obj);
    Py_RETURN_NONE;
}

static PyObject* over_release(PyObject* self, PyObject* obj)
{
    (void)self;
    Py_DECREF(obj);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"hold_in_table", hold_in_table, METH_VARARGS, "index, obj"},
    {"hold_in_block", hold_in_block, METH_O, "obj"},
    {"hold_on_stack", hold_on_stack, METH_VARARGS, "function, list"},
    {"forget", forget, METH_O, "obj"},
    {"over_release", over_release, METH_O, "obj"},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "holder",
                                    .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit_holder(void);
PyMODINIT_FUNC PyInit_holder(void)
{
    return PyModule_Create(&module);
}
