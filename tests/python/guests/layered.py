# SPDX-License-Identifier: GPL-2.0-or-later
"""Leaks in programs that wrap Python's allocator with their own, or replace it."""

import gc

import guest
import layers
import mixture

KEPT = [str(n) * 10 for n in range(100, 110)]


def lose_with_layer():
    layers.put_layer()
    mixture.lose()
    assert layers.remove_layer() > 100


def keep_with_layer():
    layers.put_layer()
    mixture.keep()
    assert layers.remove_layer() > 100


def lose_with_layer_to_the_end():
    layers.put_layer()
    mixture.lose()


def lose_before_layer():
    mixture.lose()
    layers.put_layer()


def lose_with_replacement():
    layers.replace()
    mixture.lose()


def keep_with_replacement():
    layers.replace()
    mixture.keep()


def keep_garbage_with_replacement():
    """The first that is freed after the end has begun is the str: the collector's
    last run destroys the list, and that the dict."""
    gc.set_threshold(0)
    gc.collect()
    gc.freeze()
    garbage = [None]
    garbage[0] = garbage
    garbage.append({0: str(guest)})
    garbage[1].update((kept, kept) for kept in KEPT)
    layers.replace()


if __name__ == "__main__":
    guest.main(globals())
