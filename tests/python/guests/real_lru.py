# SPDX-License-Identifier: GPL-2.0-or-later
"""lru-dict #64: LRU.popitem returns a reference too many."""

import lru

import guest

CACHE = lru.LRU(10)


def leak():
    value = "value of %d" % 2  # LEAK value
    CACHE["key of %d" % 1] = value  # LEAK key
    del value
    CACHE.popitem()  # LEAK


def clean():
    value = "value of %d" % 2
    CACHE["key of %d" % 1] = value
    CACHE.pop("key of 1")


if __name__ == "__main__":
    guest.main(globals())
