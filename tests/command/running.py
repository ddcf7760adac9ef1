# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of the command share: a folder with built programs, and the command run
in it, as the installed script runs it."""
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import sysconfig
import tempfile
import termios
import time
import unittest

SOURCE = os.path.abspath(os.environ.get("LG_SRCDIR", "."))
PACKAGE = os.path.join(SOURCE, "command")
GUESTS = os.path.join(SOURCE, "tests/command/guests")
TIMEOUT = 120 * float(os.environ.get("LG_SLOWDOWN", "1"))

# As command/bin/leakgrind.in, but from the source.  The program that is run gets the
# environment as it is, so PYTHONPATH is no way.
COMMAND = [sys.executable, "-c", "import sys; sys.path.insert(0, %r); "
           "from leakgrind.cli import main; sys.exit(main())" % PACKAGE]

# Of the programs: that of the test run, or Debian's.  (A shim is a shell script.)
PYTHON = os.environ.get("LG_PYTHON") or (
    "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable)


def include_folder():
    """Where PYTHON's headers are, or None."""
    folder = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_paths()['include'])"],
        stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return folder if os.path.exists(os.path.join(folder, "Python.h")) else None


class CommandTest(unittest.TestCase):
    """A test in a folder of its own, which is the working directory of what is run."""

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="leakgrind-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as out:
            out.write(text)
        return self.path(name)

    def copy(self, name):
        return shutil.copy(os.path.join(GUESTS, name), self.path(name))

    def build(self, source, out, *options, compiler="CC"):
        """Compiles source, which is a file in the folder."""
        program = os.environ.get(compiler) or {"CC": "cc", "CXX": "c++"}[compiler]
        subprocess.run([*program.split(), "-g", "-gdwarf-4", "-O0", source, "-o", out,
                        *options], cwd=self.folder, check=True)
        return self.path(out)

    def build_extension(self, source, name):
        include = include_folder()
        if include is None:
            self.skipTest("%s has no headers" % PYTHON)
        return self.build(source, name + sysconfig.get_config_var("SHLIB_SUFFIX"),
                          "-fPIC", "-shared", "-I" + include)

    def run_in(self, words, stdin="", **changes):
        """Runs words in the folder; changes: of the environment, None: is not set.
        Returns a CompletedProcess."""
        environment = {name: value for name, value in
                       dict(os.environ, **changes).items() if value is not None}
        return subprocess.run(
            words, cwd=self.folder, env=environment, input=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=TIMEOUT)

    def command(self, *words, **others):
        """The same with the command and its arguments."""
        return self.run_in([*COMMAND, *words], **others)

    def lines(self, *words, code, **others):
        """The lines that the command writes to standard error.  It must end with
        this exit code."""
        done = self.command(*words, **others)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.splitlines()

    def data_files(self):
        return sorted(name for name in os.listdir(self.folder)
                      if name.startswith("leakgrind.out.") and
                      not name.endswith(".log"))

    def run_on_terminal(self, words, typed=(), **changes):
        """Runs words on a terminal of their own; returns what appears there, and the
        exit code.  typed: pairs of what must have appeared, and what is typed then."""
        pid, terminal = pty.fork()
        if pid == 0:
            # A shell that runs the tests in the background ignores it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
            os.chdir(self.folder)
            os.environ.update(changes, TERM="xterm")
            os.execvp(words[0], words)
        seen, mark, typed = b"", 0, list(typed)
        end = time.monotonic() + TIMEOUT
        while True:
            if time.monotonic() > end:
                os.killpg(pid, signal.SIGKILL)
                self.fail("it goes on: %r" % seen)
            if select.select([terminal], [], [], 1)[0]:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:
                    break  # all that had it open have ended
                if not piece:
                    break
                seen += piece
            if typed and typed[0][0] in seen[mark:]:
                mark = len(seen)
                os.write(terminal, typed.pop(0)[1])
        os.close(terminal)
        return seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
