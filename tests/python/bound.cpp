/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that binds C++ classes in the way of nanobind: an object
   knows how far from itself its instance is, or where a pointer to it is; is found
   by a table from the instance's address; and keeps others alive by a table from
   its own. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <vector>

namespace {

/* --- Tables ------------------------------------------------------------------ */

struct Bucket {
    uint32_t    hash;
    int16_t     distance = -1; /* from where it belongs; -1: empty */
    bool        isLast = false;
    const void* key;
    void*       value;
};

/* What leaves a bucket stays in it. */
class Table {
    std::vector<Bucket> buckets = std::vector<Bucket>(256);

    Bucket& at(size_t i) { return buckets[i % buckets.size()]; }

    static void fill(Bucket& to, const Bucket& from)
    {
        bool isLast = to.isLast;
        to = from;
        to.isLast = isLast;
    }

  public:
    Table() { buckets.back().isLast = true; }

    Bucket* find(const void* key)
    {
        uint32_t hash = uint32_t(reinterpret_cast<uintptr_t>(key) >> 4);
        for (size_t i = hash; at(i).distance >= 0; i++)
            if (at(i).key == key)
                return &at(i);
        return nullptr;
    }

    void insert(const void* key, void* value)
    {
        uint32_t hash = uint32_t(reinterpret_cast<uintptr_t>(key) >> 4);
        Bucket   one = {hash, 0, false, key, value};
        size_t   i = hash;
        for (; at(i).distance >= 0; i++, one.distance++)
            if (at(i).distance < one.distance) {
                Bucket other = at(i);
                fill(at(i), one);
                one = other;
            }
        fill(at(i), one);
    }

