/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that leaks on purpose, in the ways that extensions do.

   Each function lose_X has a twin release_X, which does the same and cleans
   up.  In C stacks, tests look only for functions of this file that are never
   inlined.  Lost objects are not kept in any variable, and the module itself
   loses nothing. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <stdlib.h>

#include "leakgrind.h"

#define NEVER_INLINE __attribute__((noinline))

/* ---- Objects that a function makes and forgets ------------------------- */

typedef PyObject* (*Maker)(Py_ssize_t size);

static NEVER_INLINE PyObject* make_list(Py_ssize_t size)
{
    return PyList_New(size);
}

static NEVER_INLINE PyObject* make_tuple(Py_ssize_t size)
{
    PyObject* tuple = PyTuple_New(size);
    for (Py_ssize_t i = 0; tuple && i < size; i++) {
        Py_INCREF(Py_None);
        PyTuple_SET_ITEM(tuple, i, Py_None);
    }
    return tuple;
}

static NEVER_INLINE PyObject* make_bytes(Py_ssize_t size)
{
    PyObject* bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes)
        memset(PyBytes_AS_STRING(bytes), 'b', size);
    return bytes;
}

static NEVER_INLINE PyObject* make_float(Py_ssize_t size)
{
    return PyFloat_FromDouble(0.5 + (double)size);
}

/* A dict that holds two strings and a tuple of a string: nobody else does. */
static NEVER_INLINE PyObject* make_dict(Py_ssize_t size)
{
    PyObject* dict = PyDict_New();
    PyObject* key = PyUnicode_FromFormat("key of dict %zd", size);
    PyObject* value = PyUnicode_FromFormat("value of dict %zd", size);
    PyObject* tuple = Py_BuildValue("(N)", PyUnicode_FromFormat("t%zd", size));
    if (dict && key && value && tuple) {
        PyDict_SetItem(dict, key, value);
        PyDict_SetItem(dict, value, tuple);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    Py_XDECREF(tuple);
    return dict;
}

static PyObject* make_many(PyObject* args, Maker make, int release)
{
    Py_ssize_t count, size = 0;
    if (!PyArg_ParseTuple(args, "n|n", &count, &size))
        return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject* made = make(size);
        if (!made)
            return NULL;
        if (release)
            Py_DECREF(made);
    }
    Py_RETURN_NONE;
}

#define LOSE_AND_RELEASE(what)                                                \
    static PyObject* lose_##what(PyObject* self, PyObject* args)              \
    {                                                                         \
        (void)self;                                                           \
        return make_many(args, make_##what, 0);                               \
    }                                                                         \
    static PyObject* release_##what(PyObject* self, PyObject* args)           \
    {                                                                         \
        (void)self;                                                           \
        return make_many(args, make_##what, 1);                               \
    }

LOSE_AND_RELEASE(list)
LOSE_AND_RELEASE(tuple)
LOSE_AND_RELEASE(bytes)
LOSE_AND_RELEASE(float)
LOSE_AND_RELEASE(dict)

/* New references to ints, one after the other: value and count. */
static NEVER_INLINE PyObject* new_references(PyObject* args, int release)
{
    long value, count;
    if (!PyArg_ParseTuple(args, "ll", &value, &count))
        return NULL;
    for (long i = 0; i < count; i++) {
        PyObject* made = PyLong_FromLong(value);
        if (release)
            Py_XDECREF(made);
    }
    Py_RETURN_NONE;
}

static PyObject* lose_references(PyObject* self, PyObject* args)
{
    (void)self;
    return new_references(args, 0);
}

static PyObject* release_references(PyObject* self, PyObject* args)
{
    (void)self;
    return new_references(args, 1);
}

static NEVER_INLINE void* raw_malloc(size_t size)
{
    void* volatile block = malloc(size);
    return block;
}

static PyObject* malloc_many(PyObject* args, int release)
{
    Py_ssize_t count, size;
    if (!PyArg_ParseTuple(args, "nn", &count, &size))
        return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        void* block = raw_malloc(size);
        if (release)
            free(block);
    }
    Py_RETURN_NONE;
}

/* Fills the gaps that freed blocks have left: what comes next lies where nothing
   was, and no pointer to something freed long ago leads to it. */
static PyObject* fill_gaps(PyObject* self, PyObject* args)
{
    static void* filled;
    Py_ssize_t   count, size;

    (void)self;
    if (!PyArg_ParseTuple(args, "nn", &count, &size))
        return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        void** block = raw_malloc(size);
        *block = filled;
        filled = block;
    }
    Py_RETURN_NONE;
}

static PyObject* lose_malloc(PyObject* self, PyObject* args)
{
    (void)self;
    return malloc_many(args, 0);
}

static PyObject* release_malloc(PyObject* self, PyObject* args)
{
    (void)self;
    return malloc_many(args, 1);
}

/* Memory of the object domain and of the memory domain that is no object. */
static PyObject* raw_python_memory(PyObject* args, int release)
{
    Py_ssize_t count, size;
    if (!PyArg_ParseTuple(args, "nn", &count, &size))
        return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        void* object = PyObject_Malloc(size);
        void* memory = PyMem_Malloc(size);
        memset(object, 'o', size);
        memset(memory, 'm', size);
        if (release) {
            PyObject_Free(object);
            PyMem_Free(memory);
        }
    }
    Py_RETURN_NONE;
}

static PyObject* lose_memory(PyObject* self, PyObject* args)
{
    (void)self;
    return raw_python_memory(args, 0);
}

static PyObject* release_memory(PyObject* self, PyObject* args)
{
    (void)self;
    return raw_python_memory(args, 1);
}

/* ---- Objects that somebody else made ----------------------------------- */

