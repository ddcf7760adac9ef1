# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes objects of many types, writes address (hexadecimal) and type of each to the
file "types", and lists the blocks in use in the file "blocks".  See
../completeness.py."""

import array
import asyncio  # for its types
import collections
import ctypes
import datetime
import decimal
import gc
import itertools
import json
import re
import sqlite3
import threading
import weakref

import guest
from app import models

import pools


class Plain:
    pass


class Slots:
    __slots__ = "one", "two", "__weakref__"


class Text(str):
    pass


class Tuple(tuple):
    pass


class Whole(int):
    pass


class Structure(ctypes.Structure):
    _fields_ = [("one", ctypes.c_int), ("two", ctypes.c_double)]


def numbers():
    yield 1


async def coroutine():
    pass


def closure(n):
    return lambda: n


def with_attributes(n):
    made = models.Item(n + 1000)
    made.more = "attribute %d" % n
    return made


MAKERS = [
    lambda n: Plain(),
    with_attributes,
    lambda n: Slots(),
    lambda n: Text("text %d" % n),
    lambda n: Tuple((n, n)),
    lambda n: Whole(n + 10 ** 20),
    lambda n: Structure(),
    lambda n: models.make_local()() if n % 50 == 0 else models.Item.Part(),
    lambda n: "ascii %d" % n,
    lambda n: "caf\u00e9 %d" % n,
    lambda n: "\u4e2d %d" % n,
    lambda n: "\U0001f600 %d" % n,
    lambda n: b"bytes %d" % n,
    lambda n: b"x" * (n % 1500),
    lambda n: bytearray(b"array %d" % n),
    lambda n: n + 10 ** 6,
    lambda n: 10 ** (n % 300 + 20),
    lambda n: n + 0.5,
    lambda n: complex(n, 1),
    lambda n: (n, str(n)),
    lambda n: tuple(range(n % 40)),
    lambda n: [n] * (n % 100),
    lambda n: {n: str(n)},
    lambda n: {"key": n, "other": n},
    lambda n: {n, n + 1},
    lambda n: frozenset((n, n + 1)),
    lambda n: collections.OrderedDict(a=n),
    lambda n: collections.deque([n]),
    lambda n: collections.defaultdict(list),
    lambda n: collections.Counter([n]),
    lambda n: numbers(),
    lambda n: closure(n),
    lambda n: [].append,
    lambda n: Plain.__init__.__get__(Plain()),
    lambda n: iter([n]),
    lambda n: iter((n,)),
    lambda n: iter({n: n}.items()),
    lambda n: itertools.count(n),
    lambda n: itertools.chain([n]),
    lambda n: map(str, [n]),
    lambda n: zip([n], [n]),
    lambda n: enumerate([n]),
    lambda n: range(n, n + 1000),
    lambda n: slice(n),
    lambda n: array.array("i", [n]),
    lambda n: datetime.datetime(2000, 1, 1, second=n % 60),
    lambda n: datetime.timedelta(n),
    lambda n: decimal.Decimal(n) / 7,
    lambda n: ctypes.c_int(n),
    lambda n: ctypes.c_char_p(b"text"),
    lambda n: threading.Lock(),
    lambda n: memoryview(b"memory"),
    lambda n: ValueError(n),
    lambda n: property(),
    lambda n: object(),
    lambda n: json.JSONDecoder() if n % 10 == 0 else classmethod(len),
    lambda n: re.compile("a%d" % (n % 20)).match("a%d" % (n % 20)),
    lambda n: type("Made%d" % n, (), {}) if n % 50 == 0 else staticmethod(len),
]


def type_name(kind):
    """A type's name as reports have it."""
    module = kind.__module__
    if not isinstance(module, str) or module == "builtins":
        return kind.__qualname__
    return "%s.%s" % (module, kind.__qualname__)


def take():
    made = [make(n) for n in range(1000) for make in MAKERS]
    referenced = [weakref.ref(m) for m in made if type(m) is Plain]
    database = sqlite3.connect(":memory:")
    cursor = database.execute("select 1")
    gc.collect()
    known = {id(o): o for o in made}
    known.update((id(o), o) for o in gc.get_objects())
    with open("types", "w") as out:
        for address, thing in known.items():
            out.write("%x %s\n" % (address, type_name(type(thing))))
    print(len(known), len(referenced), cursor.fetchone())
    pools.compare("blocks")


if __name__ == "__main__":
    guest.main(globals())
