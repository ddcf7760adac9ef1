# SPDX-License-Identifier: GPL-2.0-or-later
"""Leak checks from within a Python program that runs under leakgrind (client requests).

    import leakgrind
    leakgrind.check()                     # collects garbage first, then reports
    leakgrind.check(delta="increased")    # what has grown since the last check
    leakgrind.snapshot("after warm-up")   # a check for the data file alone
    print(leakgrind.counts().blocks.definite)
    print(leakgrind.references(obj))      # who holds an object
    print(leakgrind.why(obj))             # the way to it from a module or a root
    print(leakgrind.retained(obj))        # how much would go away with it
    with leakgrind.growth() as grown:     # what a piece of code leaves behind
        handle_request()
    print(grown)

Nothing needs to be built: this module calls, through ctypes, functions of the
library that leakgrind loads into every program.  If the program does not run
under leakgrind, running() is False, check() does nothing, counts() returns zeroes,
references(), why() and retained() return None, and growth() finds nothing.
"""
import collections
import ctypes
import gc

__all__ = ["running", "check", "snapshot", "counts", "references", "why", "retained", "watch",
           "growth", "Amounts", "Counts", "Grown", "References", "Retained"]

_KINDS = ("definite", "indirect", "possible", "reachable", "suppressed")
_DELTAS = {None: 0, "increased": 1, "changed": 2, "new": 3}

Amounts = collections.namedtuple("Amounts", _KINDS)
Counts = collections.namedtuple("Counts", "bytes blocks")
References = collections.namedtuple("References", "count holders unheld")
Grown = collections.namedtuple("Grown", "owner type place blocks bytes")
Retained = collections.namedtuple("Retained", "bytes blocks")


class _Counts(ctypes.Structure):
    """LeakgrindCounts of leakgrind.h."""
    _fields_ = [(kind, ctypes.c_ulong) for kind in _KINDS]


def _function(name, *argtypes, restype=None):
    try:
        function = getattr(ctypes.PyDLL(None), name)
    except (AttributeError, OSError):
        return None
    function.argtypes = argtypes
    function.restype = restype
    return function


_check = _function("leakgrind_check", ctypes.c_int, ctypes.c_int)
_snapshot = _function("leakgrind_snapshot", ctypes.c_char_p,
                      restype=ctypes.c_int)
_counts = _function("leakgrind_counts", ctypes.POINTER(_Counts),
                    ctypes.POINTER(_Counts))
_references = _function("leakgrind_references", ctypes.c_ulong,
                        ctypes.c_char_p, ctypes.c_ulong,
                        restype=ctypes.c_ulong)
_why = _function("leakgrind_why", ctypes.c_ulong, ctypes.c_char_p,
                 ctypes.c_ulong, restype=ctypes.c_ulong)
_retained = _function("leakgrind_retained", ctypes.c_ulong, ctypes.c_char_p,
                      ctypes.c_ulong, restype=ctypes.c_ulong)
_begin_growth = _function("leakgrind_begin_growth", restype=ctypes.c_ulong)
_end_growth = _function("leakgrind_end_growth", ctypes.c_ulong, ctypes.c_char_p,
                        ctypes.c_ulong, restype=ctypes.c_ulong)
_watch = _function("leakgrind_watch", ctypes.py_object, restype=ctypes.c_int)


def running():
    """Does this program run under leakgrind?"""
    return _check is not None


def check(collect=True, delta=None, summary=False):
    """Makes a leak check now and writes the report to leakgrind's output.

    collect: run gc.collect() first.  Without it, objects that wait for the
        collector are reported as uncollected cycles.
    delta: None for all loss records, or only those that have "increased" or
        "changed" since the last check, or are "new".
    summary: print only the summary.
    """
    try:
        number = _DELTAS[delta]
    except KeyError:
        raise ValueError(
            'delta must be None, "increased", "changed" or "new"') from None
    if _check is None:
        return
    if collect:
        gc.collect()
    _check(1 if summary else 0, number)


def snapshot(label="", collect=True):
    """Makes a leak check now that goes to the data file (--out-file) alone, with this
    label.  False if there is no data file.

    collect: run gc.collect() first.
    """
    if _snapshot is None:
        return False
    if collect:
        gc.collect()
    return bool(_snapshot(str(label).encode("utf-8", "replace")))


