#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random suppression files: leakgrind and memcheck must suppress the same.

leakgrind compares stacks itself.  With lines that both tools know, and names without
compiler suffixes, the result must be the same as that of Valgrind's core.  The
program loses twelve blocks, each with its own stack, which has inlined functions if
the compiler inlines.

Some of the files are damaged.  leakgrind must read them or say what is wrong;
nothing else may happen.

usage: suppressions.py [--seed N] [--files N] [--damaged N]
A failure names the seed and keeps the file.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TIMEOUT_S = 600 * float(os.environ.get("LG_SLOWDOWN", "1"))

FUNCTIONS = ["malloc", "get", "f2a", "f2b", "f3", "f4a", "f4b", "f5", "f6a",
             "f6b", "f6c", "f7", "main", "(below main)",
             "__libc_start_main@@GLIBC_2.34", "_start", "???"]
# The real stacks, innermost frame first.
SHAPE = [["malloc"], ["get"], ["f2a", "f2b"], ["f3"], ["f4a", "f4b"], ["f5"],
         ["f6a", "f6b", "f6c"], ["f7"], ["main"]]
MODULES = ["*", "*/resolution", "*resolution", "*/vgpreload*", "/no/such",
           "*/libc.so.6", "*/r?solut*n"]
DAMAGE = ["{\n", "}\n", "fun:", "obj:", "src:", "py-frame:", "py-type:", "@",
          "...\n", "*" * 30, "\n", "#", ":", "Leakgrind:Leak\n",
          "match-leak-kinds:", " ", "\0", "x" * 300, "py-frame:f@g\n"]


def with_wildcards(rng, name):
    """A pattern that may or may not match the name."""
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        at = rng.randrange(len(name) + 1)
        end = min(len(name), at + rng.randrange(3))
        name = name[:at] + rng.choice("*?*") + name[end:]
    return name


def random_line(rng, names):
    kind = rng.random()
    if kind < 0.70:
        return "fun:" + with_wildcards(rng, rng.choice(names))
    if kind < 0.85:
        return "obj:" + rng.choice(MODULES)
    return "..."


def random_entry(rng, number):
    """Follows the shape of the stacks, with mistakes."""
    lines = []
    for names in SHAPE[:rng.randrange(1, len(SHAPE) + 1)]:
        what = rng.random()
        if what < 0.70:
            lines.append(random_line(rng, names))
        elif what < 0.85:
            lines.append("...")
        elif what < 0.90:
            lines.append(random_line(rng, FUNCTIONS))
    if all(line == "..." for line in lines):
        lines.append(random_line(rng, FUNCTIONS[:3]))
    if all(line == "..." for line in lines):
        lines.append("fun:get")
    # A "src:" line first is an error in memcheck only.
    if rng.random() < 0.1:
        lines.append("src:" + rng.choice(["resolution.c", "*.c", "main.c"]))
    text = "{\n   entry-%d\n   Memcheck,Leakgrind:Leak\n" % number
    if rng.random() < 0.3:
        text += "   match-leak-kinds: %s\n" % rng.choice(
            ["definite", "all", "possible,reachable", "definite,possible"])
    if rng.random() < 0.2:
        text += "\n   # a comment\n"
    return text + "".join("   %s\n" % line for line in lines) + "}\n"


def run(tool, options, program, supp):
    """Returns (exit status, output, stacks of the reported leaks)."""
    xml = "report.xml"
    if os.path.exists(xml):
        os.remove(xml)
    # memcheck cuts entries of Valgrind's own file to --num-callers and may then
    # refuse them.
    done = subprocess.run(
        [os.environ.get("VALGRIND") or "valgrind", "--tool=" + tool,
         "--leak-check=full", "--xml=yes", "--xml-file=" + xml,
         "--default-suppressions=no", "--suppressions=" + supp, *options,
         program],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=TIMEOUT_S)
    stacks = None
    if done.returncode == 0:
        stacks = sorted(tuple(f.findtext("fn") for f in e.iter("frame"))
                        for e in ElementTree.parse(xml).iter("error"))
    return done.returncode, done.stdout, stacks


def damaged(rng, text):
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice([0, 0, 1, 5, 40]))
        text = text[:at] + rng.choice(DAMAGE) + text[end:]
    return text


class Failure(Exception):
    pass


def compare(rng, program):
    """Runs both tools with one file; returns how many stacks it suppressed."""
    with open("random.supp", "w") as f:
        for i in range(rng.randrange(1, 4)):
            f.write(random_entry(rng, i))
    options = ["--num-callers=%d" % rng.choice([1, 2, 4, 7, 12, 12, 12])]
    if rng.random() < 0.2:
        options.append("--read-inline-info=no")
    results = [run(tool, options, program, "random.supp")
               for tool in ("memcheck", "leakgrind")]
    if results[0][0] != results[1][0] or results[0][2] != results[1][2]:
        raise Failure("%s:\nmemcheck: %s\nleakgrind: %s"
                      % (options, results[0], results[1]))
    return results[0][2]


def try_damaged(rng, program):
    text = "".join(random_entry(rng, i) for i in range(3))
    with open("random.supp", "w") as f:
        f.write(damaged(rng, text))
    status, out, _ = run("leakgrind", [], program, "random.supp")
    if status == 0:
        return False
    if status != 1 or "FATAL: in suppressions file" not in out:
        raise Failure("damaged file: status %d\n%s" % (status, out))
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=25)
    parser.add_argument("--damaged", type=int, default=15)
    args = parser.parse_args()
    program = os.path.abspath(os.path.join(
        os.environ.get("LG_BUILDDIR") or ".", "tests/vg/resolution"))
    if not os.path.exists(program):
        print("%s is not built" % program)
        return 77
    rng = random.Random(args.seed)
    directory = tempfile.mkdtemp()
    os.chdir(directory)
    outcomes = set()
    refused = 0
    try:
        for _ in range(args.files):
            outcomes.add(str(compare(rng, program)))
        for _ in range(args.damaged):
            refused += try_damaged(rng, program)
    except Failure as failure:
        print("seed %d: %s\nthe file is kept in %s" % (args.seed, failure,
                                                       directory))
        return 1
    print("%d files, %d different outcomes; %d damaged files, %d refused"
          % (args.files, len(outcomes), args.damaged, refused))
    subprocess.run(["rm", "-rf", directory])
    # Files that all suppress the same test nothing.
    return 0 if len(outcomes) > args.files / 5 else 1


if __name__ == "__main__":
    sys.exit(main())
