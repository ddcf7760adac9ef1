# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython gh-109786: itertools.pairwise over an iterator that asks that same
pairwise object for more."""

import itertools

import guest


class Numbers:
    """Yields lists; in its `reenter`th step it takes what `pairs` yields."""

    def __init__(self, reenter):
        self.reenter = reenter
        self.count = 0
        self.pairs = None

    def __iter__(self):
        return self

    def __next__(self):
        self.count += 1
        if self.count == self.reenter:
            return next(self.pairs)
        return [self.count]  # LEAK


def take_three(reenter):
    numbers = Numbers(reenter)
    numbers.pairs = itertools.pairwise(numbers)
    for _ in range(3):
        next(numbers.pairs)
    numbers.pairs = None


def leak():
    take_three(reenter=1)


def clean():
    take_three(reenter=0)


if __name__ == "__main__":
    guest.main(globals())
