#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""CPythons that leakgrind does not know: a future version, and 3.14 without the GIL.
The installed one pretends to be such a version (pretend.c).  leakgrind must warn
once, find the leaks with C stacks, and report no types and lines.

Exit code 0: passed; 77: skipped; 1: failed."""

import os
import shutil
import subprocess
import sys

import run
import xmlreport

# What CPython pretends, from which version on that is possible, what leakgrind
# says, and why it does not count references.
CASES = [
    ("version", (3, 11), "Python 3.31 is not known",
     "this Python is not known"),
    ("no-gil", (3, 14), "Python 3.14 is built without the GIL",
     "this Python is built without the GIL"),
]
LIMITS = "its blocks are followed,"


def run_pretending(site, scratch, what, options):
    """What is printed."""
    preload = os.path.join(site.build_dir, "pretend.so")
    command = [site.valgrind, "--tool=leakgrind"] + options + [
        site.python, os.path.join(run.GUESTS, "rows.py"), "lose_bytes100"]
    print("$ PRETEND=%s LD_PRELOAD=%s %s" % (what, preload,
                                             " ".join(command)), flush=True)
    done = subprocess.run(command, cwd=scratch, text=True, check=True,
                          stderr=subprocess.PIPE, timeout=run.TIMEOUT,
                          env=dict(site.environment(), LD_PRELOAD=preload,
                                   PRETEND=what))
    return done.stderr


def report(site, scratch, what):
    """What is printed, and what is lost."""
    path = os.path.join(scratch, "report.xml")
    said = run_pretending(site, scratch, what,
                          ["--xml=yes", "--xml-file=" + path])
    return said, xmlreport.Report(path).records


def problems(said, records, wanted):
    if said.count("Warning: " + wanted) != 1 or said.count(LIMITS) != 1:
        yield "not said once: " + wanted
    lost = [r for r in records if r.kind == "definite"
            and any(f.function == "make_bytes" for f in r.frames)]
    if sum(r.blocks for r in lost) < 990:
        yield "%s bytes objects are lost" % sum(r.blocks for r in lost)
    for record in records:
        if record.type != "-" or record.objects or record.references:
            yield "has a type: %s" % record
        if record.python_frames():
            yield "has Python frames: %s" % record


def main():
    site = run.Site()
    try:
        site.check_needs([("needs-built", ["leaky.so", "pretend.so"])])
    except run.Skipped as reason:
        print("SKIP: %s" % reason)
        return run.SKIP
    cases = [(what, wanted, obstacle)
             for what, version, wanted, obstacle in CASES
             if site.python_version() >= version]
    if not cases:
        print("SKIP: this Python cannot pretend to be another")
        return run.SKIP
    scratch = os.path.join(site.build_dir, "unknown.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    n_failed = 0
    for what, wanted, obstacle in cases:
        said, records = report(site, scratch, what)
        text = run_pretending(site, scratch, what,
                              ["--show-leak-kinds=definite,reference"])
        found = list(problems(said, records, wanted))
        if text.count("not counted: %s.\n" % obstacle) != 1:
            found.append("not said once: " + obstacle)
        for problem in found:
            print("FAIL: %s: %s" % (what, problem))
            print(said + text)
            n_failed += 1
    if n_failed == 0:
        shutil.rmtree(scratch)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
