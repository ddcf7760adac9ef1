#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/symbols.py: a library is stripped when the program runs, and
its debug file is there when the report is made."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from handmade import command, compile_c, run_tool

from leakgrind import datafile, symbols

LIBRARY = """
#include <stdlib.h>

static inline __attribute__((always_inline)) void *make(int size)
{
    return malloc(size);    /* line 6 */
}

static __attribute__((noinline)) void lose(int size)
{
    *(volatile char *) make(size) = 1;    /* line 11 */
}

void call(int size)
{
    lose(size);
    lose(1);
}
"""

PROGRAM = """
void call(int size);

int main(void)
{
    call(100);
    return 0;
}
"""


@unittest.skipUnless(shutil.which("objcopy") and shutil.which("addr2line"),
                     "no binutils")
class Symbols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = os.path.realpath(folder.name)
        cls.library = compile_c(cls.folder, "libx.so", LIBRARY, "-shared", "-fPIC",
                                "-Wl,--build-id")
        program = compile_c(cls.folder, "program", PROGRAM, cls.library,
                            "-Wl,-rpath=" + cls.folder)
        cls.whole = run_tool(cls.folder, "whole", program)
        debug = cls.library + ".debug"
        subprocess.run(["objcopy", "--only-keep-debug", cls.library, debug], check=True)
        subprocess.run(["strip", cls.library], check=True)
        cls.stripped = run_tool(cls.folder, "stripped", program)
        cls.identity = symbols.build_id(cls.library)
        where = os.path.join(cls.folder, "debug", ".build-id", cls.identity[:2])
        os.makedirs(where)
        cls.debug_file = os.path.join(where, cls.identity[2:] + ".debug")
        shutil.move(debug, cls.debug_file)

    def report(self, data, *words):
        done = command("report", "--own=libx", "--all-frames", *words, data)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.replace("whole", "X").replace("stripped", "X")

    def with_debug(self, data, *words):
        return self.report(data, "--debug-directory",
                           os.path.join(self.folder, "debug"), *words)

    def test_build_id(self):
        notes = subprocess.run(["readelf", "-n", self.library], stdout=subprocess.PIPE,
                               universal_newlines=True, check=True).stdout
        self.assertIn("Build ID: %s\n" % self.identity, notes)
        for path in ("/", "/no/such", "/a\0b", __file__, os.devnull):
            self.assertEqual(symbols.build_id(path), "")

    def test_the_same_report_as_with_debug_information(self):
        # Functions that are exported have their names, but no lines.
        whole = re.sub(r"call \(libx\.so\.c:\d+\)(\n {8,}.*)?", "call (in libx.so)",
                       self.report(self.whole))
        self.assertEqual(whole.count("call (in libx.so)"), 1)
        self.assertIn("lose (libx.so.c:11)", whole)
        self.assertIn("make (libx.so.c:6)", whole)
        bare = self.report(self.stripped)
        self.assertIn("??? (in libx.so+0x", bare)
        self.assertNotIn("lose", bare)
        # Signatures, too.
        self.assertEqual(self.with_debug(self.stripped), whole)
        self.assertEqual(self.with_debug(self.stripped, "--no-symbols"), bare)

    def test_a_foreign_debug_file_is_not_asked(self):
        """It has the name, but another build-id."""
        with open(self.debug_file, "rb") as file:
            whole = file.read()
        identity = bytes.fromhex(self.identity)
        self.assertEqual(whole.count(identity), 1)
        try:
            with open(self.debug_file, "wb") as out:
                out.write(whole.replace(identity, identity[::-1]))
            self.assertEqual(self.with_debug(self.stripped), self.report(self.stripped))
        finally:
            with open(self.debug_file, "wb") as out:
                out.write(whole)

    def test_the_build_that_ran_counts(self):
        """What is there now may be another build, or nothing."""
        whole = self.with_debug(self.stripped)
        self.assertIn("lose", whole)
        moved = self.library + ".moved"
        os.rename(self.library, moved)
        try:
            self.assertEqual(self.with_debug(self.stripped), whole)
        finally:
            os.rename(moved, self.library)

    def test_another_build_is_not_asked(self):
        with open(self.stripped, encoding="ascii") as file:
            text = file.read()
        self.assertIn(self.identity, text)
        data = os.path.join(self.folder, "other")
        with open(data, "w", encoding="ascii") as out:
            out.write(text.replace(self.identity, self.identity[::-1]))
        self.assertNotIn("lose", self.with_debug(data))

    def test_once(self):
        data = datafile.read(self.stripped)
        symbols.resolve(data, (os.path.join(self.folder, "debug"),))
        replaced = dict(data.stacks.replaced)
        self.assertEqual(len(replaced), len([f for f in data.stacks.items()
                                             if f.object == self.library and
                                             not f.function]))
        self.assertEqual(
            sorted([(f.function, f.inlined) for f in calls]
                   for calls in replaced.values()),
            [[("make", True), ("lose", False)]])
        data.stacks.replaced.clear()
        symbols.resolve(data, ())
        self.assertEqual(data.stacks.replaced, {})


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    if result.skipped and len(result.skipped) >= result.testsRun:
        sys.exit(77)
    sys.exit(not result.wasSuccessful())
