#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Completion in bash and zsh: each shell completes what is typed. Both, and the manual
page, know all commands and options."""
import argparse
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from running import PACKAGE, CommandTest  # noqa: E402

sys.path.insert(0, PACKAGE)

from leakgrind import cli  # noqa: E402

FOLDER = os.path.join(PACKAGE, "completion")


def options():
    """{command: its long options}."""
    known = {}
    for name in cli.COMMANDS:
        parser = argparse.ArgumentParser()
        cli._module(name).add_arguments(parser)
        known[name] = {word for action in parser._actions
                       for word in action.option_strings if word.startswith("--")}
    return known


class Bash(CommandTest):
    def complete(self, *words):
        """What bash offers for the last of the words."""
        script = ". %s/leakgrind.bash; COMP_WORDS=(leakgrind \"$@\"); COMP_CWORD=$#; " \
            "_leakgrind; printf '%%s\\n' \"${COMPREPLY[@]}\"" % FOLDER
        done = self.run_in(["bash", "--norc", "-c", script, "bash", *words])
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_commands(self):
        self.assertTrue(set(cli.COMMANDS) <= self.complete(""))
        self.assertIn("report", self.complete("rep"))

    def test_options(self):
        for command, known in options().items():
            self.assertEqual(self.complete(command, "--"), known)

    def test_options_without_run(self):
        self.assertEqual(self.complete("--ex"), {"--exit-code"})

    def test_files(self):
        self.write("leakgrind.out.12", "")
        for words in (("report", "leak"), ("diff", "--json", "leak"),
                      ("report", "--output", "=", "leak"),
                      ("--own", "x", "python3", "leak"),
                      ("run", "--exit-code", "=", "7", "--", "cat", "leak")):
            self.assertEqual(self.complete(*words), {"leakgrind.out.12"}, words)
        self.assertEqual(self.complete("--exit-code", "=", ""), set())

    def test_programs(self):
        self.assertIn("bash", self.complete("run", "--verbose", "bas"))

    def test_processes(self):
        self.copy("ends.c")
        self.build("ends.c", "ends")
        with subprocess.Popen(
                [os.environ.get("VALGRIND", "valgrind"), "--tool=leakgrind", "-q",
                 self.path("ends"), "wait"], stdout=subprocess.PIPE, text=True) as running:
            running.stdout.readline()
            self.assertIn(str(running.pid), self.complete("snap", ""))
            self.assertNotIn(str(os.getpid()), self.complete("snap", ""))
            running.terminate()


class Zsh(CommandTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("zsh"):
            self.skipTest("there is no zsh")

    def complete(self, line, end):
        """What a terminal shows when `line` and a tabulator are typed."""
        self.write(".zshrc", "fpath=(%s $fpath); autoload -U compinit; "
                   "compinit -D -u; PS1='ready '\n" % FOLDER)
        seen, _ = self.run_on_terminal(
            ["zsh", "-d", "-i"], [(b"ready ", line.encode() + b"\t"),
                                  (end, b"\x15exit\n")], ZDOTDIR=self.folder)
        return seen

    def test_command(self):
        self.assertIn("leakgrind baseline", self.complete("leakgrind base", b"baseline"))

    def test_option(self):
        self.assertIn("--speedscope", self.complete("leakgrind report --sp", b"speedscope"))

    def test_knows_all(self):
        with open(os.path.join(FOLDER, "_leakgrind")) as file:
            text = file.read()
        for command, known in options().items():
            self.assertIn("'%s:" % command, text)
            for option in known:
                self.assertIn(option, text)


class Manual(unittest.TestCase):
    def test_knows_all(self):
        with open(os.path.join(os.path.dirname(PACKAGE), "docs/leakgrind.1")) as file:
            text = file.read().replace("\\-", "-")
        for command, known in options().items():
            self.assertIn("\n.B %s\n" % command, text)
            for option in known:
                self.assertRegex(text, r"%s\b" % option)


if __name__ == "__main__":
    unittest.main()
