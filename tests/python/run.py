#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py FILE.pycase: runs Python programs under leakgrind and checks exactly
what the report says.

A .pycase file has lines "key: value"; a line with # is a comment.  Before the
first run:
    needs: MODULE PACKAGE   skipped unless Python can import it
    needs-built: FILE       skipped unless this file was built
    compiles: FILE PACKAGE  compiles this module of C++ or Cython, and is skipped if
                            that cannot be done
    asks: PROGRAM           skipped unless this program of the build directory
                            exits with 0
    values: VALUE ...       repeats all runs with each of these values; $VALUE
                            in their lines stands for it
Each "run:" begins a run, and the lines after it belong to it:
    run: GUEST.py ARGUMENTS the guest is in guests/
    program: NAME           runs this program of the build directory instead of
                            Python
    python: OPTIONS         options of the interpreter
    env: NAME=VALUE ...
    options: OPTIONS        options of leakgrind
    rerun: yes              makes the run twice, the second time with the --py-watch
                            options that the first one's report names; then taken:
                            lines are for that
    if-leaking: yes         makes the run only if its function, listed in leaks.py,
                            leaks in this Python: the bug may have been repaired
    exit: STATUS            exit status of the program, if not 0
    stdout: REGEX           must match in the program's output
    stderr: REGEX           the same for stderr, with leakgrind's own lines
    children: N             N processes besides the first one write reports
    execs: N                N more processes begin a report, and then exec another
                            program
    report: text            the report is text instead of XML, made without extra
                            options, and must say that there are no errors and that
                            nothing is lost
    text: REGEX             must match in a text report, which is then checked for
                            nothing else
    lost: KIND BLOCKS TYPE  the loss records of this kind and Python type (-: no
                            object; *: any) must have this number of blocks in all
                            (N-M: between these; N-: at least; *: any number above
                            0; ?: any).
                            The lines that follow restrict it to records that
      c: FUNCTION@OBJECT      have this C frame (either part may be missing),
      py: FUNCTION@FILE [MARK]  have these Python frames, innermost first (its line
                              is the one that ends in "# MARK"),
      cycle: yes              are cycles (or only those that are: lost, uncollected),
      class: NAME             are classes, the first of them with this name, a shell
                              pattern (of objects in use: the first that has a
                              name),
      taken: REGEX            say this of --py-watch; several: in this order, and
                              nothing else,
      watch: REGEX            say that this --py-watch would tell more (in these
                              and in text:, {FILE MARK} is the number of the line
                              that ends in "# MARK" or "/* MARK */");
                            or give more numbers, likewise, for these records:
      bytes: N                bytes in all
      references: N           references that nobody holds, or that are too few
      in-c: N                 pointers or references in C memory
      records: N              loss records
      in-child: yes           means the reports of the other processes
A line may begin with the versions of Python that it is for: "[3.13-] ", "[-3.12] "
or "[3.10-3.12] ".  For other versions it is left out, with all lines that belong to
it.  A file without a run for the version is skipped.
A record that fits no "lost:" line is a failure, unless it is reachable; except that indirect losses
are ignored if there are "lost:" lines and none of them is about indirect losses.

