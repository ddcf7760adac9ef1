#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The lists of this project are complete: "make check" or "make check-slow" runs
every test, HACKING.md's code index has every source file of the tool, and the files
and functions that the documents name exist."""

import fnmatch
import os
import re
import subprocess
import sys

SOURCE = os.environ["LG_SRCDIR"]
BUILD = os.environ["LG_BUILDDIR"]
# Files that are a test each, and its name in TESTS.
TESTS = ((r"tests/vg/[^/]+\.vgtest", r"\g<0>"),
         (r"tests/python/[^/]+\.pycase", r"\g<0>"),
         (r"tests/build/[^/]+\.(sh|py)", r"\g<0>"),
         (r"tests/command/test_[^/]+\.py", r"\g<0>"),
         (r"(tests/unit/test_[^/]+)\.c", r"\1"),
         (r"tests/fuzz/fuzz_([^/]+)\.c", r"tests/fuzz/replay_\1"))
FOLDERS = ("base", "engine", "python", "tool", "preload")
TOPS = ("leakgrind", "command", "tests", "scripts", "docs", "examples", "bench",
        "suppressions")
# Named as they are in Valgrind's source.
VALGRINDS = ("tests/vg_regtest", "leakgrind/tests/vg")


def files():
    """Every file of the source, as it is named from its top."""
    for top in TOPS:
        for where, folders, names in os.walk(os.path.join(SOURCE, top)):
            folders[:] = [f for f in folders if not f.endswith(".tmp")]
            for name in names:
                yield os.path.relpath(os.path.join(where, name), SOURCE)


def make_lists():
    """What make has in TESTS and CHECK_SLOW."""
    rule = "lists-of-tests:\n\t@echo $(TESTS) $(CHECK_SLOW)\n"
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    words = subprocess.run(
        ["make", "-s", "--no-print-directory", "-C", BUILD, "-f", "Makefile",
         "-f", "-", "lists-of-tests"], input=rule, env=environment,
        stdout=subprocess.PIPE, universal_newlines=True,
        check=True).stdout.split()
    return {re.sub(r"^.*/(?=tests/)", "", word) for word in words}


def unlisted_tests(all_files):
    listed = make_lists()
    for name in all_files:
        for pattern, test in TESTS:
            match = re.fullmatch(pattern, name)
            if match and match.expand(test) not in listed:
                yield "%s: in no list of tests" % name


def index_patterns(hacking):
    """The files of the code index; a name without a folder is in that of the
    name before it, or else in the one that the heading names."""
    index = hacking[hacking.index("## Code index"):]
    index = index[:index.index("\n## ", 1)]
    for part in index.split("\n### "):
        heading = re.match(r"(tool/\w+):", part)
        for row in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE):
            folder = heading[1] if heading else ""
            for name in re.findall(r"`([^`]+)`", row):
                folder = os.path.dirname(name) or folder
                yield os.path.join("leakgrind", folder,
                                   os.path.basename(name))


def strange_index(hacking, all_files):
    patterns = list(index_patterns(hacking))
    sources = [name for name in all_files
               if re.fullmatch(r"leakgrind/.*\.(c|h|py)", name)]
    for name in sources:
        # It is what users include.
        if name != "leakgrind/leakgrind.h" and \
                not any(fnmatch.fnmatch(name, p) for p in patterns):
            yield "%s: not in HACKING.md's code index" % name
    for pattern in patterns:
        if not fnmatch.filter(sources, pattern):
            yield "HACKING.md's code index: no file %s" % pattern


def missing_files(document, all_files):
    """Files that a document names; capitals stand for what a user fills in."""
    with open(os.path.join(SOURCE, document)) as text:
        names = set(re.findall(r"(?<![\w./$-])((?:%s)/[\w./*-]*[\w*])"
                               % "|".join(TOPS + FOLDERS), text.read()))
    known = set(all_files)
    for name in all_files:
        known.update(name[:end] for end, c in enumerate(name) if c == "/")
    for name in sorted(names):
        if name in VALGRINDS or re.search(r"[A-Z]{3}", name):
            continue
        wanted = (name, os.path.join("leakgrind", name))
        # A unit test is named without its ending.
        if not any(fnmatch.filter(known, w) or w + ".c" in known
                   for w in wanted):
            yield "%s names %s, which is not there" % (document, name)


def missing_functions(hacking):
    """Functions that the walk names and no source has."""
    text = ""
    for name in files():
        if re.fullmatch(r"leakgrind/.*\.(c|h)", name):
            with open(os.path.join(SOURCE, name)) as source:
                text += source.read()
    known = set(re.findall(r"\w+", text))
    for name in sorted(set(re.findall(r"`(lg_[a-z_0-9]+)`", hacking))):
        if name not in known:
            yield "HACKING.md names %s, which no source file has" % name


def main():
    all_files = sorted(files())
    with open(os.path.join(SOURCE, "HACKING.md")) as text:
        hacking = text.read()
    wrong = list(unlisted_tests(all_files))
    wrong += strange_index(hacking, all_files)
    wrong += missing_functions(hacking)
    for document in ("HACKING.md", "README.md", "docs/design.md",
                     "docs/manual.md", "docs/performance.md", "docs/tested.md"):
        wrong += missing_files(document, all_files)
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


main()
