#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Suppression entries match the same with and without debug information.

A library with inlined and local functions is used with debug information and
stripped.  The entries that --gen-suppressions prints for either must suppress the
same leaks with both, and nothing else where functions have names.
"""

import os
import shutil
import subprocess
import sys
import tempfile

VALGRIND = os.environ.get("VALGRIND", "valgrind")
TIMEOUT_S = 100 * float(os.environ.get("LG_SLOWDOWN", "1"))

LIBRARY = r"""
#include <stdlib.h>
#include <string.h>
#define LOCAL static __attribute__((noinline))
static inline __attribute__((always_inline)) void *taken(size_t n)
{
    void *p = malloc(n);
    return p ? memset(p, 1, n) : p;
}
static inline __attribute__((always_inline)) void *doubled(size_t n)
{
    return taken(2 * n);
}
LOCAL void *volatile *local(void *volatile *to, size_t n)
{
    *to = doubled(n);
    return to;
}
LOCAL void *volatile *other(void *volatile *to, size_t n)
{
    *to = taken(n);
    return to;
}
void *exported(void *volatile *to, int which)
{
    return which ? *other(to, 30) : *local(to, 20);
}
"""

HOST = r"""
#include <stdlib.h>
void *exported(void *volatile *to, int which);
static void *volatile sink;
int main(int argc, char **argv)
{
    exported(&sink, argc > 1);
    sink = NULL;
    return 0;
}
"""


def build(folder):
    """The program, and a folder for each kind of library."""
    cc = os.environ.get("CC", "gcc")
    for name, text in (("lib.c", LIBRARY), ("host.c", HOST)):
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    named, stripped = (os.path.join(folder, n) for n in ("named", "stripped"))
    os.mkdir(named)
    os.mkdir(stripped)
    subprocess.run([cc, "-g", "-O2", "-shared", "-fPIC", "lib.c", "-o",
                    named + "/libleaky.so"], cwd=folder, check=True)
    subprocess.run(["strip", "-o", stripped + "/libleaky.so",
                    named + "/libleaky.so"], check=True)
    subprocess.run([cc, "-g", "-O1", "host.c", "-o", "host", "-L", named,
                    "-lleaky"], cwd=folder, check=True)
    return os.path.join(folder, "host"), named, stripped


def report(host, library, *options, args=()):
    run = subprocess.run(
        [VALGRIND, "--tool=leakgrind", "-q", *options, host, *args],
        env=dict(os.environ, LD_LIBRARY_PATH=library), check=True, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    return run.stderr


def main():
    if not shutil.which("strip"):
        print("no strip here")
        return 77
    failed = []

    def check(what, good):
        print("%s: %s" % ("ok" if good else "WRONG", what))
        if not good:
            failed.append(what)

    with tempfile.TemporaryDirectory() as folder:
        host, *libraries = build(folder)
        for made_with in libraries:
            text = report(host, made_with, "--gen-suppressions=all")
            entry = text[text.index("{"):text.index("}") + 2]
            print(entry)
            file = os.path.join(folder, "entry.supp")
            with open(file, "w") as f:
                f.write(entry)
            for library in libraries:
                names = "%s, %s" % tuple(os.path.basename(d)
                                         for d in (made_with, library))
                for callers in ("3", "12"):
                    text = report(host, library, "--suppressions=" + file,
                                  "--num-callers=" + callers)
                    check("%s: suppressed with %s callers" % (names, callers),
                          "lost in loss record" not in text)
                text = report(host, library, "--suppressions=" + file,
                              args=["other"])
                if (made_with, library) == (libraries[0], libraries[0]):
                    check("%s: another function is not" % names,
                          "lost in loss record" in text)
    return 1 if failed else 0


sys.exit(main())
