#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds every #include of leakgrind/ to the direction of the rooms:

    lg_main -> tool -> {python, engine}

engine/ and python/ know only themselves, lg_platform.h and pub_tool_basics.h.
"""
import os
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

CORE = r"pub_tool_\w+\.h|libvex\w*\.h"       # Valgrind's own headers
REQUESTS = r"valgrind\.h|memcheck\.h"        # those of programs under Valgrind
CLIENT = r"leakgrind\.h"
CONFIG = r"lg_config\.h"
GUEST = r"lg_guest\.h"                        # between preload/ and tool/
PURE = r"lg_platform\.h|pub_tool_basics\.h"

# For each room, what its files may include: paths as seen from leakgrind/.
# The first room whose pattern fits a file is its room.
ROOMS = [
    (r"engine/.*", rf"engine/\w+\.h|{PURE}"),
    (r"python/.*", rf"python/\w+\.h|{PURE}"),
    (r"tool/.*", rf"(tool|python|engine)/\w+\.h|lg_platform\.h|{CORE}|{CONFIG}"
                 rf"|{CLIENT}|{REQUESTS}|{GUEST}"),
    (r"preload/.*", rf"preload/\w+\.h|{CONFIG}|{CLIENT}|{REQUESTS}|{GUEST}"
                    rf"|<.*"),
    (r"lg_main\.c", rf"tool/\w+\.h|{CORE}|{CONFIG}"),
    (r"lg_platform\.h", r"pub_tool_basics\.h"),
    (r"lg_guest\.h", REQUESTS),
    (r"leakgrind\.h", REQUESTS),
]


def complaint(root, path, bracket, name):
    """Why `path` (seen from `root`) may not include `name`, or None."""
    if bracket == "<":
        target = "<" + name
    else:
        target = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if not os.path.exists(os.path.join(root, target)):
            target = name       # not ours: Valgrind's, or made by configure
    for room, allowed in ROOMS:
        if re.fullmatch(room, path):
            if re.fullmatch(allowed, target):
                return None
            return f"{path} may not include {name}"
    return f"{path} is in no room"


def self_test(root):
    """The rules refuse what they are there to refuse."""
    wanted = {
        ("engine/lg_mark.c", '"', "lg_mark.h"): True,
        ("engine/lg_mark.c", '"', "../lg_platform.h"): True,
        ("engine/lg_mark.c", '"', "pub_tool_libcbase.h"): False,
        ("engine/lg_mark.c", '"', "../tool/lg_compat.h"): False,
        ("engine/lg_mark.c", '"', "lg_config.h"): False,
        ("engine/lg_mark.c", "<", "string.h"): False,
        ("python/lg_object.c", '"', "../engine/lg_mark.h"): False,
        ("tool/lg_heap.c", '"', "../engine/lg_mark.h"): True,
        ("tool/lg_heap.c", '"', "../lg_main.c"): False,
        ("tool/lg_heap.c", "<", "stdlib.h"): False,
        ("lg_main.c", '"', "tool/lg_compat.h"): True,
        ("lg_main.c", '"', "engine/lg_mark.h"): False,
        ("other/lg_x.c", '"', "pub_tool_basics.h"): False,
    }
    for case, good in wanted.items():
        if (complaint(root, *case) is None) != good:
            sys.exit(f"self test: {case} is judged wrongly")


def main():
    root = os.path.join(os.environ["LG_SRCDIR"], "leakgrind")
    self_test(root)
    includes = 0
    complaints = []
    for directory, _, names in os.walk(root):
        for name in sorted(names):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(directory, name), root)
            with open(os.path.join(root, path), encoding="utf-8") as f:
                for bracket, target in INCLUDE.findall(f.read()):
                    includes += 1
                    complaints.append(complaint(root, path, bracket, target))
    complaints = [c for c in complaints if c]
    print("\n".join(complaints))
    print(f"{includes} includes, {len(complaints)} against the direction")
    if complaints or includes == 0:
        sys.exit(1)


main()