/* One reference too many on the argument. */
static PyObject* lose_reference_to(PyObject* self, PyObject* object)
{
    (void)self;
    Py_INCREF(object);
    Py_RETURN_NONE;
}

static PyObject* release_reference_to(PyObject* self, PyObject* object)
{
    (void)self;
    Py_INCREF(object);
    Py_DECREF(object);
    Py_RETURN_NONE;
}

/* ---- A type that holds a reference, with and without GC support -------- */

typedef struct {
    PyObject_HEAD
    PyObject* held;
} Holder;

static void holder_dealloc(PyObject* self)
{
    if (PyType_IS_GC(Py_TYPE(self)))
        PyObject_GC_UnTrack(self);
    Py_CLEAR(((Holder*)self)->held);
    Py_TYPE(self)->tp_free(self);
}

static int holder_traverse(PyObject* self, visitproc visit, void* arg)
{
    Py_VISIT(((Holder*)self)->held);
    return 0;
}

static int holder_clear(PyObject* self)
{
    Py_CLEAR(((Holder*)self)->held);
    return 0;
}

static PyObject* holder_hold(PyObject* self, PyObject* object)
{
    Py_INCREF(object);
    Py_XSETREF(((Holder*)self)->held, object);
    Py_RETURN_NONE;
}

static PyMethodDef holder_methods[] = {
    {"hold", holder_hold, METH_O, "Holds one reference to the argument."},
    {NULL, NULL, 0, NULL}
};

static PyTypeObject HolderType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "leaky.Holder",
    .tp_doc = "Holds a reference, and does not tell the collector.",
    .tp_basicsize = sizeof(Holder),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = holder_dealloc,
    .tp_methods = holder_methods,
};

static PyTypeObject CarefulType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "leaky.CarefulHolder",
    .tp_doc = "Holds a reference, and tells the collector.",
    .tp_basicsize = sizeof(Holder),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = holder_dealloc,
    .tp_traverse = holder_traverse,
    .tp_clear = holder_clear,
    .tp_methods = holder_methods,
};

/* ---- Ways into Python from C ------------------------------------------- */

static NEVER_INLINE PyObject* call_back(PyObject* self, PyObject* function)
{
    (void)self;
    return PyObject_CallNoArgs(function);
}

static void* thread_of_c(void* function)
{
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject* result = call_back(NULL, function);
    if (!result)
        PyErr_Print();
    Py_XDECREF(result);
    PyGILState_Release(state);
    return NULL;
}

/* Calls the argument in a thread that Python does not know of. */
static PyObject* call_in_thread(PyObject* self, PyObject* function)
{
    (void)self;
    pthread_t thread;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = pthread_create(&thread, NULL, thread_of_c, function);
    if (!failed)
        pthread_join(thread, NULL);
    Py_END_ALLOW_THREADS
    if (failed)
        return PyErr_Format(PyExc_OSError, "pthread_create: %d", failed);
    Py_RETURN_NONE;
}

/* ---- Leak checks from within ------------------------------------------- */

static PyObject* leak_check(PyObject* self, PyObject* args)
{
    (void)self;
    (void)args;
    LEAKGRIND_DO_LEAK_CHECK;
    Py_RETURN_NONE;
}

/* Monitor commands, as vgdb would give them, with nothing in between. */
static PyObject* monitor(PyObject* self, PyObject* args)
{
    const char *one, *two = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "s|s", &one, &two))
        return NULL;
    VALGRIND_MONITOR_COMMAND(one);
    if (two != NULL)
        VALGRIND_MONITOR_COMMAND(two);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"lose_list", lose_list, METH_VARARGS, "count [, size]"},
    {"release_list", release_list, METH_VARARGS, NULL},
    {"lose_tuple", lose_tuple, METH_VARARGS, "count [, size]"},
    {"release_tuple", release_tuple, METH_VARARGS, NULL},
    {"lose_bytes", lose_bytes, METH_VARARGS, "count [, size]"},
    {"release_bytes", release_bytes, METH_VARARGS, NULL},
    {"lose_float", lose_float, METH_VARARGS, "count"},
    {"release_float", release_float, METH_VARARGS, NULL},
    {"lose_dict", lose_dict, METH_VARARGS, "count"},
    {"release_dict", release_dict, METH_VARARGS, NULL},
    {"lose_references", lose_references, METH_VARARGS, "value, count"},
    {"release_references", release_references, METH_VARARGS, NULL},
    {"fill_gaps", fill_gaps, METH_VARARGS, "count, size"},
    {"lose_malloc", lose_malloc, METH_VARARGS, "count, size"},
    {"release_malloc", release_malloc, METH_VARARGS, NULL},
    {"lose_memory", lose_memory, METH_VARARGS, "count, size"},
    {"release_memory", release_memory, METH_VARARGS, NULL},
    {"lose_reference_to", lose_reference_to, METH_O, NULL},
    {"release_reference_to", release_reference_to, METH_O, NULL},
    {"call_back", call_back, METH_O, "Calls the argument."},
    {"call_in_thread", call_in_thread, METH_O, NULL},
    {"leak_check", leak_check, METH_NOARGS, "Asks for a full leak check."},
    {"monitor", monitor, METH_VARARGS, "command [, command]"},
    {NULL, NULL, 0, NULL}
};

static int add_types(PyObject* self)
{
    return PyModule_AddType(self, &HolderType) < 0
                   || PyModule_AddType(self, &CarefulType) < 0
               ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, add_types},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED}, /* else it would come back */
#endif
    {0, NULL}
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "leaky",
    .m_doc = "Leaks on purpose.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_leaky(void)
{
    return PyModuleDef_Init(&module);
}
