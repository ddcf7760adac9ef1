/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension with the ordinary bugs that take a reference too many to an
   object that stays in use.

   Each function makes one bug, or, if it is told to release, the same without the
   bug.  The line that takes the reference is marked BUG and does nothing else. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NEVER_INLINE __attribute__((noinline))

static PyObject* none_or_error(int isError)
{
    if (isError)
        return NULL;
    Py_RETURN_NONE;
}

/* "Takes" what is only lent to it. */
static NEVER_INLINE PyObject* take_argument(PyObject* object, int release)
{
    Py_INCREF(object); /* BUG argument */
    int isTrue = PyObject_IsTrue(object);
    if (release)
        Py_DECREF(object);
    return none_or_error(isTrue < 0);
}

/* PyTuple_GetItem lends the item. */
static NEVER_INLINE PyObject* first_of(PyObject* tuple, int release)
{
    PyObject* item = PyTuple_GetItem(tuple, 0);
    if (item == NULL)
        return NULL;
    Py_INCREF(item); /* BUG borrowed */
    PyObject* text = PyObject_Repr(item);
    if (release)
        Py_DECREF(item);
    return text;
}

/* "O" adds a reference of its own. */
static NEVER_INLINE PyObject* build_pair(PyObject* object, int release)
{
    PyObject* list = PyList_New(0); /* BUG pair */
    if (list == NULL)
        return NULL;
    return release ? Py_BuildValue("(NO)", list, object)
                   : Py_BuildValue("(OO)", list, object);
}

/* PyDict_SetItem does not take over the reference to the value. */
static NEVER_INLINE PyObject* fill_entry(PyObject* dict, int release)
{
    PyObject* value = PyDict_New(); /* BUG entry */
    if (value == NULL)
        return NULL;
    int failed = PyDict_SetItemString(dict, "ENTRY", value);
    if (release)
        Py_DECREF(value);
    return none_or_error(failed);
}

/* PyModule_AddObject takes over the reference to the value: one is enough. */
static NEVER_INLINE PyObject* add_to_module(PyObject* module, int release)
{
    PyObject* limits = PySet_New(NULL);
    if (limits == NULL)
        return NULL;
    if (!release)
        Py_INCREF(limits); /* BUG module_value */
    return none_or_error(PyModule_AddObject(module, "LIMITS", limits));
}

/* Fails for an odd length, and forgets what it has taken. */
static NEVER_INLINE int check_length(PyObject* object, int release)
{
    Py_INCREF(object); /* BUG error_path */
    Py_ssize_t length = PyObject_Length(object);
    if (length % 2 != 0) {
        PyErr_SetString(PyExc_ValueError, "an odd length");
        if (release)
            Py_DECREF(object);
        return -1;
    }
    Py_DECREF(object);
    return 0;
}

static PyObject* fail(PyObject* object, int release)
{
    if (check_length(object, release) < 0)
        PyErr_Clear();
    return none_or_error(0);
}

static NEVER_INLINE void refuse(PyObject* error)
{
    PyErr_SetObject((PyObject*)Py_TYPE(error), error); /* BUG exception */
}

/* PyErr_Fetch hands its references to the caller; since 3.12, that to the type is
   new. */
static NEVER_INLINE PyObject* ignore_error(PyObject* error, int release)
{
    PyObject *type, *value, *traceback;

    refuse(error);
    PyErr_Fetch(&type, &value, &traceback); /* BUG exception_type */
    if (release) {
        PyErr_Restore(type, value, traceback);
        PyErr_Clear();
    }
    return none_or_error(0);
}

static NEVER_INLINE PyObject* sum_bytes(PyObject* object, int release)
{
    Py_buffer view;
    long      sum = 0;

    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) /* BUG buffer */
        return NULL;
    for (Py_ssize_t i = 0; i < view.len; i++)
        sum += ((const unsigned char*)view.buf)[i];
    if (release)
        PyBuffer_Release(&view);
    return PyLong_FromLong(sum);
}

/* The same string each time, and a reference for the caller. */
static NEVER_INLINE PyObject* intern(PyObject* unused, int release)
{
    (void)unused;
    PyObject* name;
    name = PyUnicode_InternFromString("an interned name"); /* BUG interned */
    if (name == NULL)
        return NULL;
    if (release)
        Py_DECREF(name);
    return none_or_error(0);
}

/* Of a str, PyObject_Str returns a new reference to itself. */
static NEVER_INLINE PyObject* text_length(PyObject* object, int release)
{
    PyObject* text = PyObject_Str(object); /* BUG text */
    if (text == NULL)
        return NULL;
    Py_ssize_t length = PyUnicode_GetLength(text);
    if (release)
        Py_DECREF(text);
    return PyLong_FromSsize_t(length);
}

