# SPDX-License-Identifier: GPL-2.0-or-later
"""From loss records to leaks: what belongs together, whose it is, what it is called.

A report has a record for each stack; a person has a bug.  A Leak is all records of a
check with the same signature: the same kind of finding, the same type, and the same
functions of the user's own code.  Signatures have no addresses, no line numbers, no
inlined calls and nothing of interpreters, libraries or test functions, so that they
are the same tomorrow, in another test, and with other debug symbols.
"""
import fnmatch
import functools
import functools
import hashlib
import os
import re

from .datafile import LOST_KINDS
from .printable import printable

__all__ = ["Own", "Leak", "find_leaks", "fold", "shorten_name"]

# How many functions of one's own tell one leak from another.
_DEPTH = 4

_RUNTIME = re.compile(
    r"^(ld-linux.*|ld-\d.*|lib(c|m|pthread|dl|rt|stdc\+\+|gcc_s|ffi)[-.].*|vgpreload.*|"
    r"libpython\d.*|python(\d[\d.]*)?[a-z]*)$")
_RUNNERS = re.compile(
    r"/(_pytest|pluggy|pytest|unittest|importlib|xdist|execnet|runpy\.py|nose2?)(/|$)"
    r"|/(runpy|trace|pdb|bdb)\.py$")
_INSTALLED = re.compile(r"/(site|dist)-packages/")
_ASIDE = re.compile(r"/(site-packages|dist-packages|node_modules|\.tox|\.nox|\.venv)/")
_STANDARD = re.compile(r"/lib/python3(\.\d+)?/")
# Templates and inline functions of installed libraries: they are compiled into one's own
# objects.
_INCLUDED = re.compile(r"^/usr/(local/)?include/|/include/c\+\+/|/lib/gcc/")
_OPERATOR = re.compile(r"operator\s*(<<=?|>>=?|<=>|<=?|>=?|->\*?|\(\))")
_TEST = re.compile(r"^(test|Test)")
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|[^/]*_tests|conftest)\.[^/.]+$"
                        r"|(^|/)tests?/")


@functools.lru_cache(maxsize=None)
def is_runtime_object(path):
    """Is it the interpreter, the C library, or leakgrind itself?"""
    return bool(_RUNTIME.match(os.path.basename(path)))


@functools.lru_cache(maxsize=None)
def shorten_name(function, full=False):
    """A C++ name without template arguments, parameters, and what compilers add.

    >>> shorten_name("std::map<int, std::string>::insert(int&&) const")
    'std::map::insert'
    >>> shorten_name("operator new(unsigned long)")
    'operator new'
    """
    if full or not any(c in function for c in "<(.@["):
        return function
    if function.startswith("<") and function.endswith(">"):
        return function  # Python's: <module>, <lambda>
    name = re.sub(r"@+[\w.]+$", "", function)  # a version: memcpy@GLIBC_2.2.5
    name = re.sub(r"\s*\[clone [^]]*\]", "", name)
    name = re.sub(r"\.(constprop|isra|part|cold|lto_priv|llvm)(\.\d+)*", "", name)
    out, depth, i = [], 0, 0
    while i < len(name):
        operator = None if depth else _OPERATOR.match(name, i)
        if operator:
            out.append(operator.group())
            i = operator.end()
            continue
        if name.startswith("(anonymous namespace)", i) and not depth:
            out.append("(anonymous namespace)")
            i += len("(anonymous namespace)")
            continue
        if name[i] == "<":
            depth += 1
        elif name[i] == ">" and depth:
            depth -= 1
        elif name[i] == "(" and not depth:
            break
        elif not depth:
            out.append(name[i])
        i += 1
    short = "".join(out).strip()
    # A function template has its result before its name: "int f<int>(int)".
    if "(" in name and " " in short and "operator" not in short:
        short = short.replace("(anonymous namespace)", "(anonymous\0namespace)")
        short = short.split(" ")[-1].replace("\0", " ")
    return short or function


