#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that every #include in leakgrind/ goes in the direction of the rooms:

    lg_main -> tool -> {python, engine} -> base

Files of base/ may include only their own folder, lg_platform.h and
pub_tool_basics.h; files of engine/ and python/ these, base/ and their own folder.
In tool/ a folder may include itself and those before it in FOLDERS.  In no folder
may modules (a .c file, its header, and a _priv.h that it shares with others)
include each other in a circle.
"""
import os
import re
import sys

# Of tool/, from the bottom up.
FOLDERS = ["host", "memory", "process", "trace", "report", "heap", "threads",
           "instrument", "suppress", "python", "watch", "check", "finalize", "control"]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

CORE = r"pub_tool_\w+\.h|libvex\w*\.h"       # Valgrind's own headers
REQUESTS = r"valgrind\.h|memcheck\.h"        # those of programs under Valgrind
CLIENT = r"leakgrind\.h"
CONFIG = r"lg_config\.h"
GUEST = r"lg_guest\.h"                        # between preload/ and tool/
PURE = r"lg_platform\.h|pub_tool_basics\.h"


def folder_rule(i):
    """For FOLDERS[i], the pattern of its files and of what they may include."""
    known = "|".join(FOLDERS[:i + 1])
    return (rf"tool/{FOLDERS[i]}/\w+\.[ch]",
            rf"(tool/({known})|python|engine|base)/\w+\.h|lg_platform\.h|{CORE}"
            rf"|{CONFIG}|{CLIENT}|{REQUESTS}|{GUEST}")


# For each room, what its files may include: paths as seen from leakgrind/.
# The first room whose pattern fits a file is its room.
ROOMS = [
    (r"base/.*", rf"base/\w+\.h|{PURE}"),
    (r"engine/.*", rf"(base|engine)/\w+\.h|{PURE}"),
    (r"python/.*", rf"(base|python)/\w+\.h|{PURE}"),
    *[folder_rule(i) for i in range(len(FOLDERS))],
    (r"preload/.*", rf"preload/\w+\.h|{CONFIG}|{CLIENT}|{REQUESTS}|{GUEST}"
                    rf"|<.*"),
    (r"lg_main\.c", rf"tool/\w+/\w+\.h|{CORE}|{CONFIG}"),
    (r"lg_platform\.h", r"pub_tool_basics\.h"),
    (r"lg_guest\.h", REQUESTS),
    (r"leakgrind\.h", REQUESTS),
]


def target_of(root, path, name):
    """What `path` (seen from `root`) means by "name", as seen from `root`."""
    target = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if os.path.exists(os.path.join(root, target)):
        return target
    return name                 # not ours: Valgrind's, or made by configure


def complaint(root, path, bracket, name):
    """Why `path` (seen from `root`) may not include `name`, or None."""
    target = "<" + name if bracket == "<" else target_of(root, path, name)
    for room, allowed in ROOMS:
        if re.fullmatch(room, path):
            if re.fullmatch(allowed, target):
                return None
            return f"{path} may not include {name}"
    return f"{path} is in no room"


def module(path):
    """The name that the files of a module share."""
    return re.sub(r"(_priv)?\.[ch]$", "", path)


def circle(edges):
    """A list of modules that include each other in a circle, or None.  `edges`:
    for each module, the set of those that it includes."""
    done, path = set(), []

    def visit(m):
        if m in path:
            return path[path.index(m):] + [m]
        if m in done:
            return None
        path.append(m)
        for other in sorted(edges.get(m, ())):
            found = visit(other)
            if found:
                return found
        path.pop()
        done.add(m)
        return None

    for m in sorted(edges):
        found = visit(m)
        if found:
            return found
    return None


def self_test(root):
    """The rules reject includes that they must reject."""
    wanted = {
        ("engine/lg_mark.c", '"', "lg_mark.h"): True,
        ("engine/lg_mark.c", '"', "../lg_platform.h"): True,
        ("engine/lg_mark.c", '"', "pub_tool_libcbase.h"): False,
        ("engine/lg_mark.c", '"', "../tool/host/lg_compat.h"): False,
        ("engine/lg_mark.c", '"', "lg_config.h"): False,
        ("engine/lg_mark.c", "<", "string.h"): False,
        ("python/lg_object.c", '"', "../engine/lg_mark.h"): False,
        ("python/lg_object.c", '"', "../base/lg_text.h"): True,
        ("base/lg_utf8.c", '"', "../engine/lg_mark.h"): False,
        ("tool/heap/lg_heap.c", '"', "../../engine/lg_mark.h"): True,
        ("tool/heap/lg_heap.c", '"', "../host/lg_options.h"): True,
        ("tool/heap/lg_heap.c", '"', "../python/lg_pyhooks.h"): False,
        ("tool/heap/lg_heap.c", '"', "../../lg_main.c"): False,
        ("tool/heap/lg_heap.c", "<", "stdlib.h"): False,
        ("tool/lg_heap.c", '"', "pub_tool_basics.h"): False,
        ("lg_main.c", '"', "tool/host/lg_compat.h"): True,
        ("lg_main.c", '"', "engine/lg_mark.h"): False,
        ("other/lg_x.c", '"', "pub_tool_basics.h"): False,
    }
    for case, good in wanted.items():
        if (complaint(root, *case) is None) != good:
            sys.exit(f"self test: {case} is judged wrongly")
    if circle({"a": {"b", "c"}, "b": {"c"}, "d": {"a"}}) is not None or \
            circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) != ["b", "c", "b"]:
        sys.exit("self test: circles are judged wrongly")


def main():
    root = os.path.join(os.environ["LG_SRCDIR"], "leakgrind")
    self_test(root)
    includes = 0
    complaints = []
    edges = {}
    for directory, _, names in os.walk(root):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(directory, name), root)
            with open(os.path.join(root, path), encoding="utf-8") as f:
                for bracket, target in INCLUDE.findall(f.read()):
                    includes += 1
                    complaints.append(complaint(root, path, bracket, target))
                    other = module(target_of(root, path, target))
                    if other != module(path):
                        edges.setdefault(module(path), set()).add(other)
    complaints = [c for c in complaints if c]
    found = circle(edges)
    if found:
        complaints.append("a circle: " + " -> ".join(found))
    print("\n".join(complaints))
    print(f"{includes} includes, {len(complaints)} against the direction")
    if complaints or includes == 0:
        sys.exit(1)


main()
