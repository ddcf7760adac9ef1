# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the data files that leakgrind writes (--out-file).

docs/file-format.md describes the format.  read() returns what a file says as plain
objects; nothing is interpreted here.  What the tool was writing when it ended is left
out: a file ends with its last whole check.
"""
import collections
import gc
import json
import re

__all__ = ["read", "Following", "FormatError", "DataFile", "Check", "Record",
           "Frame", "Owner", "Point", "KINDS", "LOST_KINDS"]

VERSION = 1

KINDS = ("definite", "indirect", "possible", "reachable", "reference",
         "over-released")
LOST_KINDS = ("definite", "indirect", "possible")
CLASSES = ("", "cycle", "uncollected", "dead", "own-type", "thread")

SUPPRESSED, ERROR = 1, 2

Owner = collections.namedtuple("Owner", "name bytes blocks types")
Owner.__doc__ = """What a place in the program retains.

name: as in "app.cache.CACHE"; types: a tuple of (type, blocks, bytes), the largest
first; of blocks without a type, type is ""."""

Point = collections.namedtuple("Point", "at bytes blocks types lines owners")
Point.__doc__ = """A point of the course.

at: milliseconds of run time or bytes allocated (DataFile.course_unit); bytes and
blocks: dicts by "definite", "indirect", "possible", "cycles", "reachable" and
"excused"; types, lines, owners: tuples of (name, blocks, bytes), the largest first."""

Path = collections.namedtuple("Path", "blocks steps")
Path.__doc__ = """How `blocks` blocks of a record are reached: a tuple of steps, the
root first."""


class FormatError(Exception):
    """The file is none of leakgrind's, or is damaged.  str() is a message for
    people."""


class Frame(collections.namedtuple(
        "Frame", "language function file line object offset inlined")):
    """A call.

    language: "c" or "python".  function, file, object: "" if not known.  line: 0 if
    not known.  offset: of the instruction in the object, where the function is not
    known.  inlined: the call has no frame of its own in the machine's stack; the next
    outer frame has.
    """
    __slots__ = ()


class Record:
    """A group of blocks with the same kind, class, type and stack.

    number: in the report, 1 is the first (and smallest) of the check.
    kind: one of KINDS.  cls: one of CLASSES, why it is lost if that is known.
    type: the Python type, or "".  name: of the object or class, or "".
    stack: a tuple of Frames, the innermost first.
    blocks, bytes: of the record; indirect_bytes: of what hangs from it.
    old_blocks, old_bytes: at the check before.
    references: references that nobody holds (of kind "over-released": that are
        missing).
    c_references: references in C memory.
    suppressed: a suppression entry matches.  error: counts as an error.
    paths: a list of Paths, the most frequent first.
    """
    __slots__ = ("number", "kind", "cls", "type", "name", "stack", "blocks", "bytes",
                 "indirect_bytes", "references", "c_references", "suppressed",
                 "error", "old_blocks", "old_bytes", "paths",
                 "_reader", "_stack", "_paths")

    # A report has many records, and most readers look at few of them.
    def __getattr__(self, name):
        if name == "stack":
            self.stack = self._reader.stacks.sequence(self._stack)
            return self.stack
        if name == "paths":
            self.paths = [
                Path(self.blocks if blocks is None else blocks,
                     self._reader.paths.sequence(path)[::-1])
                for path, blocks in self._paths]
            return self.paths
        raise AttributeError(name)

    @property
    def total_bytes(self):
        """The bytes that would not be there without the bug."""
        return self.bytes + self.indirect_bytes

    def __repr__(self):
        return "<Record %d: %d %s %s>" % (self.number, self.blocks, self.kind,
                                          self.type)


class Check:
    """A leak check.

    number: 1, 2, ... in the file.  moment: "exit", "finalize" (Python's interpreter
    is about to end), "request" or "monitor".  label: of the program's choice.
    time: milliseconds since the start.  records: in report order, the largest last.
    owners: the largest first.  totals: {kind: (blocks, bytes)}, and "suppressed" and
    "cycles".
    """

    def __init__(self, number, moment, label, time):
        self.number = number
        self.moment = moment
        self.label = label
        self.time = time
        self.records = []
        self.owners = []
        self.totals = {}


class DataFile:
    """All that a file says.

    path; header: a dict (version, tool, valgrind, arch, pid, command, options,
    directory); checks; course: a list of Points; course_unit: "ms" or "B";
    finished: the run came to its end; stacks: all of them (see symbols.py);
    build_ids: {object: hexadecimal digits}, of objects that have one.
    """

    def __init__(self, path, header, stacks):
        self.path = path
        self.header = header
        self.checks = []
        self.course = []
        self.course_unit = "ms"
        self.finished = False
        self.stacks = stacks
        self.build_ids = {}

    @property
    def command(self):
        return self.header["command"]

    def last_check(self):
        """The check that says what is lost: the last one; None: there is none."""
        return self.checks[-1] if self.checks else None

    def check_of_use(self):
        """The check that says what is kept: when Python's finalization began, or
        else the last one; None: there is none."""
        for check in reversed(self.checks):
            if check.moment == "finalize":
                return check
        return self.last_check()


def _need(condition):
    if not condition:
        raise ValueError


def _count(value):
    """A number of 64 bits that is none below 0."""
    if type(value) is int and 0 <= value < 1 << 64:
        return value
    raise ValueError


# No stack and no path of the tool is as long.  Without a limit, a small file could need
# all memory: with a long stack, and many others that go on from it.
_MAX_LENGTH = 5000


class Sequences:
    """Sequences, each of which is another one and one more item."""

    def __init__(self):
        self.nodes = [(0, None, 0)]  # the node before, the item, how many there are
        self.known = {}
        self.replaced = {}

    def items(self):
        """Each item once."""
        return {item for _, item, _ in self.nodes[1:]}

    def replace(self, others):
        """Has others[item], a tuple, in the place of an item."""
        self.replaced.update(others)
        self.known.clear()

    def add(self, before, items):
        _need(type(before) is int and 0 <= before < len(self.nodes))
        length = self.nodes[before][2]
        _need(length + len(items) <= _MAX_LENGTH)
        for item in items:
            length += 1
            self.nodes.append((before, item, length))
            before = len(self.nodes) - 1

    def sequence(self, number):
        """Its items, the last one first.  The number is one of a node."""
        if number not in self.known:
            items = []
            before = number
            while before:
                before, item, _ = self.nodes[before]
                items += self.replaced.get(item, (item,))
            self.known[number] = tuple(items)
        return self.known[number]


class _Reader:
    """Reads lines, and keeps what they define."""

    def __init__(self, path):
        self.file = None
        self.file_path = path
        self.strings = [""]
        self.frames = [None]
        self.stacks = Sequences()
        self.paths = Sequences()
        self.check = None
        self.points = None
        self.lines = {"s": self.string, "b": self.build_id, "f": self.frame,
                      "t": self.stack, "w": self.way, "r": self.record, "p": self.path,
                      "o": self.owner, "y": self.owner_type, "c": self.point,
                      "d": self.detail}

    def at(self, table, number):
        if type(number) is int and 0 <= number < len(table):
            return table[number]
        raise ValueError

    def text(self, number):
        return self.at(self.strings, number)

    # --- Definitions

    def build_id(self, obj, digits):
        _need(type(digits) is str)
        self.file.build_ids[self.text(obj)] = digits

    def string(self, text):
        _need(type(text) is str)
        self.strings.append(text)

    def frame(self, language, function, file, line, obj, offset, inlined):
        _need(language in ("c", "python"))
        self.frames.append(Frame(
            language, self.text(function), self.text(file), _count(line),
            self.text(obj), _count(offset), bool(inlined)))

    def stack(self, outer, *frames):
        for frame in frames:
            _need(frame != 0)
        self.stacks.add(outer, [self.at(self.frames, frame) for frame in frames])

    def way(self, before, *steps):
        self.paths.add(before, [self.text(step) for step in steps])

    # --- Of a check

    def record(self, kind, cls, type_name, name, stack, blocks, size, indirect=0,
               references=0, c_references=0, flags=0, old_blocks=0, old_bytes=0):
        record = Record()
        kind, cls = self.text(kind), self.text(cls)
        _need(kind in KINDS and cls in CLASSES)
        record.number = len(self.check.records) + 1
        record.kind = kind
        record.cls = cls
        record.type = self.text(type_name)
        record.name = self.text(name)
        self.at(self.stacks.nodes, stack)
        record._reader, record._stack, record._paths = self, stack, []
        record.blocks = _count(blocks)
        record.bytes = _count(size)
        record.indirect_bytes = _count(indirect)
        record.references = _count(references)
        record.c_references = _count(c_references)
        record.suppressed = bool(_count(flags) & SUPPRESSED)
        record.error = bool(flags & ERROR)
        record.old_blocks = _count(old_blocks)
        record.old_bytes = _count(old_bytes)
        self.check.records.append(record)

    def path(self, path, blocks=None):
        self.at(self.paths.nodes, path)
        self.check.records[-1]._paths.append(
            (path, None if blocks is None else _count(blocks)))

    def owner(self, name, blocks, size):
        self.check.owners.append(
            Owner(self.text(name), _count(size), _count(blocks), []))

    def owner_type(self, type_name, blocks, size):
        self.check.owners[-1].types.append(
            (self.text(type_name), _count(blocks), _count(size)))

    # --- Of the course

    def point(self, at, blocks, size):
        kinds = ("definite", "indirect", "possible", "cycles", "reachable",
                 "excused")
        _need(len(blocks) == len(size) == len(kinds))
        self.points.append(Point(
            _count(at), dict(zip(kinds, map(_count, size))),
            dict(zip(kinds, map(_count, blocks))), [], [], []))

    def detail(self, what, name, blocks, size):
        _need(what in ("types", "lines", "owners"))
        getattr(self.points[-1], what).append(
            (self.text(name), _count(blocks), _count(size)))

    # --- Sections

    def section(self, line):
        """A line that is an object: it begins or ends a section."""
        if "check" in line:
            _need(self.check is None and type(line["label"]) is str and
                  type(line["moment"]) is str)
            self.check = Check(len(self.file.checks) + 1, line["moment"],
                               line["label"], _count(line["time"]))
        elif "course" in line:
            _need(line["course"] in ("ms", "B"))
            self.points = []
            self.file.course_unit = line["course"]
        elif "end" in line:
            self.end(line)
        # Other sections belong to later versions of the format.

    def end(self, line):
        if line["end"] == "check":
            self.check.totals = {
                kind: (_count(blocks), _count(size))
                for kind, (blocks, size) in line["totals"].items()}
            self.file.checks.append(self.check)
            self.check = None
        elif line["end"] == "course":
            _need(self.points is not None)
            self.file.course = self.points
            self.points = None
        elif line["end"] == "run":
            self.file.finished = True

    def header(self, line):
        _need(type(line) is dict and line.get("format") == "leakgrind")
        _need(type(line["version"]) is int)
        if line["version"] > VERSION:
            raise FormatError(
                "%s: written by a newer leakgrind (format %d; this one reads up to "
                "%d)" % (self.file_path, line["version"], VERSION))
        for name in ("command", "options"):
            _need(type(line[name]) is list and
                  all(type(word) is str for word in line[name]))
        for name in ("tool", "valgrind", "arch", "directory"):
            _need(type(line[name]) is str)
        _count(line["pid"])
        self.file = DataFile(self.file_path, line, self.stacks)

    def line(self, line):
        if self.file is None:
            self.header(line)
        elif type(line) is dict:
            self.section(line)
        else:
            _need(type(line) is list and line and type(line[0]) is str)
            # Other lines belong to later versions of the format.
            function = self.lines.get(line[0])
            if function:
                function(*line[1:])


# A character outside the BMP is never written as two halves.
_SURROGATE = re.compile("[\ud800-\udfff]")

# Longer lines may have numbers that take Python minutes.
_LONG = 4000


def _number(digits):
    _need(len(digits) <= 20)
    return int(digits)


def _whole(value):
    """The value; halves of surrogate pairs in it are replacement characters, since
    nothing could print them."""
    if type(value) is str:
        return _SURROGATE.sub("\ufffd", value)
    if type(value) is list:
        return [_whole(one) for one in value]
    if type(value) is dict:
        return {_whole(name): _whole(one) for name, one in value.items()}
    return value


def _loads(text):
    """What the line of JSON says."""
    line = json.loads(text, parse_int=_number) if len(text) > _LONG else \
        json.loads(text)
    return _whole(line) if "\\ud" in text or "\\uD" in text else line


class Following:
    """A data file that may still grow: read() says what it has by now."""

    def __init__(self, path):
        self._path = path
        self._reader = _Reader(path)
        self._number = 0
        self._where = 0

    def read(self):
        """The contents, as a DataFile: always the same one, with what is new.  Raises
        OSError or FormatError."""
        # All that is made here stays: there is nothing to collect.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            with open(self._path, "rb") as lines:
                if self._where:
                    lines.seek(self._where)  # a pipe cannot, and is read once
                self._read(lines)
        finally:
            if was_enabled:
                gc.enable()
        if self._reader.file is None:
            raise FormatError("%s: no data file of leakgrind" % self._path)
        return self._reader.file

    def _read(self, lines):
        for line in lines:
            if not line.endswith(b"\n"):
                break  # the tool is writing this, or ended while it did
            self._where += len(line)
            self._number += 1
            try:
                self._reader.line(_loads(line.decode("utf-8", "replace")))
            except (ValueError, TypeError, KeyError, IndexError, AttributeError,
                    RecursionError):
                if self._reader.file is None:
                    raise FormatError("%s: no data file of leakgrind"
                                      % self._path) from None
                raise FormatError("%s:%d: damaged line"
                                  % (self._path, self._number)) from None


def read(path):
    """The contents of the file, as a DataFile.  Raises OSError or FormatError."""
    return Following(path).read()
