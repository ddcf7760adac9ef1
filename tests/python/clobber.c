/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that overwrites what a tool reads of the interpreter, and
   then ends the process at once: nothing of the interpreter may run on what is
   left.  Written for CPython 3.11's structures; with others it overwrites
   other things, which does no harm here. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { POOL_SIZE = 16384, POOL_OVERHEAD = 48, GC_HEAD_SIZE = 16 };
enum { FRAME_PREVIOUS = 0x30, CFRAME_CURRENT = 8 };
enum { CODE_FILENAME = 0x70, CODE_LINETABLE = 0x88 };

static void end(void)
{
    syscall(SYS_exit_group, 0);
}

/* Lost after everything was overwritten: still in the report. */
static __attribute__((noinline)) void lose_some(void)
{
    for (int i = 0; i < 100; i++) {
        void* volatile block = malloc(70);
        (void)block;
    }
}

static PyObject* pools(PyObject* self, PyObject* list)
{
    (void)self;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        uintptr_t a = (uintptr_t)PyList_GET_ITEM(list, i);
        memset((void*)(a & ~(uintptr_t)(POOL_SIZE - 1)), 0xA5 + i % 3,
               POOL_OVERHEAD);
    }
    lose_some();
    end();
    return NULL;
}

static PyObject* gc_heads(PyObject* self, PyObject* list)
{
    (void)self;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        memset((char*)PyList_GET_ITEM(list, i) - GC_HEAD_SIZE, 0x5A,
               GC_HEAD_SIZE);
    lose_some();
    end();
    return NULL;
}

/* The types of the objects, each the type of itself or garbage. */
static PyObject* types(PyObject* self, PyObject* list)
{
    (void)self;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyTypeObject* type = Py_TYPE(PyList_GET_ITEM(list, i));
        if (i % 2 == 0)
            memset(type, 0x5A, sizeof *type);
        else
            Py_SET_TYPE((PyObject*)type, type);
    }
    lose_some();
    end();
    return NULL;
}

/* Pointers of the objects, to their types, to somewhere. */
static PyObject* objects(PyObject* self, PyObject* list)
{
    (void)self;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject* object = PyList_GET_ITEM(list, i);
        object->ob_type = (PyTypeObject*)((char*)list + i * 8);
        object->ob_refcnt = -1;
    }
    lose_some();
    end();
    return NULL;
}

/* The innermost frame is followed by itself, or by something unreadable. */
static PyObject* frames(PyObject* self, PyObject* how)
{
    (void)self;
    char*  cframe = (char*)PyThreadState_Get()->cframe;
    char*  frame = *(char**)(cframe + CFRAME_CURRENT);
    char** previous = (char**)(frame + FRAME_PREVIOUS);
    if (PyObject_IsTrue(how))
        *previous = frame;
    else
        *(char**)(cframe + CFRAME_CURRENT) = (char*)0x123450;
    lose_some();
    end();
    return NULL;
}

/* A code object with pointers to nowhere, which still runs. */
static PyObject* code(PyObject* self, PyObject* object)
{
    (void)self;
    *(uintptr_t*)((char*)object + CODE_FILENAME) = 0x123450;
    *(uintptr_t*)((char*)object + CODE_LINETABLE) = 0x123450;
    Py_RETURN_NONE;
}

static PyObject* lose_and_end(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    lose_some();
    end();
    return NULL;
}

static PyMethodDef methods[] = {
    {"pools", pools, METH_O, "Overwrites the pools of a list's objects."},
    {"gc_heads", gc_heads, METH_O, NULL},
    {"types", types, METH_O, NULL},
    {"objects", objects, METH_O, NULL},
    {"frames", frames, METH_O, NULL},
    {"code", code, METH_O, NULL},
    {"lose_and_end", lose_and_end, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "clobber",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_clobber(void)
{
    return PyModule_Create(&module);
}
