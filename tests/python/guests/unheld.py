# SPDX-License-Identifier: GPL-2.0-or-later
"""unheld.py WHAT: calls functions of unheld.so, which take a reference too many each
time, to objects that stay in use.  WHAT:
lose    ends the process without the interpreter's end, so that all is as it was
midrun  asks for a check, and then gives the references back
end     ends as usual
keep    the same as lose, without the bugs"""

import ctypes
import os
import sys

import guest
import unheld


class Item:
    """Several rows have one of their own."""

    def __bool__(self):
        return True

    def __len__(self):
        return 3


class Refused(Exception):  # MARK refused
    pass


class Seen:  # MARK seen
    """Somebody asks one of them for its class."""


def make_step():
    def step():  # MARK step
        pass
    return step


class Steps:
    step = make_step()


def argument(release):
    unheld.argument(ARGUMENT, release)


def alloc(release):
    (unheld.Careful if release else unheld.Careless)()


def borrowed(release):
    unheld.borrowed(TUPLE, release)


def buffer(release):
    unheld.buffer(BUFFER, release)


def pair(release):
    PAIRS.append(unheld.pair(None, release))  # MARK pair


def entry(release):
    unheld.entry(globals(), release)  # MARK entry


def error_path(release):
    unheld.error_path(UNEVEN, release)
    unheld.error_path("even", release)


def exception(release):
    unheld.exception(ERROR, release)


def interned(release):
    unheld.interned(None, release)


def text(release):
    unheld.text(TEXT, release)


def of_class(release):
    unheld.__dict__["class"](SEEN, release)


def module(release):
    unheld.module("guest", release)


def module_value(release):
    unheld.module_value(unheld, release)  # MARK module_value


def function(release):
    unheld.function(Steps, release)


PAIRS = []


def make_objects():
    """Not by the module itself: a running frame may keep old words."""
    global ARGUMENT, BUFFER, ERROR, INTERNED, LENT, SEEN, TEXT, TUPLE, UNEVEN
    ARGUMENT = Item()  # MARK argument
    BUFFER = bytearray(100)  # MARK buffer
    ERROR = Refused()  # MARK error
    # Not a constant: the syntax tree of a module points at those.
    INTERNED = sys.intern("".join(["an interned ", "name"]))  # MARK interned
    LENT = Item()  # MARK borrowed
    SEEN = Seen()
    TEXT = "".join(["a text of ", "the program"])  # MARK text
    TUPLE = (LENT, None)
    UNEVEN = Item()  # MARK uneven


def rows():
    """How often, and to which object; some take one to a new object each time."""
    return {
        argument: (7, ARGUMENT),
        alloc: (9, unheld.Careless),
        borrowed: (4, LENT),
        buffer: (3, BUFFER),
        error_path: (5, UNEVEN),
        exception: (2, ERROR),
        interned: (8, INTERNED),
        text: (11, TEXT),
        of_class: (12, Seen),
        module: (13, guest),
        function: (14, Steps.step),
        pair: (6, None),
        entry: (1, None),
        module_value: (1, None),
    }


def call_all(release):
    for row, (count, _) in rows().items():
        for _ in range(count):
            row(release)


def give_back():
    give = ctypes.pythonapi.Py_DecRef
    give.argtypes = [ctypes.py_object]
    for count, obj in [*rows().values(), (2, Refused), (1, ENTRY),
                       (1, unheld.LIMITS), *((1, pair[0]) for pair in PAIRS)]:
        for _ in range(count if obj is not None else 0):
            give(obj)


def main():
    make_objects()
    call_all(sys.argv[1] == "keep")
    if sys.argv[1] == "midrun":
        ctypes.PyDLL(None).leakgrind_check(0, 0)
        give_back()
    if sys.argv[1] != "end":
        os._exit(0)


main()
