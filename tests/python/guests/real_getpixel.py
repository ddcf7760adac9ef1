# SPDX-License-Identifier: GPL-2.0-or-later
"""Pillow #9487: Image.getpixel with coordinates that are not int; what their
__int__ returned is lost."""

import PIL.Image

import guest

IMAGE = PIL.Image.new("L", (1000, 1000))


class Coordinate:
    def __init__(self, value):
        self.value = value

    def __int__(self):
        return self.value + 300  # LEAK

    def __index__(self):
        return int(self)


def leak():
    IMAGE.getpixel((Coordinate(1), 2))


def clean():
    IMAGE.getpixel((301, 2))


if __name__ == "__main__":
    guest.main(globals())
