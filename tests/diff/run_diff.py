#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares leakgrind with memcheck on random programs.

    run_diff.py [N] [--seed S] [--jobs J] [--keep DIR] [--against TOOL]

Runs the programs of seeds S .. S+N-1 (see gen.py) under both tools and
compares the class of every block, which is identified by its size.  memcheck,
leakgrind and the generator must agree.  Where the two tools differ on purpose, the
generator has an expectation for each, and holders.py gives the reason with the
construct; there are no other exceptions.  Blocks that are not the program's own
(the C library's) must have the same class under both tools.

--against memcheck runs memcheck instead of leakgrind: the harness then only tests
itself.  self_check.py proves that it can fail.
"""

import argparse
import concurrent.futures
import itertools
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import emit
import gen
import holders
import leakreport
import model

VALGRIND = os.environ.get("VALGRIND", "valgrind")
CC = os.environ.get("CC", "gcc").split()
TIMEOUT_S = 300 * float(os.environ.get("LG_SLOWDOWN", "1"))
SHOWN = 12  # lines printed of one program's differences


class Difference(Exception):
    pass


# ---- Building and running -----------------------------------------------------
def sh(args, **kwargs):
    return subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT_S,
                          universal_newlines=True, errors="replace", **kwargs)


def build(program, folder, text=None):
    """The paths of the program and of the library that it may load.  `text`:
    C to use instead of the program's own."""
    source = os.path.join(folder, "prog.c")
    with open(source, "w") as out:
        out.write(text or emit.emit(program))
    binary = os.path.join(folder, "prog")
    include = os.environ.get("LG_VALGRIND_INCLUDE")
    flags = ["-gdwarf-4", "-I", HERE] + (["-I", include] if include else [])
    done = sh(CC + flags + [program.opt, source, "-o", binary,
                            "-l:libstdc++.so.6", "-ldl", "-lpthread"])
    if done.returncode != 0:
        raise Difference("does not compile:\n" + done.stdout)
    library = binary + ".so"
    if any(p.kind in holders.NEEDS_LIBRARY for p in program.places):
        done = sh(CC + flags + ["-shared", "-fPIC", "-DDIFF_LIBRARY", source,
                                "-o", library])
        if done.returncode != 0:
            raise Difference("library does not compile:\n" + done.stdout)
    return binary, library


def run(tool, program, binary, library, folder, extra=()):
    """The leak checks of one run."""
    log = os.path.join(folder, tool + (".xml" if program.xml else ".log"))
    # The tools' own suppression files are not compared.
    args = [VALGRIND, "--tool=" + tool, "--leak-check=full",
            "--show-leak-kinds=all", "--num-callers=6",
            "--default-suppressions=no"]
    args += program.tool_options() + list(extra)
    args += (["--xml=yes", "--xml-file=" + log] if program.xml
             else ["--log-file=" + log])
    done = sh(args + [binary, library])
    with open(log, errors="replace") as text:
        text = text.read()
    try:
        checks = (leakreport.parse_xml if program.xml
                  else leakreport.parse_text)(text)
        for check in checks:
            check.verify()
    except (leakreport.BadReport, SyntaxError) as bad:
        raise Difference("%s: %s\n%s\n%s" % (tool, bad, text[-2000:],
                                             done.stdout[-2000:]))
    if len(checks) != len(program.moments):
        raise Difference("%s: %d leak checks where there should be %d\n%s\n%s"
                         % (tool, len(checks), len(program.moments),
                            text[-2000:], done.stdout[-2000:]))
    return checks


# Functions of the C library whose blocks are not compared.
APART = {
    # The dynamic linker keeps only a pointer into this block, aligned to 64 bytes:
    # whether that is the block's start depends on the address.
    "_dlfo_mappings_segment_allocate",
    # The vector of a thread: leakgrind knows which threads are alive.
    "_dl_allocate_tls",
}


def is_own(record):
    """Was the block made by the program itself, and not by a library?  The
    functions that make blocks have these names, see emit.py."""
    return any(f == "build" or f.startswith("make_")
               for f in record.functions)


# ---- Comparing ------------------------------------------------------------------
def compare_with_model(tool, program, moment, expectation, kinds):
    """The errors in `kinds` (size -> list of classes), as lines."""
    uncertain = moment.uncertain[tool][0]
    wrong = []
    rings = {}
    for ring, _ in expectation.rings:
        for block in ring:
            rings[block] = ring
    for block, expected in expectation.kinds.items():
        if block in uncertain:
            continue
        got = kinds.get(block.size)
        where = "%s, %s: block of %d bytes (%s)" % (
            tool, moment.name, block.size, program.names[block.ident])
        if got is None:
            wrong.append("%s: expected %s, is not reported"
                         % (where, expected))
        elif len(got) != 1:
            wrong.append("%s: reported %d times" % (where, len(got)))
        elif block in rings:
            if got[0] not in (model.DEFINITE, model.INDIRECT):
                wrong.append("%s: is %s, but is in a lost ring"
                             % (where, got[0]))
        elif got[0] != expected:
            wrong.append("%s: expected %s, is %s" % (where, expected, got[0]))
    for ring, allowed in expectation.rings:
        if ring & uncertain:
            continue
        leaders = [b for b in ring
                   if kinds.get(b.size) == [model.DEFINITE]]
        if len(leaders) not in allowed:
            wrong.append("%s, %s: ring of sizes %s has %d leaders" % (
                tool, moment.name, sorted(b.size for b in ring), len(leaders)))
    return wrong


def compare(program, reports):
    """reports: tool -> list of LeakCheck.  Returns the errors, as lines."""
    wrong = []
    for tool in holders.TOOLS:
        for (moment, expectation), check in zip(program.expect(tool),
                                                reports[tool]):
            wrong += compare_with_model(tool, program, moment, expectation,
                                        check.kinds_by_size(is_own))
    for i, moment in enumerate(program.moments):
        a, b = (reports[t][i] for t in holders.TOOLS)
        others = [c.kinds_by_size(lambda r: not is_own(r)
                                  and APART.isdisjoint(r.functions))
                  for c in (a, b)]
        if others[0] != others[1]:
            wrong.append("%s: blocks of libraries: memcheck %s, leakgrind %s"
                         % (moment.name, others[0], others[1]))
        if (moment.roots[holders.MEMCHECK] == moment.roots[holders.LEAKGRIND]
                and not any(u[0] for u in moment.uncertain.values())
                and a.heuristics != b.heuristics):
            wrong.append("%s: heuristics: memcheck %s, leakgrind %s"
                         % (moment.name, a.heuristics, b.heuristics))
    return wrong


def explained(program):
    """How many blocks the tools may see differently, and why."""
    count, reasons = 0, set()
    for (moment, a), (_, b) in zip(program.expect(holders.MEMCHECK),
                                   program.expect(holders.LEAKGRIND)):
        uncertain = set()
        for blocks, why in moment.uncertain.values():
            uncertain |= blocks
            reasons |= why
        differing = [k for k in a.kinds
                     if k in uncertain or a.kinds[k] != b.kinds[k]]
        if len(differing) > len(uncertain):
            reasons |= {h.why for h in program.holders()
                        if h.why and h.roots}
        if differing and not reasons:
            raise Difference("the generator expects a difference without a"
                             " reason")
        count += len(differing)
    return count, sorted(reasons)


def one(seed, against, keep):
    """(seed, number of blocks, number of explained differences, reasons,
    list of what is wrong)"""
    folder = tempfile.mkdtemp(prefix="lg-diff-%d-" % seed)
    try:
        program = gen.Program(seed)
        binary, library = build(program, folder)
        reports = {holders.MEMCHECK: run("memcheck", program, binary, library,
                                         folder)}
        if against == "memcheck":
            program.expect_like_memcheck()
            reports[holders.LEAKGRIND] = reports[holders.MEMCHECK]
        else:
            reports[holders.LEAKGRIND] = run(against, program, binary,
                                             library, folder)
        wrong = compare(program, reports)
        count, reasons = explained(program)
        blocks = sum(len(m.ids) for m in program.moments)
        return seed, blocks, count, reasons, wrong
    except (Difference, subprocess.TimeoutExpired, ValueError) as bad:
        return seed, 0, 0, [], [str(bad)]
    finally:
        if keep:
            shutil.rmtree(os.path.join(keep, str(seed)), ignore_errors=True)
            shutil.copytree(folder, os.path.join(keep, str(seed)))
        shutil.rmtree(folder, ignore_errors=True)


def can_end_threads():
    """May programs end before their threads do?  (tests/vg/can_end_threads.c)"""
    asked = os.path.join(os.environ.get("LG_BUILDDIR", "."),
                         "tests/vg/can_end_threads")
    return not os.path.exists(asked) or subprocess.call([asked]) == 0


def choose(first, n):
    """The seeds of n programs."""
    seeds = itertools.count(first)
    if not can_end_threads():
        print("no programs with threads: can_end_threads says no")
        seeds = (s for s in seeds if not gen.Program(s).makes_threads())
    return itertools.islice(seeds, n)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", nargs="?", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", help="keep programs and logs in this folder")
    parser.add_argument("--against", default="leakgrind",
                        choices=("leakgrind", "memcheck"))
    args = parser.parse_args()
    if args.keep:
        os.makedirs(args.keep, exist_ok=True)
    blocks = differing = failed = 0
    why = {}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        seeds = choose(args.seed, args.n)
        for seed, n, count, reasons, wrong in pool.map(
                lambda s: one(s, args.against, args.keep), seeds):
            blocks += n
            differing += count
            for reason in reasons:
                why[reason] = why.get(reason, 0) + 1
            if wrong:
                failed += 1
                print("seed %d:" % seed)
                for line in wrong[:SHOWN]:
                    print("    " + line)
                if len(wrong) > SHOWN:
                    print("    ... and %d more" % (len(wrong) - SHOWN))
                print("    again: tests/diff/run_diff.py 1 --seed %d"
                      " --keep DIR" % seed, flush=True)
    for reason, n in sorted(why.items()):
        print("explained in %d programs: %s" % (n, reason))
    print("%d blocks classified, %d of them differently for a reason"
          % (blocks, differing))
    print("%d passed, %d failed" % (args.n - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
