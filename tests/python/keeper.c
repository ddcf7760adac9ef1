/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension with types whose tp_dealloc forgets something (as long as
   their objects live, nothing is lost) or whose tp_traverse does, and types whose
   objects have pointers to themselves. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

#define NEVER_INLINE __attribute__((noinline))

typedef struct {
    PyObject_HEAD
    char*     buffer;
    PyObject* tag;
} Keeper;

static NEVER_INLINE char* make_buffer(size_t size)
{
    char* volatile buffer = malloc(size);
    return buffer;
}

static PyObject* keeper_new(PyTypeObject* type, PyObject* args,
                            PyObject* keywords)
{
    PyObject* tag;

    (void)keywords;
    if (!PyArg_ParseTuple(args, "O", &tag))
        return NULL;
    Keeper* self = (Keeper*)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    Py_INCREF(tag);
    self->tag = tag;
    self->buffer = make_buffer(400);
    return (PyObject*)self;
}

static void dealloc_careful(PyObject* self)
{
    free(((Keeper*)self)->buffer);
    Py_DECREF(((Keeper*)self)->tag);
    Py_TYPE(self)->tp_free(self);
}

static void dealloc_forgetting_buffer(PyObject* self)
{
    Py_DECREF(((Keeper*)self)->tag);
    Py_TYPE(self)->tp_free(self);
}

static void dealloc_forgetting_tag(PyObject* self)
{
    free(((Keeper*)self)->buffer);
    Py_TYPE(self)->tp_free(self);
}

#define KEEPER(TYPE, NAME, DEALLOC)                                           \
    static PyTypeObject TYPE = {                                              \
        PyVarObject_HEAD_INIT(NULL, 0)                                        \
        .tp_name = "keeper." NAME,                                            \
        .tp_basicsize = sizeof(Keeper),                                       \
        .tp_flags = Py_TPFLAGS_DEFAULT,                                       \
        .tp_new = keeper_new,                                                 \
        .tp_dealloc = DEALLOC,                                                \
    };

KEEPER(Careful, "Careful", dealloc_careful)
KEEPER(ForgetsBuffer, "ForgetsBuffer", dealloc_forgetting_buffer)
KEEPER(ForgetsTag, "ForgetsTag", dealloc_forgetting_tag)

/* ---- Objects that the collector knows ----------------------------------- */

typedef struct Node {
    PyObject_HEAD
    PyObject*  held;
    void*      self;  /* NULL, or the object: no reference */
    void**     block; /* NULL, or memory in which the object is: no reference */
} Node;

static PyObject* node_new(PyTypeObject* type, PyObject* args,
                          PyObject* keywords)
{
    (void)args;
    (void)keywords;
    return type->tp_alloc(type, 0);
}

static PyObject* handle_new(PyTypeObject* type, PyObject* args,
                            PyObject* keywords)
{
    PyObject* self = node_new(type, args, keywords);
    if (self)
        ((Node*)self)->self = self;
    return self;
}

static PyObject* wrapper_new(PyTypeObject* type, PyObject* args,
                             PyObject* keywords)
{
    Node* self = (Node*)node_new(type, args, keywords);
    if (self) {
        self->block = malloc(6 * sizeof(void*));
        self->block[0] = self->block[5] = NULL;
        self->block[3] = self;
    }
    return (PyObject*)self;
}

static void node_dealloc(PyObject* self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((Node*)self)->held);
    free(((Node*)self)->block);
    Py_TYPE(self)->tp_free(self);
}

static int traverse_held(PyObject* self, visitproc visit, void* arg)
{
    Py_VISIT(((Node*)self)->held);
    return 0;
}

static int traverse_nothing(PyObject* self, visitproc visit, void* arg)
{
    (void)self;
    (void)visit;
    (void)arg;
    return 0;
}

static int clear_held(PyObject* self)
{
    Py_CLEAR(((Node*)self)->held);
    return 0;
}

static PyObject* node_hold(PyObject* self, PyObject* object)
{
    Py_INCREF(object);
    Py_XSETREF(((Node*)self)->held, object);
    Py_RETURN_NONE;
}

static PyMethodDef node_methods[] = {
    {"hold", node_hold, METH_O, "Holds one reference to the argument."},
    {NULL, NULL, 0, NULL}
};

#define NODE(TYPE, NAME, NEW, TRAVERSE)                                       \
    static PyTypeObject TYPE = {                                              \
        PyVarObject_HEAD_INIT(NULL, 0)                                        \
        .tp_name = "keeper." NAME,                                            \
        .tp_basicsize = sizeof(Node),                                         \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                  \
        .tp_new = NEW,                                                        \
        .tp_dealloc = node_dealloc,                                           \
        .tp_traverse = TRAVERSE,                                              \
        .tp_clear = clear_held,                                               \
        .tp_methods = node_methods,                                           \
    };

NODE(Plain, "Node", node_new, traverse_held)
NODE(Handle, "Handle", handle_new, traverse_held)
NODE(Wrapper, "Wrapper", wrapper_new, traverse_held)
NODE(ForgetsHeld, "ForgetsHeld", node_new, traverse_nothing)

/* A weak reference to the argument, with its method `died` as callback. */
static PyObject* watch(PyObject* object, int releases)
{
    PyObject* died = PyObject_GetAttrString(object, "died");
    PyObject* weak = died ? PyWeakref_NewRef(object, died) : NULL;
    Py_XDECREF(died);
    if (!weak)
        return NULL;
    if (releases)
        Py_DECREF(weak);
    Py_RETURN_NONE;
}

static PyObject* watch_forever(PyObject* self, PyObject* object)
{
    (void)self;
    return watch(object, 0);
}

static PyObject* watch_shortly(PyObject* self, PyObject* object)
{
    (void)self;
    return watch(object, 1);
}

static PyMethodDef methods[] = {
    {"watch_forever", watch_forever, METH_O, "Forgets the weak reference."},
    {"watch_shortly", watch_shortly, METH_O, NULL},
    {NULL, NULL, 0, NULL}
};

static int add_types(PyObject* self)
{
    PyTypeObject* types[] = {&Careful, &ForgetsBuffer, &ForgetsTag, &Plain,
                             &Handle, &Wrapper, &ForgetsHeld};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (PyModule_AddType(self, types[i]) < 0)
            return -1;
    return 0;
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
    .m_name = "keeper",
    .m_doc = "Types that forget.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_keeper(void)
{
    return PyModuleDef_Init(&module);
}
