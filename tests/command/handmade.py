# SPDX-License-Identifier: GPL-2.0-or-later
"""Data files that tests write by themselves, where the content matters, and data files
of real programs.  (Format: docs/file-format.md.)"""
import collections
import json
import os
import shlex
import subprocess
import sys

SOURCE = os.environ.get("LG_SRCDIR", ".")
sys.path.insert(0, os.path.join(SOURCE, "command"))


def c(function, file="/work/app/csv.c", line=35, obj="/work/app/_csv.so", offset=0,
      inlined=0):
    return ("c", function, file, line, obj, offset, inlined)


def py(function, file, line=1):
    return ("python", function, file, line, "", 0, 0)


MALLOC = c("malloc", "", 0, "/usr/libexec/valgrind/vgpreload_leakgrind-amd64-linux.so")


class DataFile:
    """Writes a data file.  Stacks are given with the innermost frame first."""

    def __init__(self, path, command=("python3", "app.py"), directory="/work/app"):
        self.path = str(path)
        self.numbers = {}
        self.counts = collections.Counter()
        self.lines = []
        self.line({"format": "leakgrind", "version": 1, "tool": "0.1",
                   "valgrind": "3.19.0", "arch": "amd64", "pid": 17,
                   "command": list(command), "options": [], "directory": directory})

    def line(self, value):
        self.lines.append(json.dumps(value))

    def define(self, *line):
        """The number of the definition; of each, there is one."""
        if line not in self.numbers:
            self.line(line)
            self.counts[line[0]] += 1
            self.numbers[line] = self.counts[line[0]]
        return self.numbers[line]

    def string(self, text):
        return self.define("s", text) if text else 0

    def stack(self, frames):
        number = 0
        for language, function, file, line, obj, offset, inlined in reversed(frames):
            frame = self.define("f", language, self.string(function),
                                self.string(file), line, self.string(obj), offset,
                                inlined)
            number = self.define("t", number, frame)
        return number

    def check(self, moment="exit", label=""):
        self.line({"check": 1, "moment": moment, "label": label, "time": 5})

    def record(self, frames, kind="definite", type="", blocks=1, size=100, indirect=0,
               references=0, cls="", name="", flags=2, paths=(),
               old=(0, 0)):
        self.line(["r", self.string(kind), self.string(cls), self.string(type),
                   self.string(name), self.stack(frames), blocks, size, indirect,
                   references, 0, flags, *old])
        for path in paths:
            number = 0
            for step in path:
                number = self.define("w", number, self.string(step))
            self.line(["p", number, blocks])

    def owner(self, name, blocks, size):
        self.line(["o", self.string(name), blocks, size])

    def end_check(self):
        self.line({"end": "check", "totals": {}})

    def write(self):
        self.line({"end": "run"})
        with open(self.path, "w") as out:
            out.write("\n".join(self.lines) + "\n")
        return self.path


def compile_c(folder, name, source, *options):
    """Compiles NAME.c in the folder to NAME; returns its path."""
    path = os.path.join(folder, name)
    with open(path + ".c", "w") as out:
        out.write(source)
    subprocess.run(
        [*shlex.split(os.environ.get("CC", "cc")), "-g", "-gdwarf-4", "-O1",
         "-I" + os.environ.get("LG_VALGRIND_INCLUDE", "/usr/include/valgrind"),
         path + ".c", "-o", path, *options], check=True)
    return path


def run_tool(folder, name, *words):
    """Runs the options and the program under leakgrind, which writes a data file of
    this name in the folder; returns its path."""
    data = os.path.join(folder, name)
    subprocess.run(
        [os.environ.get("VALGRIND", "valgrind"), "-q", "--tool=leakgrind",
         "--out-file=" + data, *words], cwd=folder, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        timeout=60 * float(os.environ.get("LG_SLOWDOWN", "1")))
    return data


def run_program(folder, source, *options):
    """Compiles the C source, runs it under leakgrind, and returns the data file."""
    return run_tool(folder, "data", *options, compile_c(folder, "program", source))


def run_python(folder, source, *options):
    """Runs the Python program under leakgrind, and returns the data file."""
    program = os.path.join(folder, "app.py")
    with open(program, "w") as out:
        out.write(source)
    python = os.environ.get("LG_PYTHON") or (
        "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable)
    return run_tool(folder, "data", *options, python, program)


def command(*words):
    """Runs the command; returns a CompletedProcess."""
    environment = dict(os.environ, PYTHONPATH=os.path.join(SOURCE, "command"))
    return subprocess.run(
        [sys.executable, "-m", "leakgrind", *words], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
        timeout=60 * float(os.environ.get("LG_SLOWDOWN", "1")))
