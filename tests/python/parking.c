/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that does not free its dead objects: those of one type wait
   in a free list, together with their memory, and those of another type are
   forgotten. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

#define NEVER_INLINE __attribute__((noinline))

typedef struct {
    PyObject_HEAD
    PyObject* held;
    void*     digits; /* stays with a parked object */
} Number;

enum { MAX_PARKED = 8, DIGITS_SZB = 40 };
static Number* parked[MAX_PARKED];
static int     nParked;

static void number_dealloc(PyObject* self)
{
    Number* n = (Number*)self;

    Py_CLEAR(n->held);
    if (nParked < MAX_PARKED)
        parked[nParked++] = n;
    else {
        free(n->digits);
        PyObject_Free(self);
    }
}

static PyTypeObject NumberType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "parking.Number",
    .tp_basicsize = sizeof(Number),
    .tp_dealloc = number_dealloc,
};

static NEVER_INLINE PyObject* number(PyObject* self, PyObject* held)
{
    Number* n;

    (void)self;
    if (nParked > 0) {
        n = parked[--nParked];
        (void)PyObject_Init((PyObject*)n, &NumberType);
    } else {
        n = PyObject_New(Number, &NumberType);
        if (n == NULL)
            return NULL;
        n->digits = malloc(DIGITS_SZB);
    }
    Py_INCREF(held);
    n->held = held;
    return (PyObject*)n;
}

/* Two Numbers that are kept, made anew: each may be the very one that stood
   there before. */
static PyObject* keep(PyObject* self, PyObject* held)
{
    static PyObject* kept[2];

    for (int i = 0; i < 2; i++) {
        Py_XDECREF(kept[i]);
        kept[i] = number(self, held);
    }
    Py_RETURN_NONE;
}

/* Its dealloc forgets to free it. */
static void shell_dealloc(PyObject* self)
{
    (void)self;
}

static PyTypeObject ShellType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "Shell", /* as if it were one of CPython's own */
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = shell_dealloc,
};

static PyObject* shell(PyObject* self, PyObject* unused)
{
    (void)self;
    (void)unused;
    return (PyObject*)PyObject_New(PyObject, &ShellType);
}

static PyObject* lose(PyObject* self, PyObject* object)
{
    (void)self;
    Py_INCREF(object);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"number", number, METH_O, "Makes a Number that holds the argument."},
    {"keep", keep, METH_O, "Keeps Numbers that hold the argument."},
    {"shell", shell, METH_NOARGS, "Makes a Shell."},
    {"lose", lose, METH_O, "Takes a reference and forgets it."},
    {NULL, NULL, 0, NULL}
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "parking",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_parking(void)
{
    if (PyType_Ready(&NumberType) < 0 || PyType_Ready(&ShellType) < 0)
        return NULL;
    return PyModule_Create(&module);
}
