# SPDX-License-Identifier: GPL-2.0-or-later
"""Loses lists, overwrites interpreter data that leakgrind reads, and ends at once."""

import guest
import leaky

import clobber


class Widget:
    pass


def objects():
    leaky.lose_list(100)  # LEAK
    leaky.release_list(100)
    return [Widget() for _ in range(1000)] + [[n] for n in range(1000)] \
        + [str(n) for n in range(1000, 2000)]


def pools():
    clobber.pools(objects())


def gc_heads():
    clobber.gc_heads(objects()[:2000])


def types():
    clobber.types([Widget(), Widget(), [], (1,), {}, "", 1.5])


def type_cycle():
    clobber.types([1.5, Widget()])


def wild_objects():
    clobber.objects(objects())


def frame_cycle():
    objects()
    clobber.frames(True)


def frame_nowhere():
    objects()
    clobber.frames(False)


def code():
    objects()
    clobber.code(clobbered.__code__)
    clobbered()


def clobbered():
    clobber.lose_and_end()


if __name__ == "__main__":
    guest.main(globals())