Exit code 0: passed; 77: skipped; 1: failed."""

import copy
import fnmatch
import functools
import os
import re
import shlex
import shutil
import subprocess
import sys

import interpreter
import leaks
import xmlreport

SKIP = 77
TIMEOUT = 1200 * float(os.environ.get("LG_SLOWDOWN", "1"))
GUESTS = leaks.GUESTS
NOTHING_LOST = re.compile(
    r"(?s)All heap blocks were freed -- no leaks are possible|"
    r"definitely lost: 0 bytes in 0 blocks\n"
    r".* indirectly lost: 0 bytes in 0 blocks\n"
    r".* possibly lost: 0 bytes in 0 blocks\n")
NO_ERRORS = "ERROR SUMMARY: 0 errors from 0 contexts"

RUN_KEYS = {"program", "python", "env", "options", "exit", "stdout", "stderr",
            "children", "execs", "report", "text", "if-leaking", "rerun"}
LOST_KEYS = {"c", "py", "class", "cycle", "bytes", "references", "records",
             "in-child", "in-c", "taken", "watch"}


class CaseError(Exception):
    """The .pycase file is wrong."""


class Skipped(Exception):
    """Its text says why."""


# ---- What a .pycase file says ----------------------------------------------

class FrameWanted:
    """FUNCTION@FILE [MARK], or FUNCTION@OBJECT."""

    def __init__(self, text):
        where, _, self.mark = text.partition(" ")
        self.function, _, self.file = where.partition("@")
        self.line = find_mark(self.file, self.mark) if self.mark else None

    def fits_python(self, frame):
        return (self.function == frame.function
                and self.file == frame.file
                and self.line in (None, frame.line))

    def fits_c(self, frame):
        return (not frame.is_python
                and self.function in ("", frame.function)
                and self.file in ("", frame.object))


def find_mark(name, mark):
    """The number of the line that ends in "# MARK", of a guest, or in
    "/* MARK */", of a C source."""
    path = os.path.join(GUESTS, name)
    if not os.path.exists(path):
        path = os.path.join(GUESTS, "..", name)
    with open(path, encoding="utf-8") as source:
        found = [number for number, line in enumerate(source, 1)
                 if line.rstrip().endswith(("# " + mark, "/* %s */" % mark))]
    if len(found) != 1:
        raise CaseError("%s has %d lines with the mark %r"
                        % (name, len(found), mark))
    return found[0]


def is_within(wanted, number):
    """`wanted` as after "lost: KIND"."""
    if wanted in ("*", "?"):
        return number >= int(wanted == "*")
    least, dash, most = wanted.partition("-")
    return int(least) <= number and (
        number <= int(most or least) or (dash and not most))


def with_lines(regex):
    return re.sub(r"\{(\S+\.\w+) ([^}]*)\}",
                  lambda m: str(find_mark(*m.groups())), regex)


class Lost:
    def __init__(self, text):
        self.text = text
        self.kind, self.blocks, self.type = text.split(None, 2)
        self.c, self.py, self.numbers = [], [], {}
        self.named = self.cycle = self.watch = None
        self.taken = []
        self.in_child = False

    def add(self, key, value):
        if key == "c":
            self.c.append(FrameWanted(value))
        elif key == "py":
            self.py.append(FrameWanted(value))
        elif key == "class":
            self.named = value
        elif key == "cycle":
            self.cycle = value
        elif key == "taken":
            self.taken.append(with_lines(value))
        elif key == "watch":
            self.watch = with_lines(value)
        elif key == "in-child":
            self.in_child = True
        else:
            self.numbers[key] = value

    def fits(self, record):
        python_frames = record.python_frames()
        return (record.kind == self.kind
                and self.type in ("*", record.type)
                and (self.named is None
                     or fnmatch.fnmatchcase(record.named, self.named))
                and (self.kind == "indirect"
                     or (record.is_cycle if self.cycle == "yes"
                         else record.cycle == self.cycle))
                and self.fits_watch(record)
                and all(any(c.fits_c(f) for f in record.frames)
                        for c in self.c)
                and len(python_frames) >= len(self.py)
                and all(p.fits_python(f)
                        for p, f in zip(self.py, python_frames)))

    def fits_watch(self, record):
        return ((not self.taken or len(record.taken) == len(self.taken)
                 and all(map(re.fullmatch, self.taken, record.taken)))
                and (self.watch is None
                     or re.fullmatch(self.watch, record.watch)))

    def check(self, records):
        """The problems of the records that fit."""
        blocks = sum(r.blocks for r in records)
        if not is_within(self.blocks, blocks):
            yield "expected %s blocks, found %d" % (self.blocks, blocks)
        actual = {"bytes": sum(r.bytes for r in records),
                  "references": sum(r.references for r in records),
                  "in-c": sum(r.c_references for r in records),
                  "records": len(records)}
        for key, wanted in self.numbers.items():
            if not is_within(wanted, actual[key]):
                yield "expected %s: %s, found %d" % (key, wanted, actual[key])


class Run:
    def __init__(self, command):
        self.command = command
        self.lost = []
        self.values = {}

    def add(self, key, value):
        if key == "lost":
            self.lost.append(Lost(value))
        elif key in LOST_KEYS and self.lost:
            self.lost[-1].add(key, value)
        elif key in RUN_KEYS:
            value = with_lines(value) if key == "text" else value
            self.values.setdefault(key, []).append(value)
        else:
            raise CaseError("not understood here: %s" % key)

    def expecting(self, what):
        """The same run, which expects of --py-watch only `what`: that it is named
        ("watch"), or what it prints ("taken")."""
        one = copy.deepcopy(self)
        for lost in one.lost:
            if what == "watch":
                lost.taken = []
            else:
                lost.watch = None
        return one

    def words_of_command(self):
        return shlex.split(self.command)

    def words(self, key):
        return shlex.split(" ".join(self.values.get(key, [])))

    def one(self, key, default=None):
        return self.values.get(key, [default])[-1]


UNQUALIFIED = re.compile(r"^[^@]*\.(?=[^@.]*@)")
VERSIONS = re.compile(r"\[(?:(\d+)\.(\d+))?-(?:(\d+)\.(\d+))?\]\s*")


def relevant(lines, python_version):
    """Yields the lines that say something for this version of Python, as
    (key, value).  `python_version` is called when it matters.  Functions have
    no qualified names before 3.11, and list comprehensions have no frames from
    3.12 on."""
    # The keys of lines that belong to a line that is left out.
    left_out = set()
    for line in lines:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = VERSIONS.match(line)
        key, colon, value = line[match.end() if match else 0:].partition(":")
        if not colon:
            raise CaseError("no key: %s" % line)
        if key in left_out:
            continue
        left_out = set()
        if match:
            least, most = match.group(1, 2), match.group(3, 4)
            version = python_version()
            if (least[0] and version < tuple(map(int, least))) \
                    or (most[0] and version > tuple(map(int, most))):
                left_out = {"run": RUN_KEYS | LOST_KEYS | {"lost"},
                            "lost": LOST_KEYS}.get(key, set())
                continue
        value = value.strip()
        if key == "py" and python_version() < (3, 11):
            value = UNQUALIFIED.sub("", value)
        elif (key == "py" and "<listcomp>@" in value
              and python_version() >= (3, 12)):
            continue
        yield key, value


def parse(text, python_version):
    """The needs of the test, and its runs, with each of its values."""
    needs, values, lines = [], [], []
    for key, value in relevant(text, python_version):
        if lines or key == "run":
            lines.append((key, value))
        elif key == "values":
            values += value.split()
        elif key in ("needs", "needs-built", "compiles", "asks"):
            needs.append((key, value.split()))
        else:
            raise CaseError("before the first run: %s" % key)
    if not lines:
        raise Skipped("no run is for this version of Python")
    runs = []
    for one in values or ["$VALUE"]:
        for key, value in lines:
            value = value.replace("$VALUE", one)
            if key == "run":
                runs.append(Run(value))
            else:
                runs[-1].add(key, value)
    return needs, runs


# ---- Running ---------------------------------------------------------------

class Site:
    """Where things are."""

    def __init__(self):
        self.build_dir = os.path.join(
            os.environ.get("LG_BUILDDIR") or ".", "tests", "python")
        self.build_dir = os.path.abspath(self.build_dir)
        self.top_build_dir = os.path.dirname(os.path.dirname(self.build_dir))
        self.python = os.environ.get("PYTHON3") or "/usr/bin/python3"
        if interpreter.named():
            self.python = interpreter.named()
            self.build_dir = interpreter.build(self.python, self.build_dir)
        self.libs = [self.build_dir]
        self.valgrind = os.environ.get("VALGRIND") or "valgrind"

    def environment(self):
        environment = dict(os.environ)
        for name in [n for n in environment if n.startswith("PYTHON")]:
            del environment[name]
        environment.update(
            LG_GUEST_LIBS=os.pathsep.join(self.libs), PYTHONDONTWRITEBYTECODE="1",
            VALGRIND_OPTS="", DEBUGINFOD_URLS="", LC_ALL="C.UTF-8")
        environment.setdefault("VALGRIND_LIB", os.path.join(
            self.top_build_dir, ".in_place"))
        return environment

    @functools.lru_cache(maxsize=None)
    def python_version(self):
        """(major, minor)"""
        said = subprocess.run(
            [self.python, "-c", "import sys; print(*sys.version_info[:2])"],
            env=self.environment(), stdout=subprocess.PIPE, check=True)
        return tuple(map(int, said.stdout.split()))

    def check_needs(self, needs, scratch=None):
        for key, words in needs:
            if key == "needs-built":
                if not os.path.exists(os.path.join(self.build_dir, words[0])):
                    raise Skipped("%s was not built: %s has no headers, or no "
                                  "shared library"
                                  % (words[0], self.python))
            elif key == "compiles":
                os.makedirs(scratch, exist_ok=True)
                if not interpreter.compile_module(self.python, words[0],
                                                  scratch):
                    raise Skipped("%s cannot be compiled for %s (package %s)"
                                  % (words[0], self.python, words[1]))
                self.libs.append(scratch)
            elif key == "asks":
                if subprocess.call([os.path.join(self.top_build_dir, "tests",
                                                 "python", words[0])]):
                    raise Skipped("%s says no" % os.path.basename(words[0]))
            elif subprocess.run([self.python, "-c", "import " + words[0]],
                                env=self.environment(),
                                stderr=subprocess.DEVNULL,
                                check=False).returncode:
                raise Skipped("%s has no module %s (package %s)"
                              % (self.python, words[0], words[1]))

    def can_leak(self, run):
        """False if the run is for a leak that this Python does not have."""
        if not run.one("if-leaking"):
            return True
        guest, function = run.words_of_command()[:2]
        if leaks.leaks_here(self, guest, function):
            return True
        print("not run: %s: no such leak here" % run.command)
        return False

    def command(self, run, options):
        words = run.words_of_command()
        if words and words[0].endswith(".py"):
            words[0] = os.path.join(GUESTS, words[0])
        program = run.one("program")
        if program:
            program = [os.path.join(self.build_dir, program)]
        else:
            program = [self.python] + run.words("python")
        return ([self.valgrind, "--tool=leakgrind"] + options
                + run.words("options") + program + words)


def run_guest(site, run, scratch, options):
    """Runs it in the scratch directory; returns its output and pid."""
    environment = site.environment()
    environment.update(pair.split("=", 1) for pair in run.words("env"))
    command = site.command(run, options)
    print("$ " + " ".join(shlex.quote(word)
                          for word in run.words("env") + command), flush=True)
    with subprocess.Popen(command, cwd=scratch, env=environment, text=True,
                          stdin=subprocess.DEVNULL, errors="backslashreplace",
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as guest:
        try:
            out, err = guest.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            guest.kill()
            out, err = guest.communicate()
            err += "\nkilled after %d seconds" % TIMEOUT
        return guest.pid, guest.returncode, out, err


def check_lost(lost, records):
    """The problems of a report's loss records."""
    unmatched = list(records)
    for wanted in lost:
        fitting = [r for r in unmatched if wanted.fits(r)]
        unmatched = [r for r in unmatched if r not in fitting]
        for problem in wanted.check(fitting):
            yield "lost: %s: %s" % (wanted.text, problem)
    any_indirect = lost and not any(w.kind == "indirect" for w in lost)
    for record in unmatched:
        if record.kind != "reachable" \
                and not (any_indirect and record.kind == "indirect"):
            yield "not expected: %s" % record


