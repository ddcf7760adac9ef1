# SPDX-License-Identifier: GPL-2.0-or-later
"""Loses instances of classes of all sorts."""

import collections
import typing

import guest
from app import models

import leaky

Local = models.make_local()
Point = collections.namedtuple("Point", "x y")


class Record(typing.NamedTuple):
    one: int


class Text(str):
    pass


class Numbers(list):
    pass


class Table(dict):
    pass


class Whole(int):
    pass


class Fault(Exception):
    pass


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    pass


class Slots:
    __slots__ = "a", "b"


class Deep(Slots):
    __slots__ = ()


class Renamed:
    pass


Renamed.__module__ = "somewhere.else"
Renamed.__qualname__ = "Other.Name"

MAKERS = [
    lambda: models.Item(12345678),
    lambda: models.Item.Part(),
    lambda: Local(),
    lambda: Point(1, 2),
    lambda: Record(1),
    lambda: Text("a text"),
    lambda: Numbers([1, 2]),
    lambda: Table(a=1),
    lambda: Whole(123456789),
    lambda: Fault("a fault"),
    lambda: WithMeta(),
    lambda: Slots(),
    lambda: Deep(),
    lambda: Renamed(),
    lambda: collections.OrderedDict(a=1),
    lambda: collections.deque([1]),
    lambda: collections.defaultdict(int),
    lambda: 1.5 * len(MAKERS),
    lambda: complex(1.5, len(MAKERS)),
    lambda: {1, 2, 3},
    lambda: frozenset([len(MAKERS)]),
    lambda: bytearray(b"abc"),
    lambda: memoryview(b"abc"),
    lambda: range(len(MAKERS)),
    lambda: slice(len(MAKERS)),
    lambda: iter([1]),
    lambda: (lambda: 1),
    lambda: (n for n in ()),
    lambda: models.Item.__init__.__get__(Local()),
    lambda: [].append,
    lambda: property(),
    lambda: object(),
    lambda: type("Made", (), {"__module__": "run.time"}),
]


def lose():
    for make in MAKERS:
        for _ in range(10):
            leaky.lose_reference_to(make())


def keep():
    for make in MAKERS:
        for _ in range(10):
            leaky.release_reference_to(make())


if __name__ == "__main__":
    guest.main(globals())
