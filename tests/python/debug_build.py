#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's debug builds of CPython (python3.11-dbg, ...): leakgrind must find the same
leaks as in the ordinary build, and report nothing else.  The package is unpacked but
not installed, since its debug information would change the stacks of the ordinary
interpreter, too.

Exit code 0: passed; 77: skipped; 1: failed."""

import glob
import os
import shutil
import subprocess
import sys

import run

TESTS = ["row_list", "row_dict", "row_bytes100", "row_references", "row_cycle",
         "stacks", "noise_pass", "noise_imports"]


def skip(why):
    print("SKIP: " + why)
    return run.SKIP


def unpack(package, scratch):
    """False if this Debian has no such package, or there is no network."""
    if subprocess.call(["apt-get", "download", "-q", package], cwd=scratch):
        return False
    for archive in glob.glob(os.path.join(scratch, "*.deb")):
        subprocess.run(["dpkg", "-x", archive, scratch], check=True)
    return True


def main():
    site = run.Site()
    version = "python%d.%d" % site.python_version()
    scratch = os.path.join(site.build_dir, "debug_build.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    if not shutil.which("apt-get"):
        return skip("there is no apt-get")
    if not unpack(version + "-dbg", scratch):
        return skip("%s-dbg cannot be had" % version)
    python = os.path.join(scratch, "usr", "bin", version + "d")
    environment = dict(os.environ, LG_PYTHON=python)
    asked = subprocess.run([python, "-c", "import sys; sys.gettotalrefcount()"],
                           check=False)
    if asked.returncode != 0:
        return skip("it does not run, or is none for debugging")
    here = os.path.dirname(os.path.abspath(__file__))
    failed = [test for test in TESTS if subprocess.call(
        [sys.executable, os.path.join(here, "run.py"),
         os.path.join(here, test + ".pycase")], env=environment) != 0]
    if failed:
        print("FAIL: " + " ".join(failed))
        return 1
    shutil.rmtree(scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
