#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A Python service without C of its own that grows: the report, `why` and the page name
the cache, the registry and the list that keep its objects."""
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from running import PYTHON, CommandTest  # noqa: E402

OWNERS = {"__main__.render", "__main__.Registry (type) -> .listeners", "__main__.LOG"}


class Service(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy("service.py")
        lines = self.lines(PYTHON, "service.py", code=0)
        self.assertIn("no leaks", lines[0])
        self.data, = self.data_files()

    def test_report(self):
        lines = self.command("report", self.data).stdout.splitlines()
        at = lines.index("What your code keeps:")
        kept = [re.match(r"  (.+) keeps ([\d,]+) bytes in ([\d,]+) blocks", line)
                for line in lines[at + 1:at + 4]]
        self.assertEqual({match[1] for match in kept}, OWNERS)
        for match in kept:
            self.assertGreaterEqual(int(match[3].replace(",", "")), 3000)

    def test_why(self):
        lines = self.command("why", self.data, "Listener").stdout.splitlines()
        self.assertEqual(lines[0].split(",")[0], "In use: 3")
        self.assertIn("  3,000: module __main__ -> .Registry (type) -> .listeners (list) "
                      "-> [*]", lines)

    def test_page(self):
        done = self.command("report", "--html", self.data)
        if "node-d3" in done.stderr:
            self.skipTest("there is no d3 (node-d3)")
        data = json.loads(re.search(r'type="application/json">(.*?)</script>',
                                    done.stdout)[1])
        # The first screen has the largest owners that are one's own.
        own = [owner["name"] for owner in data["owners"] if owner["own"]]
        self.assertEqual(set(own[:3]), OWNERS)
        self.assertGreaterEqual(data["keepers"], 3)
        self.assertEqual(data["suspects"], 0)


if __name__ == "__main__":
    unittest.main()
