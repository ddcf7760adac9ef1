# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of C that Python objects keep: a database, an array, types of ctypes, and what
hangs from the callback of a weak reference."""
import array
import ctypes
import functools
import sqlite3
import sys
import weakref

import guest
import leakgrind

SIZE = 1000000
N = 1000


class Item:
    pass


def within(found, low, high):
    assert low <= found.bytes <= high, (found, low, high)


# --- A database --------------------------------------------------------------------

DATABASE = sqlite3.connect(":memory:")


def database():
    """The report shows how much it keeps: a million bytes, and what SQLite needs."""
    DATABASE.execute("create table t (data)")
    DATABASE.execute("insert into t values (zeroblob(%d))" % SIZE)


def closed():
    database()
    DATABASE.close()


# --- An instance of an extension's type in a dict ------------------------------------

INSTANCES = {}


def add_instance(name):
    INSTANCES[name] = array.array("b", bytes(SIZE))


def instances():
    # More than eight: the table of a small dict may be in a free list, too.
    list(map(add_instance, "abcdefghij"))
    found = leakgrind.retained(INSTANCES["a"])
    # The object and its buffer.
    assert found.blocks == 2, found
    within(found, SIZE, SIZE * 1.1)  # an array makes room for more
    within(leakgrind.retained(INSTANCES), 10 * SIZE, 10 * SIZE * 1.1)
    assert leakgrind.why(INSTANCES["a"]) == [
        "module __main__", ".INSTANCES (dict)", "['a']"]
    INSTANCES.clear()
    within(leakgrind.retained(INSTANCES), sys.getsizeof({}), 1000)


# --- Types of ctypes -------------------------------------------------------------------

def make_pointer_types(n):
    for i in range(n):
        ctypes.POINTER(type("S%d" % i, (ctypes.Structure,), {}))


def pointer_types():
    make_pointer_types(3)
    with leakgrind.growth() as grown:
        make_pointer_types(100)
    rows = [row for row in grown.rows if row.type == "_ctypes.PyCPointerType"]
    if sys.version_info >= (3, 14):
        # They hang from the types that they point to, which nothing else keeps.
        assert rows == [], rows
        return
    assert sum(row.blocks for row in rows) == 100, grown.rows
    # The module's variable; or where _ctypes itself keeps the dict: in a static
    # variable, if it has symbols, and from 3.13 on in its state.
    assert {row.owner.split(" (in ")[0] for row in rows} <= {
        "ctypes._pointer_type_cache", "_ctypes._pointer_type_cache",
        "global _ctypes_ptrtype_cache", "_ctypes -> +*"}, rows


# --- The callback of a weak reference ----------------------------------------------------

TARGET = Item()
OBSERVERS = []


def forget(items, reference):
    pass


def observe(count):
    OBSERVERS.append(weakref.ref(TARGET, functools.partial(
        forget, list(map(new_item, range(count))))))


def new_item(number):
    return Item()


def weak_callback():
    list(map(observe, [N]))
    found = leakgrind.retained(OBSERVERS[0])
    assert found.blocks >= N, found
    items = OBSERVERS[0].__callback__.args[0]
    number = id(items[7])
    del items
    path = leakgrind.why(ctypes.cast(number, ctypes.py_object).value)
    assert path[:2] == ["module __main__", ".OBSERVERS (list)"], path
    assert path[2] in ("[0] (weakref)", "[0] (weakref.ReferenceType)"), path
    assert path[3:] == [".__callback__ (functools.partial)", ".args (tuple)",
                        "[0] (list)", "[7]"], path
    OBSERVERS.clear()
    assert leakgrind.retained(OBSERVERS).blocks <= 2


def ask():
    for test in (instances, pointer_types, weak_callback):
        test()
    print("fine")


if __name__ == "__main__":
    guest.main(globals())
