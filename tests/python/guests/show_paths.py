# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects that stay in use, for --show-paths, which has one line for all that hang
from the same place in the same way.  "freed" lets them go before the check."""
import functools
import sys

import guest  # tells where leakgrind.py is
import leakgrind


class Item:
    kept = []

    def __init__(self, value=None):
        self.value = value

    @functools.lru_cache(maxsize=None)
    def compute(self):
        return self.value is None


class Node:
    def __init__(self, next_node):
        self.next_node = next_node


def make_items(n):
    return [Item() for _ in range(n)]


def make_nodes(n):
    node = None
    for _ in range(n):
        node = Node(node)
    return node


# All made in one place.
items = make_items(1000)
CACHE = {"list": items[:900],
         "deeper": {i: [item] for i, item in enumerate(items[900:970])}}
Item.kept.extend(items[970:990])
for cached in items[990:999]:
    cached.compute()
ALONE = items[999]
del cached, items
make_nodes(100)  # the first calls get there through other functions of CPython
NODES = make_nodes(1000)

if sys.argv[1:] == ["freed"]:
    CACHE.clear()
    Item.kept.clear()
    Item.compute.cache_clear()
    del ALONE, NODES
leakgrind.check()
