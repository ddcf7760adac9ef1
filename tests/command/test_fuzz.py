#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations of data files: command/leakgrind/datafile.py reads each or raises
FormatError, nothing else, and all outputs can be written of what it has read.

LG_FUZZ_SEED repeats a run; the message of a failure names the seed."""
import importlib
import io
import json
import os
import random
import tempfile
import time
import unittest

from handmade import DataFile, c, py, run_program

from leakgrind import datafile
from leakgrind.compare import compare
from leakgrind.view import View

SEED = int(os.environ.get("LG_FUZZ_SEED", "20"))
N_MUTATIONS = 4000
SECONDS = 8 * float(os.environ.get("LG_SLOWDOWN", "1"))
# One in so many files that can be read goes through the outputs, too.
EACH_SHOWN = 20
OUTPUTS = ("text", "json", "sarif", "junit", "github", "folded", "speedscope",
           "callgrind")

PROGRAM = """
#include <stdlib.h>
#include "memcheck.h"

static void *volatile kept[10];

int main(void)
{
    for (int i = 0; i < 10; i++) {
        kept[i] = malloc(80);
        *(volatile char *) malloc(10 * i + 1) = 1;
        if (i % 5 == 4)
            VALGRIND_DO_LEAK_CHECK;
    }
    return 0;
}
"""

VALUES = (
    "", "0", "1", "-1", "1.5", "1e999", "NaN", "null", "true", "[]", "{}", '""', '"c"',
    "18446744073709551616", "9" * 300, "9" * 5000, '"\\ud800"', '"\\udcff\\u0000"',
    "[" * 2000 + "]" * 2000, "[" * 100000, '{"a":' * 100000, '"' + "x" * 100000 + '"',
    '[["s",1]]', '{"end":"check"}', '{"end":"course"}', '{"check":1}', "\xff\xfe",
    "2", "3", "100000000")


def handmade(path):
    """A file with a line of each kind."""
    data = DataFile(path)
    for moment in ("finalize", "exit"):
        data.check(moment, "label")
        data.record([c("f"), c("g", inlined=1), py("h", "a.py")], type="str",
                    indirect=7, references=3, paths=[["global x", "+8"], ["y"]])
        data.record([c("k", "", 0, offset=3)], kind="reachable", flags=0, cls="cycle")
        data.owner("a.B", 3, 100)
        data.line(["y", data.string("str"), 2, 50])
        data.end_check()
    data.line({"course": "ms"})
    data.line(["c", 5, [1] * 6, [2] * 6])
    data.line(["d", "types", data.string("str"), 2, 50])
    data.line({"end": "course"})
    return data.write()


class Mutations:
    """Of the lines of a file."""

    def __init__(self, chance):
        self.chance = chance

    def mutate(self, text):
        for _ in range(self.chance.randint(1, 3)):
            text = self.chance.choice(
                (self.cut, self.flip, self.insert, self.lines, self.lines,
                 self.value, self.value, self.value))(text)
        return text

    def cut(self, text):
        return text[:self.chance.randrange(len(text) + 1)]

    def flip(self, text):
        text = bytearray(text)
        for _ in range(self.chance.randint(1, 4)):
            if text:
                text[self.chance.randrange(len(text))] = self.chance.randrange(256)
        return bytes(text)

    def insert(self, text):
        at = self.chance.randrange(len(text) + 1)
        return text[:at] + self.chance.choice(VALUES).encode("latin-1") + text[at:]

    def lines(self, text):
        """Drops, repeats or moves lines."""
        lines = text.split(b"\n")
        at = self.chance.randrange(len(lines))
        count = self.chance.randint(1, 5)
        some = lines[at:at + count]
        what = self.chance.randrange(3)
        if what != 1:
            del lines[at:at + count]
        if what:
            to = self.chance.randrange(len(lines) + 1)
            lines[to:to] = some
        return b"\n".join(lines)

    def value(self, text):
        """Another value between two commas or brackets of a line."""
        lines = text.split(b"\n")
        at = self.chance.randrange(len(lines))
        line = lines[at]
        ends = [i for i, byte in enumerate(line) if byte in b"[],:{}"]
        if len(ends) > 1:
            which = self.chance.randrange(len(ends) - 1)
            lines[at] = line[:ends[which] + 1] + \
                self.chance.choice(VALUES).encode("latin-1") + line[ends[which + 1]:]
        return b"\n".join(lines)


def show(data):
    view = View(data)
    for name in OUTPUTS:
        importlib.import_module("leakgrind.formats." + name).write(view, io.StringIO())
    json.dumps(compare(view, view).has_errors)


class Fuzz(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(folder.name, "mutation")

    def read(self, text):
        """A DataFile, or None."""
        with open(self.path, "wb") as out:
            out.write(text)
        try:
            return datafile.read(self.path)
        except datafile.FormatError as error:
            self.assertEqual(str(error).count("\n"), 0)
            return None

    def test_mutations(self):
        seeds = []
        for path in (handmade(os.path.join(self.folder, "handmade")),
                     run_program(self.folder, PROGRAM, "--show-paths=3",
                                 "--show-reachable=yes", "--retained=3",
                                 "--checks-every=1kB")):
            with open(path, "rb") as file:
                seeds.append(file.read())
            self.assertIsNotNone(self.read(seeds[-1]))
        chance = random.Random(SEED)
        mutations = Mutations(chance)
        begin, read = time.process_time(), 0
        for number in range(N_MUTATIONS):
            text = mutations.mutate(chance.choice(seeds))
            try:
                data = self.read(text)
                if data:
                    read += 1
                    if read % EACH_SHOWN == 0:
                        show(data)
            except Exception as error:
                raise AssertionError("LG_FUZZ_SEED=%d, mutation %d: %r" % (
                    SEED, number, text[-2000:])) from error
        self.assertLess(time.process_time() - begin, SECONDS)
        # The mutations are neither all harmless nor all fatal.
        self.assertGreater(read, N_MUTATIONS // 20)
        self.assertLess(read, N_MUTATIONS * 19 // 20)

    def header(self):
        with open(handmade(self.path), "rb") as file:
            return file.readline()

    def refused(self, *lines):
        text = self.header() + b"\n".join(lines) + b"\n"
        begin = time.process_time()
        self.assertIsNone(self.read(text))
        self.assertLess(time.process_time() - begin, SECONDS)

    def test_deep_stacks(self):
        """Chains of a million calls, which no program has, and many records of them."""
        chain = [b'["f","c",0,0,0,0,0,0]', b'["t",0,1]']
        chain += [b'["t",%d,1]' % i for i in range(1, 1000000)]
        self.refused(b'["s","definite"]', b'{"check":1,"moment":"","label":"","time":0}',
                     *chain, *[b'["r",1,0,0,0,1000000,1,1]'] * 1000)
        self.refused(b'["f","c",0,0,0,0,0,0]', b'["t",0' + b",1" * 1000000 + b"]")
        self.refused(b'["s","x"]', b'["w",0' + b",1" * 1000000 + b"]")

    def test_long_numbers(self):
        self.refused(b'["s",' + b"9" * 3000000 + b"]")
        self.refused(b'["new",' + b"9" * 3000000 + b"]")


if __name__ == "__main__":
    unittest.main()
