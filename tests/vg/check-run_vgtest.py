#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of run_vgtest itself: above all that wrong tests fail.

The tests that it runs here are made on the spot and run /bin/sh, /bin/echo and the
like.  To save time, most of them run without Valgrind, with a launcher that ignores
Valgrind's options; those about options run under --tool=none."""

import os
import shutil
import subprocess
import tempfile
import unittest

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "run_vgtest")
BUILD = os.path.abspath(os.environ.get("LG_BUILDDIR", "."))
# Removes everything that Valgrind itself writes.
FILTER = "#!/bin/sh\nsed -e '/^==[0-9]*==/d'\n"
LAUNCHER = """#!/bin/sh
while case $1 in -*) true;; *) false;; esac; do shift; done
exec "$@"
"""


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.write("filter_stderr", FILTER, executable=True)
        self.write("launcher", LAUNCHER, executable=True)

    def tearDown(self):
        shutil.rmtree(self.dir)

    def write(self, name, content, executable=False):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(content)
        if executable:
            os.chmod(path, 0o755)

    def run_test(self, vgtest, stderr="", stdout=None, env=None, options=(),
                 native=True):
        """Returns (status, output) of the runner for such a .vgtest file."""
        self.write("t.vgtest", vgtest)
        if stderr is not None:
            self.write("t.stderr.exp", stderr)
        if stdout is not None:
            self.write("t.stdout.exp", stdout)
        environment = dict(os.environ, VALGRIND_OPTS="--no-such-option")
        environment.pop("EXTRA_REGTEST_OPTS", None)
        environment.update(env or {})
        if native:
            options = [*options, "--valgrind=" + os.path.join(self.dir,
                                                              "launcher")]
        done = subprocess.run(
            [RUNNER, "--tool=none", "--top-builddir=" + BUILD, *options,
             os.path.join(self.dir, "t.vgtest")],
            env=environment, cwd="/", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True)
        return done.returncode, done.stdout

    def passes(self, *args, **kwargs):
        status, output = self.run_test(*args, **kwargs)
        self.assertEqual(status, 0, output)
        return output

    def fails(self, message, *args, **kwargs):
        status, output = self.run_test(*args, **kwargs)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)
        return output

    def scratch(self):
        return os.path.join(self.dir, "t.tmp")

    # ---- Comparison --------------------------------------------------------

    def test_match(self):
        self.passes("prog-asis: /bin/echo\nargs: hello\n", stdout="hello\n",
                    native=False)
        self.assertFalse(os.path.exists(self.scratch()))

    def test_stdout_mismatch_fails_and_shows_the_diff(self):
        output = self.fails("stdout differs",
                            "prog-asis: /bin/echo\nargs: hello\n",
                            stdout="good bye\n")
        self.assertIn("-good bye\n+hello\n", output)
        self.assertTrue(os.path.exists(self.scratch()))

    def test_stdout_without_expectation_must_be_empty(self):
        self.fails("stdout differs", "prog-asis: /bin/echo\nargs: hello\n")

    def test_missing_line_at_the_end_fails(self):
        self.fails("No newline at end of file",
                   "prog-asis: /bin/echo\nargs: hello\n", stdout="hello")

    def test_stderr_mismatch_fails(self):
        self.fails("stderr differs",
                   "prog-asis: /bin/sh\nargs: -c 'echo oops >&2'\n",
                   stderr="fine\n")

    def test_stderr_expectation_must_exist(self):
        self.fails("there is no t.stderr.exp*", "prog-asis: /bin/true\n",
                   stderr=None)

    def test_any_alternative_will_do(self):
        self.write("t.stdout.exp-other", "hello\n")
        self.passes("prog-asis: /bin/echo\nargs: hello\n", stdout="no\n")

    def test_editor_backups_are_no_alternatives(self):
        self.write("t.stdout.exp~", "hello\n")
        self.write("t.stdout.exp#", "hello\n")
        self.fails("stdout differs", "prog-asis: /bin/echo\nargs: hello\n",
                   stdout="no\n")

    # ---- The file ----------------------------------------------------------

    def test_unknown_key_fails(self):
        self.fails("t.vgtest:2: unknown key \"stdin\"",
                   "prog-asis: /bin/true\nstdin: foo\n")

    def test_line_without_key_fails(self):
        self.fails("not of the form", "prog-asis: /bin/true\nhello\n")

    def test_second_value_fails(self):
        self.fails("second \"args\"",
                   "prog-asis: /bin/echo\nargs: one\nargs: two\n")

    def test_prog_and_prog_asis_fail(self):
        self.fails("both \"prog\" and \"prog-asis\"",
                   "prog-asis: /bin/true\nprog: true\n")

    def test_key_without_effect_fails(self):
        for line, needed in (("argsB: x", "progB"), ("envB: A=1", "progB"),
                             ("stdinB: x", "progB"),
                             ("stdoutB_filter: x", "progB"),
                             ("stderrB_filter: x", "progB"),
                             ("stderrB_filter_args: x", "progB"),
                             ("stdoutB_filter_args: x", "stdoutB_filter"),
                             ("stdout_filter_args: x", "stdout_filter")):
            with self.subTest(line=line):
                self.fails("has no effect without \"%s\"" % needed,
                           "prog-asis: /bin/true\n%s\n" % line)

    def test_comments_and_blanks(self):
        self.passes("# prog: nothing\n\n  \t\n  # x\n  prog-asis: /bin/true\n")

    # ---- Keys --------------------------------------------------------------

    def test_prog_is_beside_the_test(self):
        self.write("hello", "#!/bin/sh\necho hello\n", executable=True)
        self.passes("prog: hello\n", stdout="hello\n")

    def test_missing_prog_fails(self):
        self.fails("stderr differs", "prog: no_such_program\n")

    def test_without_prog_valgrind_itself_is_tested(self):
        self.fails("stdout differs", "vgopts: --version\n", stdout="1\n",
                   native=False)

    def test_args_may_redirect(self):
        self.write("in", "some text\n")
        self.passes("prog-asis: /bin/cat\nargs: < in\n", stdout="some text\n")

    def test_env_adds_up(self):
        self.passes("prog-asis: /bin/sh\nargs: -c 'echo $A$B'\n"
                    "env: A=x\nenv: B=y\n", stdout="xy\n")

    def test_vgopts_add_up_and_know_where_they_are(self):
        self.write("t.post.exp", "ok\n")
        self.passes("prog-asis: /bin/true\nvgopts: --log-file=${PWD}/log1\n"
                    "vgopts: --trace-syscalls=yes\n"
                    "post: grep -q exit_group log1 && echo ok\n",
                    native=False)

    def test_valgrind_opts_do_not_leak_in(self):
        # run_test sets VALGRIND_OPTS to something that Valgrind refuses.
        self.passes("prog-asis: /bin/true\n", native=False)

    def test_extra_options(self):
        output = self.passes("prog-asis: /bin/true\n", env={
            "EXTRA_REGTEST_OPTS": "--sanity-level=2"})
        self.assertIn("EXTRA_REGTEST_OPTS is set", output)
        self.assertIn("--tool=none --sanity-level=2 /bin/true", output)

    def test_stdout_filter(self):
        self.write("shout", "#!/bin/sh\ntr a-z A-Z\n", executable=True)
        self.passes("prog-asis: /bin/echo\nargs: hello\n"
                    "stdout_filter: shout\n", stdout="HELLO\n")

    def test_filter_gets_the_name_or_what_is_said(self):
        self.write("tell", "#!/bin/sh\ncat >/dev/null; echo \"$@\"\n",
                   executable=True)
        self.passes("prog-asis: /bin/true\nstderr_filter: tell\n",
                    stderr="t\n")
        self.passes("prog-asis: /bin/true\nstderr_filter: tell\n"
                    "stderr_filter_args: a b\n", stderr="a b\n")
        self.passes("prog-asis: /bin/true\nstdout_filter: tell\n"
                    "stdout_filter_args: c d\n", stdout="c d\n")

    def test_missing_filter_fails(self):
        self.fails("stdout_filter: no such file",
                   "prog-asis: /bin/true\nstdout_filter: none\n")

    def test_default_filter_is_needed(self):
        os.unlink(os.path.join(self.dir, "filter_stderr"))
        self.fails("stderr_filter: no such file", "prog-asis: /bin/true\n")

    def test_filter_must_be_executable(self):
        self.write("plain", "")
        self.fails("not executable",
                   "prog-asis: /bin/true\nstdout_filter: plain\n")

    def test_filter_that_cannot_run_fails(self):
        self.write("broken", "#!/no/such/interpreter\n", executable=True)
        self.fails("filter ./broken ended with status 12",
                   "prog-asis: /bin/true\nstdout_filter: broken\n")

    def test_keep_unfiltered(self):
        self.fails("stderr differs", "prog-asis: /bin/true\n", stderr="x\n",
                   options=["--keep-unfiltered"], native=False)
        with open(os.path.join(self.scratch(),
                               "t.stderr.out.unfiltered.out")) as f:
            self.assertIn("Nulgrind", f.read())

    # ---- prereq, post, cleanup ---------------------------------------------

    def test_prereq_0_runs(self):
        self.passes("prereq: true\nprog-asis: /bin/true\n")

    def test_prereq_1_skips(self):
        status, output = self.run_test(
            "prereq: test -e /no/such/file\nprog-asis: /bin/true\n",
            stderr="never compared\n")
        self.assertEqual(status, 77)
        self.assertIn("SKIP: prereq failed: test -e /no/such/file", output)

    def test_prereq_of_another_kind_fails(self):
        self.fails("prereq must return 0 or 1, but returned 127",
                   "prereq: no_such_command\nprog-asis: /bin/true\n")

    def test_post_output_is_compared(self):
        self.write("t.post.exp", "fine\n")
        self.passes("prog-asis: /bin/true\npost: echo fine\n")
        self.fails("post differs", "prog-asis: /bin/true\npost: echo bad\n")

    def test_post_status_counts(self):
        self.fails("post check returned 3",
                   "prog-asis: /bin/true\npost: exit 3\n")

    def test_cleanup_runs_but_decides_nothing(self):
        trace = os.path.join(self.dir, "trace")
        output = self.passes("prog-asis: /bin/true\n"
                             "cleanup: touch %s; false\n" % trace)
        self.assertTrue(os.path.exists(trace))
        self.assertIn("cleanup operation failed", output)

    # ---- progB -------------------------------------------------------------

    def test_prog_b(self):
        self.write("b", "#!/bin/sh\necho out $1 $V; cat; echo err >&2\n",
                   executable=True)
        self.write("in", "input\n")
        self.write("t.stdoutB.exp", "out arg val\ninput\n")
        self.write("t.stderrB.exp", "err\n")
        test = ("prog-asis: /bin/true\nprogB: b\nargsB: arg\nenvB: V=val\n"
                "stdinB: in\n")
        self.passes(test)
        self.write("shout", "#!/bin/sh\ntr a-z A-Z; echo $1\n",
                   executable=True)
        self.write("t.stdoutB.exp", "OUT ARG VAL\nINPUT\nt\n")
        self.write("t.stderrB.exp", "ERR\nx\n")
        self.passes(test + "stdoutB_filter: shout\nstderrB_filter: shout\n"
                    "stderrB_filter_args: x\n")
        self.write("t.stderrB.exp", "other\n")
        self.fails("stderrB differs", test)

    def test_prog_b_runs_at_the_same_time(self):
        # Each of the two waits for the other.
        self.write("a", "#!/bin/sh\n>from_a\n"
                   "until test -e from_b; do sleep 0.1; done\n",
                   executable=True)
        self.write("b", "#!/bin/sh\n>from_b\n"
                   "until test -e from_a; do sleep 0.1; done\n",
                   executable=True)
        self.write("t.stderrB.exp", "")
        self.passes("prog: a\nprogB: b\n")

    # ---- Hanging, directories, options -------------------------------------

    def test_hanging_test_is_killed(self):
        self.fails("had to be killed", "prog-asis: /bin/sleep\nargs: 1000\n",
                   env={"LG_VGTEST_TIMEOUT": "1"})

    def test_links_to_what_lies_beside(self):
        self.write("data", "content\n")
        self.passes("prog-asis: /bin/cat\nargs: data\n", stdout="content\n")

    def test_source_directory_is_not_written_to(self):
        self.passes("prog-asis: /bin/sh\nargs: -c 'echo x > new_file'\n")
        self.assertNotIn("new_file", os.listdir(self.dir))

    def test_no_file(self):
        os.chdir(self.dir)
        for args, message in (
                ([], "exactly one FILE.vgtest"),
                (["a.vgtest", "b.vgtest"], "exactly one FILE.vgtest"),
                (["--bogus", "a.vgtest"], "unknown option --bogus"),
                (["--top-builddir=/", "a.vgtest"], "no directory /.in_place"),
                (["--top-builddir=" + BUILD, "a.vgtest"], "no such file")):
            with self.subTest(args=args):
                done = subprocess.run([RUNNER, *args], stdout=subprocess.PIPE,
                                      universal_newlines=True)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stdout)


if __name__ == "__main__":
    unittest.main()
