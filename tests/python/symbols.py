#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reports must be the same for a Python with debug symbols and one without.

Distributions have a separate package for the interpreter's debug information
(python3-dbg).  apt-get downloads it here, with the interpreter of the same version;
both are unpacked into a scratch folder, and nothing is installed.  If importing a
package reports nothing without symbols, it must report nothing with them.
Suppression entries made with either must match with both, at any --num-callers.

Skipped (77) if apt-get has no such packages.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

VALGRIND = os.environ.get("VALGRIND", "valgrind")
TIMEOUT_S = 600 * float(os.environ.get("LG_SLOWDOWN", "1"))
VERSION = "python%d.%d" % sys.version_info[:2]
CLEAN = ["json, decimal, asyncio, ssl, re, sqlite3", "numpy", "pandas",
         "aiohttp", "lxml.etree", "yaml"]

LEAKS = """
import ctypes
class C:
    def __init__(self, n):
        self.n = n
def lose(o):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(o))
def texts(i):
    s = "a" * 3
    s += str(i) * 50
    return s
def lose_all(n):
    for i in range(n):
        for o in [i], C(i), texts(i), {i: i + 0.5}, (i, i):
            lose(o)
lose_all(%d)
"""


def skip(why):
    print(why)
    sys.exit(77)


def unpacked(folder):
    """The interpreter, and options that find its debug information."""
    packages = [VERSION + "-dbg", VERSION + "-minimal"]
    if not shutil.which("apt-get") or subprocess.run(
            ["apt-get", "-qq", "download", *packages], cwd=folder,
            stderr=subprocess.DEVNULL).returncode != 0:
        skip("apt-get cannot fetch " + " and ".join(packages))
    for deb in glob.glob(folder + "/*.deb"):
        subprocess.run(["dpkg", "-x", deb, folder], check=True)
    python = os.path.join(folder, "usr/bin", VERSION)
    notes = subprocess.run(["readelf", "-n", python], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    build_id = re.search(r"Build ID: (\w+)", notes).group(1)
    debug = glob.glob("%s/usr/lib/debug/.build-id/%s/%s.debug"
                      % (folder, build_id[:2], build_id[2:]))
    if not debug:
        skip("the packages are of different versions")
    place = folder + "/debug" + os.path.dirname(python)
    os.makedirs(place)
    shutil.copy(debug[0], place)
    return python, "--extra-debuginfo-path=" + folder + "/debug"


def report(python, options, code):
    run = subprocess.run(
        [VALGRIND, "--tool=leakgrind", "-q", "--py-table=0", *options, python,
         "-c", code],
        env=dict(os.environ, PYTHONHOME="/usr"), check=True, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    return run.stderr


def n_lost(text):
    return text.count(" lost in loss record ")


def main():
    failed = []

    def expect(what, n, wanted):
        print("%s: %d loss records" % (what, n))
        if n != wanted:
            failed.append(what)

    with tempfile.TemporaryDirectory() as folder:
        python, symbols = unpacked(folder)
        kinds = {"without": [], "with": [symbols]}
        text = report(python, [symbols], LEAKS % 1)
        expect("leaks with symbols", n_lost(text), 5)
        for module in CLEAN:
            code = "import " + module
            if subprocess.run([python, "-c", code], stderr=subprocess.DEVNULL,
                              env=dict(os.environ, PYTHONHOME="/usr")
                              ).returncode != 0:
                print("no %s here: left out" % module)
                continue
            for name, options in kinds.items():
                expect("%s %s symbols" % (code, name),
                       n_lost(report(python, options, code)), 0)
        for made_name, made in kinds.items():
            text = report(python, made + ["--gen-suppressions=all"],
                          LEAKS % 1)
            file = folder + "/made.supp"
            with open(file, "w") as f:
                f.write("\n".join(re.findall(r"^\{$.*?^\}$", text,
                                             re.M | re.S)) + "\n")
            for name, options in kinds.items():
                for callers in "2", "12", "40":
                    text = report(python, options + [
                        "--suppressions=" + file, "--num-callers=" + callers],
                        LEAKS % 200)
                    expect("entries made %s symbols, used %s, %s callers"
                           % (made_name, name, callers), n_lost(text), 0)
    for what in failed:
        print("WRONG: " + what)
    return 1 if failed else 0


sys.exit(main())
