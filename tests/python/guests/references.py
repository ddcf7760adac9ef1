# SPDX-License-Identifier: GPL-2.0-or-later
"""references.py WHICH HOW: takes references to an object that stays in use.
"back" gives them back; "exit" ends the process without the interpreter's end, so
that all is as it was; "child" does all this in a child; "blocks" does so after a check
that lists all blocks, "deltas" after checks for what was gained and given back;
"finalize" ends it as usual."""
import ctypes
import os
import sys

import guest  # tells where leaky is
import leakgrind
import leaky

take = ctypes.pythonapi.Py_IncRef
give = ctypes.pythonapi.Py_DecRef
take.argtypes = give.argtypes = [ctypes.py_object]
take.restype = give.restype = None


class Item:
    limits = [1, 2, 3]  # MARK limits


ITEM = Item()  # MARK item
CACHE = {"a": Item}  # MARK cache
QUEUE = [ITEM]  # MARK queue
TEXT = "".join(["not a ", "constant"])  # MARK text
FITS = "".join(["x"] * 40)
# Of the character that begins at the limit nothing is shown.
IS_CUT = "".join(["x"] * 39 + ["\u00e9"] * 2)

OBJECTS = {
    "instance": (ITEM, 7),
    "dict": (CACHE, 3),
    "list": (QUEUE, 1),
    "str": (TEXT, 1),
    "fits": (FITS, 1),
    "cut": (IS_CUT, 1),
    "class": (Item, 1),
    "attribute": (Item.limits, 2),
}


def change(which, fn):
    """On a frame of its own: what the caller's has of the object is gone then."""
    obj, n = OBJECTS[which]
    for _ in range(n):
        fn(obj)


def change_in_child():
    """Of an object of its own, and of one that it has from its parent."""
    pid = os.fork()
    if pid:
        assert os.waitpid(pid, 0)[1] == 0
        return
    global CACHE
    CACHE = {"a": ITEM}  # MARK child
    OBJECTS["dict"] = CACHE, 3
    change("dict", take)
    change("instance", take)


def check_deltas(which):
    for fn, delta in [(take, "increased"), (give, "increased"),
                      (give, "changed"), (take, "new")]:
        change(which, fn)
        print("%s, %s:" % (fn.__name__, delta), file=sys.stderr, flush=True)
        leakgrind.check(delta=delta)


def main():
    which, how = sys.argv[1:]
    if how == "child":
        change_in_child()
        os._exit(0)
    change(which, take)
    if how == "back":
        change(which, give)
    if how == "deltas":
        check_deltas(which)
    if how == "blocks":
        leaky.monitor("leak_check full kinds reference any",
                      "block_list 1..1000000 unlimited")
    if how != "finalize":
        os._exit(0)


main()
