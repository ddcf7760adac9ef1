# SPDX-License-Identifier: GPL-2.0-or-later
"""Leak checks from within a Python program that runs under leakgrind.

    import leakgrind
    leakgrind.check()                     # collects garbage first, then reports
    leakgrind.check(delta="increased")    # what has grown since the last check
    print(leakgrind.counts().blocks.definite)

Nothing needs to be built: this module calls, through ctypes, functions of the
library that leakgrind loads into every program.  If the program does not run
under leakgrind, running() is False, check() does nothing, and counts() returns
zeroes.
"""
import collections
import ctypes
import gc

__all__ = ["running", "check", "counts", "watch", "Amounts", "Counts"]

_KINDS = ("definite", "indirect", "possible", "reachable", "suppressed")
_DELTAS = {None: 0, "increased": 1, "changed": 2, "new": 3}

Amounts = collections.namedtuple("Amounts", _KINDS)
Counts = collections.namedtuple("Counts", "bytes blocks")


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
