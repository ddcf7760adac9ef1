#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The author of an extension looks for leaks in its test suite."""
import os
import re
import shlex
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from running import PYTHON, CommandTest  # noqa: E402


class Extension(CommandTest):
    """The author of an extension runs its tests: one command."""

    def setUp(self):
        super().setUp()
        self.copy("fastcsv.c")
        self.build_extension("fastcsv.c", "fastcsv")

    def test_story(self):
        self.copy("fastcsv_test.py")
        if self.run_in([PYTHON, "-c", "import pytest"]).returncode:
            self.skipTest("%s has no pytest" % PYTHON)
        done = self.command(PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                            "fastcsv_test.py")
        self.assertEqual(done.returncode, 99, done.stderr)
        self.assertIn("4 passed", done.stdout)
        lines = (done.stdout + done.stderr).splitlines()
        self.assertLessEqual(len(lines), 15, lines)
        said = done.stderr.splitlines()
        self.assertIn("leakgrind: 3 leaks, ", said[0])
        # The first is found through two functions of the suite, on four stacks.
        for number, what, line in (
                (1, "400 str objects made by split_line", "fastcsv.c:18"),
                (2, "30 bytes objects made by read_header", "fastcsv.c:32"),
                (3, "20 blocks made by parse_number", "fastcsv.c:40")):
            self.assertRegex(said[number], r"^ +%d\. %s \(%s\) were never " % (
                number, what, line))
        # In between may be what an older CPython itself loses.
        self.assertRegex("\n".join(said[4:6]), "leakgrind report leakgrind.out.[0-9]+\n")

    def test_who(self):
        self.write("a b.py", "import fastcsv\nfor n in range(30):\n"
                   "    fastcsv.read_header(str(n))\n")
        said = self.lines(PYTHON, "a b.py", code=99)
        asked = re.match("     Who took them: leakgrind (.*)", said[-1])[1]
        said = self.lines(*shlex.split(asked), code=99)
        self.assertRegex(said[0], r"^leakgrind: 30 x the reference returned (by \w+ )?at "
                         r"read_header \(fastcsv.c:32\), by Python: <module> \(.*/a b.py:"
                         r"3\): never given back$")
        self.assertFalse([line for line in said if "Who" in line])


if __name__ == "__main__":
    unittest.main()