def check_reports(run, scratch, pid):
    """The problems of the XML of the first process and of the others."""
    mine = "report.%d.xml" % pid
    names = sorted(n for n in os.listdir(scratch) if n.endswith(".xml"))
    if mine not in names:
        yield "no report"
        return
    reports = {}
    unfinished = 0
    for name in names:
        try:
            reports[name] = xmlreport.Report(os.path.join(scratch, name))
        except xmlreport.ElementTree.ParseError as reason:
            unfinished += 1
            if name == mine:
                yield "the report is not well-formed: %s" % reason
        except (TypeError, KeyError, ValueError) as reason:
            yield "%s: not a report as expected: %r" % (name, reason)
    for key, actual in (("children", len(reports) - 1), ("execs", unfinished)):
        if actual != int(run.one(key, "0")):
            yield "%s: %d" % (key, actual)
    for name, report in sorted(reports.items()):
        if not report.finished:
            yield "%s: not complete" % name
        for kind in report.others:
            yield "%s: %s" % (name, kind)
        lost = [w for w in run.lost if w.in_child == (name != mine)]
        for problem in check_lost(lost, report.records):
            yield problem if name == mine else "in a child: " + problem


def check_text(run, err):
    for regex in run.values.get("text", []):
        if not re.search(regex, err):
            yield "no %r in the report" % regex
    if "text" not in run.values:
        if not NOTHING_LOST.search(err):
            yield "something is lost"
        if NO_ERRORS not in err:
            yield "there are errors"


