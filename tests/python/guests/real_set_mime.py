# SPDX-License-Identifier: GPL-2.0-or-later
"""pycairo #440: set_mime_data takes a reference to the interned name for itself."""

import sys

import cairo

import guest

SUBJECT = MIME_TYPE = sys.intern("".join(["image/", "png"]))  # MARK type
SURFACE = cairo.SVGSurface(None, 10, 10)


def leak():
    SURFACE.set_mime_data(MIME_TYPE, b"data")


def clean():
    SURFACE.flush()


if __name__ == "__main__":
    guest.main(globals())
