#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of scripts/lg-supp-convert."""

import glob
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(os.path.dirname(os.path.dirname(HERE)), "scripts",
                      "lg-supp-convert")
BUILD = os.path.abspath(os.environ.get("LG_BUILDDIR", "."))


def run(*args, data=b""):
    """Returns (status, stdout, stderr)."""
    done = subprocess.run([sys.executable, SCRIPT, *args], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode()


def entry(tool_line, *rest):
    lines = [b"{", b"   a-name", b"   " + tool_line, *rest, b"   fun:malloc",
             b"}", b""]
    return b"\n".join(lines)


class ConvertTest(unittest.TestCase):
    def converts(self, before, after):
        status, out, err = run(data=before)
        self.assertEqual((status, out), (0, after), err)
        # Converting again changes nothing.
        status, again, err = run(data=out)
        self.assertEqual((status, again), (0, out), err)
        self.assertIn(" 0 entries changed", err)

    def test_kinds(self):
        for kind in (b"Leak", b"Free", b"FishyValue", b"Mempool",
                     b"ReallocZero", b"BadAlign", b"AlignMismatch",
                     b"SizeMismatch", b"UnsafeZeroSize", b"BadSize"):
            with self.subTest(kind=kind):
                self.converts(entry(b"Memcheck:" + kind),
                              entry(b"Memcheck,Leakgrind:" + kind))

    def test_other_kinds_stay(self):
        for kind in (b"Cond", b"Value8", b"Addr4", b"Param", b"Overlap",
                     b"Jump", b"User", b"LeakX", b"leak"):
            with self.subTest(kind=kind):
                self.converts(entry(b"Memcheck:" + kind),
                              entry(b"Memcheck:" + kind))

    def test_several_tools(self):
        self.converts(entry(b"Memcheck,Addrcheck:Leak"),
                      entry(b"Memcheck,Addrcheck,Leakgrind:Leak"))
        self.converts(entry(b"Addrcheck,Memcheck:Leak"),
                      entry(b"Addrcheck,Memcheck,Leakgrind:Leak"))

    def test_already_there(self):
        for tools in (b"Memcheck,Leakgrind", b"Leakgrind,Memcheck",
                      b"Leakgrind"):
            with self.subTest(tools=tools):
                self.converts(entry(tools + b":Leak"), entry(tools + b":Leak"))

    def test_other_tools_stay(self):
        for tool in (b"Helgrind", b"Addrcheck", b"MemcheckX", b"XMemcheck"):
            with self.subTest(tool=tool):
                self.converts(entry(tool + b":Leak"), entry(tool + b":Leak"))

    def test_extra_lines_stay(self):
        extra = (b"   match-leak-kinds: definite,possible", b"   ...")
        self.converts(entry(b"Memcheck:Leak", *extra),
                      entry(b"Memcheck,Leakgrind:Leak", *extra))

    def test_all_else_stays_byte_for_byte(self):
        around = b"# Memcheck:Leak\n\n \t \n%s# caf\xe9 \xff\n" \
                 b"{\n  Memcheck:Leak\n\tHelgrind:Race\n  fun:Memcheck:Leak\n" \
                 b" # Memcheck:Leak\n  obj:/a b/c*\n}\n%s"
        self.converts(around % (entry(b"Memcheck:Leak"),
                                entry(b"Memcheck:Leak")),
                      around % (entry(b"Memcheck,Leakgrind:Leak"),
                                entry(b"Memcheck,Leakgrind:Leak")))

    def test_blanks_and_line_ends_stay(self):
        self.converts(b"{\r\n n \r\n\t Memcheck:Leak \t\r\nfun:a\r\n}\r\n",
                      b"{\r\n n \r\n\t Memcheck,Leakgrind:Leak \t\r\nfun:a\r\n"
                      b"}\r\n")
        self.converts(b"{\nn\nMemcheck:Leak\nfun:a\n}",
                      b"{\nn\nMemcheck,Leakgrind:Leak\nfun:a\n}")

    def test_comments_inside_an_entry(self):
        self.converts(b"{\n# c\nname\n\n# c\nMemcheck:Leak\n# c\nfun:a\n}\n",
                      b"{\n# c\nname\n\n# c\nMemcheck,Leakgrind:Leak\n# c\n"
                      b"fun:a\n}\n")

    def test_empty(self):
        self.converts(b"", b"")
        self.converts(b"# nothing\n", b"# nothing\n")

    def test_malformed(self):
        for data, message in (
                (b"name\n", "line 1: expected '{'"),
                (b"# c\n\n{\n}\n", "line 4: '}' before"),
                (b"{\nname\n}\n", "line 3: '}' before"),
                (b"{\nname\nMemcheck\nfun:a\n}\n", "line 3: expected"),
                (b"\n{\nname\nMemcheck:Leak\nfun:a\n",
                 "line 2: this '{' has no '}'"),
                (b"{\nname\nMemcheck:Leak\nfun:a\n}\n}\n",
                 "line 6: expected '{'")):
            with self.subTest(data=data):
                status, out, err = run(data=data)
                self.assertEqual((status, out), (1, b""))
                self.assertIn("standard input: " + message, err)

    def test_valgrinds_own_files(self):
        files = glob.glob("/usr/lib*/valgrind/*.supp") \
            + glob.glob("/usr/libexec/valgrind/*.supp")
        if not files:
            self.skipTest("no suppression files installed")
        for path in files:
            with self.subTest(path=path), open(path, "rb") as f:
                before = f.read()
                status, after, err = run(path)
                self.assertEqual(status, 0, err)
                self.assertEqual(after.replace(b",Leakgrind:", b":"), before)
                self.assertNotIn(b" Memcheck:Leak\n", after)


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.a = self.make("a.supp", entry(b"Memcheck:Leak"))
        self.b = self.make("b.supp", entry(b"Memcheck:Free"))

    def tearDown(self):
        shutil.rmtree(self.dir)

    def make(self, name, data):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def content(self, path):
        with open(path, "rb") as f:
            return f.read()

    def test_to_standard_output(self):
        status, out, err = run(self.a, self.b)
        self.assertEqual(status, 0, err)
        self.assertEqual(out, entry(b"Memcheck,Leakgrind:Leak")
                         + entry(b"Memcheck,Leakgrind:Free"))
        self.assertEqual(self.content(self.a), entry(b"Memcheck:Leak"))
        self.assertIn("a.supp: 1 entry changed", err)

    def test_in_place(self):
        os.chmod(self.a, 0o640)
        link = os.path.join(self.dir, "link.supp")
        os.symlink("a.supp", link)
        status, out, err = run("--in-place", link, self.b)
        self.assertEqual((status, out), (0, b""), err)
        self.assertEqual(self.content(self.a),
                         entry(b"Memcheck,Leakgrind:Leak"))
        self.assertEqual(self.content(self.b),
                         entry(b"Memcheck,Leakgrind:Free"))
        self.assertTrue(os.path.islink(link))
        self.assertEqual(stat.S_IMODE(os.stat(self.a).st_mode), 0o640)
        self.assertEqual(sorted(os.listdir(self.dir)),
                         ["a.supp", "b.supp", "link.supp"])

    def test_in_place_does_not_touch_what_needs_nothing(self):
        run("-i", self.a)
        before = os.stat(self.a)
        status, _, err = run("-i", self.a)
        self.assertEqual(status, 0, err)
        after = os.stat(self.a)
        self.assertEqual((before.st_ino, before.st_mtime_ns),
                         (after.st_ino, after.st_mtime_ns))

    def test_malformed_file_stays_and_the_others_are_done(self):
        bad = self.make("bad.supp", b"{\n")
        status, _, err = run("-i", bad, self.a)
        self.assertEqual(status, 1)
        self.assertIn("bad.supp: line 1: this '{' has no '}'", err)
        self.assertEqual(self.content(bad), b"{\n")
        self.assertIn(b"Leakgrind", self.content(self.a))

    def test_missing_file(self):
        status, out, err = run(os.path.join(self.dir, "none.supp"))
        self.assertEqual((status, out), (1, b""))
        self.assertIn("none.supp: No such file", err)

    def test_wrong_usage(self):
        for args in (["--in-place"], ["-i", "-"], ["--no-such-option"]):
            with self.subTest(args=args):
                status, out, err = run(*args)
                self.assertEqual((status, out), (2, b""))
                self.assertIn("usage:", err)

    def test_valgrind_takes_the_result(self):
        """The entries for memcheck suppress leakgrind's errors afterwards."""
        kinds = os.path.join(BUILD, "tests", "vg", "kinds")
        if not os.path.exists(kinds):
            self.skipTest("needs the test programs: run by \"make check\"")
        supp = self.make("kinds.supp", b"{\n  all\n  Memcheck:Leak\n"
                         b"  fun:calloc\n  fun:get\n}\n")

        def valgrind():
            return subprocess.run(
                [os.environ.get("VALGRIND", "valgrind"), "--tool=leakgrind",
                 "-q", "--suppressions=" + supp, "--error-exitcode=9", kinds],
                env=dict(os.environ,
                         VALGRIND_LIB=os.path.join(BUILD, ".in_place")),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode
        self.assertEqual(valgrind(), 9)
        self.assertEqual(run("-i", supp)[0], 0)
        self.assertEqual(valgrind(), 0)


if __name__ == "__main__":
    unittest.main()
