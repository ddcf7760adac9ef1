# SPDX-License-Identifier: GPL-2.0-or-later
"""References in C memory, weak references, and cycles: which of them keep objects
alive."""

import gc
import os

import guest
import keeper
import leaky

KEPT = []


class Watched:
    def died(self, reference):
        pass


def lose(type):
    node = type()  # LEAK node
    node.hold([])
    leaky.lose_reference_to(node)


def handles():
    for _ in range(10):
        lose(keeper.Handle)


def handles_twice():
    for _ in range(10):
        node = keeper.Handle()
        leaky.lose_reference_to(node)
        leaky.lose_reference_to(node)


def wrappers():
    for _ in range(10):
        lose(keeper.Wrapper)


def held_handles():
    """They are lost with what holds them."""
    for _ in range(10):
        leaky.lose_reference_to([keeper.Handle(), keeper.Wrapper()])


def clean():
    for type in keeper.Handle, keeper.Wrapper, keeper.Node:
        KEPT.append(type())
        for _ in range(10):
            node = type()
            node.hold([node])
    for _ in range(10):
        watched = Watched()
        keeper.watch_shortly(watched)
        KEPT.append(watched)
    gc.collect()


def ring(type):
    node = type()  # LEAK ring
    node.hold(lambda: node)


def rings_forgotten():
    for _ in range(10):
        ring(keeper.ForgetsHeld)
    gc.collect()


def forgotten_collected():
    rings_forgotten()
    os._exit(0)


def forgotten_uncollected():
    gc.disable()
    gc.collect()
    for _ in range(10):
        ring(keeper.ForgetsHeld)
    os._exit(0)


def visited_collected():
    for _ in range(10):
        ring(keeper.Node)
    gc.collect()
    os._exit(0)


def dropped_after_collection():
    """The collector has not looked at these since they are garbage."""
    gc.disable()
    pairs = []
    for _ in range(10):
        pair = []  # LEAK pair
        pairs.append(pair)
        pair.append(pair)
        pair.append(keeper.Node())
        pair[1].hold([pair[1]])
    del pair
    gc.collect()
    del pairs[:]
    os._exit(0)


def watched_kept():
    KEPT.extend(Watched() for _ in range(200))
    for watched in KEPT:
        keeper.watch_forever(watched)  # LEAK weak


def watched_dropped():
    for _ in range(200):
        keeper.watch_forever(Watched())  # LEAK weak dropped


def own_types():
    def make():
        class Meta(type):
            pass

        class Own(type, metaclass=Meta):  # LEAK own
            pass
        Own.__class__ = Own

    for _ in range(100):
        make()
    gc.collect()


if __name__ == "__main__":
    guest.main(globals())
