#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/baseline.py and `leakgrind baseline`."""
import json
import os
import tempfile
import unittest

from handmade import DataFile, c, command, run_program

PROGRAM = """
#include <stdlib.h>

%s
__attribute__((noinline)) static void drop(int n)
{
    for (int i = 0; i < n; i++)
        *(volatile char *) malloc(100) = 1;
}

int main(int argc, char **argv)
{
    (void) argv;
    drop(%d);
    return 0;
}
"""


class Baseline(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.known = os.path.join(self.folder, "known.json")

    def data(self, name, **leaks):
        """leaks: number of blocks by function."""
        data = DataFile(os.path.join(self.folder, name))
        data.check()
        for function, blocks in leaks.items():
            data.record([c(function)], blocks=blocks, type="str")
        data.end_check()
        return data.write()

    def baseline(self, *words):
        done = command("baseline", "--baseline", self.known, *words)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def content(self):
        with open(self.known) as file:
            return json.load(file)

    def test_known_leaks_pass(self):
        data = self.data("a", f=2, g=1)
        self.assertEqual(self.baseline(data), (0, [
            self.known + ": 2 known leaks (2 new, 0 gone, 0 with another number)"]))
        content = self.content()
        self.assertEqual((content["format"], content["version"]),
                         ("leakgrind-baseline", 1))
        self.assertEqual(sorted((one["count"], one["leak"])
                                for one in content["leaks"].values()),
                         [(1, "str objects made by g (csv.c)"),
                          (2, "str objects made by f (csv.c)")])
        self.assertEqual(list(content["leaks"]), sorted(content["leaks"]))
        self.assertEqual(self.baseline("--check", data),
                         (0, ["0 unknown, 0 grown, 2 known"]))

    def test_unknown_grown_fewer_gone(self):
        self.baseline(self.data("a", f=2, g=1, h=5, i=1))
        before = self.content()
        after = self.data("b", f=3, h=4, i=1, j=7)
        code, lines = self.baseline("--check", after)
        self.assertEqual(code, 1)
        self.assertEqual([line[:7].strip() + line[23:] for line in lines[:4]], [
            "unknown7: str objects made by j (csv.c)",
            "grown2 -> 3: str objects made by f (csv.c)",
            "fewer5 -> 4: str objects made by h (csv.c)",
            "gone1: str objects made by g (csv.c)"])
        self.assertEqual(lines[4:], [
            "Fewer leaks than in %s; to update it: leakgrind baseline %s" % (
                self.known, after), "1 unknown, 1 grown, 3 known"])
        self.assertEqual(self.content(), before)

    def test_fewer_passes(self):
        self.baseline(self.data("a", f=2, g=1))
        self.assertEqual(self.baseline("--check", self.data("b", f=1))[0], 0)

    def test_grown_alone_fails(self):
        self.baseline(self.data("a", f=2))
        self.assertEqual(self.baseline("--check", self.data("b", f=3))[0], 1)

    def test_references_are_counted(self):
        def use(name, references):
            data = DataFile(os.path.join(self.folder, name))
            data.check()
            data.record([c("f")], kind="reference", type="str", name="'a'",
                        references=references)
            data.end_check()
            return data.write()

        self.baseline(use("a", 5))
        self.assertEqual([one["count"] for one in self.content()["leaks"].values()],
                         [5])
        self.assertEqual(self.baseline("--check", use("b", 6))[0], 1)

    def test_what_counts_as_no_error_is_not_kept(self):
        data = DataFile(os.path.join(self.folder, "a"))
        data.check()
        data.record([c("f")], flags=0)
        data.end_check()
        self.baseline(data.write())
        self.assertEqual(self.content()["leaks"], {})

    def test_processes_are_added_up(self):
        self.baseline(self.data("a", f=2), self.data("b", f=3))
        self.assertEqual([one["count"] for one in self.content()["leaks"].values()],
                         [5])

    def test_without_proof_nothing_passes(self):
        data = self.data("a", f=2)
        done = command("baseline", "--check", "--baseline", self.known, data)
        self.assertEqual((done.returncode, done.stdout), (2, ""))  # no baseline
        for bad in ("", "[]", '{"leaks": {}}', "[" * 100000,
                    '{"format": "leakgrind-baseline", "version": 2, "leaks": {}}',
                    '{"format": "leakgrind-baseline", "version": 1, "leaks": {"a": 1}}'):
            with open(self.known, "w") as out:
                out.write(bad)
            for words in (["--check"], []):
                done = command("baseline", *words, "--baseline", self.known, data)
                self.assertEqual((done.returncode, done.stdout), (2, ""), bad[:80])
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        unfinished = DataFile(os.path.join(self.folder, "b"))
        unfinished.check()
        self.assertEqual(command("baseline", "--check", unfinished.write()).returncode,
                         2)

    def test_real_programs(self):
        """The same leak at another line is known; one more block is not."""
        def run(name, text, number):
            folder = os.path.join(self.folder, name)
            os.mkdir(folder)
            return run_program(folder, PROGRAM % (text, number))

        self.assertEqual(self.baseline(run("a", "", 2))[0], 0)
        with open(self.known) as file:
            before = file.read()
        moved = run("b", "/* 4 */\n/* lines */\n\n", 2)
        self.assertEqual(self.baseline("--check", moved),
                         (0, ["0 unknown, 0 grown, 1 known"]))
        self.baseline(moved)
        with open(self.known) as file:
            self.assertEqual(file.read(), before)
        code, lines = self.baseline("--check", run("c", "", 3))
        self.assertEqual(code, 1)
        self.assertRegex(lines[0], r"^grown    [0-9a-f]{12}  2 -> 3: blocks made by drop "
                         r"\(program\.c\)$")


if __name__ == "__main__":
    unittest.main()
