# SPDX-License-Identifier: GPL-2.0-or-later
"""NumPy's arrays, whose small blocks NumPy keeps for reuse."""

import ctypes

import numpy

import guest

# What an array has in its flags, and where these are.
OWNDATA = 4
FLAGS = 64

held = []


def lose(obj):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(obj))


def put_aside():
    """Blocks of the sizes that are used below, so that some are taken out."""
    arrays = [numpy.zeros(10) for _ in range(30)]
    arrays += [numpy.zeros(5, object) for _ in range(30)]
    del arrays


def arrays_lost():
    put_aside()
    for _ in range(20):
        lose(numpy.zeros(10))  # ARRAY


def data_lost():
    """The blocks of arrays that do not free them."""
    put_aside()
    for _ in range(20):
        array = numpy.ones(10)
        ctypes.c_int.from_address(id(array) + FLAGS).value &= ~OWNDATA


def elements_lost():
    """That their addresses are left in blocks which wait holds no objects."""
    put_aside()
    for i in range(20):
        element = [i]  # ELEMENT
        lose(element)
        array = numpy.empty(5, object)
        array[0] = array[4] = element
        del array


def alive():
    put_aside()
    for i in range(20):
        array = numpy.empty(5, object)
        for k in range(5):
            array[k] = [i, k]
        held.append(array)
        held.append(numpy.arange(10.0)[5:])
        held.append(memoryview(numpy.ones((2, 5))))
    put_aside()


guest.main(globals())
