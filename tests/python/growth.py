#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Are the leaks real, and are the clean twins clean?  Runs both without any
tool, and looks at how the process grows: by live blocks of Python, or by bytes
of malloc, with each call.  When a distribution repairs one of the leaks, this
says so."""

import subprocess
import sys

import run

CALLS = 50
# guest, leaking function, clean twin: blocks of Python and bytes of malloc
# that each call of the leaking one costs at least.
CASES = [
    ("ctypes_cases.py", "lose_in_c", "keep_in_c", 0, 2000),
    ("ctypes_cases.py", "lose_in_python", "keep_in_python", 0, 1600),
    ("real_accumulate.py", "leak", "clean", 1, 24),
    ("real_expat.py", "leak", "clean", 1, 0),
    ("real_getpixel.py", "leak", "clean", 1, 0),
    ("real_hash.py", "leak", "clean", 1, 0),
    ("real_lru.py", "leak", "clean", 3, 0),
    ("real_msgpack.py", "leak", "clean", 8, 0),
    ("real_outparam.py", "leak", "clean", 1, 0),
    ("real_pairwise.py", "leak", "clean", 2, 0),
    ("real_pickler.py", "leak", "clean", 8, 0),
    ("real_reinit.py", "compressor_leak", "compressor_clean", 0, 100000),
    ("real_reinit.py", "element_leak", "element_clean", 3, 0),
    ("real_reinit.py", "parser_leak", "parser_clean", 15, 1000),
    ("real_ssl_session.py", "leak", "clean", 0, 1000),
    ("real_tracemalloc.py", "leak", "clean", 0, 16),
    ("real_ujson.py", "leak", "clean", 1, 0),
    ("rows.py", "lose_list", "keep_list", 1000, 0),
    ("rows.py", "lose_bytes100", "keep_bytes100", 1000, 0),
    ("rows.py", "lose_bytes2000", "keep_bytes2000", 1000, 0),
    ("rows.py", "lose_malloc", "keep_malloc", 0, 100000),
    ("rows.py", "lose_memory", "keep_memory", 2000, 0),
    ("rows.py", "lose_instance", "keep_instance", 3000, 0),
    ("rows.py", "lose_cycle", "keep_cycle", 1000, 0),
    ("rows.py", "lose_mixed_cycle", "keep_mixed_cycle", 2000, 0),
    ("rows.py", "lose_dict", "keep_dict", 6000, 0),
    ("rows.py", "lose_references", "keep_references", 1000, 0),
]


def growth(site, guest, function):
    """Blocks of Python and bytes for each call, or None if it cannot run."""
    environment = site.environment()
    environment["LG_GROWTH"] = "1"
    done = subprocess.run(
        [site.python, "%s/%s" % (run.GUESTS, guest), function, str(CALLS)],
        env=environment, timeout=run.TIMEOUT, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode and "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit("%s %s: %s" % (guest, function, done.stderr))
    word, blocks, szB = done.stdout.split()[-3:]
    assert word == "growth"
    return float(blocks), float(szB)


def main():
    site = run.Site()
    failed = ran = 0
    for guest, leaks, clean, blocks, szB in CASES:
        with_leak = growth(site, guest, leaks)
        if with_leak is None:
            print("%s: not run, a module is missing" % guest)
            continue
        ran += 1
        without = growth(site, guest, clean)
        print("%s: %s %s, %s %s" % (guest, leaks, with_leak, clean, without))
        # What the measurement itself leaves behind is spread over the calls.
        slack = 10 / CALLS
        if with_leak[0] < blocks - slack or with_leak[1] < szB:
            print("FAIL: %s %s does not leak" % (guest, leaks))
            failed += 1
        if without[0] > 0.5 or without[1] > 8:
            print("FAIL: %s %s leaks" % (guest, clean))
            failed += 1
    if ran == 0:
        print("SKIP: nothing could be run")
        return run.SKIP
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
