# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what the tests of Python need of a report in Valgrind's XML."""

import os
import xml.etree.ElementTree as ElementTree

KINDS = {"Leak_DefinitelyLost": "definite", "Leak_IndirectlyLost": "indirect",
         "Leak_PossiblyLost": "possible", "Leak_StillReachable": "reachable",
         "Leak_Reference": "reference",
         "Leak_OverReleased": "over-released"}


class Frame:
    def __init__(self, element):
        self.function = element.findtext("fn", "")
        self.object = os.path.basename(element.findtext("obj", ""))
        self.file = os.path.basename(element.findtext("file", ""))
        self.directory = element.findtext("dir", "")
        self.line = int(element.findtext("line", "0"))
        # Only frames of compiled code have an object file.
        self.is_python = bool(self.file) and element.find("obj") is None

    def __str__(self):
        if self.is_python:
            return "%s (%s:%d)" % (self.function, self.file, self.line)
        return "%s@%s" % (self.function or "???", self.object)


class Record:
    """A loss record."""

    def __init__(self, error):
        what = error.find("xwhat")
        self.kind = KINDS[error.findtext("kind")]
        self.text = what.findtext("text", "")
        self.bytes = int(what.findtext("leakedbytes"))
        self.blocks = int(what.findtext("leakedblocks"))
        self.type = self.own(error, "pytype") or "-"
        self.named = (self.own(error, "pyclass")
                      or self.own(error, "pyname") or "-")
        self.objects = int(self.own(error, "pyobjects") or 0)
        self.references = int(self.own(error, "pyreferences") or 0)
        self.c_references = int(self.own(error, "pycreferences") or 0)
        self.cycle = self.own(error, "pycycle")
        self.is_cycle = self.cycle is not None
        self.frames = [Frame(f) for f in error.find("stack")]
        self.taken = [a.text.strip() for a in error.findall("auxwhat")]
        self.watch = error.findtext("pywatch", "")

    @staticmethod
    def own(error, name):
        """The text of one of leakgrind's own elements, or None."""
        element = next(error.iter(name), None)
        return None if element is None else element.text or ""

    def python_frames(self):
        return [f for f in self.frames if f.is_python]

    def __str__(self):
        lines = ["%s %d %s%s: %s" % (
            self.kind, self.blocks, self.type,
            " (cycle)" if self.is_cycle else "", self.text)]
        return "\n".join(lines + ["    %s" % f for f in self.frames]
                         + ["    " + t for t in self.taken])


class Report:
    def __init__(self, path):
        root = ElementTree.parse(path).getroot()
        self.finished = any(s.findtext("state") == "FINISHED"
                            for s in root.iter("status"))
        errors = [e for e in root.iter("error")]
        self.records = [Record(e) for e in errors
                        if e.findtext("kind") in KINDS]
        self.others = [e.findtext("kind") for e in errors
                       if e.findtext("kind") not in KINDS]
