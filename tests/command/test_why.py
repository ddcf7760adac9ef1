#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests `leakgrind why`: what keeps the objects of a service, and what is lost."""
import os
import re
import tempfile
import unittest

from handmade import DataFile, c, command, py, run_python

SERVICE = """
class Session:
    def __init__(self, number):
        self.data = bytearray(1000 + number)

CACHE = {}

class Registry:
    all = []

def fill():
    for i in range(50):
        CACHE[i] = Session(i)
    for i in range(20):
        Registry.all.append(Session(i))

fill()
"""


class Service(unittest.TestCase):
    def test_cache_and_registry(self):
        with tempfile.TemporaryDirectory() as folder:
            data = run_python(folder, SERVICE, "--show-paths=3", "--retained=9",
                              "--show-reachable=yes")
            done = command("why", data, "Session")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            text = done.stdout
            self.assertRegex(text, r"\AIn use: 70 blocks, \d,\d+ bytes\n  leak "
                             r"[0-9a-f]{12}: 70 __main__\.Session objects made by fill ")
            self.assertRegex(text, r"(?m)^Reached by:\n  70: module __main__\n    50: "
                             r"\.CACHE \(dict\) -> .*\n    20: \.Registry \(type\) -> "
                             r"\.all \(list\) -> .*$")
            self.assertRegex(text, r"(?m)^Owners:\n  __main__\.CACHE keeps 6\d,\d{3} "
                             r"bytes, 50 blocks of them\n  __main__\.Registry.* keeps "
                             r"2\d,\d{3} bytes, 20 blocks of them$")
            self.assertNotIn("other paths", text)
            # The signature says the same.
            signature = re.search("leak ([0-9a-f]{12})", text).group(1)
            again = command("why", data, signature[:8]).stdout
            self.assertEqual(again.split("Owners")[0], text.split("Owners")[0])


class Handmade(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = os.path.join(folder.name, "data")

    def why(self, what, *words):
        done = command("why", self.data, what, *words)
        self.assertEqual(done.stderr, "")
        return done.returncode, re.sub("leak [0-9a-f]{12}", "leak", done.stdout)

    def make(self, *records):
        data = DataFile(self.data)
        data.check()
        for frames, values in records:
            data.record(frames, **values)
        data.owner("global table (in app)", 9, 900)
        data.owner("global other (in app)", 9, 900)
        data.end_check()
        data.write()

    def test_lost(self):
        self.make(([c("f")], dict(type="str", blocks=2)), ([c("g")], {}))
        code, text = self.why("str")
        self.assertEqual(code, 0)
        self.assertIn("Lost: 2 blocks, 100 bytes; nothing leads there\n", text)
        self.assertIn("made by f (csv.c:35)", text)
        self.assertNotIn(" g ", text)
        self.assertEqual(self.why("f"), (code, text))

    def test_paths_are_merged(self):
        use = dict(kind="reachable", flags=0, type="app.Node")
        root = "global table (in app)"
        self.make(([c("f")], dict(use, blocks=4, paths=[[root, "+8", "+16"]])),
                  ([c("f"), c("a")], dict(use, blocks=2, paths=[[root, "+8"]])),
                  ([c("f"), c("b")], dict(use, blocks=3)))
        code, text = self.why("Node")
        self.assertEqual(code, 0)
        self.assertIn("Reached by:\n  6: global table (in app) -> +8\n    4: +16\n"
                      "  3: by other paths\nOwners:\n"
                      "  global table (in app) keeps 900 bytes\n", text)
        self.assertNotIn("global other", text)

    def test_no_paths(self):
        self.make(([c("f")], dict(kind="reachable", flags=0)))
        self.assertIn("The file has no paths to them.", self.why("f")[1])

    def test_references(self):
        self.make(([py("f", "/work/app/a.py")], dict(
            kind="reference", type="str", name="'key'", references=5)))
        self.assertIn("References that nobody holds:\n  leak: 5 references to 'key' ",
                      self.why("str")[1])

    def test_wildcards(self):
        self.make(([c("f")], dict(type="app.models.Node")))
        for what in ("Node", "app.models.Node", "app.*", "N?de"):
            self.assertEqual(self.why(what)[0], 0, what)
        for what in ("node", "Nod", "models"):
            self.assertEqual(self.why(what)[0], 1, what)

    def test_many(self):
        self.make(*[([c("f%d" % i)], dict(type="str")) for i in range(12)])
        self.assertIn("  and 2 more leaks (--all)\n", self.why("str")[1])
        self.assertNotIn("more leaks", self.why("str", "--all")[1])

    def test_addresses(self):
        self.make()
        done = command("why", self.data, "0x1234")
        self.assertEqual(done.returncode, 2)
        self.assertIn("monitor command why 0x1234", done.stderr)


if __name__ == "__main__":
    unittest.main()
