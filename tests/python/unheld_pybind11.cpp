/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ordinary bugs of a C++ extension that uses pybind11: like unheld.c. */

#include <pybind11/pybind11.h>

namespace py = pybind11;

namespace {

struct Part {
    double weight = 1.5;
};

__attribute__((noinline)) void count(py::handle object, bool release)
{
    object.inc_ref(); /* BUG handle */
    if (release)
        object.dec_ref();
}

/* release() gives up the reference, but does not drop it. */
__attribute__((noinline)) bool is_bound(py::handle object, bool release)
{
    py::object type = py::reinterpret_borrow<py::object>(
        py::type::handle_of(object)); /* BUG type */
    PyObject* raw = type.ptr();
    if (!release)
        type.release();
    return raw != reinterpret_cast<PyObject*>(&PyBaseObject_Type);
}

__attribute__((noinline)) double weigh(py::handle object, bool release)
{
    py::object part = py::reinterpret_borrow<py::object>(object); /* BUG borrowed */
    double     weight = py::cast<Part&>(part).weight;
    if (!release)
        part.release();
    return weight;
}

} // namespace

PYBIND11_MODULE(unheld_pybind11, m)
{
    py::class_<Part>(m, "Part").def(py::init<>());
    m.def("count", count);
    m.def("is_bound", is_bound);
    m.def("weigh", weigh);
}
