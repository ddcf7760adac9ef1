# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks a process that runs under leakgrind for a check into its data file.

vgdb brings the question to it: also to a process that waits in a system call, if the
kernel allows ptrace.
"""
import os
import re
import shutil
import subprocess

from .cli import UsageError

__all__ = ["Attached", "arguments_of"]


def arguments_of(pid):
    """The arguments of a process; [] if there is none."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return os.fsdecode(file.read()).split("\0")[:-1]
    except OSError:
        return []


def _children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def _is_ours(pid):
    """Does it run under leakgrind?"""
    for word in arguments_of(pid)[1:]:
        if not word.startswith("-"):
            return False
        if word == "--tool=leakgrind":
            return True
    return False


def _find(pid):
    """The process itself, or the one that `leakgrind run` with this number runs."""
    for candidate in [pid, *_children(pid)]:
        if _is_ours(candidate):
            return candidate
    if not arguments_of(pid):
        raise UsageError("there is no process %d" % pid)
    raise UsageError("process %d does not run under leakgrind; start it with "
                     "`leakgrind PROGRAM`" % pid)


class Attached:
    """A process under leakgrind.  pid: its number."""

    def __init__(self, pid):
        self.pid = _find(pid)
        self._vgdb = shutil.which("vgdb")
        if self._vgdb is None:
            raise UsageError("vgdb, which comes with Valgrind, is not on the PATH")

    def is_running(self):
        return _is_ours(self.pid)

    def snapshot(self, label=""):
        """Makes a check; returns the path of the data file that has it now."""
        done = subprocess.run(
            [self._vgdb, "--pid=%d" % self.pid, "snapshot " + label],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace")
        written = re.search(r"(?m)^Snapshot written to (.*)$", done.stdout)
        if written:
            return written[1]
        if "--out-file" in done.stdout:
            raise UsageError("process %d has no data file; start it with `leakgrind "
                             "PROGRAM` or --out-file" % self.pid)
        said = [line for line in done.stderr.splitlines()
                if line and not line.startswith("sending command")]
        raise UsageError("process %d does not answer%s" % (
            self.pid, ": " + said[-1] if said else ""))
