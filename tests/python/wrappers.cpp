/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Python extension that binds a C++ class as pybind11 does: a wrapper holds its
   instance; a map leads from the instance's address to the wrapper; and another
   map leads from the wrapper to the objects that it keeps alive. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <unordered_map>
#include <vector>

namespace {

struct Part {
    double size[4];
};

struct Wrapper {
    PyObject_HEAD
    Part* part;
};

using Instances = std::unordered_multimap<const void*, Wrapper*>;
using Patients = std::unordered_map<const PyObject*, std::vector<PyObject*>>;

/* Never destroyed: they outlive the interpreter. */
Instances& instances = *new Instances;
Patients&  patients = *new Patients;

PyObject* wrapper_new(PyTypeObject* type, PyObject*, PyObject*)
{
    Wrapper* w = reinterpret_cast<Wrapper*>(type->tp_alloc(type, 0));
    if (w == nullptr)
        return nullptr;
    w->part = new Part();
    instances.emplace(w->part, w);
    return reinterpret_cast<PyObject*>(w);
}

void wrapper_dealloc(PyObject* self)
{
    Wrapper* w = reinterpret_cast<Wrapper*>(self);

    auto found = patients.find(self);
    if (found != patients.end()) {
        std::vector<PyObject*> kept = std::move(found->second);
        patients.erase(found);
        for (PyObject* one : kept)
            Py_DECREF(one);
    }
    instances.erase(w->part);
    delete w->part;
    PyTypeObject* type = Py_TYPE(self);
    type->tp_free(self);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
        Py_DECREF(type);
}

PyTypeObject baseType = {PyVarObject_HEAD_INIT(nullptr, 0)};
PyTypeObject partType = {PyVarObject_HEAD_INIT(nullptr, 0)};

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
    Py_INCREF(patient);
    patients[nurse].push_back(patient);
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"lose", lose, METH_O, "Takes a reference and forgets it."},
    {"keep_alive", keep_alive, METH_VARARGS,
     "The first argument keeps the second alive."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "wrappers", nullptr, -1, methods,
    nullptr, nullptr, nullptr, nullptr};

bool make_type(PyTypeObject* type, const char* name, PyTypeObject* base)
{
    type->tp_name = name;
    type->tp_basicsize = sizeof(Wrapper);
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
    type->tp_base = base;
    type->tp_new = wrapper_new;
    type->tp_dealloc = wrapper_dealloc;
    return PyType_Ready(type) == 0;
}

} // namespace

PyMODINIT_FUNC PyInit_wrappers(void)
{
    if (!make_type(&baseType, "pybind11_object", nullptr) ||
        !make_type(&partType, "wrappers.Part", &baseType))
        return nullptr;
    PyObject* m = PyModule_Create(&module);
    if (m == nullptr)
        return nullptr;
    Py_INCREF(&partType);
    PyModule_AddObject(m, "Part", reinterpret_cast<PyObject*>(&partType));
    return m;
}
