# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython gh-148651: a decompressor that refuses the name of an option keeps a reference
to its value."""

from compression import zstd

import guest


class Value:
    pass


def make_value():
    global SUBJECT
    SUBJECT = Value()  # MARK value


make_value()


def leak():
    try:
        zstd.ZstdDecompressor(options={"a name": SUBJECT})
    except TypeError:
        pass


def clean():
    try:
        zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max:
                                       SUBJECT})
    except TypeError:
        pass


if __name__ == "__main__":
    guest.main(globals())
