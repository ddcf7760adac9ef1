# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the benchmark programs and runs one of them under one tool.

The cost of a run is what the kernel reports for the child process (os.wait4):
user plus system time, and the largest resident set.  What a program measures
itself is read from the `name=value` lines that it prints.
"""

import os
import re
import signal
import subprocess
import threading

BENCH_DIR = os.path.dirname(os.path.abspath(__file__))

# A run that takes longer than this hangs.
TIMEOUT_S = 900

TOOL_OPTIONS = {
    "massif": ["--massif-out-file=/dev/null"],
    "dhat": ["--dhat-out-file=/dev/null"],
}


class Unavailable(Exception):
    """This run cannot be made here; the text says why."""


class Outcome:
    """One finished run."""

    def __init__(self, cpu_s, maxrss_kB, printed, stderr, log):
        self.cpu_s = cpu_s
        self.maxrss_kB = maxrss_kB
        self.printed = printed  # dict of the numbers the program printed
        self.stderr = stderr
        self.log = log  # what Valgrind wrote, "" natively


class Library:
    """Stands for the path of a shared library among a run's arguments."""

    def __init__(self, name):
        self.name = name


class Bench:
    """Where the programs are built, and which Valgrind, leakgrind and Python
    run."""

    def __init__(self, work_dir, valgrind, leakgrind_lib, python):
        self.work_dir = work_dir
        self.valgrind = valgrind
        self.python = python
        self.leakgrind_lib = leakgrind_lib
        self.cc = os.environ.get("CC", "gcc").split()
        self.cppflags = os.environ.get("CPPFLAGS", "").split()
        self.built = {}

    def program(self, name, flags=()):
        """The path of a benchmark program; built when first asked for."""
        key = (name,) + tuple(flags)
        if key not in self.built:
            path = os.path.join(self.work_dir, "-".join(key).replace("=", "-"))
            command = [*self.cc, *self.cppflags, "-O2", "-g", "-pthread",
                       *flags, "-o", path,
                       os.path.join(BENCH_DIR, name + ".c")]
            try:
                done = subprocess.run(command, stderr=subprocess.PIPE,
                                      text=True)
            except OSError as e:
                raise Unavailable("cannot be built: %s" % e)
            self.built[key] = (path, done.returncode, done.stderr)
        path, status, errors = self.built[key]
        if status != 0:
            lines = errors.strip().splitlines() or ["no message"]
            raise Unavailable("cannot be built: " + lines[-1])
        return path

    def command(self, program):
        """What runs a C program, a Python program, or "python" itself."""
        if program == "python":
            return [self.python]
        if program.endswith(".py"):
            return [self.python, os.path.join(BENCH_DIR, program)]
        return [self.program(program)]

    def argument(self, arg):
        if isinstance(arg, Library):
            return self.program(arg.name, ["-shared", "-fPIC"])
        return str(arg)

    def run(self, tool, program, args=(), options=(), setting=()):
        """Runs `program` under a Valgrind tool, or as "native", or linked
        with LeakSanitizer as "lsan"; `setting`: pairs for the environment."""
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("PYTHON")}
        env["PYTHONHASHSEED"] = "0"  # dicts of the same shape in every run
        env.update(setting)
        log = os.path.join(self.work_dir, "log")
        if tool == "native":
            command = self.command(program)
        elif tool == "lsan":
            command = [self.program(program, ["-fsanitize=leak"])]
            env["LSAN_OPTIONS"] = "leak_check_at_exit=0"
        else:
            command = [self.valgrind, "--tool=" + tool, "--log-file=" + log,
                       *TOOL_OPTIONS.get(tool, []), *options,
                       *self.command(program)]
            env.pop("VALGRIND_LIB", None)
            env.pop("VALGRIND_OPTS", None)
            if tool == "leakgrind" and self.leakgrind_lib:
                env["VALGRIND_LIB"] = self.leakgrind_lib
        if os.path.exists(log):
            os.remove(log)
        return self._finish(command + [self.argument(a) for a in args], env,
                            log)

    def _finish(self, command, env, log):
        out_path = os.path.join(self.work_dir, "out")
        err_path = os.path.join(self.work_dir, "err")
        with open(out_path, "w") as out, open(err_path, "w") as err:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                     stdout=out, stderr=err, env=env)
            alarm = threading.Timer(TIMEOUT_S, child.kill)
            alarm.start()
            _, status, usage = os.wait4(child.pid, 0)
            alarm.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        stderr = _read(err_path)
        text = _read(log)
        if child.returncode != 0:
            raise Unavailable(_why(child.returncode, stderr + text))
        printed = {name: float(value) for name, value in re.findall(
            r"^(\w+)=([-+.e\d]+)$", _read(out_path), re.M)}
        return Outcome(usage.ru_utime + usage.ru_stime, usage.ru_maxrss,
                       printed, stderr, text)


def _read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def _why(code, text):
    if code == -signal.SIGKILL:
        how = "killed (time or memory)"
    elif code < 0:
        how = "died of signal %d" % -code
    else:
        how = "exit code %d" % code
    lines = [line for line in text.splitlines() if line.strip()]
    return how + (": " + lines[0].strip()[:80] if lines else "")
