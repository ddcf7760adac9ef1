# SPDX-License-Identifier: GPL-2.0-or-later
"""msgpack #671: unpacking data that end too early loses all containers below
the first level."""

import msgpack

import guest

WHOLE = msgpack.packb([[1], [[2000, 3000], {"a": ["b"]}, 4.5]])
PART = WHOLE[:-3]


def leak():
    try:
        msgpack.unpackb(PART)  # LEAK
    except ValueError:
        pass


def clean():
    msgpack.unpackb(WHOLE)


if __name__ == "__main__":
    guest.main(globals())
