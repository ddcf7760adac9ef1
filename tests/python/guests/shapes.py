# SPDX-License-Identifier: GPL-2.0-or-later
"""Lost objects with all kinds of structures that hang from them or point to them:
each function loses ten, in its own way."""

import gc
import sys
import weakref

import guest
import leaky

TIMES = range(1000, 1010)
# The one loss of all of them.
forget = leaky.lose_reference_to
KEPT = []


class Widget:
    pass


class Node:
    def __init__(self, payload):
        self.payload = payload
        self.next = self.previous = None


def weakly_referenced():
    """Weak references are no references."""
    table = weakref.WeakValueDictionary()
    KEPT.append(table)
    for number in TIMES:
        widget = Widget()
        table[number] = widget
        KEPT.append(weakref.ref(widget, print))
        forget(widget)


def lists():
    """The heads of linked lists; nine nodes hang from each."""
    for number in TIMES:
        head = None
        for _ in range(10):
            node = Node(None)
            node.next = head
            head = node
        forget(head)


def rings():
    """One member of a ring: the ring is no cycle but hangs from it."""
    for number in TIMES:
        nodes = [Node(None) for _ in range(5)]
        for i, node in enumerate(nodes):
            node.next = nodes[(i + 1) % 5]
            node.previous = nodes[i - 1]
        forget(nodes[2])
        del nodes, node


def hanging_rings():
    """A lost object that holds a ring."""
    for number in TIMES:
        one, two = Node(None), Node(None)
        one.next, two.next = two, one
        forget((number, one))
        del one, two


def twice():
    """Two references too many on each."""
    for number in TIMES:
        widget = Widget()
        forget(widget)
        forget(widget)


def shared():
    """Two lost objects hold one and the same."""
    for number in TIMES:
        child = [number]
        forget((child, 1))
        forget((child, 2))


def holds_kept():
    """Lost objects that hold what is kept."""
    kept = [Widget() for _ in TIMES]
    KEPT.append(kept)
    for widget in kept:
        forget((widget, KEPT))


def self_reference():
    for number in TIMES:
        table = {}
        table["self"] = table
        forget(table)


def exceptions():
    """With their tracebacks, frames and local variables."""
    def fail(number):
        local = ["local %d" % number]
        raise ValueError(local)

    for number in TIMES:
        try:
            fail(number)
        except ValueError as error:
            forget(error)


def generators():
    """Suspended, with local variables."""
    def run(number):
        local = ["local %d" % number]
        yield local
        yield local

    for number in TIMES:
        generator = run(number)
        next(generator)
        forget(generator)


def closures():
    def make(number):
        local = ["local %d" % number]
        return lambda: local

    for number in TIMES:
        forget(make(number))


def interned():
    """The table of interned strings holds no references, either."""
    for number in TIMES:
        forget(sys.intern("interned %d" % number))


def small_ints():
    """There is but one of each, and it is never freed."""
    for number in range(10):
        forget(number)


def singletons():
    for thing in (None, True, (), "", b"", Ellipsis, NotImplemented, "a", b"a",
                  int, len, sys):
        forget(thing)


def grown():
    """Blocks that were reallocated on the way."""
    for number in TIMES:
        array = bytearray()
        for i in range(2000):
            array.append(i % 256)
        forget(array)


def huge():
    for number in TIMES:
        forget(10 ** (2 * number))
        forget("x" * (4 * number))


def utf8_forms():
    """Not lost: a str keeps its UTF-8 form, once that was asked for."""
    # The check comes while the program runs: before the collector did.
    gc.collect()
    for number in TIMES:
        text = "\u00e9" * number
        KEPT.append(type("Documented", (), {"__doc__": text}))
        KEPT.append(text)
    leaky.leak_check()


def classes():
    """Their base class knows them, but does not hold them."""
    for number in TIMES:
        forget(type("Made", (Widget,), {"number": number}))


def after_collection():
    """The collector has seen them, and has moved them to its old lists."""
    lost = [Widget() for _ in TIMES]
    for widget in lost:
        forget(widget)
    del widget, lost
    for _ in range(3):
        gc.collect()


if __name__ == "__main__":
    guest.main(globals())
