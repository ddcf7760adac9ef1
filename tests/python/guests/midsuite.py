# SPDX-License-Identifier: GPL-2.0-or-later
"""A suite of tests that pass and lose nothing, with a leak check after each, as
one would look for the test that leaks."""

import contextlib
import datetime
import decimal
import io
import json
import os
import re
import sqlite3
import tempfile
import threading
import unittest
from unittest import mock

import midrun


class Checked(unittest.TestCase):
    """While a test runs, its name is in the environment, as pytest does it."""

    def setUp(self):
        os.environ["CURRENT_TEST"] = self.id() + " (setup)"

    def tearDown(self):
        os.environ["CURRENT_TEST"] = self.id() + " (teardown)"
        midrun.check(self.id())


class Values(Checked):
    def test_json(self):
        value = {"numbers": list(range(50)), "texts": ["t%d" % n for n in
                                                       range(20)]}
        self.assertEqual(json.loads(json.dumps(value, indent=1)), value)

    def test_json_error(self):
        with self.assertRaisesRegex(json.JSONDecodeError, "Expecting"):
            json.loads("[1, ")

    def test_re(self):
        for number in range(5):
            with self.subTest(number=number):
                found = re.findall(r"(a{%d})b" % number, "aaaaab" * 9)
                self.assertEqual(found, ["a" * number] * 9)

    def test_decimal(self):
        with decimal.localcontext() as context:
            context.prec = 50
            third = decimal.Decimal(1) / 3
        self.assertEqual(len(str(third)), 52)
        with self.assertRaises(decimal.InvalidOperation):
            decimal.Decimal("no number")

    def test_datetime(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        day = datetime.datetime(2020, 2, 28, tzinfo=zone)
        day += datetime.timedelta(days=2)
        self.assertEqual(day.isoformat(), "2020-03-01T00:00:00+02:00")
        self.assertEqual(datetime.datetime.strptime("29 Feb 2020", "%d %b %Y"),
                         datetime.datetime(2020, 2, 29))


class Outside(Checked):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        midrun.check("tearDownClass")

    def test_environment(self):
        for number in range(20):
            os.environ["VARIABLE%d" % (number % 7)] = "value %d" % number
        del os.environ["VARIABLE3"]
        self.assertNotIn("VARIABLE3", os.environ)

    def test_patched_environment(self):
        with mock.patch.dict(os.environ, {"PATCHED": "1"}):
            self.assertIn("PATCHED", os.environ)
            midrun.check("patched")
        self.assertNotIn("PATCHED", os.environ)

    def test_files(self):
        with tempfile.NamedTemporaryFile("w+", dir=self.folder.name) as file:
            file.writelines("line %d\n" % n for n in range(1000))
            file.seek(0)
            self.assertEqual(len(file.readlines()), 1000)

    def test_sqlite(self):
        base = sqlite3.connect(os.path.join(self.folder.name, "base"))
        with contextlib.closing(base):
            base.execute("create table t (a integer primary key, b text)")
            with base:
                base.executemany("insert into t (b) values (?)",
                                 [("t%d" % n,) for n in range(100)])
            rows = base.execute("select a, b from t order by b")
            self.assertEqual(rows.fetchone(), (1, "t0"))
            midrun.check("a cursor")
            with self.assertRaises(sqlite3.OperationalError):
                base.execute("select from")


class Others(Checked):
    def test_threads(self):
        def work():
            local.numbers = [sum(range(100)) for _ in range(10)]
            with lock:
                done.append(local.numbers)

        done, lock, local = [], threading.Lock(), threading.local()
        workers = [threading.Thread(target=work) for _ in range(5)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(done, [[4950] * 10] * 5)

    def test_mocks(self):
        with mock.patch("os.getcwd", return_value="/elsewhere") as patched:
            self.assertEqual(os.getcwd(), "/elsewhere")
        patched.assert_called_once_with()

    def test_cycle(self):
        """What waits for the collector is not lost."""
        ring = [1]
        ring.append(ring)
        del ring

    def test_output(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            print("to be read")
        self.assertEqual(out.getvalue(), "to be read\n")

    @unittest.skip("to be skipped")
    def test_skipped(self):
        self.fail()

    @unittest.expectedFailure
    def test_failing(self):
        self.assertEqual([1, 2], [1, 3])


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    midrun.check("the end")
    print("%d tests, and %s" % (result.testsRun,
                                "all well" if result.wasSuccessful() else
                                "some failed"))
