/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that overwrites interpreter data that leakgrind reads, and
   then ends the process at once, since the interpreter cannot run with what is
   left. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { POOL_OVERHEAD = 48, GC_HEAD_SIZE = 16 };
#if PY_VERSION_HEX >= 0x030A0000
enum { POOL_SIZE = 16384 };
#define LINES_OF_CODE co_linetable
#else
enum { POOL_SIZE = 4096 };
#define LINES_OF_CODE co_lnotab
#endif

/* Where the thread's innermost frame is said, and where a frame says which
   came before it; headers hide the frame since 3.11. */
#if PY_VERSION_HEX >= 0x030D0000
enum { FRAME_PREVIOUS = 8 };
#define CURRENT_FRAME(tstate) (tstate)->current_frame
#elif PY_VERSION_HEX >= 0x030B0000
enum { FRAME_PREVIOUS = PY_VERSION_HEX >= 0x030C0000 ? 8 : 0x30 };
#define CURRENT_FRAME(tstate) (tstate)->cframe->current_frame
#else
enum { FRAME_PREVIOUS = sizeof(PyVarObject) };
#define CURRENT_FRAME(tstate) (tstate)->frame
#endif

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
        memset(object, 0xFF, 8); /* the count, or a part of it */
        object->ob_type = (PyTypeObject*)((char*)list + i * 8);
    }
    lose_some();
    end();
    return NULL;
}

/* The innermost frame is followed by itself, or by something unreadable. */
static PyObject* frames(PyObject* self, PyObject* how)
{
    (void)self;
    PyThreadState* tstate = PyThreadState_Get();
    char*          frame = (char*)CURRENT_FRAME(tstate);
    if (PyObject_IsTrue(how))
        memcpy(frame + FRAME_PREVIOUS, &frame, sizeof frame);
    else
        CURRENT_FRAME(tstate) = (void*)0x123450;
    lose_some();
    end();
    return NULL;
}

/* A code object with pointers to nowhere, which still runs. */
static PyObject* code(PyObject* self, PyObject* object)
{
    (void)self;
    PyCodeObject* victim = (PyCodeObject*)object;
    victim->co_filename = (void*)0x123450;
    victim->LINES_OF_CODE = (void*)0x123450;
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
