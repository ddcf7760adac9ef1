# SPDX-License-Identifier: GPL-2.0-or-later
"""watched.py HOW: objects whose references are watched from different moments on.
"name" and "request" watch them when they exist already; "many" makes a thousand."""
import os
import sys

import guest  # tells where leaky and leakgrind are
import leakgrind
import leaky


class Item:
    pass


def keep(obj, count):
    for _ in range(count):
        leaky.lose_reference_to(obj)  # MARK keep


def put_aside(obj):
    """References that are given back again."""
    rows = [obj] * 50
    leaky.release_reference_to(obj)
    return len(rows)


def make_items(count):
    return [Item() for _ in range(count)]  # MARK items


def keep_by_name():
    """On a frame of its own: the caller's may keep old words."""
    make_items(1)  # somebody allocates, and names are looked up
    keep(ITEMS, 4)
    keep(Item, 5)


def main():
    global ITEMS
    how = sys.argv[1]
    ITEMS = make_items(1000 if how == "many" else 1)
    assert put_aside(ITEMS[0]) == 50
    if how == "request":
        keep(ITEMS[0], 2)
        assert leakgrind.watch(ITEMS[0])
        assert not leakgrind.watch(None) or sys.version_info < (3, 12)
    keep(ITEMS[0], 3)
    if how == "type":
        make_items(100)  # they die properly
    if how == "name":
        keep_by_name()
    os._exit(0)


main()
