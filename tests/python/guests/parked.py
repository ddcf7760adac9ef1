# SPDX-License-Identifier: GPL-2.0-or-later
"""An extension's own free list, and dead objects that nobody frees."""

import guest
import parking

held = []


def park():
    """Fills the free list."""
    numbers = [parking.number([i]) for i in range(8)]  # PARKED
    del numbers


def lose(count):
    for i in range(count):
        parking.lose(parking.number([i]))  # LOST


def clean():
    park()
    for i in range(20):
        parking.number([i])


def all_taken():
    park()
    lose(20)


def overwritten():
    park()
    lose(8)
    park()


def some_taken():
    park()
    lose(3)


def kept():
    for i in range(20):
        parking.keep([i])


def alive():
    park()
    held.extend(parking.number([i]) for i in range(20))


def shells():
    for _ in range(200):
        parking.shell()  # SHELL


guest.main(globals())