class Own:
    """Which frames belong to the user's own code.

    Own is what lies below `directory`, but for installed packages there; what `names`
    match (wildcards; of a source file or object, or of its base name, or of a Python
    package); and the program itself, unless it is an interpreter.
    """

    def __init__(self, directory, names=(), program=""):
        self.directory = directory.rstrip("/") + "/"
        self.names = tuple(names)
        self.program = program
        self._known = {}

    @classmethod
    def of(cls, data, names=(), directory=None):
        """As the run that wrote the data file has it."""
        program = data.command[0] if data.command else ""
        return cls(directory or data.header["directory"] or "/", names, program)

    def _is_named(self, path):
        parts = path.split("/")
        return any(fnmatch.fnmatchcase(path, name) or
                   any(fnmatch.fnmatchcase(part.split(".")[0], name) or
                       fnmatch.fnmatchcase(part, name) for part in parts) or
                   path.startswith(name.rstrip("/") + "/")
                   for name in self.names)

    def _is_below(self, path):
        return path.startswith(self.directory) and not _ASIDE.search(
            path[len(self.directory) - 1:])

    def _decide(self, frame):
        if frame.language == "c" and is_runtime_object(frame.object):
            return False
        paths = [path for path in (frame.file, frame.object) if path]
        if any(self._is_named(path) for path in paths):
            return True
        if frame.language == "c" and (_INCLUDED.search(frame.file) or shorten_name(
                frame.function).startswith(("std::", "__gnu_cxx::"))):
            return False
        for path in paths:
            if _RUNNERS.search(path):
                return False
        if any(self._is_below(path) for path in paths):
            return True
        if frame.language == "python":
            # A relative path is that of a script or of a module beside it.
            return not frame.file.startswith(("/", "<"))
        return bool(self.program) and os.path.basename(frame.object) == \
            os.path.basename(self.program) and not _INSTALLED.search(frame.object)

    def __contains__(self, frame):
        key = (frame.language, frame.file, frame.object, frame.function)
        if key not in self._known:
            self._known[key] = self._decide(frame)
        return self._known[key]


def is_test(frame):
    """Is it a test function, or something else that stands in a test's file?"""
    return bool(_TEST.match(frame.function.rpartition("::")[2]) or
                _TEST_FILE.search(frame.file))


@functools.lru_cache(maxsize=None)
def _is_runner(file):
    return file.startswith("<frozen") or bool(_RUNNERS.search(file))


def _is_noise(frame):
    return _is_runner(frame.file) if frame.language == "python" else \
        is_runtime_object(frame.object)


def fold(stack, own, unfolded=False):
    """The frames of the stack that a person wants to see: those of the interpreter, of
    importlib and of the test runner are left out, unless nothing else is there."""
    frames = [f for f in stack if unfolded or f in own or not _is_noise(f)]
    return frames or list(stack)


def library_of(stack):
    """The library, or else the Python package, whose call made the block."""
    for frame in stack:
        path = frame.file if frame.language == "python" else frame.object
        if not path or _is_noise(frame):
            continue
        if _INSTALLED.search(path):
            return re.split("[/.]", _INSTALLED.split(path)[-1])[0]
        if frame.language == "python":
            return "Python's standard library" if _STANDARD.search(path) \
                else os.path.basename(path)
        return os.path.basename(path)
    return os.path.basename(stack[0].object) if stack else ""


def own_frames(stack, own):
    """The functions of one's own that tell a leak from others: without inlined calls,
    and from where the interpreter or a test called them."""
    frames, tests = [], []
    for frame in stack:
        if frame.inlined:
            continue
        if frame not in own:
            if frames:
                break
            continue
        if is_test(frame):
            tests.append(frame)
            if frames:
                break
            continue
        if frames and frame.language != frames[0].language:
            break
        if not frames or frame.function != frames[-1].function:
            frames.append(frame)
        if frame.language == "python" or len(frames) == _DEPTH:
            break
    return tuple(frames or tests[:1])


