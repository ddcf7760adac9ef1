# SPDX-License-Identifier: GPL-2.0-or-later
"""ujson #714: the str that a default function returned is lost when it is not
ASCII."""

import ujson

import guest


class Colour:
    def __init__(self, name):
        self.name = name


def leak():
    ujson.dumps(Colour("bl"), default=lambda o: o.name + "\u00e5")  # LEAK


def clean():
    ujson.dumps(Colour("blue"), default=lambda o: o.name + "a")


if __name__ == "__main__":
    guest.main(globals())
