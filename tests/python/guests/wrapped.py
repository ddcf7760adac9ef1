# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrappers that a binding library knows by their instances' addresses."""

import guest
import wrappers

held = []


class Derived(wrappers.Part):
    pass


def lost():
    for _ in range(20):
        wrappers.lose(wrappers.Part())  # LOST


def nurses():
    for _ in range(20):
        nurse = wrappers.Part()  # NURSE
        wrappers.keep_alive(nurse, [1.5])
        wrappers.lose(nurse)


def cycles():
    for _ in range(20):
        one = wrappers.Part()  # ONE
        other = Derived()  # OTHER
        wrappers.keep_alive(one, other)
        wrappers.keep_alive(other, one)


def clean():
    for _ in range(20):
        nurse = wrappers.Part()
        wrappers.keep_alive(nurse, Derived())
        wrappers.Part()


def alive():
    for _ in range(20):
        nurse = wrappers.Part()
        wrappers.keep_alive(nurse, Derived())
        held.append(nurse)
        held.append(Derived())


guest.main(globals())
