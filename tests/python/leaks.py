# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests that leak, and how to measure that without any tool: by how many live
blocks of Python, bytes of malloc, or references to an object, the process grows with
each call.  Bugs of CPython and of packages get repaired, so not every Python has all
of them."""

import os
import re
import subprocess

GUESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guests")
TIMEOUT = 300 * float(os.environ.get("LG_SLOWDOWN", "1"))

CALLS = 50
# guest, leaking function, clean twin: blocks of Python, bytes of malloc and references
# to its SUBJECT that each call of the leaking one costs at least.
CASES = [
    ("ctypes_cases.py", "lose_in_c", "keep_in_c", 0, 2000, 0),
    ("ctypes_cases.py", "lose_in_python", "keep_in_python", 0, 1600, 0),
    ("real_accumulate.py", "leak", "clean", 1, 24, 0),
    ("real_expat.py", "leak", "clean", 1, 0, 0),
    ("real_field_names.py", "leak", "clean", 0, 0, 1),
    ("real_get_mime.py", "leak", "clean", 0, 0, 1),
    ("real_getpixel.py", "leak", "clean", 1, 0, 0),
    ("real_hash.py", "leak", "clean", 1, 0, 0),
    ("real_kiwisolver.py", "leak", "clean", 0, 0, 1),
    ("real_lru.py", "leak", "clean", 3, 0, 0),
    ("real_msgpack.py", "leak", "clean", 8, 0, 0),
    ("real_outparam.py", "leak", "clean", 1, 0, 0),
    ("real_pairwise.py", "leak", "clean", 2, 0, 0),
    ("real_pickler.py", "leak", "clean", 8, 0, 0),
    ("real_pyo3.py", "leak", "clean", 0, 0, 1),
    ("real_reinit.py", "compressor_leak", "compressor_clean", 0, 100000, 0),
    ("real_reinit.py", "element_leak", "element_clean", 3, 0, 0),
    ("real_reinit.py", "parser_leak", "parser_clean", 15, 1000, 0),
    ("real_set_mime.py", "leak", "clean", 0, 0, 1),
    ("real_ssl_session.py", "leak", "clean", 0, 1000, 0),
    ("real_tracemalloc.py", "leak", "clean", 0, 16, 0),
    ("real_ujson.py", "leak", "clean", 1, 0, 0),
    ("real_zstandard.py", "leak", "clean", 0, 0, 1),
    ("rows.py", "lose_list", "keep_list", 1000, 0, 0),
    ("rows.py", "lose_bytes100", "keep_bytes100", 1000, 0, 0),
    ("rows.py", "lose_bytes2000", "keep_bytes2000", 1000, 0, 0),
    ("rows.py", "lose_malloc", "keep_malloc", 0, 100000, 0),
    ("rows.py", "lose_memory", "keep_memory", 2000, 0, 0),
    ("rows.py", "lose_instance", "keep_instance", 2000, 0, 0),
    ("rows.py", "lose_cycle", "keep_cycle", 1000, 0, 0),
    ("rows.py", "lose_mixed_cycle", "keep_mixed_cycle", 2000, 0, 0),
    ("rows.py", "lose_dict", "keep_dict", 6000, 0, 0),
    ("rows.py", "lose_references", "keep_references", 1000, 0, 0),
]


def growth(site, guest, function):
    """Blocks of Python, bytes and references for each call; None if this Python has
    not what it needs, or it crashes."""
    environment = site.environment()
    environment["LG_GROWTH"] = "1"
    done = subprocess.run(
        [site.python, "%s/%s" % (GUESTS, guest), function, str(CALLS)],
        env=environment, timeout=TIMEOUT, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode < 0: # pycairo 1.16 crashes in real_set_mime.py
        return None
    if done.returncode and re.search(
            "ModuleNotFoundError|has no attribute|is an invalid keyword"
            "|an integer is required",
            done.stderr):
        return None
    if done.returncode:
        raise SystemExit("%s %s: %s" % (guest, function, done.stderr))
    word, *grown = done.stdout.split()[-4:]
    assert word == "growth"
    return tuple(map(float, grown))


def is_leak(grown, blocks, szB, references):
    """Has it grown by as much as it should for each call?  What the measurement
    itself leaves behind is spread over the calls."""
    return (grown[0] >= blocks - 10 / CALLS and grown[1] >= szB
            and grown[2] >= references)


def leaks_here(site, guest, function):
    """Does this function of CASES leak with this Python?"""
    for case, leaks, _, *costs in CASES:
        if (case, leaks) == (guest, function):
            grown = growth(site, guest, function)
            return grown is not None and is_leak(grown, *costs)
    raise KeyError("%s %s is not in leaks.CASES" % (guest, function))
