# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks why objects are still there, by leakgrind.why(), and compares the paths.  An
object is asked for by its address, so that nothing here holds it."""
import collections
import ctypes
import functools
import gc
import logging
import os
import re
import sys
import threading
import weakref

import guest  # tells where holder is
import holder

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "..", "..", "..", "command"))
import leakgrind

failed = False


class Payload:
    """What is held; it knows its address."""


def clean(step):
    step = re.sub(r"0x[0-9a-f]+", "0x", step)
    return re.sub(r"\(\S*/([^/]+:)\d+\)|\((\w+\.c:)\d+\)", r"(\1\2)", step)


def of_address(address):
    return ctypes.cast(address, ctypes.py_object).value


def ask(what, address, *expected):
    global failed
    gc.collect()
    found = [clean(step) for step in leakgrind.why(of_address(address))]
    if found != list(expected):
        failed = True
        print("%s:\n  found    %s\n  expected %s" % (what, found,
                                                   list(expected)))


def new_payload():
    return Payload()


# --- Containers of modules and classes ---------------------------------------------

CACHE = {}
NUMBERS = {}


class Registry:
    entries = []
    callbacks = collections.deque()

    def __init__(self):
        self.name = new_payload()

    def on_event(self):
        pass


class Slots:
    __slots__ = "first", "second"


SLOTS = Slots()


def containers():
    CACHE["key"] = [0, 1, (new_payload(),)]
    ask("cache", id(CACHE["key"][2][0]), "module __main__", ".CACHE (dict)",
        "['key'] (list)", "[2] (tuple)", "[0]")
    NUMBERS.update({5: new_payload(), -70000000000: new_payload()})
    ask("int", id(NUMBERS[5]), "module __main__", ".NUMBERS (dict)", "[5]")
    ask("large int", id(NUMBERS[-70000000000]), "module __main__",
        ".NUMBERS (dict)", "[-70000000000]")
    SLOTS.second = new_payload()
    ask("slot", id(SLOTS.second), "module __main__", ".SLOTS (__main__.Slots)",
        ".second")


def growing_list():
    Registry.entries.extend(Registry() for _ in range(30))
    ask("class attribute", id(Registry.entries[7].name), "module __main__",
        ".Registry (type)", ".entries (list)", "[7] (__main__.Registry)",
        ".name")


def callbacks():
    Registry.callbacks.append(Registry().on_event)
    ask("callback", id(Registry.callbacks[0].__self__), "module __main__",
        ".Registry (type)", ".callbacks (collections.deque)", "[*] (method)",
        ".__self__")


# --- Functions ---------------------------------------------------------------------

class Cached:
    @functools.lru_cache(maxsize=None)
    def compute(self):
        return new_payload()


    @functools.lru_cache()
    def remember(self):
        return new_payload()


def lru():
    for name in "compute", "remember":
        addresses = []
        for instance in [Cached() for _ in range(5)]:
            getattr(instance, name)()
            addresses.append(id(instance))
        del instance
        for address in addresses:
            ask("instance in lru_cache", address, "module __main__",
                ".Cached (type)", ".%s (functools._lru_cache_wrapper)" % name,
                ".cache (dict)", "a key (tuple)", "[0]")


def make_closure():
    alpha, beta = new_payload(), [new_payload()]

    def inner():
        return alpha, beta
    return inner


INNER = make_closure()
PARTIAL = functools.partial(print, [new_payload()])


def functions():
    ask("closure", id(INNER()[0]), "module __main__", ".INNER (function)",
        "closure variable alpha")
    ask("in closure", id(INNER()[1][0]), "module __main__", ".INNER (function)",
        "closure variable beta (list)", "[0]")
    ask("partial", id(PARTIAL.args[0][0]), "module __main__",
        ".PARTIAL (functools.partial)", ".args (tuple)", "[0] (list)", "[0]")


def defaults(x=[Payload()]):
    return id(x[0])


# --- Frames --------------------------------------------------------------------------

def running():
    here = [new_payload()]
    ask("local", id(here[0]), "frame running (why.py:) local here (list)",
        "[0]")


def unfinished():
    state = [new_payload()]
    yield id(state[0])


GENERATOR = unfinished()


def fail():
    data = [new_payload()]
    raise ValueError(id(data[0]))


def keep_exception():
    global KEPT
    try:
        fail()
    except ValueError as error:
        KEPT = error


def frames():
    frame = [".gi_frame (frame)"] if sys.version_info < (3, 11) else []
    ask("generator", next(GENERATOR), "module __main__",
        ".GENERATOR (generator)", *frame, "local state (list)", "[0]")
    keep_exception()
    ask("exception", KEPT.args[0], "module __main__", ".KEPT (ValueError)",
        ".__traceback__ (traceback)", ".tb_next (traceback)",
        ".tb_frame (frame)", "local data (list)", "[0]")
    ask("default", defaults(), "module __main__", ".defaults (function)",
        ".__defaults__ (tuple)", "[0] (list)", "[0]")


def thread_local():
    ready, done = threading.Event(), threading.Event()
    told = []

    def work():
        mine = [new_payload()]
        told.append(id(mine[0]))
        ready.set()
        done.wait()
    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    ask("thread", told[0],
        "frame thread_local.<locals>.work (why.py:) local mine (list)"
        if sys.version_info >= (3, 11) else
        "frame work (why.py:) local mine (list)", "[0]")
    done.set()
    thread.join()


# --- Libraries -----------------------------------------------------------------------

def logging_handler():
    handler = logging.StreamHandler()
    handler.mine = new_payload()
    logging.getLogger("why").addHandler(handler)
    address = id(handler.mine)
    del handler
    ask("handler", address, "module logging", ".Logger (type)",
        ".manager (logging.Manager)", ".loggerDict (dict)",
        "['why'] (logging.Logger)", ".handlers (list)",
        "[0] (logging.StreamHandler)", ".mine")


WATCHED = Payload()


def weak_callback():
    def callback(ref, mine=new_payload()):
        pass
    CACHE["ref"] = weakref.ref(WATCHED, callback)
    address = id(callback.__defaults__[0])
    del callback
    ask("weakref callback", address, "module __main__", ".CACHE (dict)",
        "['ref'] (weakref)" if sys.version_info < (3, 9, 99) else
        "['ref'] (weakref.ReferenceType)", ".__callback__ (function)",
        ".__defaults__ (tuple)", "[0]")


# --- C -------------------------------------------------------------------------------

def in_c():
    obj = [new_payload()]
    holder.hold_in_table(2, obj)
    address = id(obj[0])
    del obj
    ask("C table", address, "global holder_table+16 (in holder.so) (list)",
        "[0]")


# --- asyncio -------------------------------------------------------------------------

def pending_task():
    import asyncio

    async def wait(event):
        mine = [new_payload()]
        told.append(id(mine[0]))
        await event.wait()

    async def run():
        LOOP["task"] = asyncio.create_task(wait(asyncio.Event()))
        await asyncio.sleep(0)
    told = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(run())
    frame = [".cr_frame (frame)"] if sys.version_info < (3, 11) else []
    ask("task", told[0], "module __main__", ".LOOP (dict)", "['task'] (_asyncio.Task)",
        ".get_coro() (coroutine)", *frame, "local mine (list)", "[0]")
    LOOP.clear()


LOOP = {}

for function in (containers, growing_list, callbacks, lru, functions, running,
                 frames, thread_local, logging_handler, weak_callback, in_c,
                 pending_task):
    function()
print("wrong" if failed else "fine")