    void erase(Bucket* b)
    {
        size_t i = size_t(b - buckets.data());
        for (; at(i + 1).distance > 0; i++) {
            fill(at(i), at(i + 1));
            at(i).distance--;
        }
        at(i).distance = -1;
    }
};

struct Instances {
    PyObject*  one;
    Instances* next;
};

struct Patients {
    void (*callback)(void*);
    PyObject* patient;
    Patients* next;
};

/* Never destroyed: they outlive the interpreter. */
Table& instances = *new Table;
Table& patients = *new Table;

/* Several objects may have one address: then there is a list of them, whose
   address has bit 0 set. */
Instances* list_of(void* value)
{
    uintptr_t bits = reinterpret_cast<uintptr_t>(value);
    return bits & 1 ? reinterpret_cast<Instances*>(bits - 1) : nullptr;
}

void* value_of(Instances* list)
{
    return reinterpret_cast<char*>(list) + 1;
}

Instances* new_node(PyObject* one, Instances* next)
{
    Instances* node =
        static_cast<Instances*>(PyMem_Malloc(sizeof(Instances)));
    *node = {one, next};
    return node;
}

void add_instance(const void* address, PyObject* self)
{
    Bucket* b = instances.find(address);
    if (b == nullptr) {
        instances.insert(address, self);
        return;
    }
    Instances* list = list_of(b->value);
    if (list == nullptr)
        list = new_node(static_cast<PyObject*>(b->value), nullptr);
    list->next = new_node(self, list->next);
    b->value = value_of(list);
}

void remove_instance(const void* address, PyObject* self)
{
    Bucket*    b = instances.find(address);
    Instances* list = list_of(b->value);

    for (Instances** link = &list; *link != nullptr; link = &(*link)->next)
        if ((*link)->one == self) {
            Instances* node = *link;
            *link = node->next;
            PyMem_Free(node);
            break;
        }
    if (list != nullptr)
        b->value = value_of(list);
    else
        instances.erase(b);
}

/* --- Objects ----------------------------------------------------------------- */

struct Size {
    double values[4];
};

struct Part {
    Size   size;
    double weight;
};

struct Object {
    PyObject_HEAD
    int32_t  offset; /* to the instance, if it is direct; else to a pointer */
    uint32_t isDirect;
};

const void* address_of(Object* o)
{
    char* at = reinterpret_cast<char*>(o) + o->offset;
    return o->isDirect ? at : *reinterpret_cast<void**>(at);
}

PyTypeObject partType = {PyVarObject_HEAD_INIT(nullptr, 0)};
PyTypeObject sizeType = {PyVarObject_HEAD_INIT(nullptr, 0)};

/* The instance is in the object. */
PyObject* part_new(PyTypeObject* type, PyObject*, PyObject*)
{
    Object* o = PyObject_New(Object, type);
    o->offset = sizeof(Object);
    o->isDirect = 1;
    new (o + 1) Part();
    add_instance(address_of(o), reinterpret_cast<PyObject*>(o));
    return reinterpret_cast<PyObject*>(o);
}

/* It is elsewhere: the object is smaller than its type says. */
PyObject* new_for(PyTypeObject* type, void* instance)
{
    Object* o = static_cast<Object*>(
        PyObject_Malloc(sizeof(Object) + sizeof(void*)));
    PyObject_Init(reinterpret_cast<PyObject*>(o), type);
    o->offset = sizeof(Object);
    o->isDirect = 0;
    *reinterpret_cast<void**>(o + 1) = instance;
    add_instance(instance, reinterpret_cast<PyObject*>(o));
    return reinterpret_cast<PyObject*>(o);
}

void dealloc(PyObject* self)
{
    Object* o = reinterpret_cast<Object*>(self);
    Bucket* kept = patients.find(self);

    remove_instance(address_of(o), self);
    if (Py_TYPE(self) == &partType && !o->isDirect)
        delete static_cast<const Part*>(address_of(o));
    if (kept != nullptr) {
        Patients* list = static_cast<Patients*>(kept->value);
        patients.erase(kept);
        while (list != nullptr) {
            Patients* node = list;
            list = node->next;
            Py_DECREF(node->patient);
            PyMem_Free(node);
        }
    }
    PyObject_Free(self);
}

void keep(PyObject* nurse, PyObject* patient)
{
    Bucket*   b = patients.find(nurse);
    Patients* node = static_cast<Patients*>(PyMem_Malloc(sizeof(Patients)));

    Py_INCREF(patient);
    *node = {nullptr, patient,
             b != nullptr ? static_cast<Patients*>(b->value) : nullptr};
    if (b != nullptr)
        b->value = node;
    else
        patients.insert(nurse, node);
}

/* --- The module -------------------------------------------------------------- */

PyObject* make(PyObject*, PyObject*)
{
    return new_for(&partType, new Part());
}

/* The size is the part's first member, so it has the same address. */
PyObject* size_of(PyObject*, PyObject* part)
{
    PyObject* size = new_for(&sizeType, const_cast<void*>(address_of(
                                            reinterpret_cast<Object*>(part))));
    keep(size, part);
    return size;
}

PyObject* lose(PyObject*, PyObject* object)
{
    Py_INCREF(object);
    Py_RETURN_NONE;
}

PyObject* keep_alive(PyObject*, PyObject* args)
{
    PyObject *nurse, *patient;
    if (!PyArg_ParseTuple(args, "OO", &nurse, &patient))
        return nullptr;
    keep(nurse, patient);
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"make", make, METH_NOARGS, "A Part whose instance is elsewhere."},
    {"size_of", size_of, METH_O, "The first member of a Part."},
    {"lose", lose, METH_O, "Takes a reference and forgets it."},
    {"keep_alive", keep_alive, METH_VARARGS,
     "The first argument keeps the second alive."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "bound", nullptr, -1, methods,
    nullptr, nullptr, nullptr, nullptr};

/* The type of the types, whose type says that they are bound. */
PyTypeObject* make_metatype()
{
    PyType_Slot slots[] = {{Py_tp_base, &PyType_Type}, {0, nullptr}};
    PyType_Spec spec = {"nanobind.nb_meta", 0, 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
    PyObject*   meta = PyType_FromSpec(&spec);

    if (meta == nullptr)
        return nullptr;
    PyObject* type =
        PyObject_CallFunction(meta, "s(O){}", "nb_type_0", &PyType_Type);
    Py_DECREF(meta);
    return reinterpret_cast<PyTypeObject*>(type);
}

bool make_type(PyTypeObject* type, PyTypeObject* metatype, const char* name,
               size_t size, newfunc function)
{
    Py_SET_TYPE(type, metatype);
    type->tp_name = name;
    type->tp_basicsize = Py_ssize_t(sizeof(Object) + size);
    type->tp_flags = Py_TPFLAGS_DEFAULT;
    type->tp_new = function;
    type->tp_dealloc = dealloc;
    return PyType_Ready(type) == 0;
}

} // namespace

PyMODINIT_FUNC PyInit_bound(void)
{
    PyTypeObject* metatype = make_metatype();
    if (metatype == nullptr ||
        !make_type(&partType, metatype, "bound.Part", sizeof(Part), part_new) ||
        !make_type(&sizeType, metatype, "bound.Size", sizeof(Size), nullptr))
        return nullptr;
    PyObject* m = PyModule_Create(&module);
    if (m == nullptr)
        return nullptr;
    Py_INCREF(&partType);
    PyModule_AddObject(m, "Part", reinterpret_cast<PyObject*>(&partType));
    return m;
}