/* Unlike Py_TYPE, PyObject_Type returns a new reference. */
static NEVER_INLINE PyObject* type_flags(PyObject* object, int release)
{
    PyObject*     type = PyObject_Type(object); /* BUG class */
    unsigned long flags = PyType_GetFlags((PyTypeObject*)type);
    if (release)
        Py_DECREF(type);
    return PyLong_FromUnsignedLong(flags);
}

static NEVER_INLINE PyObject* import(PyObject* name, int release)
{
    PyObject* module = PyImport_Import(name); /* BUG module */
    if (module == NULL)
        return NULL;
    if (release)
        Py_DECREF(module);
    return none_or_error(0);
}

static NEVER_INLINE PyObject* has_step(PyObject* object, int release)
{
    PyObject* function;
    function = PyObject_GetAttrString(object, "step"); /* BUG function */
    if (function == NULL)
        return NULL;
    int isCallable = PyCallable_Check(function);
    if (release)
        Py_DECREF(function);
    return PyBool_FromLong(isCallable);
}

static NEVER_INLINE PyObject* item_size(PyObject* array, int release)
{
    PyObject* dtype = PyObject_GetAttrString(array, "dtype"); /* BUG dtype */
    if (dtype == NULL)
        return NULL;
    PyObject* size = PyObject_GetAttrString(dtype, "itemsize");
    if (release)
        Py_DECREF(dtype);
    return size;
}

/* ---- Heap types ---------------------------------------------------------- */

/* tp_alloc takes a reference to a heap type for each of its objects, and
   tp_dealloc should give that back. */
static NEVER_INLINE PyObject* handle_new(PyTypeObject* type, PyObject* args,
                                         PyObject* kwargs)
{
    (void)args;
    (void)kwargs;
    return type->tp_alloc(type, 0); /* BUG alloc */
}

static void careless_dealloc(PyObject* self)
{
    Py_TYPE(self)->tp_free(self);
}

static void careful_dealloc(PyObject* self)
{
    PyTypeObject* type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot carelessSlots[] = {
    {Py_tp_new, handle_new}, {Py_tp_dealloc, careless_dealloc}, {0, NULL}};
static PyType_Slot carefulSlots[] = {
    {Py_tp_new, handle_new}, {Py_tp_dealloc, careful_dealloc}, {0, NULL}};
static PyType_Spec carelessSpec = {"unheld.Careless", sizeof(PyObject), 0,
                                   Py_TPFLAGS_DEFAULT, carelessSlots};
static PyType_Spec carefulSpec = {"unheld.Careful", sizeof(PyObject), 0,
                                  Py_TPFLAGS_DEFAULT, carefulSlots};

/* ---- The module ---------------------------------------------------------- */

#define ROW(name, function)                                                   \
    static PyObject* name##_row(PyObject* self, PyObject* args)               \
    {                                                                         \
        PyObject* object;                                                     \
        int       release;                                                    \
        (void)self;                                                           \
        if (!PyArg_ParseTuple(args, "Op", &object, &release))                 \
            return NULL;                                                      \
        return function(object, release);                                     \
    }

ROW(argument, take_argument)
ROW(borrowed, first_of)
ROW(buffer, sum_bytes)
ROW(class, type_flags)
ROW(dtype, item_size)
ROW(entry, fill_entry)
ROW(error_path, fail)
ROW(exception, ignore_error)
ROW(function, has_step)
ROW(interned, intern)
ROW(module, import)
ROW(module_value, add_to_module)
ROW(pair, build_pair)
ROW(text, text_length)

#define METHOD(name)                                                          \
    {                                                                         \
        #name, name##_row, METH_VARARGS, "(object, release)"                  \
    }

static PyMethodDef methods[] = {
    METHOD(argument), METHOD(borrowed), METHOD(buffer),     METHOD(class),
    METHOD(dtype),    METHOD(entry),    METHOD(error_path), METHOD(exception),
    METHOD(function), METHOD(interned), METHOD(module),     METHOD(module_value),
    METHOD(pair),     METHOD(text),
    {NULL, NULL, 0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "unheld", NULL, -1, methods, NULL, NULL, NULL, NULL};

static int add_type(PyObject* module, const char* name, PyType_Spec* spec)
{
    PyObject* type = PyType_FromSpec(spec);
    return type == NULL ? -1 : PyModule_AddObject(module, name, type);
}

PyMODINIT_FUNC PyInit_unheld(void)
{
    PyObject* module = PyModule_Create(&definition);
    if (module == NULL || add_type(module, "Careless", &carelessSpec) < 0 ||
        add_type(module, "Careful", &carefulSpec) < 0)
        return NULL;
    return module;
}
