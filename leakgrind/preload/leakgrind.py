# SPDX-License-Identifier: GPL-2.0-or-later
"""Leak checks from within a Python program that runs under leakgrind.

    import leakgrind
    leakgrind.check()                     # collects garbage first, then reports
    leakgrind.check(delta="increased")    # what has grown since the last check
    print(leakgrind.counts().blocks.definite)
    print(leakgrind.references(obj))      # who holds an object
    print(leakgrind.why(obj))             # the way to it from a module or a root
    print(leakgrind.retained(obj))        # how much would go away with it

Nothing needs to be built: this module calls, through ctypes, functions of the
library that leakgrind loads into every program.  If the program does not run
under leakgrind, running() is False, check() does nothing, counts() returns zeroes,
and references(), why() and retained() return None.
"""
import collections
import ctypes
import gc

__all__ = ["running", "check", "counts", "references", "why", "retained", "watch",
           "Amounts", "Counts", "References", "Retained"]

_KINDS = ("definite", "indirect", "possible", "reachable", "suppressed")
_DELTAS = {None: 0, "increased": 1, "changed": 2, "new": 3}

Amounts = collections.namedtuple("Amounts", _KINDS)
Counts = collections.namedtuple("Counts", "bytes blocks")
References = collections.namedtuple("References", "count holders unheld")
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
_counts = _function("leakgrind_counts", ctypes.POINTER(_Counts),
                    ctypes.POINTER(_Counts))
_references = _function("leakgrind_references", ctypes.c_ulong,
                        ctypes.c_char_p, ctypes.c_ulong,
                        restype=ctypes.c_ulong)
_why = _function("leakgrind_why", ctypes.c_ulong, ctypes.c_char_p,
                 ctypes.c_ulong, restype=ctypes.c_ulong)
_retained = _function("leakgrind_retained", ctypes.c_ulong, ctypes.c_char_p,
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
    size = 1 << 16
    while True:
        text = ctypes.create_string_buffer(size)
        needed = function(not_id, text, size)
        if needed <= size:
            return text.raw[:needed].decode("utf-8", "replace").split("\n")[:-1]
        size = 2 * needed


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
