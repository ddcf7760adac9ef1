#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind run, end to end: programs run as they do without it, and what is said of
them."""
import os
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from running import COMMAND, PACKAGE, TIMEOUT, CommandTest  # noqa: E402

sys.path.insert(0, PACKAGE)

from leakgrind.outfiles import LogMessages  # noqa: E402


class ExitCodes(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy("ends.c")
        self.build("ends.c", "ends")

    def test_clean(self):
        said = self.lines("./ends", "0", code=0)
        self.assertEqual(said[0], "leakgrind: no leaks: ./ends 0")

    def test_leaks(self):
        said = self.lines("./ends", "0", "5", code=99)
        self.assertEqual(said[:2], [
            "leakgrind: 1 leak, 500 bytes lost: ./ends 0 5",
            "  1. 5 blocks made by lose (ends.c:14) were never freed: 500 bytes"])

    def test_another_code(self):
        self.lines("--exit-code=3", "./ends", "0", "5", code=3)
        self.lines("--exit-code=0", "./ends", "0", "5", code=0)

    def test_failure_wins(self):
        said = self.lines("run", "./ends", "5", "5", code=5)
        self.assertIn("1 leak, 500 bytes", said[0])
        self.assertEqual(said[-1], "     The program ended with exit code 5.")

    def test_signals(self):
        for how, number, name in (("killed", 9, "SIGKILL"), ("crash", 11, "SIGSEGV")):
            said = self.lines("./ends", how, "3", code=128 + number)
            self.assertIn("1 leak, 300 bytes", said[0])
            self.assertEqual(said[-1], "     The program was killed by %s." % name)

    def test_errors_of_the_heap_functions_count(self):
        said = self.lines("./ends", "free", code=99)
        self.assertRegex(said[0], r"^leakgrind: 1 error of heap functions: Invalid "
                         r"free\(\).*; see (leakgrind.out.\d+.log)$")
        with open(self.path(said[0].split()[-1])) as log:
            self.assertIn("(ends.c:", log.read())

    def test_no_program(self):
        self.assertEqual(self.lines("./nothing", code=127),
                         ["leakgrind: ./nothing: not found"])
        self.assertEqual(self.lines(self.folder, code=126),
                         ["leakgrind: %s: is a directory" % self.folder])
        self.assertIn("no program", self.lines("run", code=2)[0])
        self.assertEqual(self.data_files(), [])


class Files(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy("ends.c")
        self.build("ends.c", "ends")

    def test_report_of_the_default_file(self):
        said = self.lines("./ends", "0", "5", code=99)
        command = re.search(r"leakgrind (report .*)", said[2])[1]
        report = self.command(*command.split())
        self.assertEqual(report.returncode, 0)
        self.assertIn("1 leak of your own", report.stdout)
        self.assertEqual(self.data_files(), [command.split()[-1]])

    def test_named(self):
        self.lines("--out-file=result", "./ends", "0", "5", code=99)
        self.lines("--out-file", "100%%-%p.x", "./ends", "0", code=0)
        names = sorted(os.listdir(self.folder))
        self.assertEqual([re.sub(r"\d+\.x", "N.x", name) for name in names],
                         ["100%-N.x", "ends", "ends.c", "result"])

    def test_folder_with_a_percent_sign(self):
        os.mkdir(self.path("100%p"))
        self.folder = self.path("100%p")
        self.lines("../ends", "0", "5", code=99)
        self.assertEqual(len(self.data_files()), 1)

    def test_nowhere_to_write(self):
        self.assertEqual(self.lines("--out-file=no/x", "./ends", "0", code=2),
                         ["leakgrind: %s/no: no such folder (--out-file)"
                          % self.folder])

    def test_log(self):
        self.lines("--keep-log", "--out-file=x", "./ends", "0", "5", code=99)
        with open(self.path("x.log")) as log:
            self.assertIn("500 bytes in 5 blocks are definitely lost", log.read())

    def test_verbose(self):
        said = self.lines("--verbose", "./ends", "0", "5", code=99)
        self.assertIn("1. 5 blocks made by lose (ends.c:14) were never freed", said)
        self.assertTrue(any("main (ends.c:" in line for line in said), said)

    def test_options_of_valgrind(self):
        self.lines("--valgrind-option=--leak-check=no", "./ends", "0", "5", code=0)


class AsWithout(CommandTest):
    """The program behaves as if it were run directly."""

    def test_what_it_gets(self):
        self.copy("itself.c")
        self.build("itself.c", "itself")
        words = ["./itself", "a b", "--own", "--", "report", ""]
        valgrind = os.environ.get("VALGRIND", "valgrind")
        # Valgrind leaves the log open in the program.
        wanted = self.run_in([valgrind, "--tool=none", "-q", "--log-file=/dev/null",
                              *words], stdin="one\ntwo").stdout
        self.assertIn("input two", wanted)
        for options in ([], ["run"], ["run", "--no-children", "--"], ["--"]):
            done = self.command(*options, *words, stdin="one\ntwo")
            self.assertEqual(done.returncode, 0)
            # LD_PRELOAD also has a library of the tool's.
            self.assertEqual(*(re.sub("(?m)^LD_PRELOAD=.*", "", text)
                               for text in (done.stdout, wanted)))

    def test_term_is_passed_on(self):
        self.copy("ends.c")
        self.build("ends.c", "ends")
        with subprocess.Popen([*COMMAND, "./ends", "wait", "2"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as running:
            self.assertEqual(running.stdout.readline(), "ready\n")
            running.send_signal(signal.SIGTERM)
            out, said = running.communicate(timeout=TIMEOUT)
        self.assertEqual(out, "TERM\n")
        self.assertEqual(running.returncode, 7)
        self.assertIn("1 leak, 200 bytes", said)


class Terminal(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy("ends.c")
        self.build("ends.c", "ends")

    def test_colour(self):
        seen, code = self.run_on_terminal([*COMMAND, "./ends", "0", "5"])
        self.assertEqual(code, 99)
        self.assertIn("\033[1;31m1 leak, 500 bytes lost\033[0m", seen)

    def test_no_colour(self):
        seen, code = self.run_on_terminal([*COMMAND, "./ends", "0", "5"], NO_COLOR="1")
        self.assertIn("1 leak, 500 bytes lost", seen)
        self.assertNotIn("m1 leak", seen)

    def test_progress_and_interrupt(self):
        seen, code = self.run_on_terminal(
            [*COMMAND, "./ends", "wait", "5"], [(b"0:02", b"\x03")])
        self.assertEqual(code, 130)
        shown = seen.index("leakgrind: 0:01 ./ends wait 5")
        erased = seen.index("\033[r")
        summary = seen.index("1 leak, 500 bytes lost")
        self.assertTrue(shown < erased < summary, seen)
        self.assertIn("The program was killed by SIGINT.", seen)

    def test_nothing_of_it_elsewhere(self):
        done = self.command("./ends", "0", "5", TERM="xterm")
        self.assertNotIn("\033", done.stdout + done.stderr)


class Log(unittest.TestCase):
    """What is shown of what Valgrind itself says."""

    def test_parts(self):
        log = LogMessages("".join("==12== %s\n" % line for line in (
            "Warning: Python 9.9 is not known:", "its blocks are followed", "",
            "Invalid free() / delete", "   at 0x1: free (x.c:1)", "",
            "8 bytes in 1 blocks are definitely lost in loss record 1 of 1",
            "   at 0x1: malloc (x.c:1)",
            " the reference returned at f (x.c:1): never given back",
            "   at 0x1: f (x.c:1)",
            " 1,200 x the reference returned at f (x.c:1): never given back",
            "   at 0x2: f (x.c:1)", "",
            " 1 x -1 at g (x.c:2): not taken before", "   at 0x2: f (x.c:1)", "")))
        self.assertEqual(log.errors, ["Invalid free() / delete"])
        self.assertEqual(log.notes, ["Warning: Python 9.9 is not known: its blocks are "
                                     "followed"])
        self.assertEqual(log.references, {
            "the reference returned at f (x.c:1): never given back": 1201,
            "-1 at g (x.c:2): not taken before": 1})


class Missing(CommandTest):
    def test_valgrind(self):
        said = self.lines("/bin/true", PATH=self.folder, VALGRIND=None, code=2)
        self.assertEqual(said, ["leakgrind: valgrind is not installed (on Debian: apt "
                                "install valgrind)"])
        said = self.lines("/bin/true", VALGRIND="/no/valgrind", code=2)
        self.assertEqual(said, ["leakgrind: VALGRIND=/no/valgrind is no program"])

    def test_tool(self):
        library = os.environ["VALGRIND_LIB"]
        for name in os.listdir(library):
            if "leakgrind" not in name:
                os.symlink(os.path.join(library, name), self.path(name))
        said = self.lines("/bin/true", VALGRIND_LIB=self.folder, code=2)
        self.assertRegex(said[-1], r"does not have the tool leakgrind: it comes with "
                         r".*make install")


if __name__ == "__main__":
    unittest.main()