class Leak:
    """All records of a check with the same signature.

    signature: 12 hexadecimal digits.  kind: of datafile.KINDS, the worst of its
    records'.  type, name, cls: as in Record.  frames: the own functions that are part
    of the signature, the innermost first.  where: the innermost frame of one's own,
    inlined ones included, or None.  library: where no frame is one's own, whose the
    leak is; else "".  records: the largest first.  blocks, bytes, indirect_bytes,
    references: sums.  error: does it count as an error?
    """

    def __init__(self, signature, record, frames, where, library):
        self.signature = signature
        self.kind = record.kind
        self.type = record.type
        self.cls = record.cls
        self.name = record.name
        self.frames = frames
        self.where = where
        self.library = library
        self.records = []
        self.blocks = self.bytes = self.indirect_bytes = self.references = 0
        self.error = False

    def add(self, record):
        self.records.append(record)
        self.blocks += record.blocks
        self.bytes += record.bytes
        self.indirect_bytes += record.indirect_bytes
        self.references += record.references
        self.error = self.error or record.error

    @property
    def total_bytes(self):
        return self.bytes + self.indirect_bytes

    @property
    def is_own(self):
        return not self.library

    def place(self, full_names=False):
        """Where: "split_line (fastcsv.c:35)"."""
        frame = self.where
        if frame is None:
            return printable(self.library)
        return describe_frame(frame, full_names)

    def sentence(self, full_names=False):
        """What it is, in one sentence without a full stop."""
        return printable(self._sentence(full_names))

    def _sentence(self, full_names):
        what = _count_of(self.blocks, self.type)
        made = " made by %s" % self.place(full_names) if self.where else \
            " made in %s" % self.library if self.library else ""
        one = self.blocks == 1
        if self.kind == "reference":
            return "%s to %s%s %s never given back: a missing Py_DECREF" % (
                _plural(self.references, "reference"),
                self.name or what, made,
                "was" if self.references == 1 else "were")
        if self.kind == "over-released":
            return "%s%s %s released once too often: a Py_DECREF too many" % (
                self.name or what, made, "was" if one else "were")
        if self.cls == "cycle":
            return "%s%s %s in a reference cycle that nothing can free" % (
                what, made, "is" if one else "are")
        if self.cls == "uncollected":
            return "%s%s wait%s for Python's collector" % (
                what, made, "s" if one else "")
        if self.cls == "dead":
            return "%s%s %s released, but %s memory was not freed" % (
                what, made, "was" if one else "were", "its" if one else "their")
        if self.kind == "reachable":
            return "%s%s %s still in use" % (what, made, "is" if one else "are")
        if self.references:
            return "%s%s %s never released: a missing Py_DECREF" % (
                what, made, "was" if one else "were")
        return "%s%s %s never freed%s" % (
            what, made, "was" if one else "were",
            ", as far as can be told" if self.kind == "possible" else "")


def _plural(n, word):
    return "%s %s%s" % (format(n, ","), word, "" if n == 1 else "s")


def _count_of(blocks, kind):
    return _plural(blocks, "%s object" % kind if kind else "block")


def describe_frame(frame, full_names=False):
    """"split_line (fastcsv.c:35)"; without a line: "split_line (in libcsv.so)"."""
    return printable(_describe_frame(frame, full_names))


def _describe_frame(frame, full_names):
    function = shorten_name(frame.function, full_names) or "???"
    if frame.file and frame.line:
        return "%s (%s:%d)" % (function, os.path.basename(frame.file), frame.line)
    if frame.object:
        offset = "+0x%x" % frame.offset if frame.offset and not frame.function else ""
        return "%s (in %s%s)" % (function, os.path.basename(frame.object), offset)
    return function


def _group(record):
    """What kinds of findings are one leak."""
    if record.kind in LOST_KINDS:
        return "lost"
    return record.kind


def _sign(record, frames, library):
    parts = [_group(record), record.type]
    if record.kind in ("reference", "over-released"):
        parts.append(record.name)
    if frames:
        parts += ["%s:%s" % (os.path.basename(f.file) if f.language == "python"
                             else "", shorten_name(f.function) or
                             os.path.basename(f.object)) for f in frames]
    else:
        parts.append("library " + library)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")) \
        .hexdigest()[:12]


def find_leaks(check, own, kinds=LOST_KINDS + ("reference", "over-released"),
               cycles=False):
    """The leaks of the check: the user's own before those of libraries, errors first,
    then by bytes.

    Blocks that hang from others ("indirect") are no leaks of their own.  Suppressed
    records are left out, and uncollected cycles, unless `cycles`.
    """
    leaks = {}
    signed = {}
    for record in reversed(check.records):
        if record.suppressed or record.kind == "indirect" or not record.blocks or \
                record.kind not in kinds or \
                record.cls == "uncollected" and not cycles:
            continue
        key = (_group(record), record.type, record.name, record.stack)
        if key not in signed:
            frames = own_frames(record.stack, own)
            where = next((f for f in record.stack if f in own), None)
            library = "" if frames else library_of(record.stack)
            signed[key] = (_sign(record, frames, library), frames, where, library)
        signature, frames, where, library = signed[key]
        if signature not in leaks:
            leaks[signature] = Leak(signature, record, frames, where, library)
        leaks[signature].add(record)
    return sorted(leaks.values(), key=lambda leak: (
        not leak.is_own, not leak.error, -leak.total_bytes, -leak.references,
        leak.signature))
