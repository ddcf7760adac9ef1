#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""regrtest.py [MODULE...]: CPython's own tests under leakgrind.

Runs each module of CPython's test suite (or only those that are named, and
then any) under --tool=none and under --tool=leakgrind, and compares what came
of each single test: passed, failed, error, skipped.  leakgrind must not be
noticed by any of them.

A module whose outcomes differ is run again with both tools; a test differs
only if it does in each of ATTEMPTS rounds, or has never been the same with
one tool.

Exit code 0: no test differs; 77: skipped; 1: some do, or could not be run."""

import collections
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

import run

TOOLS = ("none", "leakgrind")
ATTEMPTS = 3
# Of a module under one tool.
TIMEOUT = float(os.environ.get("LG_REGRTEST_TIMEOUT", "900"))

# A module, and patterns of its tests: those that are run, or with a "-" those
# that are not; none: all.  "+" before it: the programs that it starts run under
# the tool, too.
#
# Left out is what takes very long because each child of fork() that ends has
# its leak check, like 1,024 programs that cannot be started.
MODULES = """
+test_gc
+test_tracemalloc
+test_finalization
+test_atexit
test_subprocess -*test_leaking_fds_on_error
test_ctypes
test_threading
test_thread
test_signal
test_faulthandler
test_fork1
test_multiprocessing_spawn SemLockTests TestFlags *WithProcessesTestProcess*
test.test_asyncio.test_futures
test.test_asyncio.test_tasks
test.test_asyncio.test_taskgroups
test.test_asyncio.test_queues
test.test_asyncio.test_streams
test.test_asyncio.test_base_events
test.test_asyncio.test_unix_events
test_json
test_sys
test_dict
test_list
test_float
test_tuple
test_types
test_descr
test_weakref -*thread*
test_frame
test_generators
test_coroutines
test_traceback
test_re
test_pickle
test_struct
test_int
test_complex
test_array
test_memoryview
test_set
test_unicode
test_io
"""


def parse_modules():
    """[(module, is traced, patterns)]"""
    for line in MODULES.split("\n"):
        words = line.split()
        if words:
            yield words[0].lstrip("+"), words[0][0] == "+", words[1:]


# ---- One run ---------------------------------------------------------------

def read_results(path):
    """How often which test had which outcome: Counter of (test, outcome)."""
    results = collections.Counter()
    for case in ElementTree.parse(path).iter("testcase"):
        bad = {child.tag for child in case} & {"error", "failure", "skipped"}
        outcome = " ".join(sorted(bad)) or case.get("result", "")
        # Some tests are named by the address of an object.
        name = re.sub(r"0x[0-9a-f]+", "0x", case.get("name", ""))
        results[name, outcome] += 1
    return results


def kill_session(process):
    """Also what the tests have started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Runner:
    def __init__(self, site, scratch):
        self.site = site
        self.scratch = scratch

    def environment(self, place):
        environment = self.site.environment()
        del environment["LG_GUEST_LIBS"]
        environment["TMPDIR"] = place
        return environment

    def run(self, module, is_traced, patterns, tool):
        """(results, seconds, what was written)"""
        # Short names: sockets have a place in there.
        place = tempfile.mkdtemp(prefix=tool[0], dir=self.scratch)
        xml = os.path.join(place, "results.xml")
        command = [self.site.valgrind, "--tool=" + tool,
                   "--log-file=%s/%%p.log" % place,
                   "--trace-children=" + ("yes" if is_traced else "no"),
                   self.site.python, "-m", "test", module,
                   "--tempdir", place, "--junit-xml", xml]
        for pattern in patterns:
            command += ["-i" if pattern[0] == "-" else "-m",
                        pattern.lstrip("-")]
        begin = time.monotonic()
        with tempfile.TemporaryFile("w+", errors="backslashreplace") as out, \
                subprocess.Popen(command, cwd=place, text=True,
                                 env=self.environment(place),
                                 stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT,
                                 start_new_session=True) as process:
            try:
                process.wait(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                out.write("killed after %d seconds\n" % TIMEOUT)
            kill_session(process)
            process.wait()
            out.seek(0)
            text = out.read()
        try:
            results = read_results(xml)
        except (OSError, ElementTree.ParseError) as reason:
            results = collections.Counter()
            text += "no results: %s\n" % reason
        results[module, "exit status %d" % process.returncode] += 1
        shutil.rmtree(place, ignore_errors=True)
        return results, time.monotonic() - begin, text


# ---- One module ------------------------------------------------------------

class Verdict:
    """What came of a module after one or more rounds."""

    def __init__(self, module):
        self.module = module
        self.seconds = dict.fromkeys(TOOLS, 0)
        self.rounds = []     # [{tool: results}]
        self.text = {}       # by tool, of the last round

    def differing(self):
        """The tests whose outcomes with one tool were never those of any
        round with the other: {test: {tool: outcomes of all rounds}}."""
        seen = {tool: collections.defaultdict(set) for tool in TOOLS}
        tests = {test for results in self.rounds
                 for tool in TOOLS for test, _ in results[tool]}
        for results in self.rounds:
            for tool in TOOLS:
                outcomes = collections.defaultdict(list)
                for (test, outcome), n in results[tool].items():
                    outcomes[test] += [outcome] * n
                for test in tests:
                    seen[tool][test].add(
                        ", ".join(sorted(outcomes[test])) or "not run")
        return {test: {tool: seen[tool][test] for tool in TOOLS}
                for test in tests
                if not seen["none"][test] & seen["leakgrind"][test]}

    def count(self):
        """The tests that were run; the module as a whole is none."""
        return min(sum(self.rounds[-1][tool].values()) - 1 for tool in TOOLS)


def judge(runner, module, is_traced, patterns):
    verdict = Verdict(module)
    for _ in range(ATTEMPTS):
        results = {}
        for tool in TOOLS:
            results[tool], seconds, verdict.text[tool] = runner.run(
                module, is_traced, patterns, tool)
            verdict.seconds[tool] += seconds
        verdict.rounds.append(results)
        if not verdict.differing():
            break
    return verdict


def report(verdict):
    """Prints it; whether it is as it should be."""
    print("%s: %d tests, %s, %d round(s)" % (
        verdict.module, verdict.count(),
        ", ".join("%s %.0f s" % pair for pair in verdict.seconds.items()),
        len(verdict.rounds)))
    differing = verdict.differing()
    if verdict.count() == 0:
        print("FAIL: %s: no test was run to its end" % verdict.module)
    else:
        for test, seen in sorted(differing.items()):
            print("FAIL: %s: %s" % (test, "; ".join(
                "%s: %s" % (tool, " or ".join(sorted(seen[tool])))
                for tool in TOOLS)))
    if differing or verdict.count() == 0:
        for tool in TOOLS:
            print("---- %s, --tool=%s:\n%s----"
                  % (verdict.module, tool, verdict.text[tool]))
        return False
    return True


def main(argv):
    site = run.Site()
    if subprocess.run([site.python, "-c", "import test.test_gc"],
                      env=site.environment(), stderr=subprocess.DEVNULL,
                      check=False).returncode:
        print("SKIP: %s has no test suite (package libpython3.N-testsuite)"
              % site.python)
        return run.SKIP
    modules = list(parse_modules())
    if argv:
        known = {module[0]: module for module in modules}
        modules = [known.get(name, (name, False, [])) for name in argv]
    failed = 0
    scratch = tempfile.mkdtemp(prefix="lg")
    begin = time.monotonic()
    try:
        runner = Runner(site, scratch)
        workers = max(1, len(os.sched_getaffinity(0)) // 2)
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            running = [pool.submit(judge, runner, *module)
                       for module in modules]
            for future in concurrent.futures.as_completed(running):
                failed += not report(future.result())
                sys.stdout.flush()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("%d modules, %d with differences, %.0f s"
          % (len(modules), failed, time.monotonic() - begin))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
