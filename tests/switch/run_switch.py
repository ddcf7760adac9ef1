#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs random programs that change stacks under leakgrind, and under no tool.

    run_switch.py [N] [--seed S] [--jobs J] [--keep DIR] [--planted]

The scenarios of seeds S .. S+N-1 (see switch.h) are distributed to programs, each of
which is built with other flags and other functions from ways.py.  The program
itself checks whether any data around its stacks, or any suspended frame, was
changed.  Its exit code and output must be those of --tool=none.

--planted makes it destroy data, under leakgrind only; see self_check.py.
"""

import argparse
import concurrent.futures
import glob
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import ways

VALGRIND = os.environ.get("VALGRIND", "valgrind")
CC = os.environ.get("CC", "gcc").split()
TIMEOUT_S = 300 * float(os.environ.get("LG_SLOWDOWN", "1"))
IS_ARM = platform.machine() == "aarch64"
SEEDS_PER_PROGRAM = 50
SHOWN = 5  # failures of one program

# One of each; flags that the compiler does not know are left out.
FLAGS = (("-O0", "-O1", "-O2", "-O3", "-Os"),
         ("-fomit-frame-pointer", "-fno-omit-frame-pointer"),
         ("-pie -fPIE", "-no-pie -fno-pie"),
         ("", "-mbranch-protection=standard") if IS_ARM
         else ("-mred-zone", "-mno-red-zone"),
         ("", "-fstack-clash-protection", "-fstack-protector-all",
          "-fconserve-stack") +
         (() if IS_ARM else ("-mstackrealign", "-mno-push-args",
                             "-fcf-protection=full")))


class Failure(Exception):
    pass


class Program:
    """The scenarios of some seeds, and how they are built."""

    def __init__(self, first, n):
        self.first = first
        self.n = n
        # So that the seed is enough to make the same program again.
        self.number = first // SEEDS_PER_PROGRAM
        rng = random.Random(self.number)
        self.flags = " ".join(rng.choice(choices) for choices in FLAGS).split()
        # The most different ones come first.
        self.flags[0] = FLAGS[0][self.number % len(FLAGS[0])]

    def build(self, folder):
        self.binary = os.path.join(folder, "scenario")
        assembler = self.binary + ".s"
        with open(assembler, "w") as out:
            out.write(ways.emit(self.number, platform.machine()))
        sources = [os.path.join(HERE, name)
                   for name in ("scenario.c", "world.c", "control.c",
                                "coroutines.c", "signals.c", "frames.c")]
        include = os.environ.get("LG_VALGRIND_INCLUDE", "/usr/include/valgrind")
        # Bound when it starts: to look for a function takes more stack than
        # there is.
        done = sh(CC + ["-g", "-w", "-I", os.path.dirname(include)]
                  + self.flags + sources
                  + [assembler, "-o", self.binary, "-lpthread", "-Wl,-z,now"])
        if done.returncode != 0:
            raise Failure("does not compile (%s):\n%s"
                          % (" ".join(self.flags), done.stderr))

    def run(self, tool, first, n, options, folder):
        log = os.path.join(folder, "%s-%%p.log" % tool)
        extra = ["--leak-check=full", "--child-silent-after-fork=yes"] \
            if tool != "none" else []
        return sh([VALGRIND, "--tool=" + tool, "--log-file=" + log] + extra
                  + [self.binary, str(first), str(n)] + options)


def sh(args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=TIMEOUT_S, universal_newlines=True,
                          errors="replace", stdin=subprocess.DEVNULL)


def died(folder):
    """Valgrind's message when it gave up."""
    said = []
    for log in glob.glob(os.path.join(folder, "leakgrind-*.log")):
        with open(log, errors="replace") as text:
            said += [line.strip() for line in text
                     if line.startswith(("valgrind: ", "vex: "))]
        os.remove(log)
    return said[:2]


def compare(program, planted, folder):
    """The problems, as lines."""
    wrong = []
    first, end = program.first, program.first + program.n
    none = program.run("none", first, program.n, [], folder)
    expected = none.stdout.splitlines()
    if none.returncode != 0 or len(expected) != program.n:
        return ["--tool=none: exit code %d after seed %d: %s"
                % (none.returncode, first + len(expected) - 1, none.stderr)]
    while first < end and len(wrong) < SHOWN:
        done = program.run("leakgrind", first, end - first,
                           ["--planted"] if planted else [], folder)
        got = done.stdout.splitlines()
        want = expected[first - program.first:]
        same = 0
        while same < min(len(got), len(want)) and got[same] == want[same]:
            same += 1
        if got == want and done.returncode == 0:
            break
        wrong.append("seed %d: exit code %d, %s" % (
            first + same, done.returncode,
            "; ".join(done.stderr.splitlines()[:2] + died(folder))
            or "printed " + repr(got[same:same + 1])))
        wrong.append("    again: tests/switch/run_switch.py 1 --seed %d"
                     " --keep DIR" % (first + same))
        first += same + 1
    return wrong


def one(program, planted, keep):
    folder = tempfile.mkdtemp(prefix="lg-switch-")
    try:
        program.build(folder)
        return program, compare(program, planted, folder)
    except (Failure, subprocess.TimeoutExpired) as bad:
        return program, [str(bad)]
    finally:
        if keep:
            target = os.path.join(keep, str(program.first))
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(folder, target)
        shutil.rmtree(folder, ignore_errors=True)


def programs(first, n):
    end = first + n
    while first < end:
        size = min(SEEDS_PER_PROGRAM - first % SEEDS_PER_PROGRAM, end - first)
        yield Program(first, size)
        first += size


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("n", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", help="keep programs and logs in this folder")
    parser.add_argument("--planted", action="store_true")
    args = parser.parse_args()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for program, wrong in pool.map(
                lambda p: one(p, args.planted, args.keep),
                programs(args.seed, args.n)):
            if wrong:
                failed += 1
                print("seeds %d to %d, built with %s:" % (
                    program.first, program.first + program.n - 1,
                    " ".join(program.flags)))
                for line in wrong:
                    print("    " + line, flush=True)
    print("%d scenarios, %s" % (args.n, "%d programs failed" % failed
                                if failed else "all passed"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
