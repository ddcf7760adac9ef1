#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/datafile.py: what engine/lg_datafile.c writes, it reads; and
files that are damaged, cut off, or of another kind."""
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ.get("LG_SRCDIR", "."), "command"))

from leakgrind import datafile  # noqa: E402

WRITER = os.path.join(os.environ.get("LG_BUILDDIR", "."), "tests", "unit",
                      "test_datafile")
N_RECORDS = 3000

HEADER = {"format": "leakgrind", "version": 1, "tool": "1", "valgrind": "1",
          "arch": "amd64", "pid": 1, "command": ["x"], "options": [],
          "directory": "/"}
CHECK = {"check": 1, "moment": "exit", "label": "", "time": 0}
DEFINITE = ["s", "definite"]
RECORD = ["r", 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0]
END = {"end": "check", "totals": {"definite": [1, 2]}}


class Random:
    """The numbers of test_datafile.c."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 +
                      1442695040888963407) % (1 << 64)
        return (self.state >> 33) % (1 << 32) % n

    def text(self):
        n = 1 + self.below(30)
        return decode(bytes(1 + self.below(255) for _ in range(n)))


def decode(text):
    """Each byte that is no UTF-8 is a U+FFFD (Python replaces some together)."""
    out = []
    while text:
        for n in range(1, 5):
            try:
                out.append(text[:n].decode("utf-8"))
                text = text[n:]
                break
            except UnicodeDecodeError:
                pass
        else:
            out.append("\ufffd")
            text = text[1:]
    return "".join(out)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "file")

    def write(self, *lines, end="\n"):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line)
                         for line in lines)
        with open(self.path, "w", encoding="utf-8") as out:
            out.write(text + end)

    def read(self, *lines, end="\n"):
        self.write(*lines, end=end)
        return datafile.read(self.path)

    def refuses(self, message, *lines):
        with self.assertRaisesRegex(datafile.FormatError, message):
            self.read(*lines)

    def test_round_trip(self):
        subprocess.run([WRITER, self.path, str(N_RECORDS)], check=True)
        r = Random(N_RECORDS)
        data = datafile.read(self.path)
        check, = data.checks
        self.assertEqual((check.label, check.time), (r.text(), r.below(1000)))
        self.assertEqual(len(check.records), N_RECORDS)
        kinds = ("reachable", "possible", "indirect", "definite", "reference",
                 "over-released")
        for record in check.records:
            frames = []
            for _ in range(r.below(6)):
                language = ("c", "python")[r.below(2)]
                frames.insert(0, datafile.Frame(
                    language, r.text(), r.text(), r.below(1000), r.text(),
                    r.below(100000), bool(r.below(2))))
            self.assertEqual(record.stack, tuple(frames))
            self.assertEqual(record.kind, kinds[r.below(6)])
            self.assertEqual(record.cls, datafile.CLASSES[r.below(6)])
            self.assertEqual((record.blocks, record.bytes, record.suppressed),
                             (r.below(1000000), r.below(1000000),
                              bool(r.below(2))))
            self.assertEqual((record.type, record.name, record.error),
                             (r.text(), r.text(), bool(r.below(2))))
        self.assertEqual(check.totals, {"definite": (1, 2)})
        self.assertTrue(data.finished)

    def test_cut_off_anywhere(self):
        subprocess.run([WRITER, self.path, "3"], check=True)
        with open(self.path, encoding="ascii") as file:
            text = file.read()
        whole = text.index('{"end":"check"')
        first = text.index("\n") + 1
        for size in range(first, len(text), 7):
            with open(self.path, "w", encoding="ascii") as out:
                out.write(text[:size])
            data = datafile.read(self.path)
            self.assertFalse(data.finished)
            self.assertEqual(len(data.checks),
                             text.find("\n", whole) < size, size)

    def test_what_is_no_data_file(self):
        for text in ("", "\n", "hello\n", "[]\n", "{}\n", "<valgrindoutput>\n",
                     '{"format": "leakgrind"}\n'):
            with open(self.path, "w", encoding="ascii") as out:
                out.write(text)
            with self.assertRaisesRegex(datafile.FormatError,
                                        "no data file of leakgrind"):
                datafile.read(self.path)

    def test_pipe(self):
        os.mkfifo(self.path)
        writer = threading.Thread(target=self.write, args=(HEADER, CHECK, END))
        writer.start()
        self.assertEqual(len(datafile.read(self.path).checks), 1)
        writer.join()

    def test_newer_format(self):
        self.refuses("written by a newer leakgrind .format 2", dict(HEADER, version=2))

    def test_what_later_versions_add_is_ignored(self):
        data = self.read(HEADER, ["new", 1], {"newer": 2}, DEFINITE, dict(CHECK, more=3),
                         RECORD, END)
        self.assertEqual(len(data.checks[0].records), 1)

    def test_damaged_lines_are_named(self):
        for line in (["s", 1], ["s"], ["f", "c", 9, 0, 0, 0, 0, 0],
                     ["f", "rust", 0, 0, 0, 0, 0, 0], ["t", 0, 0], ["t", 0, 1],
                     ["t", -1, 1], ["w", 1, 0], RECORD, [], [1], "nonsense",
                     ["p", 0], ["o", 0, 1, 1], {"end": "check"}):
            self.refuses("file:2: damaged line", HEADER, line)

    def test_damaged_records_are_named(self):
        for at, value in ((1, 0), (2, 1), (3, 2), (5, 1), (6, -1), (7, "x"),
                          (7, 1.5), (11, None)):
            line = list(RECORD)
            line[at] = value
            self.refuses("file:4: damaged line", HEADER, DEFINITE, CHECK, line)

    def test_a_loop_of_stacks_cannot_be_written(self):
        self.refuses("file:4: damaged line", HEADER,
                     ["f", "c", 0, 0, 0, 0, 0, 0], ["t", 0, 1], ["t", 2, 1])


if __name__ == "__main__":
    unittest.main()
