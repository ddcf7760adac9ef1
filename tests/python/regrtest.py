#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""regrtest.py [MODULE...]: CPython's own tests under leakgrind.

Runs modules of CPython's test suite (those in MODULES, or the ones named) under
--tool=none and under --tool=leakgrind, and compares the outcome of each single
test: passed, failed, error or skipped.  No test may notice leakgrind.

Some tests depend on time.  So a module whose outcomes differ is run again with
both tools; a test differs only if the two tools have no outcome in common.

regrtest.known lists the tests that are known to differ, and why.

Exit code 0: no test differs; 77: skipped; 1: some differ or could not be run."""

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
KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "regrtest.known")
# For a module under one tool.
TIMEOUT = 900 * float(os.environ.get("LG_SLOWDOWN", "1"))

# A module, and patterns of its tests: those that are run, or with a "-" those
# that are not; none: all.  "+" before it: the programs that it starts run under
# the tool, too.
#
# Not run are tests that take very long because each child of fork() makes a leak
# check when it ends (a thousand programs that cannot be started, or a hundred
# processes at once), and tests that measure time.
MODULES = """
+test_atexit
+test_faulthandler
+test_finalization
+test_gc
+test_tracemalloc
test.test_asyncio.test_base_events
test.test_asyncio.test_events
test.test_asyncio.test_futures
test.test_asyncio.test_queues
test.test_asyncio.test_streams
test.test_asyncio.test_subprocess
test.test_asyncio.test_taskgroups
test.test_asyncio.test_tasks
test.test_asyncio.test_unix_events
test_array
test_asyncgen
test_ast
test_bytes
test_call
test_code
test_collections
test_complex
test_context
test_contextlib
test_copy
test_coroutines
test_csv
test_ctypes
test_deque
test_descr
test_dict
test_exceptions
test_float
test_fork1
test_frame
test_functools
test_generators
test_genexps
test_hashlib
test_import
test_inspect
test_int
test_io
test_itertools
test_json
test_list
test_memoryview
test_mmap
test_multiprocessing_fork -*test_many_processes -*imeout*
test_multiprocessing_spawn SemLockTests TestFlags WithProcessesTestQueue
test_ordered_dict
test_os
test_pickle
test_queue
test_re
test_set
test_signal
test_ssl
test_struct
test_subprocess -*test_leaking_fds_on_error
test_sys
test_sys_settrace
test_thread
test_threading
test_threading_local
test_traceback
test_tuple
test_types
test_weakref -*thread*
test_xml_etree
test_xml_etree_c
test_zlib
"""


def parse_module(line):
    """(module, is traced, patterns)"""
    words = line.split()
    return words[0].lstrip("+"), words[0][0] == "+", words[1:]


def choose_modules(arguments):
    """Those of MODULES, or the ones named; an argument may be any line that
    could stand there."""
    modules = [parse_module(line)
               for line in MODULES.splitlines() if line.strip()]
    if not arguments:
        return modules
    known = {module[0]: module for module in modules}
    return [known.get(argument) or parse_module(argument)
            for argument in arguments]


def find_missing(site, modules):
    """The names of modules that this Python does not have."""
    code = ("import importlib.util, sys\n"
            "for name in sys.argv[1:]:\n"
            "    whole = name if '.' in name else 'test.' + name\n"
            "    if importlib.util.find_spec(whole) is None:\n"
            "        print(name)")
    return subprocess.run(
        [site.python, "-c", code] + [module[0] for module in modules],
        env=site.environment(), stdout=subprocess.PIPE, text=True,
        check=True).stdout.split()


# ---- One run ---------------------------------------------------------------

def read_results(path):
    """How often each test had each outcome: Counter of (test, outcome)."""
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
        self.running = set()
        self.is_stopped = False

    def stop(self):
        """Ends the running tests; no other test begins."""
        self.is_stopped = True
        for process in list(self.running):
            kill_session(process)

    def environment(self, place):
        environment = self.site.environment()
        del environment["LG_GUEST_LIBS"]
        environment["TMPDIR"] = place
        return environment

    def run(self, module, is_traced, patterns, tool):
        """(results, seconds, output)"""
        if self.is_stopped:
            raise KeyboardInterrupt
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
            self.running.add(process)
            try:
                process.wait(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                out.write("killed after %d seconds\n" % TIMEOUT)
            kill_session(process)
            process.wait()
            self.running.remove(process)
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
    """The outcomes of a module after one or more rounds."""

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
        """The tests that were run, without the module as a whole."""
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


def read_known():
    """{test: why it differs}"""
    known = {}
    with open(KNOWN, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                test, _, reason = line.strip().partition(": ")
                known[test] = reason
    return known


def excuse(module, differing, known):
    """Takes the tests that are known from those that differ; and the module's
    own exit status, if that is all that is left."""
    excused = sorted(set(differing) & set(known))
    for test in excused:
        del differing[test]
        print("%s: known to differ: %s" % (test, known[test]))
    if excused and list(differing) == [module]:
        del differing[module]


def report(verdict, known):
    """Prints the result; returns whether it is as it should be."""
    print("%s: %d tests, %s, %d round(s)" % (
        verdict.module, verdict.count(),
        ", ".join("%s %.0f s" % pair for pair in verdict.seconds.items()),
        len(verdict.rounds)))
    differing = verdict.differing()
    excuse(verdict.module, differing, known)
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
    modules = choose_modules(argv)
    missing = find_missing(site, modules)
    if len(missing) == len(modules):
        print("SKIP: %s has none of these modules (package "
              "libpython3.N-testsuite)" % site.python)
        return run.SKIP
    print("not in this Python: " + (", ".join(missing) or "none"))
    modules = [m for m in modules if m[0] not in missing]
    known = read_known()
    failed = 0
    scratch = tempfile.mkdtemp(prefix="lg")
    begin = time.monotonic()
    runner = Runner(site, scratch)
    workers = max(1, len(os.sched_getaffinity(0)) // 2)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    try:
        running = [pool.submit(judge, runner, *module) for module in modules]
        for future in concurrent.futures.as_completed(running):
            failed += not report(future.result(), known)
            sys.stdout.flush()
    finally:
        runner.stop()
        pool.shutdown()
        shutil.rmtree(scratch, ignore_errors=True)
    print("%d modules, %d with differences, %.0f s"
          % (len(modules), failed, time.monotonic() - begin))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
