# SPDX-License-Identifier: GPL-2.0-or-later
"""Leaks in programs that wrap Python's allocator with their own, or replace it."""

import guest
import layers
import mixture


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


if __name__ == "__main__":
    guest.main(globals())
