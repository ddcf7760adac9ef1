# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program under Valgrind, as if it were run directly.

The program gets the standard streams, the working directory, the environment, the
signal mask and all inherited files as they are.  A signal from the terminal reaches it
from there; one that a process sends to this command is passed on.
"""
import os
import shutil
import signal
import subprocess

from .cli import UsageError

__all__ = ["Ended", "find_valgrind", "find_program", "is_tool_missing", "run"]

TO_INSTALL = "it comes with leakgrind's `make install`, for exactly the Valgrind " \
    "that it was built for; from a build directory, set VALGRIND_LIB to its .in_place"

_PASSED_ON = {signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM,
              signal.SIGUSR1, signal.SIGUSR2}


def find_valgrind():
    """The path of valgrind.  UsageError: there is none."""
    name = os.environ.get("VALGRIND") or "valgrind"
    path = shutil.which(name)
    if path is None:
        raise UsageError("%s is not installed (on Debian: apt install valgrind)" % name
                         if name == "valgrind" else
                         "VALGRIND=%s is no program" % name)
    return path


def is_tool_missing(valgrind):
    """Does this valgrind not have the tool?"""
    try:
        return subprocess.run(
            [valgrind, "--tool=leakgrind", "--version"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0
    except OSError:
        return True


def find_program(name):
    """None, or the exit code of a shell and what is wrong with the program."""
    if shutil.which(name):
        return None
    if "/" in name and os.path.exists(name):
        return 126, "%s: %s" % (name, "is a directory" if os.path.isdir(name)
                                else "permission denied")
    return 127, "%s: not found" % name


class Ended:
    """How a program ended: by exit `code`, or by `signal` (else 0)."""

    def __init__(self, pid, status):
        self.pid = pid
        self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        self.code = 128 + self.signal if self.signal else os.WEXITSTATUS(status)

    def __str__(self):
        if not self.signal:
            return "ended with exit code %d" % self.code
        try:
            return "was killed by %s" % signal.Signals(self.signal).name
        except ValueError:
            return "was killed by signal %d" % self.signal


def _wait(pid, watched, tick, interval):
    while True:
        info = signal.sigtimedwait(watched, interval)
        if info is None:
            tick()
        elif info.si_signo == signal.SIGCHLD:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return status
        elif info.si_code <= 0:
            # A process sent it, and to this one.
            os.kill(pid, info.si_signo)


def run(argv, tick=lambda: None, interval=0.5):
    """Runs argv; returns an Ended.  tick() is called every `interval` seconds."""
    watched = _PASSED_ON | {signal.SIGCHLD}
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # The signals are taken by sigtimedwait.  A handler would not do: what has one
    # here, or is ignored here, is not what it was in the program.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    try:
        # Python ignores these two when it starts.
        pid = os.posix_spawn(argv[0], argv, os.environ, setsigmask=mask,
                             setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
        status = _wait(pid, watched, tick, interval)
        while signal.sigtimedwait(watched, 0):
            pass
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return Ended(pid, status)
