#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind snap and watch: a C++ server that grows slowly is asked while it runs."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from running import COMMAND, TIMEOUT, CommandTest  # noqa: E402


class Server(CommandTest):
    def setUp(self):
        super().setUp()
        self.copy("server.cpp")
        self.build("server.cpp", "server", compiler="CXX")
        self.server = subprocess.Popen(
            [*COMMAND, "./server"], cwd=self.folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.server.communicate, timeout=TIMEOUT)

    def ask(self, n):
        """The server answers n requests."""
        for _ in range(n):
            self.server.stdin.write("request\n")
            self.server.stdin.flush()
            self.assertEqual(self.server.stdout.readline(), "answer to request\n")

    def snap(self, *options):
        done = self.command("snap", str(self.server.pid), *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_story(self):
        self.ask(10)
        said = self.snap()
        self.assertRegex(said[0], r"^Check 1 of leakgrind.out.\d+, at [\d.]+ s: 0 bytes "
                         r"in 0 blocks lost, [\d,]+ bytes in [\d,]+ blocks in use$")
        self.assertEqual(len(said), 1)
        self.ask(200)
        said = self.snap("--label", "after 200 requests")
        self.assertIn("(after 200 requests)", said[0])
        words = re.search("leakgrind (diff .*)", said[1])[1].split()
        diff = self.command(*words).stdout.splitlines()
        # 1,000 for the history, 56 for the session and 48 for an entry of the map.
        self.assertEqual(diff[0], "Grew most: open_session (server.cpp:19)")
        self.assertIn("+220,800 bytes, +600 blocks", diff[1])

    def test_watch(self):
        self.ask(10)
        watch = subprocess.Popen(
            [*COMMAND, "watch", "--count=2", "--interval=1", str(self.server.pid)],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        with watch:
            first = watch.stdout.readline()
            self.assertIn("./server  0:0", first)
            self.ask(100)
            rest, _ = watch.communicate(timeout=TIMEOUT)
        self.assertEqual(watch.returncode, 0)
        tables = (first + rest).split("./server")[1:]
        self.assertEqual(len(tables), 2)
        self.assertNotIn("grows by", tables[0])
        self.assertRegex(tables[1], r"\+110,400 +\+300  .*open_session \(server.cpp:19\)")
        self.assertIn("Owners that grow", tables[1])
        self.assertRegex(tables[1], r"  global .*sessions")


    def test_watch_on_a_terminal(self):
        self.ask(10)
        seen, code = self.run_on_terminal(
            [*COMMAND, "watch", str(self.server.pid)], [(b"q: quit", b"q")])
        self.assertEqual(code, 0)
        self.assertIn("in use", seen)
        self.assertTrue(self.server.poll() is None)


class Others(CommandTest):
    def test_no_process_of_ours(self):
        for command in ("snap", "watch"):
            self.assertEqual(self.lines(command, "999999999", code=2),
                             ["leakgrind: there is no process 999999999"])
            said = self.lines(command, str(os.getpid()), code=2)
            self.assertRegex(said[0], "^leakgrind: process %d does not run under "
                             "leakgrind" % os.getpid())


if __name__ == "__main__":
    unittest.main()
