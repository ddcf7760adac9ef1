# SPDX-License-Identifier: GPL-2.0-or-later
"""The end of a run in about ten lines: the worst leaks of all its processes, and what
to do next."""
import os
import shlex

from . import datafile
from .leaks import Own, find_leaks
from .printable import printable

__all__ = ["Process", "Summary", "command_line", "short_path"]

# How many leaks have a line of their own.
SHOWN = 5


def command_line(words, width=60):
    """The command as one would type it, cut off where it is too long."""
    line = printable(" ".join(shlex.quote(word) for word in words))
    return line if len(line) <= width else line[:width - 3] + "..."


def short_path(path):
    """The path, from the working directory if it is below."""
    short = os.path.relpath(path)
    return path if short.startswith("..") else short


def _plural(n, word):
    return "%s %s%s" % (format(n, ","), word, "" if n == 1 else "s")


class Process:
    """What is known of a process that has been run.

    pid; path: of its data file; data: a DataFile, or None, and then `problem` says
    why; messages: LogMessages.  leaks: a list, after find().
    """

    def __init__(self, pid, path, messages):
        self.pid = pid
        self.path = path
        self.messages = messages
        self.leaks = []
        self.data = None
        self.problem = ""
        try:
            self.data = datafile.read(path)
        except OSError as error:
            self.problem = error.strerror
        except datafile.FormatError as error:
            self.problem = str(error)
        self.check = self.data.last_check() if self.data else None

    def find(self, own, only_own):
        """Looks for its leaks: all of them, or one's own."""
        if self.check:
            self.leaks = [leak for leak in find_leaks(self.check, own)
                          if leak.is_own or not only_own]

    def is_python(self):
        return self.check is not None and any(
            frame.language == "python" for record in self.check.records
            for frame in record.stack)

    def name(self):
        if not self.data:
            return "process %d" % self.pid
        program, *words = self.data.command
        return "process %d: %s" % (self.pid, command_line(
            [os.path.basename(program)] +
            [short_path(w) if w.startswith("/") else w for w in words], 40))


class _Merged:
    """The same leak in one or several processes."""

    def __init__(self, leak, process):
        self.leak = leak
        self.processes = [process]

    def add(self, leak, process):
        for record in leak.records:
            self.leak.add(record)
        self.processes.append(process)


