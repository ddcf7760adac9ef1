#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A breakpoint or a grep finds one function: in the .c files of leakgrind/, no
two files define a function of the same name, and no name is a single word."""

import collections
import os
import re
import sys

# All that is compiled.
COVERED = r"lg_main\.c|(base|engine|preload|python|tool)/.*"
# Single words that something outside asks for, and why.
ALLOWED = {}

LEFT_OUT = re.compile(r"/\*.*?\*/|__attribute__\(\(.*?\)\)", re.S)
# At the beginning of a line: the type, the name, its parameters, and a brace.
FUNCTION = re.compile(r"^(?!typedef|else|return)\w[\w \t*]*?[ \t*]"
                      r"(\w+)\([^;{}]*\)\s*\{", re.M)


def functions(text):
    """The names of the functions that are defined in a file with this text."""
    text = LEFT_OUT.sub("", text)
    return {m.group(1) for m in FUNCTION.finditer(text)}


def complaints(files):
    """`files`: by path, as seen from leakgrind/, its functions."""
    homes = collections.defaultdict(list)
    for path in sorted(files):
        for name in files[path]:
            homes[name].append(path)
    for name in sorted(homes):
        paths = homes[name]
        covered = [p for p in paths if re.fullmatch(COVERED, p)]
        if len(covered) > 1:
            yield f"{name} is defined in " + ", ".join(paths)
        if covered and "_" not in name and name not in ALLOWED:
            yield f"{covered[0]}: {name} is one word; say what it does to what"


def self_test():
    text = ("/* int f_comment(void) { */\n"
            "static const Addr* find_block(Table* t,\n"
            "                              Addr a)\n{\n    if (a) {\n"
            "    while (f(a)) {\n}\n"
            "int f_declared(int a);\n"
            "static int values[] = {1};\n"
            "static __attribute__((noinline)) Bool is_one(Int (*fn)(int)) {}\n")
    if functions(text) != {"find_block", "is_one"}:
        sys.exit(f"self test: found {functions(text)}")
    found = list(complaints({"tool/a.c": {"put", "f_a"},
                             "tool/b.c": {"f_a"},
                             "engine/c.c": {"f_a", "get"}}))
    if len(found) != 3:
        sys.exit(f"self test: complaints are {found}")


def main():
    root = os.path.join(os.environ["LG_SRCDIR"], "leakgrind")
    self_test()
    files = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if name.endswith(".c"):
                with open(path, encoding="utf-8") as f:
                    files[os.path.relpath(path, root)] = functions(f.read())
    found = list(complaints(files))
    n = sum(len(names) for names in files.values())
    print("\n".join(found))
    print(f"{n} functions in {len(files)} files, {len(found)} to rename")
    if found or n < 1000:
        sys.exit(1)


main()
