// SPDX-License-Identifier: GPL-2.0-or-later
// An extension with three bugs, which its test suite (fastcsv_test.py) runs into.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>
#include <string.h>

// Bug 1: PyList_Append takes a reference of its own, and ours is never given back.
static PyObject* split_line(PyObject* self, PyObject* arg)
{
    const char* text = PyUnicode_AsUTF8(arg);
    PyObject*   fields = PyList_New(0);

    (void)self;
    while (text != NULL) {
        const char* comma = strchr(text, ',');
        PyObject*   field = PyUnicode_FromStringAndSize(
            text, comma ? comma - text : (Py_ssize_t)strlen(text));
        PyList_Append(fields, field);
        text = comma ? comma + 1 : NULL;
    }
    return fields;
}

// Bug 2: the same with an entry of a dict.
static PyObject* read_header(PyObject* self, PyObject* arg)
{
    PyObject* header = PyDict_New();

    (void)self;
    PyDict_SetItem(header, arg, PyBytes_FromStringAndSize(NULL, 500));
    return header;
}

// Bug 3: the error path forgets the buffer.
static PyObject* parse_number(PyObject* self, PyObject* arg)
{
    const char* text = PyUnicode_AsUTF8(arg);
    char*       copy = malloc(500);
    char*       end;
    long        value;

    (void)self;
    strcpy(copy, text);
    value = strtol(copy, &end, 10);
    if (*end != '\0')
        return PyErr_Format(PyExc_ValueError, "no number: %s", copy);
    free(copy);
    return PyLong_FromLong(value);
}

static PyMethodDef methods[] = {{"split_line", split_line, METH_O, NULL},
                                {"read_header", read_header, METH_O, NULL},
                                {"parse_number", parse_number, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "fastcsv", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_fastcsv(void)
{
    return PyModule_Create(&module);
}