class Summary:
    """The results of all processes of a run, the first of which is `processes[0]`.

    names: what else is one's own code (--own).  leaks: the worst first, each with the
    processes in which it is.  errors: the number of errors of heap functions.
    """

    def __init__(self, processes, names=()):
        self.processes = processes
        self.main = processes[0]
        own = Own.of(self.main.data, names) if self.main.data else \
            Own(os.getcwd(), names)
        for process in processes:
            # What a compiler or a shell that was started on the way loses is not
            # what anybody asked about.
            process.find(own, process is not self.main and not process.is_python())
        self.leaks = self._merge()
        self.errors = sum(len(p.messages.errors) for p in processes)

    def _merge(self):
        merged = {}
        for process in self.processes:
            for leak in process.leaks:
                if leak.signature in merged:
                    merged[leak.signature].add(leak, process)
                else:
                    merged[leak.signature] = _Merged(leak, process)
        return sorted(merged.values(), key=lambda m: (
            not m.leak.is_own, not m.leak.error, -m.leak.total_bytes,
            -m.leak.references, m.leak.signature))

    def has_failed(self):
        """Is there anything that counts as an error?"""
        return self.errors > 0 or any(m.leak.error for m in self.leaks)

    def interesting(self):
        """The processes in which something was found, the first one first."""
        return [p for p in self.processes if p.leaks or p.messages.errors]

    # --- In words

    def write(self, out, command, paint, full_names=False, html=True,
              may_ask_who=True):
        """Writes the summary.  command: the words of the program; paint: as
        paint("red", text).  html, may_ask_who: is that a next step?"""
        own = [m for m in self.leaks if m.leak.is_own]
        libraries = [m for m in self.leaks if not m.leak.is_own]
        out.write(paint("bold", "leakgrind: ") + self._heading(
            own, libraries, paint) + ": %s\n" % command_line(command))
        for number, m in enumerate(own[:SHOWN], 1):
            self._write_leak(out, number, m, paint, full_names)
        if len(own) > SHOWN:
            out.write("    and %d more\n" % (len(own) - SHOWN))
        if libraries:
            out.write(self._library_line(libraries))
        self._write_next(out, paint, html)
        spec = self._to_watch() if may_ask_who else None
        if spec:
            out.write("     Who took them: %s\n" % paint("bold", printable(
                "leakgrind --who=%s %s" % (shlex.quote(spec), shlex.join(command)))))

    def _to_watch(self):
        """The objects of the worst leak that has references nobody gave back, as
        --who wants it; None: there is none such."""
        for m in self.leaks:
            record = m.leak.records[0]
            made = next((f for f in record.stack if f.language == "python"), None)
            if (record.references or m.leak.kind == "over-released") and \
                    record.type and made and made.line:
                return "%s@%s:%d" % (record.type, os.path.basename(made.file),
                                     made.line)
        return None

    def _heading(self, own, libraries, paint):
        if not self.main.check:
            return paint("red", "no result")
        if own or libraries:
            size = sum(m.leak.total_bytes for m in self.leaks
                       if m.leak.kind in datafile.LOST_KINDS)
            parts = [_plural(len(own or libraries), "leak") +
                     ("" if own else " of libraries")]
            if size:
                parts.append(_plural(size, "byte") + " lost")
            return paint("red", ", ".join(parts))
        if self.errors:
            return paint("red", "no leaks, but " + _plural(self.errors, "error"))
        return paint("green", "no leaks")

    def _write_leak(self, out, number, merged, paint, full_names):
        where = ""
        if len(merged.processes) > 1:
            where = " (in %d processes)" % len(merged.processes)
        elif merged.processes[0] is not self.main:
            where = " (in %s)" % merged.processes[0].name()
        leak = merged.leak
        sentence = leak.sentence(full_names)
        place = leak.place(full_names)
        if place and leak.where:
            sentence = sentence.replace(place, paint("bold", place), 1)
        out.write(" %2d. %s%s: %s\n" % (
            number, sentence, where, _plural(leak.total_bytes, "byte")))

    def _library_line(self, libraries):
        sizes = {}
        for m in libraries:
            n, size = sizes.get(m.leak.library, (0, 0))
            sizes[m.leak.library] = n + 1, size + m.leak.total_bytes
        worst = sorted(sizes.items(), key=lambda item: (-item[1][1], item[0]))
        names = ["%s (%s bytes)" % (printable(name), format(size, ","))
                 for name, (_, size) in worst[:4]]
        if len(worst) > 4:
            names.append("and %d others" % (len(worst) - 4))
        return "     In libraries: %s: %s\n" % (
            _plural(len(libraries), "leak"), ", ".join(names))

    def _write_next(self, out, paint, html):
        main = self.main
        if not main.data:
            out.write("     No data file: %s: %s\n" % (short_path(main.path),
                                                       main.problem))
        elif not main.check:
            out.write("     The program was gone before it could be checked.\n")
        elif not main.data.finished:
            out.write("     The program was gone before its last check was made; this "
                      "is the one before.\n")
        shown = self.interesting() or ([main] if main.check else [])
        path = shlex.quote(short_path(shown[0].path)) if shown else ""
        if path and not shown[0].data:
            path = ""
        if path and self.leaks:
            out.write("     With stacks:   %s\n" % paint(
                "bold", "leakgrind report " + path))
            if html:
                out.write("     As a page:     %s\n" % paint(
                    "bold", "leakgrind report --html -o leakgrind.html " + path))
        elif path:
            out.write("     What is in use: %s\n" % paint(
                "bold", "leakgrind report " + path))
        for process in shown[1:3]:
            out.write("     Also %s (%s)\n" % (shlex.quote(short_path(process.path)),
                                               process.name()))
        if len(shown) > 3:
            out.write("     and those of %d more processes\n" % (len(shown) - 3))