def perform_once(site, run, scratch):
    """Makes one run; returns the list of its problems."""
    is_text = run.one("report") == "text"
    options = [] if is_text else [
        "--xml=yes", "--xml-file=report.%p.xml",
        "--show-leak-kinds=definite,indirect,possible,reference,over-released"]
    pid, status, out, err = run_guest(site, run, scratch, options)
    problems = []
    if status != int(run.one("exit", "0")):
        problems.append("exit status %d" % status)
    for key, text in (("stdout", out), ("stderr", err)):
        for regex in run.values.get(key, []):
            if not re.search(regex, text):
                problems.append("no %r on %s" % (regex, key))
    problems += check_text(run, err) if is_text \
        else check_reports(run, scratch, pid)
    if problems:
        print(out + err)
    return problems


def watch_options(scratch):
    """The --py-watch options that the reports there name."""
    return sorted({
        "--py-watch=" + record.watch
        for name in os.listdir(scratch)
        for record in xmlreport.Report(os.path.join(scratch, name)).records
        if record.watch})


def perform(site, run, scratch):
    """Makes one run, or two (rerun: yes); returns the list of its problems."""
    if not run.one("rerun"):
        return perform_once(site, run, scratch)
    again = os.path.join(scratch, "again")
    problems = perform_once(site, run.expecting("watch"), scratch)
    if not problems:
        second = run.expecting("taken")
        second.values.setdefault("options", []).extend(
            map(shlex.quote, watch_options(scratch)))
        os.mkdir(again)
        problems = perform_once(site, second, again)
    return problems


def main(argv):
    if len(argv) != 1 or not argv[0].endswith(".pycase"):
        print(__doc__, file=sys.stderr)
        return 2
    site = Site()
    name = os.path.basename(argv[0])[:-len(".pycase")]
    scratch = os.path.join(site.build_dir, name + ".tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    failed = False
    try:
        with open(argv[0], encoding="utf-8") as text:
            needs, runs = parse(text, site.python_version)
        site.check_needs(needs, scratch)
        runs = [run for run in runs if site.can_leak(run)]
        if not runs:
            raise Skipped("the leak has been repaired in this Python, or came "
                          "later")
        for number, run in enumerate(runs):
            place = os.path.join(scratch, str(number))
            os.makedirs(place)
            for problem in perform(site, run, place):
                print("FAIL: %s" % problem)
                failed = True
    except Skipped as reason:
        print("SKIP: %s" % reason)
        return SKIP
    except CaseError as reason:
        print("FAIL: %s: %s" % (argv[0], reason))
        return 1
    if failed:
        print("the reports are kept in " + scratch)
        return 1
    shutil.rmtree(scratch, ignore_errors=True)
    print("PASS")
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
