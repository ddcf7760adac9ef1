# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that lose nothing and use much of the standard library.  The first
argument is the name of one, or "everything"; a second one says how to end."""

import os
import sys
import tempfile

# How a program may end: let the interpreter finalize, or not.
ENDS = {"finalize": lambda: None, "at-once": lambda: os._exit(0),
        "raise": lambda: [].missing, "exit": lambda: sys.exit(4)}

KEPT = []


def data():
    import collections
    import copy
    import dataclasses
    import enum
    import functools
    import heapq
    import itertools
    import typing

    @dataclasses.dataclass
    class Point:
        x: int
        y: int = 0
        more: list = dataclasses.field(default_factory=list)

    class Colour(enum.Enum):
        RED = 1
        GREEN = 2

    class Pair(typing.NamedTuple):
        one: int
        two: str

    @functools.lru_cache(maxsize=50)
    def square(number):
        return number * number

    points = [Point(n, n, [n]) for n in range(300)]
    KEPT.append(copy.deepcopy(points))
    KEPT.append([Pair(n, str(n)) for n in range(100)])
    KEPT.append(collections.Counter("a long text with letters"))
    KEPT.append(collections.ChainMap({"a": Colour.RED}, {"b": 2}))
    KEPT.append([square(n) for n in range(100)])
    KEPT.append(functools.partial(square, 5))
    KEPT.append(list(itertools.permutations("abcd")))
    heap = []
    for point in points:
        heapq.heappush(heap, (point.x % 17, id(point), point))
    KEPT.append(heapq.heappop(heap))
    KEPT.append(itertools.tee(iter(range(1000))))
    KEPT.append(itertools.groupby(range(10), key=lambda n: n // 3))


def text():
    import csv
    import difflib
    import io
    import json
    import re
    import string
    import textwrap
    import unicodedata

    document = {"numbers": list(range(500)), "texts": ["t%d" % n for n in
                                                       range(200)],
                "nested": [{"a": [1.5, None, True, "\u00e9"]}] * 10}
    assert json.loads(json.dumps(document)) == document
    KEPT.append(json.loads(json.dumps(document, indent=1)))
    KEPT.append(re.findall(r"(\w+)@(\w+)", "one@two three@four " * 20))
    KEPT.append(re.compile(r"(?P<name>a+)|b(?=c)").sub("x", "aabcbc" * 50))
    table = io.StringIO()
    csv.writer(table).writerows([n, n * 2, "q\"%d" % n] for n in range(50))
    KEPT.append(list(csv.reader(io.StringIO(table.getvalue()))))
    KEPT.append(list(difflib.unified_diff(list("abcdef"), list("abxdef"))))
    KEPT.append(textwrap.wrap("some words " * 30, 20))
    KEPT.append(string.Template("$a and $b").substitute(a=1, b=2))
    KEPT.append(unicodedata.normalize("NFD", "\u00e9\u00e8"))


def generators():
    """Iterators and coroutines that are not run to their ends."""
    def count():
        number = 0
        while True:
            received = yield number
            number += received or 1

    running = [count() for _ in range(20)]
    for generator in running:
        next(generator)
        generator.send(5)
    KEPT.extend(running)

    async def never():
        await pending()

    def pending():
        class Awaitable:
            def __await__(self):
                yield self
        return Awaitable()

    coroutine = never()
    coroutine.send(None)
    KEPT.append(coroutine)
    KEPT.append(map(str, range(100)))
    next(KEPT[-1])


def classes():
    import abc
    import weakref

    class Base(abc.ABC):
        @abc.abstractmethod
        def do(self):
            pass

    class Meta(type):
        def __new__(mcs, name, bases, names):
            names["made"] = [name]
            return super().__new__(mcs, name, bases, names)

    class Derived(Base):
        __slots__ = ("value",)

        def do(self):
            return lambda: self.value

    made = []
    for number in range(30):
        made.append(Meta("Made%d" % number, (), {"number": number})())
    derived = Derived()
    derived.value = derived.do()
    KEPT.append(made)
    KEPT.append(derived)
    KEPT.append(weakref.WeakValueDictionary(a=derived))
    KEPT.append(weakref.ref(derived, lambda ref: None))
    KEPT.append(weakref.finalize(derived, len, []))
    KEPT.append(Base.register(int))

    class Dynamic:
        pass
    for number in range(40):  # past what is kept in line
        thing = Dynamic()
        for attribute in range(number):
            setattr(thing, "a%d" % attribute, [attribute])
        thing.__dict__["more"] = thing
        KEPT.append(thing)


def errors():
    import traceback
    import warnings

    def fail(depth):
        local = [depth] * 10
        if depth:
            try:
                fail(depth - 1)
            except ValueError as error:
                raise KeyError(local) from error
        raise ValueError(local)

    try:
        fail(5)
    except KeyError as error:
        KEPT.append(error)  # with its traceback, frames and locals
        KEPT.append(traceback.format_exc())
        KEPT.append(traceback.TracebackException.from_exception(
            error, capture_locals=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("careful")
        KEPT.append(caught)


def threads():
    import concurrent.futures
    import contextvars
    import queue
    import threading

    jobs, done = queue.Queue(), queue.Queue()
    local = threading.local()

    def worker():
        local.mine = [threading.current_thread().name]
        while True:
            job = jobs.get()
            if job is None:
                break
            done.put({job: [str(job)] * 5})

    workers = [threading.Thread(target=worker) for _ in range(4)]
    for thread in workers:
        thread.start()
    for number in range(100):
        jobs.put(number)
    for _ in workers:
        jobs.put(None)
    for thread in workers:
        thread.join()
    KEPT.append(done)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        KEPT.append(list(pool.map(str, range(50))))
    variable = contextvars.ContextVar("variable", default=1)
    context = contextvars.copy_context()
    context.run(variable.set, [1, 2])
    KEPT.append((variable, context))


def daemon():
    """A thread is still there at the end."""
    import gc
    import threading
    # Importing that has left classes in cycles.
    gc.collect()
    timer = threading.Timer(1000, print)
    timer.daemon = True
    timer.start()
    KEPT.append(timer)


def tasks():
    import asyncio

    async def talk(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def work(number):
        await asyncio.sleep(0)
        return [number]

    async def everything():
        results = await asyncio.gather(*(work(n) for n in range(20)))
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        server.close()
        await server.wait_closed()
        try:
            await asyncio.wait_for(asyncio.sleep(1000), 0.01)
        except asyncio.TimeoutError:
            pass
        return results

    KEPT.append(asyncio.run(everything()))


def files():
    import configparser
    import gzip
    import hashlib
    import pathlib
    import pickle
    import shelve
    import shutil
    import sqlite3
    import zipfile

    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        (place / "file").write_text("some text\n" * 100)
        with gzip.open(place / "packed", "wb") as out:
            out.write(b"bytes" * 1000)
        with zipfile.ZipFile(place / "zip", "w") as out:
            out.write(place / "file")
        with shelve.open(str(place / "shelf")) as shelf:
            shelf["a"] = {"b": [1, 2]}
        KEPT.append(pickle.loads(pickle.dumps({"a": [KEPT[:0], 1.5]})))
        database = sqlite3.connect(place / "base")
        with database:
            database.execute("create table t (a integer, b text)")
            database.executemany("insert into t values (?, ?)",
                                 ((n, "t%d" % n) for n in range(100)))
        database.create_function("twice", 1, lambda n: 2 * n)
        KEPT.append(database.execute("select twice(a), b from t").fetchall())
        KEPT.append(database.execute("select * from t"))  # not fetched
        KEPT.append(hashlib.sha256((place / "file").read_bytes()))
        parser = configparser.ConfigParser()
        parser.read_string("[a]\nb = 1\n")
        KEPT.append(parser)
        KEPT.append(sorted(place.rglob("*")))
        KEPT.append(open(place / "file"))  # left open
        shutil.copy(place / "file", place / "copy")


def numbers():
    import array
    import decimal
    import fractions
    import math
    import random
    import statistics
    import struct

    generator = random.Random(1)
    values = [generator.random() * 1000 for _ in range(500)]
    KEPT.append(sorted(values))
    KEPT.append(statistics.mean(values))
    KEPT.append([decimal.Decimal(n) / 7 for n in range(1, 50)])
    KEPT.append([fractions.Fraction(n, 7) for n in range(50)])
    KEPT.append([10 ** n for n in range(0, 400, 7)])
    KEPT.append(array.array("d", values))
    KEPT.append(struct.unpack("3i", struct.pack("3i", 1, 2, 3)))
    KEPT.append(math.factorial(100))
    KEPT.append(memoryview(bytearray(1000))[10:20])
    KEPT.append([complex(n, n) for n in range(20)])


def foreign():
    import ctypes
    import ctypes.util

    class Node(ctypes.Structure):
        pass

    Node._fields_ = [("value", ctypes.c_int), ("next", ctypes.POINTER(Node))]
    node = Node(1)
    node.next = ctypes.pointer(Node(2))
    KEPT.append(node)
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int),
                               ctypes.POINTER(ctypes.c_int))(
        lambda a, b: a[0] - b[0])
    values = (ctypes.c_int * 50)(*reversed(range(50)))
    ctypes.CDLL(None).qsort(values, 50, 4, compare)
    KEPT.append((compare, values))
    KEPT.append(ctypes.create_string_buffer(b"text", 100))


def markup():
    import html.parser
    import urllib.parse
    import xml.dom.minidom
    import xml.etree.ElementTree as ElementTree
    import xml.sax

    source = "<a>%s</a>" % "".join("<b c='%d'>t<d/>u</b>" % n
                                   for n in range(50))
    KEPT.append(ElementTree.fromstring(source))
    KEPT.append(xml.dom.minidom.parseString(source))
    xml.sax.parseString(source, xml.sax.ContentHandler())
    parser = html.parser.HTMLParser()
    parser.feed("<p>text<br>more")
    KEPT.append(parser)
    KEPT.append(urllib.parse.parse_qs("a=1&b=2&a=3"))


def tools():
    import argparse
    import ast
    import datetime
    import inspect
    import io
    import locale
    import logging
    import subprocess
    import unittest

    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=1)
    KEPT.append(parser.parse_args(["--number", "5"]))
    tree = ast.parse(inspect.getsource(tools))
    KEPT.append(compile(tree, "made-up.py", "exec"))
    KEPT.append(ast.dump(tree))
    KEPT.append(inspect.signature(tools))
    logging.basicConfig(stream=io.StringIO())
    logging.getLogger("a.b").warning("careful: %s", [1])
    KEPT.append([datetime.datetime(2000, 1, 1) + datetime.timedelta(n)
                 for n in range(50)])
    locale.setlocale(locale.LC_ALL, "C")
    KEPT.append(subprocess.run(["echo", "hello"], check=True,
                               stdout=subprocess.PIPE).stdout)

    class Case(unittest.TestCase):
        def test(self):
            with self.subTest("one"):
                self.assertEqual([1], [1])

    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Case)
    KEPT.append(unittest.TextTestRunner(stream=io.StringIO()).run(suite))


def make_garbage():
    """Reference cycles of every kind."""
    for number in range(200):
        one, two = {"number": number}, [number]
        one["other"], two[0:0] = two, [one]

        class Local:
            def method(self):
                return Local
        thing = Local()
        thing.bound = thing.method

        def recursive(depth):
            return recursive(depth - 1) if depth else thing
        recursive(3)


def cycles():
    import gc
    make_garbage()
    gc.collect()


PROGRAMS = [data, text, generators, classes, errors, threads, tasks, files,
            numbers, foreign, markup, tools, cycles]


def everything():
    for program in PROGRAMS:
        program()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
    ENDS[sys.argv[2]]()
