#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/formats/html.py: the file that it writes.  tests/command/page.py
looks at it in a browser."""
import html.parser
import json
import os
import shutil
import sys
import tempfile
import unittest

import handmade
from handmade import c, py

from leakgrind import datafile  # noqa: E402
from leakgrind.cli import UsageError  # noqa: E402
from leakgrind.formats import html as page  # noqa: E402
from leakgrind.view import View  # noqa: E402

HOSTILE = "</script><script>alert(1)</script><!-- \"'& \u2028 \x01"


class Reader(html.parser.HTMLParser):
    """The elements with their attributes, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, text):
        if self.elements and self.elements[-1][0] == "script":
            self.scripts.append(text)

    def handle_endtag(self, tag):
        self.elements.append(("/" + tag, {}))


class Html(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "data")

    def file(self, name="data"):
        return handmade.DataFile(os.path.join(self.folder, name))

    def page(self, path, before=None):
        class Text(list):
            write = list.append
        out = Text()
        page.write(View(datafile.read(path)), out,
                   View(datafile.read(before)) if before else None)
        return "".join(out)

    def data(self, *paths):
        return json.loads(Reader(self.page(*paths)).scripts[0])

    def hostile(self):
        file = self.file()
        file.check()
        file.record([handmade.MALLOC, c(HOSTILE, "/work/app/" + HOSTILE),
                     c("std::map<" + "int, " * 200000 + ">::f")],
                    type=HOSTILE, paths=[["module " + HOSTILE, HOSTILE]])
        file.owner(HOSTILE, 1, 2)
        file.end_check()
        return file.write()

    def test_one_file_and_nothing_from_outside(self):
        text = self.page(self.hostile())
        reader = Reader(text)
        for tag, attributes in reader.elements:
            self.assertNotIn("src", attributes)
            self.assertNotIn(tag, ("img", "iframe", "object", "embed", "base", "form"))
            if "href" in attributes:
                self.assertEqual(attributes["href"], "data:,")
        policy, = (a["content"] for tag, a in reader.elements
                   if a.get("http-equiv") == "Content-Security-Policy")
        self.assertTrue(policy.startswith("default-src 'none'; script-src 'sha256-"))
        # default-src does not speak for these.
        self.assertTrue(policy.endswith("; base-uri 'none'; form-action 'none'"))

    def test_hostile_names_stay_names(self):
        path = self.hostile()
        reader = Reader(self.page(path))
        self.assertEqual([tag for tag, _ in reader.elements].count("script"), 3)
        self.assertEqual(len(reader.scripts), 3)
        data = json.loads(reader.scripts[0])
        self.assertTrue(any(text.startswith("</script><script>alert(1)")
                            for text in data["texts"]))
        self.assertLess(max(map(len, data["texts"])), 1000)
        self.assertLess(len(reader.scripts[0]), 20000)

    def test_what_it_says(self):
        file = self.file()
        file.check("finalize")
        file.record([handmade.MALLOC, py("fill", "/work/app/cache.py", 3)],
                    kind="reachable", type="app.Item", blocks=10, size=640, flags=0,
                    paths=[["module cache", ".CACHE (dict)", "[*]"]])
        file.owner("cache.CACHE", 10, 640)
        file.owner("sys.modules", 3, 64)
        file.end_check()
        file.check("exit")
        file.record([handmade.MALLOC, c("split", line=35)], type="str", blocks=3,
                    size=150, references=3)
        file.end_check()
        data = self.data(file.write())
        self.assertEqual([leak["what"] for leak in data["leaks"]], [0, 2])
        lost, kept = data["leaks"]
        self.assertEqual(lost["sentence"], "3 str objects made by split (csv.c:35) were "
                         "never released: a missing Py_DECREF")
        self.assertEqual([(n, [data["texts"][step] for step in steps])
                          for n, steps in kept["paths"]],
                         [(10, ["module cache", ".CACHE (dict)", "[*]"])])
        self.assertEqual([(o["name"], o["own"]) for o in data["owners"]],
                         [("cache.CACHE", 1), ("sys.modules", 0)])
        self.assertEqual(data["groups"]["bytes"], [150, 640])
        self.assertEqual(data["suspects"], 1)

    def test_two_files(self):
        paths = []
        for name, blocks in (("before", 2), ("after", 5)):
            file = self.file(name)
            file.check()
            file.record([c("split")], type="str", blocks=blocks, size=50 * blocks)
            file.end_check()
            paths.append(file.write())
        data = self.data(paths[1], paths[0])
        (what, state, name, size, blocks), = data["comparison"]["rows"]
        self.assertEqual((what, state, size, blocks), ("lost", "grown", 150, 3))

    def test_growth(self):
        def grown(*moments):
            file = self.file()
            for moment in moments:
                file.check(moment)
                file.record([c("new")], size=40)
                file.record([c("old")], blocks=3, size=150, old=(2, 100))
                file.record([c("less")], blocks=1, size=10, old=(2, 20))
                file.end_check()
            groups = self.data(file.write())["groups"]
            return dict(zip(groups["bytes"], groups["grown"]))
        self.assertEqual(grown("request", "request"), {40: 40, 150: 50, 10: 0})
        # At exit the interpreter has ended: what is new there need not be new.
        self.assertEqual(grown("finalize", "exit"), {40: 0, 150: 50, 10: 0})
        self.assertEqual(grown("exit"), {40: 0, 150: 50, 10: 0})

    def test_without_d3(self):
        path, known = self.hostile(), page._D3
        page._D3 = ("/nonexistent",)
        try:
            with self.assertRaisesRegex(UsageError, "apt-get install node-d3"):
                self.page(path)
        finally:
            page._D3 = known

    def test_a_file_without_a_check(self):
        self.assertEqual(self.data(self.file().write())["leaks"], [])


if __name__ == "__main__":
    if not any(map(os.path.exists, page._D3)):
        print("SKIP: there is no d3 (node-d3)")
        sys.exit(77)
    unittest.main()
