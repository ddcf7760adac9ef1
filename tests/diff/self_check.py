#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proves that run_diff can fail: each planted mistake must be noticed.

memcheck is compared with itself, so this checks the harness and not leakgrind.  The
seed is the first one whose program has all constructs that the mistakes need.
"""

import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import emit
import gen
import holders
import leakreport
import model
import run_diff


def without_heuristics(program):
    """Would the first check come out differently without heuristics?"""
    moment, expected = program.expect(holders.MEMCHECK)[0]
    other = model.classify(moment.ids, moment.roots[holders.MEMCHECK],
                           moment.edges, program.graph.starts(()))
    return other.kinds != expected.kinds


def decisive_line(program):
    """A C statement that stores a pointer in a global variable, without which
    the first check comes out differently; or None."""
    moment, expected = program.expect(holders.MEMCHECK)[0]
    for block, off in moment.roots[holders.MEMCHECK]:
        roots = [r for r in moment.roots[holders.MEMCHECK]
                 if r != (block, off)]
        other = model.classify(moment.ids, roots, moment.edges,
                               program.is_start)
        if other.kinds == expected.kinds:
            continue
        for place in program.places:
            for line in program.fill_lines:
                if (place.kind == "global" and "*)%s +" % place.name in line
                        and "hid[%d])" % block.ident in line):
                    return line
    return None


def suitable(program):
    """Has what the mistakes need, nothing that is uncertain, and no threads,
    which Valgrind cannot end everywhere."""
    return (not program.xml and not program.makes_threads()
            and without_heuristics(program)
            and decisive_line(program) is not None
            and not any(u[0] for m in program.moments
                        for u in m.uncertain.values()))


def find_program():
    seed = 1
    while not suitable(gen.Program(seed)):
        seed += 1
    return seed


def noticed(what, wrong):
    print("%s: %s" % (what, "noticed, " + wrong[0] if wrong
                      else "NOT NOTICED"))
    return bool(wrong)


def unreadable(text):
    """The complaints of the parser about a log, as a list."""
    try:
        for check in leakreport.parse_text(text):
            check.verify()
    except leakreport.BadReport as bad:
        return [str(bad)]
    return []


def main():
    seed = find_program()
    print("planting mistakes into the program of seed %d" % seed)
    folder = tempfile.mkdtemp(prefix="lg-diff-self-")
    try:
        program = gen.Program(seed)
        program.expect_like_memcheck()
        binary, library = run_diff.build(program, folder)
        good = run_diff.run("memcheck", program, binary, library, folder)
        with open(folder + "/memcheck.log") as log:
            text = log.read()

        def compare(checks):
            return run_diff.compare(program, {holders.MEMCHECK: good,
                                              holders.LEAKGRIND: checks})

        if compare(good) or unreadable(text):
            print("there is a difference before anything was planted")
            return 1
        ok = noticed("heuristics switched off", compare(
            run_diff.run("memcheck", program, binary, library, folder,
                         ["--leak-check-heuristics=none"])))

        line = decisive_line(program)
        binary, library = run_diff.build(
            program, folder, emit.emit(program).replace(line, "", 1))
        ok &= noticed("without " + line, compare(
            run_diff.run("memcheck", program, binary, library, folder)))

        swapped = text.replace(" are definitely lost", " are indirectly lost",
                               1)
        ok &= noticed("a class changed in the report", unreadable(swapped))
        shorter = re.sub(r"==\d+== [^\n]* are still reachable in loss record"
                         r"[^\n]*\n", "", text, count=1)
        ok &= noticed("a record missing from the report", unreadable(shorter))
        cut = text[:text.rindex("LEAK SUMMARY")]
        ok &= noticed("the report cut off", unreadable(cut))
        return 0 if ok else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
