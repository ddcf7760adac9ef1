#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/keepers.py: which owners are one's own, and what is said of
them."""
import os
import tempfile
import unittest

import handmade
from handmade import c, py

from leakgrind import datafile, keepers  # noqa: E402
from leakgrind.view import View  # noqa: E402


class Keepers(unittest.TestCase):
    def own(self, frames, *names):
        with tempfile.TemporaryDirectory() as folder:
            file = handmade.DataFile(os.path.join(folder, "data"))
            file.check()
            file.record(frames, kind="reachable")
            for name in names:
                file.owner(name, 1, 2)
            file.end_check()
            view = View(datafile.read(file.write()))
            return [owner.name for owner in keepers.own_owners(view)]

    def test_python(self):
        self.assertEqual(
            self.own([py("f", "/work/app/shop/cart.py"), py("g", "/work/app/main.py"),
                      py("h", "/usr/lib/python3.11/re.py")],
                     "__main__.A", "main.B", "shop.cart.C -> [*]", "module shop.d",
                     "re._cache", "shopping.E", "sys.modules",
                     "global x (in python3.11)"),
            ["__main__.A", "main.B", "shop.cart.C -> [*]", "module shop.d"])

    def test_c(self):
        self.assertEqual(
            self.own([c("f", obj="/work/app/_csv.so")], "global kept (in _csv.so)",
                     "data (in libc.so.6)", "thread 1, main (csv.c:3)"),
            ["global kept (in _csv.so)"])

    def test_sentence(self):
        self.assertEqual(
            keepers.owner_sentence(datafile.Owner("a.B", 1640, 11, [
                ("app.Item", 10, 640), ("", 1, 1000)])),
            "a.B keeps 1,640 bytes in 11 blocks: 10 app.Item")


if __name__ == "__main__":
    unittest.main()
