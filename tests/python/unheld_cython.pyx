# SPDX-License-Identifier: GPL-2.0-or-later
"""The ordinary bugs of a Cython module: like unheld.c."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF

cdef extern from "Python.h":
    PyObject* PyObject_Type(object)
    void Py_XDECREF(PyObject*)


def hold(obj, release):
    Py_INCREF(obj)  # BUG hold
    if release:
        Py_DECREF(obj)


def ask_type(obj, release):
    """A new reference that Cython does not know of."""
    cdef PyObject* cls = PyObject_Type(obj)  # BUG type
    if release:
        Py_XDECREF(cls)
    return cls != NULL
