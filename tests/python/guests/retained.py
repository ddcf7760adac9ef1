# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is kept in use by a module's variable, by an attribute of a class and
by both; leakgrind.retained() says how much goes away with an object."""

import sys

import guest
import leakgrind

# Few: an address may have been that of an earlier block, and a word be left.
N = 10
CACHE = [None] * N
CACHE[:] = (bytes(500000 + n) for n in range(N))


class Registry:
    kept = [None] * N
    kept[:] = (bytes(400000) for _ in range(N))


COMMON = [None] * N
FIRST, SECOND = [COMMON], [COMMON]
del COMMON
RING = []
RING.append(RING)


def size_of(lengths):
    """Of a list of bytes of these lengths.  (What looked at them would leave
    references on the stack.)"""
    lengths = list(lengths)
    return (sys.getsizeof([]) + 8 * len(lengths) +
            sum(sys.getsizeof(b"") + length for length in lengths))


def expect(thing, size, blocks):
    found = leakgrind.retained(thing)
    assert found == (size, blocks), (found, size, blocks)


def ask():
    expect(CACHE, size_of(range(500000, 500000 + N)), N + 2)
    expect(Registry.kept, size_of([400000] * N), N + 2)
    expect(FIRST, sys.getsizeof(FIRST), 2)
    expect(FIRST[0], size_of([]) + 8 * N, 2)
    expect(RING, sys.getsizeof(RING), 2)
    held = CACHE[:1]
    expect(CACHE, size_of(range(500001, 500000 + N)) + 8, N + 1)
    expect(held, sys.getsizeof(held), 2)
    assert leakgrind.retained(None) is None
    print("fine")


def keep():
    pass


if __name__ == "__main__":
    guest.main(globals())
