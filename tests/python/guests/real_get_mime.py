# SPDX-License-Identifier: GPL-2.0-or-later
"""pycairo #440: get_mime_data forgets the interned name, as set_mime_data does."""

import sys

import cairo

import guest

SUBJECT = MIME_TYPE = sys.intern("".join(["image/", "jpeg"]))  # MARK type
SURFACE = cairo.SVGSurface(None, 10, 10)
SURFACE.set_mime_data(MIME_TYPE, b"data")


def leak():
    SURFACE.get_mime_data(MIME_TYPE)


def clean():
    SURFACE.flush()


if __name__ == "__main__":
    guest.main(globals())
