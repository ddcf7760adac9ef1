# SPDX-License-Identifier: GPL-2.0-or-later
"""python-zstandard #294: an object does not give back its reference to its class, when it
is freed."""

import zstandard

import guest

SUBJECT = zstandard.ZstdCompressor
KEPT = zstandard.ZstdCompressor()


def leak():
    zstandard.ZstdCompressor()


def clean():
    KEPT.memory_size()


if __name__ == "__main__":
    guest.main(globals())