def counts():
    """The result of the last check: Counts(bytes, blocks), each an Amounts."""
    in_bytes, in_blocks = _Counts(), _Counts()
    if _counts is not None:
        _counts(ctypes.byref(in_bytes), ctypes.byref(in_blocks))
    return Counts(*(Amounts(*(getattr(c, kind) for kind in _KINDS))
                    for c in (in_bytes, in_blocks)))


def watch(obj):
    """Records from now on who takes and gives back references to the object, as
    --py-watch does.  False if it cannot be watched: its references are not
    counted, or the program does not run under leakgrind.
    """
    return _watch is not None and bool(_watch(obj))


def _ask(function, not_id):
    """The lines of an answer about the object; None if there is none."""
    if function is None:
        return None
    return _lines(function, not_id, ctypes.create_string_buffer(1 << 16))


def _lines(function, argument, text):
    """The lines that the function writes; `text` is the buffer that is tried
    first."""
    while True:
        needed = function(argument, text, len(text))
        if needed <= len(text):
            return text.raw[:needed].decode("utf-8", "replace").split("\n")[:-1]
        text = ctypes.create_string_buffer(2 * needed)


def why(obj):
    """Why obj is still there: the shortest way to it from a module, a local
    variable of a running function, or C code, as a list of steps:

        ['module app.cache', '.CACHE (dict)', "['key'] (list)", '[3]']

    What only a call of why() holds has the way from there.  None if the program
    does not run under leakgrind; [] if nothing leads to obj.
    """
    return _ask(_why, ~id(obj))


def retained(obj):
    """What would go away with obj: Retained(bytes, blocks), obj itself included.

    What something else leads to as well is not counted, and a local variable of
    the caller is something else.  None if the program does not run under
    leakgrind, or leakgrind does not know the object's memory.
    """
    lines = _ask(_retained, ~id(obj))
    return Retained(*map(int, lines)) if lines else None


def references(obj):
    """Who holds obj: References(count, holders, unheld).

    count: its reference count, without what this call itself adds to it; None
        if it is immortal.
    holders: for each reference that was found, the name of its holder, such as
        "app.CACHE['x']" or "frame f (app.py:12) local a".  Not all that looks
        like a reference need be one: a C function may still have the address.
    unheld: how many references nobody holds.
    """
    lines = _ask(_references, ~id(obj))
    if not lines:  # leakgrind does not know this Python
        return None
    count, unheld, holders = int(lines[0]), int(lines[1]), lines[2:]
    here = "frame references (%s:" % references.__code__.co_filename
    own = [holder for holder in holders if holder.startswith(here)]
    for holder in own:
        holders.remove(holder)
    return References(None if count < 0 else count - len(own), holders, unheld)


class growth:
    """What a piece of code leaves behind: blocks that it has made, and that are still
    there at its end.

        with leakgrind.growth() as grown:
            handle_request()
        print(grown)

    Garbage is collected before the end, unless collect=False.  After the end:

    rows: a list of Grown(owner, type, place, blocks, bytes), the largest first.
        owner: what keeps it, such as "app.cache.CACHE", or "(lost)".
        type: of Python's objects; of other blocks "".
        place: where it was made, "app.py:12" or "f (foo.c:16)", or "".
    blocks, bytes: the sums.

    An object that has the address and the stack of an earlier one counts as that
    one: a loop that replaces objects may show fewer than it made.
    """

    def __init__(self, collect=True):
        self.rows = []
        self.blocks = self.bytes = self._number = 0
        self._collect = collect
        self._text = None

    def __enter__(self):
        if _begin_growth is not None:
            # Before 3.11, the frame of a function's first call stays for the next.
            self.__exit__(None, None, None)
            self._text = ctypes.create_string_buffer(1 << 16)
            self._number = _begin_growth()
        return self

    def __exit__(self, exc_type, exc, traceback):
        if self._text is None:
            return
        if self._collect:
            gc.collect()
        lines = _lines(_end_growth, self._number, self._text)
        self._text = None
        self.rows = [Grown(owner, kind, place, int(blocks), int(size))
                     for owner, kind, place, blocks, size in
                     (line.split("\t") for line in lines)
                     if not place.startswith(__file__ + ":")]
        self.blocks = sum(row.blocks for row in self.rows)
        self.bytes = sum(row.bytes for row in self.rows)

    def __str__(self):
        return "\n".join("%s + %s %s (+ %s bytes)%s" % (
            row.owner, format(row.blocks, ","),
            row.type or ("block" if row.blocks == 1 else "blocks"),
            format(row.bytes, ","), row.place and ", made at " + row.place)
            for row in self.rows) or "nothing"
