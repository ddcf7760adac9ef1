# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that loses nothing makes leak checks at many moments, and prints what
they find.  At these moments the objects in use are in registers, on stacks and in
half-made containers."""

import asyncio
import collections
import ctypes
import functools
import gc
import itertools
import pickle
import re
import threading
import weakref

import guest


class Counts(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulong) for name in (
        "definite", "indirect", "possible", "reachable", "suppressed")]


LEAKGRIND = ctypes.PyDLL(None)
is_summary = True


def check(where):
    szB, blocks = Counts(), Counts()
    LEAKGRIND.leakgrind_check(int(is_summary), 0)
    LEAKGRIND.leakgrind_counts(ctypes.byref(szB), ctypes.byref(blocks))
    if blocks.definite or blocks.indirect or blocks.possible:
        LEAKGRIND.leakgrind_check(0, 0)
        print("%s: %d definitely, %d indirectly, %d possibly lost" % (
            where, blocks.definite, blocks.indirect, blocks.possible))
    return where


# ---- Imports -----------------------------------------------------------------

MODULES = ("json", "decimal", "sqlite3", "ssl", "logging", "unittest",
           "multiprocessing", "xml.etree.ElementTree", "concurrent.futures",
           "dataclasses", "email.message", "http.client", "argparse")


def imports():
    for module in MODULES:
        __import__(module)
        gc.collect()
        check(module)


# ---- Work ---------------------------------------------------------------------

class Plain:
    """Its attributes are values behind the object, or in a separate block."""

    def __init__(self, depth):
        self.name = "plain %d" % depth
        self.below = Plain(depth - 1) if depth else check("__init__")


class Slots:
    __slots__ = "first", "second"

    def __init__(self, first):
        self.first = first
        self.second = [check("slots"), first]


class Many:
    """More attributes than fit into the values of its keys."""

    def __init__(self):
        for i in range(100):
            setattr(self, "attribute%d" % i, [i])


class Ending:
    def __init__(self):
        self.held = ["held by what ends"]

    def __del__(self):
        check("__del__")


class Ordered:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        if self.number == 5:
            check("a sort")
        return self.number < other.number


class Descriptor:
    def __set_name__(self, owner, name):
        check("a class")


def objects():
    plain = Plain(5)
    slots = Slots(["slots"])
    many = Many()
    check("many")
    with_dict = Plain(0)
    with_dict.__dict__["other"] = ["of the dict"]
    vars(plain).update(one=[1], two=[2])
    check("dicts of objects")
    Ending()
    type("Made", (Plain,), {"a": Descriptor(), "b": ["of a class"]})
    del slots, many
    check("deleted")


def containers():
    numbers = sorted(map(Ordered, range(20, 0, -1)))
    made = [[i, check("a list")] for i in range(3)]
    made = {str(i) * 9: check("a dict") + "!" for i in range(3)}
    made = {check("a set") + str(i) for i in range(3)}
    made = tuple(check("a tuple") + str(i) for i in range(12))
    made = collections.deque((check("a deque") + str(i) for i in range(3)), 2)
    made = "".join(check("a join") + str(i) for i in range(3))
    made = list(map(lambda i: check("map") + str(i), range(3)))
    made = list(itertools.groupby("aabb", lambda c: check("groupby") + c))
    made = functools.reduce(lambda a, b: [a, check("reduce"), b], range(3))
    made = re.sub("a+", lambda m: check("re.sub") + m.group(), "baaabaab")
    made = collections.OrderedDict((check("ordered") + str(i), [i])
                                   for i in range(3))
    del made, numbers


@functools.lru_cache(maxsize=4)
def cached(i):
    return [check("lru_cache"), i]


class Pickled:
    def __reduce__(self):
        return check, ("pickle",)


def others():
    for i in range(6):
        cached(i)
    pickle.loads(pickle.dumps([["before"], Pickled(), ["behind"]]))
    ref = weakref.ref(plain := Plain(0), lambda r: check("a callback"))
    del plain
    try:
        raise ValueError(["of an exception"])
    except ValueError as error:
        check("an exception")
    finally:
        check("finally")
    eval("check('eval') + str([1])", globals())
    del ref


# ---- Frames --------------------------------------------------------------------

def numbers():
    held = ["in a generator"]
    for i in range(3):
        yield held, check("a generator"), i


def nested():
    yield from numbers()


async def wait(i):
    held = ["in a coroutine"]
    await asyncio.sleep(0)
    check("a coroutine")
    return held, i


async def gather():
    return await asyncio.gather(*map(wait, range(3)))


def frames():
    suspended = nested()
    next(suspended)
    check("suspended")
    list(zip(nested(), numbers()))
    asyncio.run(gather())
    check("after asyncio")
    suspended.close()
    check("closed")


def threads():
    def work(i):
        held = ["of a thread", i]
        barrier.wait()
        check("a thread")
        barrier.wait()
        del held

    barrier = threading.Barrier(3)
    workers = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for worker in workers:
        worker.start()
    check("threads that run")
    for worker in workers:
        worker.join()
    check("threads that have ended")


def work():
    for part in objects, containers, others, frames, threads:
        part()
        gc.collect()
        check(part.__name__)


def work_with_audits():
    """Full checks count all references, too."""
    global is_summary
    is_summary = False
    work()


if __name__ == "__main__":
    guest.main(globals())
    print("all checks made")
