#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stacks of C and Python frames: Python frames replace those of the evaluation loop.
guests/stacks.py has a Python function, called by C, called by Python, called by C.
The order of the frames is checked with all frames, and with too few C or too few
Python frames.  In some builds of CPython (Debian's 3.14) most parts of the evaluation
loop have no symbol; leakgrind must find them all the same.

Exit code 0: passed; 77: skipped; 1: failed."""

import os
import shutil
import subprocess
import sys

import run
import xmlreport

LOOP = "_PyEval_EvalFrameDefault"
# Frames in between or below that do not matter.
LEFT_OUT = ("make_many@leaky.so", "make_tuple@leaky.so", "main", "<module>")


def in_words(record):
    """Python frames by function, those of the extension and the evaluation
    loop; innermost first, repetitions left out."""
    words = []
    for frame in record.frames:
        if frame.is_python:
            word = frame.function
        elif frame.object == "leaky.so":
            word = frame.function + "@leaky.so"
        elif frame.function == LOOP:
            word = LOOP
        else:
            continue
        if word not in LEFT_OUT and words[-1:] != [word]:
            words.append(word)
    return words


def stacks(site, scratch, options):
    """The stacks of what is lost.  There may be more than one: the interpreter
    calls in another way when it has seen a line a few times."""
    path = os.path.join(scratch, "report.xml")
    command = [site.valgrind, "-q", "--tool=leakgrind", "--xml=yes",
               "--xml-file=" + path] + options + [
                   site.python, os.path.join(run.GUESTS, "stacks.py"),
                   "call_back"]
    print("$ " + " ".join(command), flush=True)
    subprocess.run(command, cwd=scratch, env=site.environment(), check=True,
                   timeout=run.TIMEOUT)
    records = [r for r in xmlreport.Report(path).records
               if r.kind == "definite"]
    return [in_words(record) for record in records]


CASES = [
    # All frames.
    (["--num-callers=40"],
     ["lose_tuple@leaky.so", "lose", "call_back@leaky.so", "call_back"]),
    # The same: stacks are unwound once more to find the loop.
    (["--num-callers=40", "--merge-recursive-frames=3"],
     ["lose_tuple@leaky.so", "lose", "call_back@leaky.so", "call_back"]),
    # The C stack ends before the first loop: the Python frames come last.
    (["--num-callers=5"], ["lose_tuple@leaky.so", "lose", "call_back"]),
    # It ends between two.
    (["--num-callers=11"],
     ["lose_tuple@leaky.so", "lose", "call_back@leaky.so", "call_back"]),
    # One Python frame: the other loop is seen.
    (["--num-callers=40", "--py-stack-depth=1"],
     ["lose_tuple@leaky.so", "lose", "call_back@leaky.so", LOOP]),
    # None.
    (["--num-callers=40", "--py-stacks=no"],
     ["lose_tuple@leaky.so", LOOP, "call_back@leaky.so", LOOP]),
]


def problems(site, scratch):
    for options, wanted in CASES:
        found = stacks(site, scratch, options)
        if not found:
            yield "%s: nothing is lost" % options
        for words in found:
            if words != wanted:
                yield "%s: %s" % (options, words)


def main():
    site = run.Site()
    try:
        site.check_needs([("needs-built", ["leaky.so"])])
    except run.Skipped as reason:
        print("SKIP: %s" % reason)
        return run.SKIP
    scratch = os.path.join(site.build_dir, "merged.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    failed = list(problems(site, scratch))
    for problem in failed:
        print("FAIL: %s" % problem)
    if not failed:
        shutil.rmtree(scratch)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
