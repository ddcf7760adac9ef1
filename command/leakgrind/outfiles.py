# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a run: a data file and a log for each process.

Valgrind writes a log for every process that it runs, in a folder of this run's own.
So the names there say which processes belong to the run; the data files are where the
user wants them, among those of other runs.
"""
import os
import re
import shutil
import tempfile
import time

from .cli import UsageError

__all__ = ["OutFiles", "LogMessages"]

# Who took or gave back a reference; without a number, once.
_REFERENCES = re.compile(
    r" (?:([\d,]+) x )?(.*: (?:never given back|not taken before))$")

DEFAULT = "leakgrind.out.%p"


def _escape(path):
    """As Valgrind reads file names."""
    return path.replace("%", "%%")


class LogMessages:
    """What Valgrind has said of a process, but for loss records.

    text: all of it; errors: the headings of errors that have a stack, such as an
    invalid free; references: {who did what with references to watched objects: how
    often}; notes: the other messages, each in a line.
    """

    def __init__(self, text):
        lines = [re.sub(r"^(==|\*\*|--)\d+\1 ?", "", line).rstrip()
                 for line in text.splitlines()]
        self.text = text
        self.errors, self.notes = [], []
        self.references = {}
        for line in lines:
            found = _REFERENCES.match(line)
            if found:
                self.references[found[2]] = self.references.get(found[2], 0) + \
                    int((found[1] or "1").replace(",", ""))
        for part in "\n".join(lines).split("\n\n"):
            part = part.strip("\n")
            if re.search(r"^ +at 0x", part, re.MULTILINE):
                if " in loss record " not in part and \
                        not _REFERENCES.match(part.splitlines()[0]):
                    self.errors.append(part.splitlines()[0].strip())
            elif re.match(r"(Warning|Note|WARNING|\S.* was not intercepted)", part):
                self.notes.append(" ".join(part.split()))


class OutFiles:
    """name: of the data file, with %p for the process, or None.  children: do
    programs that the program starts write such files, too?"""

    def __init__(self, name, children):
        self.is_chosen = name is not None
        name = name or DEFAULT
        if "%" in re.sub("%[p%]", "", name):
            raise UsageError("--out-file=%s: only %%p and %%%% are known" % name)
        folder = os.path.dirname(os.path.abspath(name))
        if not os.path.isdir(folder):
            raise UsageError("%s: no such folder (--out-file)" % folder)
        if not os.access(folder, os.W_OK):
            raise UsageError("%s: cannot be written to; choose another place with "
                             "--out-file" % folder)
        # One file cannot have the results of several processes.  That of the first
        # one gets its name in the end.
        self._single = None
        if children and "%p" not in name.replace("%%", ""):
            self._single = self._path(name, 0)
            name += ".%p"
        self._name = name
        self._first = None
        self._logs = tempfile.mkdtemp(prefix="leakgrind-")
        if os.getuid() == 0:
            os.chmod(self._logs, 0o1777)  # a program may give up its rights

    def _path(self, name, pid):
        return re.sub("%([p%])", lambda m: str(pid) if m[1] == "p" else "%", name)

    def options(self):
        """The options of Valgrind for these files."""
        place = "" if os.path.isabs(self._name) else _escape(os.getcwd()) + "/"
        return ["--out-file=" + place + self._name,
                "--log-file=" + _escape(self._logs) + "/%p"]

    def processes(self):
        """The numbers of all processes that Valgrind has run."""
        return sorted(int(name) for name in os.listdir(self._logs) if name.isdigit())

    def running(self):
        """Those that have not ended yet."""
        return [pid for pid in self.processes() if os.path.exists("/proc/%d" % pid)]

    def wait(self, seconds):
        """Waits until all have ended, but not longer than that."""
        end = time.monotonic() + seconds
        while self.running() and time.monotonic() < end:
            time.sleep(0.05)

    def data(self, pid):
        """The path of the data file of a process."""
        if self._single and pid == self._first:
            return self._single
        return self._path(self._name, pid)

    def messages(self, pid):
        try:
            with open(os.path.join(self._logs, str(pid)), errors="replace") as log:
                return LogMessages(log.read())
        except OSError:
            return LogMessages("")

    def keep_log(self, pid):
        """Puts the log beside the data file; returns its path."""
        path = self.data(pid) + ".log"
        shutil.copyfile(os.path.join(self._logs, str(pid)), path)
        return path

    def settle(self, pid):
        """The first process, `pid`, has ended: its data file gets the name that the
        user has chosen."""
        if self._single and os.path.exists(self.data(pid)):
            os.replace(self.data(pid), self._single)
            self._first = pid

    def close(self):
        """Removes the logs, unless a process that has outlived the first one may
        still start others, which need their folder."""
        if not self.running():
            shutil.rmtree(self._logs, ignore_errors=True)
