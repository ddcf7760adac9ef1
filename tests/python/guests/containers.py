# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects that were taken out of a live container and lost.  Each function loses ten,
in its own way.  live_everywhere loses nothing: it has ten live objects in each
container."""

import _queue
import array
import asyncio
import collections
import contextvars
import ctypes
import functools
import gc
import heapq
import io
import itertools
import pickle
import re
import struct
import types
import weakref
import xml.etree.ElementTree as etree

import guest
import leaky

TIMES = range(10)
# The one loss of all of them.
forget = leaky.lose_reference_to
KEPT = []


class Widget:
    __slots__ = ("__weakref__", "payload")

    def __lt__(self, other):
        return id(self) < id(other)


class Named:
    pass


def keep(thing):
    KEPT.append(thing)
    return thing


def widgets(count=10):
    return [Widget() for _ in range(count)]


# ---- Lists ------------------------------------------------------------------

def list_emptied():
    work = keep(widgets())
    while work:
        forget(work.pop())


def list_popped():
    """The list keeps some, and so its array."""
    work = keep(widgets(20))
    for _ in TIMES:
        forget(work.pop())


def list_cut():
    work = keep(widgets(20))
    for widget in work[10:]:
        forget(widget)
    del widget, work[10:]


def list_of_a_class():
    class Work(list):
        pass
    work = keep(Work(widgets(20)))
    for _ in TIMES:
        forget(work.pop())


def heap():
    work = keep(widgets(20))
    heapq.heapify(work)
    for _ in TIMES:
        forget(heapq.heappop(work))


# ---- Deques -----------------------------------------------------------------

def deque_emptied():
    work = keep(collections.deque(widgets()))
    while work:
        forget(work.popleft())


def deque_right():
    work = keep(collections.deque(widgets(20)))
    for _ in TIMES:
        forget(work.pop())


def deque_one_by_one():
    work = keep(collections.deque())
    for _ in TIMES:
        work.append(Widget())
        forget(work.popleft())


def deque_blocks():
    """It does not free unused blocks at once."""
    work = keep(collections.deque(widgets(300)))
    for i in range(250):
        widget = work.popleft()
        if i % 25 == 0:
            forget(widget)


def deque_from_the_left():
    work = keep(collections.deque())
    work.extendleft(widgets(100))
    for i in range(100):
        widget = work.pop()
        if i % 10 == 0:
            forget(widget)


# ---- Dicts and sets ---------------------------------------------------------

def dict_emptied():
    work = keep(dict(enumerate(widgets())))
    while work:
        forget(work.popitem()[1])


def dict_grown():
    """Its first table of keys is not freed at once."""
    work = {}
    for i in TIMES:
        widget = Widget()
        work["key %d" % i] = widget
        forget(widget)


def dict_ordered():
    work = keep(collections.OrderedDict(enumerate(widgets(20))))
    for _ in TIMES:
        forget(work.popitem()[1])


def dict_of_ids():
    """The hash of an int is its value."""
    work = keep({id(widget): None for widget in KEPT})
    ordered = keep(collections.OrderedDict())
    for i in TIMES:
        widget = Widget()
        (ordered if i % 2 else work)[id(widget)] = i
        forget(widget)


def set_outgrown():
    """The table inside of it is too small by now."""
    for _ in range(2):
        early = widgets(4)
        work = keep(set(early))
        work.update(widgets(20))
        for widget in early:
            work.discard(widget)
            forget(widget)
        del early, widget
    for widget in widgets(2):
        forget(widget)


def set_of_ids():
    work = keep(set())
    for _ in TIMES:
        widget = Widget()
        work.add(id(widget))
        forget(widget)


def attributes_outgrown():
    """The values of attributes move from the object to its dict."""
    for _ in TIMES:
        named = keep(Named())
        named.first = Widget()
        for i in range(40):
            named.__dict__["name %d" % i] = i
        forget(named.first)
        del named.first


# ---- Frames -----------------------------------------------------------------

def generators_suspended():
    """What a suspended frame has pushed last still stands there."""
    def work():
        forget(Widget())
        yield
    for _ in TIMES:
        next(keep(work()))


def generators_ended():
    def work():
        widget = Widget()
        forget(widget)
        yield widget
    for _ in TIMES:
        list(keep(work()))


def coroutines_suspended():
    @types.coroutine
    def pause():
        yield

    async def work():
        forget(Widget())
        await pause()
    for _ in TIMES:
        keep(work()).send(None)


# ---- References that nobody counts -----------------------------------------

def context_variables():
    """They keep what they have returned last."""
    for i in TIMES:
        variable = keep(contextvars.ContextVar("v%d" % i))
        widget = Widget()
        contextvars.Context().run(variable.set, widget)
        forget(widget)


class Bytes(bytearray):
    pass


def memoryviews():
    for _ in TIMES:
        bytes_ = Bytes(100)
        keep(memoryview(bytes_)).release()
        forget(bytes_)


class Reference(weakref.ref):
    __slots__ = ()


def weak_references():
    """An object leads to its weak references, and does not hold them."""
    for _ in TIMES:
        widget = keep(Widget())
        forget(Reference(widget))


def method_names():
    """The type cache knows the names that were asked for last."""
    for i in TIMES:
        name = "".join(["method", "_%d" % i])
        getattr(Widget, name, None)
        forget(name)


# ---- Bytes -----------------------------------------------------------------

def in_bytes():
    address = struct.Struct("P")
    for i in TIMES:
        widget = Widget()
        text = address.pack(id(widget))
        if i < 3:
            keep(bytearray(text))
        elif i < 6:
            keep(array.array("b", text))
        else:
            keep(io.BufferedWriter(io.BytesIO(), 100)).write(text)
        forget(widget)


# ---- Others -----------------------------------------------------------------

def elements():
    for count in 8, 12:
        tree = keep(etree.Element("root"))
        tree.extend([etree.Element("child") for _ in range(count)])
        for child in list(tree)[count // 2:]:
            tree.remove(child)
            forget(child)
        del child


def unpickled():
    for _ in TIMES:
        reader = keep(pickle.Unpickler(io.BytesIO(pickle.dumps([]))))
        forget(reader.load())
        reader.memo.clear()


# ---- All of a kind -----------------------------------------------------------

def from_lists():
    list_emptied()
    list_popped()
    list_cut()
    list_of_a_class()
    heap()


def from_deques():
    deque_emptied()
    deque_right()
    deque_one_by_one()
    deque_blocks()
    deque_from_the_left()


def from_tables():
    dict_emptied()
    dict_grown()
    dict_ordered()
    dict_of_ids()
    set_outgrown()
    set_of_ids()
    attributes_outgrown()


def from_frames():
    generators_suspended()
    generators_ended()
    coroutines_suspended()


def from_others():
    context_variables()
    memoryviews()
    weak_references()
    method_names()
    in_bytes()
    elements()
    unpickled()


# ---- No leak ----------------------------------------------------------------

def sequences():
    yield widgets()
    yield collections.deque(widgets())
    deque = collections.deque(widgets(300))
    deque.rotate(70)
    for _ in range(200):
        deque.popleft()
    deque.extendleft(widgets(30))
    yield deque
    yield collections.deque(widgets(100), maxlen=20)
    yield tuple(Widget() for _ in range(17))
    simple = _queue.SimpleQueue()
    for widget in widgets(30):
        simple.put(widget)
    for _ in TIMES:
        simple.get()
    yield simple
    root = etree.Element("root")
    for i in TIMES:
        root.append(etree.Element("child %d" % i))
        etree.SubElement(root[i], "grandchild").text = "text %d" % i
    del root[3:5]
    yield root
    yield etree.fromstring("<a>" + "text &amp; text" * 10 + "<b/>tail</a>")
    work = widgets()
    yield work.sort(key=lambda widget: (widget, Widget())) or work


def tables():
    for count in 3, 10, 100, 1000:
        yield set(widgets(count))
        yield frozenset(widgets(count))
        yield dict(enumerate(widgets(count)))
        yield {"key %d" % i: Widget() for i in range(count)}
        yield {Widget(): Widget() for i in range(count)}
        yield collections.OrderedDict((Widget(), Widget())
                                      for i in range(count))
        yield collections.defaultdict(Widget, enumerate(widgets(count)))
        yield collections.Counter(widgets(count))
    emptied = set(widgets(100))
    while len(emptied) > 3:
        emptied.pop()
    yield emptied
    # As the table of interned strings: each is its own value.
    texts = {}
    for i in range(500):
        text = "text %d" % i
        texts[text] = text
    yield texts
    for i in range(40):
        named = Named()
        for j in range(i):
            setattr(named, "name %d" % j, Widget())
        if i % 3:
            named.__dict__.update({("other", j): Widget() for j in range(i)})
        yield named
    yield weakref.WeakValueDictionary(enumerate(keep(widgets())))
    yield weakref.WeakSet(keep(widgets()))


def running():
    def generator(widget):
        other = Widget()
        received = yield [Widget(), (yield widget)]
        del received
        yield other

    @types.coroutine
    def pause():
        yield

    async def coroutine(widget):
        other = [Widget() for _ in TIMES]
        await pause()
        return widget, other

    async def generate():
        yield Widget()

    for i in range(4):
        one = generator(Widget())
        for _ in range(i):
            next(one)
        yield one
    yield coroutine(Widget())
    started = coroutine(Widget())
    started.send(None)
    yield started
    asynchronous = generate()
    yield asynchronous
    yield asynchronous.asend(None)
    loop = asyncio.new_event_loop()
    yield loop
    future = loop.create_future()
    future.set_result(Widget())
    future.add_done_callback(functools.partial(print, Widget()))
    yield future
    yield loop.create_task(coroutine(Widget()))


def others():
    variable = contextvars.ContextVar("v", default=Widget())
    for widget in widgets():
        context = contextvars.Context()
        context.run(variable.set, widget)
        yield context
    variable.set(Widget())
    yield variable
    cached = functools.lru_cache(maxsize=20)(lambda key: Widget())
    for widget in widgets(30):
        cached(widget)
    yield cached
    yield functools.partial(print, Widget(), sep=Widget())
    yield itertools.tee(iter(widgets()))
    head, tail = itertools.tee(iter(widgets(200)))
    for _ in range(100):
        next(head)
    yield head, tail
    yield itertools.chain(widgets(), [Widget()])
    yield itertools.cycle(widgets())
    yield iter(collections.deque(widgets()))
    yield memoryview(Bytes(100))
    reader = pickle.Unpickler(io.BytesIO(pickle.dumps([[], {}])))
    yield reader, reader.load()
    yield pickle.Pickler(io.BytesIO()), ctypes.py_object(Widget())
    yield re.compile("a(b+)c|[d-k]+" * 20), re.match("a(b)", "ab")
    try:
        raise KeyError(Widget())
    except KeyError as error:
        yield error
    yield types.SimpleNamespace(widget=Widget())
    yield types.MappingProxyType({"widget": Widget()})
    yield io.BufferedReader(io.BytesIO(b"x" * 1000)), slice(Widget())
    yield lambda widget=Widget(): (widget, context)


def live_everywhere():
    for thing in itertools.chain(sequences(), tables(), running(), others()):
        keep(thing)
    del thing
    gc.collect()
    leaky.leak_check()


guest.main(globals())
