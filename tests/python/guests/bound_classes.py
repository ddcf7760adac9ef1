# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects that a binding library knows by the addresses of C++ instances, which
are in the objects or elsewhere."""

import guest
import bound

held = []


def lost():
    for _ in range(20):
        bound.lose(bound.Part())  # LOST


def made():
    for _ in range(20):
        bound.lose(bound.make())  # MADE


def sizes():
    for _ in range(20):
        bound.lose(bound.size_of(bound.Part()))  # SIZE


def nurses():
    for _ in range(20):
        nurse = bound.Part()  # NURSE
        bound.keep_alive(nurse, [1.5])
        bound.lose(nurse)


def cycles():
    for _ in range(20):
        one = bound.Part()  # ONE
        other = bound.make()  # OTHER
        bound.keep_alive(one, other)
        bound.keep_alive(other, one)


def after_others():
    """The tables still have the addresses of what they had before."""
    for _ in range(3):
        parts = [bound.size_of(bound.make()) for _ in range(60)]
        del parts
    lost()


def use():
    for _ in range(20):
        nurse = bound.make()
        bound.keep_alive(nurse, bound.Part())
        held.append(bound.size_of(nurse))
        held.append(bound.size_of(bound.Part()))


def clean():
    use()
    held.clear()


def alive():
    use()


guest.main(globals())
