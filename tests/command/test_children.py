#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind run: programs that the program starts, and processes that it forks."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from running import PYTHON, CommandTest  # noqa: E402


class Children(CommandTest):
    def test_python_in_a_shell_in_python(self):
        self.copy("children.py")
        said = self.lines(PYTHON, "children.py", "shell", code=99)
        self.assertIn(": 1 leak, ", said[0])
        self.assertRegex(
            said[1], r"1\. 25 bytes objects made by lose \(children.py:10\) were "
            r"never released: .* \(in process \d+: python[\d.]* children.py lose\): ")
        # There is something to see in the file of the child.
        child = said[2].split()[-1]
        self.assertIn("25 bytes objects", self.command("report", child).stdout)
        # The file of the shell, in which nothing is, has gone.
        self.assertEqual(len(self.data_files()), 2)
        self.assertIn(child, self.data_files())

    def test_multiprocessing(self):
        self.copy("children.py")
        said = self.lines(PYTHON, "children.py", "fork", code=99)
        self.assertRegex(said[1], r"1\. 80 bytes objects made by lose .*"
                         r"\(in 2 processes\): ")


class Native(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy("ends.c")
        self.build("ends.c", "ends")

    def test_one_name_for_several_processes(self):
        said = self.lines("--out-file=x", "sh", "-c", "./ends 0 3; ./ends 0 4; true",
                          code=99)
        self.assertIn("7 blocks made by lose (ends.c:14) were never freed (in 2 "
                      "processes): 700 bytes", said[1])
        names = sorted(n for n in os.listdir(self.folder) if n.startswith("x"))
        self.assertEqual([re.sub(r"\d+$", "N", name) for name in names],
                         ["x", "x.N", "x.N"])

    def test_no_children(self):
        said = self.lines("--no-children", "--out-file=x", "sh", "-c",
                          "./ends 0 3; true", code=0)
        self.assertIn("no leaks", said[0])
        self.assertEqual(sorted(os.listdir(self.folder)), ["ends", "ends.c", "x"])

    def test_compilers_are_not_followed(self):
        self.write("gcc", "#!/bin/sh\n./ends 0 3\n")
        os.chmod(self.path("gcc"), 0o755)
        self.lines("sh", "-c", "./gcc; true", code=0)
        os.rename(self.path("gcc"), self.path("other"))
        self.lines("sh", "-c", "./other; true", code=99)


if __name__ == "__main__":
    unittest.main()
