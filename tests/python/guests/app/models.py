# SPDX-License-Identifier: GPL-2.0-or-later
"""Classes whose names the report has to say in full."""


class Item:
    def __init__(self, number):
        self.number = number

    class Part:
        pass


def make_local():
    class Local:
        __slots__ = ("one",)
    return Local
