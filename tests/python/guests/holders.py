# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks who holds objects, by leakgrind.references(), and compares the answers.  What
the interpreter's own stacks and ask() hold for a moment (in 3.14 an argument may be
borrowed) is left out of them, and words of the
syntax tree, which 3.9 keeps while the program runs."""
import os
import re
import sys

import guest  # tells where holder is
import holder

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "..", "..", "..", "command"))
import leakgrind

TRANSIENT = re.compile(
    r"frame .* stack$|frame ask |register .*|block of .* \(Python-ast.c:|"
    r"stack of thread 1($| in (?!hold_on_stack))")
failed = False


def clean(text):
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r"\(\S*/([^/]+:)\d+\)|\((\w+\.c:)\d+\)", r"(\1\2)", text)


def ask(what, obj, *expected, unheld=0, transient=TRANSIENT):
    global failed
    found = leakgrind.references(obj)
    holders = sorted(clean(h) for h in found.holders if not transient.match(h))
    expected = sorted(expected)
    # A word on C's stack counts as a reference, and may be none.
    n_maybe = sum(h.startswith(("stack of", "block of")) for h in found.holders)
    if (holders != expected or found.count < len(expected) + unheld or
            not unheld - n_maybe <= found.unheld <= unheld):
        failed = True
        print("%s: %d references, %d unheld" % (what, found.count,
                                                found.unheld))
        print("".join("  found    %s\n" % h for h in holders) +
              "".join("  expected %s\n" % h for h in expected))


class Item:
    limits = ["of a class"]

    def __init__(self, name=None):
        self.name = name

    def method(self):
        return self


class Slots:
    __slots__ = "first", "second"


def make():
    return ["an object of its own"]


DEEP = {"a": [0, {"b": (make(), 1)}]}
SHARED = make()
CACHE = {"x": SHARED}
QUEUE = [0, 1, 2, SHARED]
PAIR = (SHARED, 0)
ITEM = Item(SHARED)
SLOTS = Slots()
SLOTS.second = SHARED
SEEN = frozenset({ITEM})
BY_ITEM = {ITEM: 1}
METHOD = ITEM.method


def containers():
    ask("shared", SHARED, "__main__.SHARED", "__main__.CACHE['x']",
        "__main__.QUEUE[3]", "__main__.PAIR[0]", "__main__.ITEM.name",
        "__main__.SLOTS.second")
    ask("item", ITEM, "__main__.ITEM", "__main__.SEEN, an element",
        "__main__.BY_ITEM, a key", "__main__.METHOD.__self__")
    ask("deep", DEEP["a"][1]["b"][0], "__main__.DEEP['a'][1]['b'][0]")
    ask("of a class", Item.limits, "__main__.Item.limits")
    ask("a class", Slots, "__main__.Slots", "__main__.Slots.__mro__[0]",
        "__main__.Slots.first.__objclass__",
        "__main__.Slots.second.__objclass__", "__main__.SLOTS.__class__")
    with_dict = Item()
    vars(with_dict)["other"] = made = make()
    ask("in a dict", made, "__main__.Item object at 0x .other",
        "frame containers (holders.py:) local made")


def locals_and_cells(given):
    captured = make()

    def inner():
        return captured
    ask("local", given, "frame locals_and_cells (holders.py:) local given")
    ask("cell", captured, "cell at 0x .cell_contents")
    unnamed = [make()]
    ask("unnamed", unnamed[0], "list at 0x [0]")
    return inner


def unheld():
    forgotten = make()
    for _ in range(3):
        holder.forget(forgotten)
    ask("forgotten", forgotten, "frame unheld (holders.py:) local forgotten",
        unheld=3)


def in_c():
    obj = make()
    holder.hold_in_table(2, obj)
    ask("table", obj, "frame in_c (holders.py:) local obj",
        "C global holder_table+16 in holder.so")
    obj = make()
    holder.hold_in_block(obj)
    ask("block", obj, "frame in_c (holders.py:) local obj",
        "block of 40 bytes at 0x +24, allocated in make_holder_block "
        "(holder.c:)")
    obj = make()
    holder.hold_on_stack(
        lambda: ask("stack", GIVEN[0], "__main__.GIVEN[0]",
                    "stack of thread 1 in hold_on_stack (holder.c:)"),
        GIVEN)


GIVEN = [make()]


def immortal():
    found = leakgrind.references(None)
    if sys.version_info >= (3, 12):
        assert found == (None, [], 0), found
    else:
        assert found.count > 100, found


def monitor():
    """Of the list that was forgotten, of a record, and of what is none."""
    leaky.monitor("references %#x" % FORGOTTEN_AT)
    leaky.monitor("leak_check full kinds reference any", "references 1")
    leaky.monitor("leak_check full kinds reference any", "references 99999")
    leaky.monitor("references 0x88888888")
    print("fine")
    sys.stdout.flush()
    os._exit(0)


FORGOTTEN = ["used, and never released"]
FORGOTTEN_AT = id(FORGOTTEN)

if sys.argv[1:] == ["monitor"]:
    import leaky
    for _ in range(3):
        holder.forget(FORGOTTEN)
    monitor()
containers()
locals_and_cells(make())
unheld()
in_c()
immortal()
print("wrong" if failed else "fine")
