# SPDX-License-Identifier: GPL-2.0-or-later
"""Leaks of memory that was reachable until the interpreter's end."""

import gc

import guest
import keeper
import leaky

KEPT = []


def keep(type, tag):
    KEPT.append(type(tag))  # LEAK keep


def buffers():
    for _ in range(100):
        keep(keeper.ForgetsBuffer, None)


def tags():
    for _ in range(100):
        keep(keeper.ForgetsTag, object())  # LEAK tag


def chains():
    for _ in range(100):
        keep(keeper.ForgetsTag, [object()])  # LEAK chain


def clean():
    for _ in range(100):
        keep(keeper.Careful, [object()])


def strings():
    for number in range(100):
        KEPT.append("string %d" % number)  # LEAK string
        leaky.lose_reference_to(KEPT[-1])


def types():
    class Plain:  # LEAK type
        pass

    KEPT.append(Plain)
    for _ in range(1000):
        leaky.lose_reference_to(Plain)


def keys():
    """Of a dict that is there until the end."""
    table = {}
    for number in range(100):
        table["key %d" % number] = number  # LEAK key
    KEPT.append(table)
    for key in table:
        leaky.lose_reference_to(key)


def in_cycles():
    """Each cycle is collected at the end, except for what it holds."""
    for _ in range(10):
        ring = []
        ring.append([ring, keeper.ForgetsTag(object())])  # LEAK in ring
        KEPT.append(ring)


def cycles():
    """In globals, in the heap, and between modules: none of them lost."""
    import collections
    import types as python_types

    for name in ("kept_first", "kept_second"):
        module = python_types.ModuleType(name)
        module.function = eval("lambda: function", vars(module))
        module.guest = guest
        guest.__dict__[name] = module
    for _ in range(100):
        ring = collections.OrderedDict()
        ring["self"] = ring
        KEPT.append(ring)
    KEPT.append(KEPT)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    guest.main(globals())
