# SPDX-License-Identifier: GPL-2.0-or-later
"""kiwisolver #223: an object does not give back its reference to its class, when it is
freed."""

import kiwisolver

import guest

SUBJECT = kiwisolver.Variable
KEPT = kiwisolver.Variable("x")


def leak():
    kiwisolver.Variable("y")


def clean():
    KEPT.name()


if __name__ == "__main__":
    guest.main(globals())
