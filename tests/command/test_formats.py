#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/formats: each output is read back as its consumers read it,
of a real program and of one whose names try to break the output."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.parse
import xml.etree.ElementTree

from handmade import MALLOC, DataFile, c, command, py, run_program

from leakgrind import datafile
from leakgrind.view import View

# It loses 500 bytes in 5 blocks by two calls, and keeps 800 in 10 at two depths of a
# recursion.
PROGRAM = """
#include <stdlib.h>

static void *kept[10];

__attribute__((noinline)) static void drop(int n)
{
    for (int i = 0; i < n; i++)
        *(volatile char *) malloc(100) = 1;   /* line 9 */
}

__attribute__((noinline)) static void keep(int n)
{
    kept[n] = malloc(80);
    if (n > 0)
        keep(n - 1);
    *(volatile char *) kept[n] = 1;
}

int main(void)
{
    drop(2);
    drop(3);
    keep(1);
    for (int i = 2; i < 10; i++)
        *(volatile char *) (kept[i] = malloc(80)) = 1;
    return 0;
}
"""

HOSTILE = (
    "quotes\"'`", "</b>&amp;]]>-->", "two\nlines\r\n\tand tabs", "100%0A::error::,;",
    "no \udcff utf-8", "{0} {{closure}} [x](http://y)", "\0\x1b[31mred\x7f\x9b",
    "\u202eright to left\u2028\ufeff\uffff", "fn=(1) a'2 <!-- 12", "\\N{x} \\u0041",
    "caf\u00e9 \U0001f40d", " spaces ")

FULL = "--full-names", "--all-frames"


def whole(text):
    """As the reader gives it."""
    return text.replace("\udcff", "\ufffd")


def shown(text):
    """As it stands in lines of text."""
    return "".join(
        ch if ch.isprintable() else "\\%s%0*x" % (
            ("x", 2, ord(ch)) if ord(ch) < 256 else ("u", 4, ord(ch)))
        for ch in whole(text))


def write_hostile(path):
    """A data file with each of these names, lost and in use."""
    data = DataFile(path, ["python3", "]]>\n"], "/work/app")
    data.check(label="\"'\n</script>")
    for name in HOSTILE:
        data.record([MALLOC, c(name, "/work/app/%s.c" % name), py("m", "app.py")],
                    type=name)
        data.record([c(name)], kind="reachable", flags=0, paths=[["root", name]])
    for name in HOSTILE:
        data.owner(name, 1, 100)
    data.end_check()
    return data.write()


class Outputs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.data = os.path.join(self.folder, "data")

    def report(self, name, *words):
        done = command("report", "--" + name, self.data, *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def database(self):
        path = os.path.join(self.folder, "db")
        self.report("sqlite", "-o", path)
        self.assertEqual(sorted(n for n in os.listdir(self.folder)
                                if n.startswith("db")), ["db"])
        connection = sqlite3.connect(path)
        self.addCleanup(connection.close)
        return connection.execute

    def annotated(self, *words):
        """What callgrind_annotate says of the --callgrind output."""
        program = shutil.which("callgrind_annotate")
        if program is None:
            self.skipTest("no callgrind_annotate")
        path = os.path.join(self.folder, "callgrind.out")
        self.report("callgrind", *words, "-o", path)
        done = subprocess.run(
            [program, "--threshold=100", "--show-percs=no", "--inclusive=yes", path],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout


class RealProgram(Outputs):
    @classmethod
    def setUpClass(cls):
        cls.run_folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.run_folder.cleanup)
        cls.real = run_program(cls.run_folder.name, PROGRAM, "--show-paths=3",
                               "--retained=3", "--show-reachable=yes")

    def setUp(self):
        super().setUp()
        self.data = self.real

    def test_json(self):
        found = json.loads(self.report("json"))
        self.assertEqual((found["format"], found["version"]), ("leakgrind-report", 1))
        self.assertTrue(found["run"]["finished"])
        leak, = found["leaks"]
        self.assertEqual((leak["blocks"], leak["bytes"], leak["error"], leak["own"]),
                         (5, 500, True, True))
        self.assertEqual(leak["sentence"],
                         "5 blocks made by drop (program.c:9) were never freed")
        self.assertEqual([f["function"] for f in leak["frames"]], ["drop", "main"])
        self.assertEqual([r["blocks"] for r in leak["records"]], [3, 2])
        self.assertEqual([f["function"] for f in leak["records"][0]["stack"]],
                         ["malloc", "drop", "main"])
        self.assertEqual(sum(leak["bytes"] for leak in found["kept"]), 800)
        self.assertEqual([(o["blocks"], o["bytes"]) for o in found["owners"]],
                         [(10, 800)])

    def test_sarif(self):
        run, = json.loads(self.report("sarif"))["runs"]
        result, = run["results"]
        self.assertEqual((result["ruleId"], result["level"]), ("definite", "error"))
        self.assertEqual(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"],
                         "definite")
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"],
                         {"uri": "program.c", "uriBaseId": "SRCROOT"})
        self.assertEqual(place["region"], {"startLine": 9})
        base = run["originalUriBaseIds"]["SRCROOT"]["uri"]
        self.assertEqual(base, "file://%s/" % os.path.realpath(self.run_folder.name))
        steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
        self.assertEqual([s["location"]["logicalLocations"][0]["fullyQualifiedName"]
                          for s in steps], ["main", "drop"])
        self.assertEqual(len(result["stacks"]), 2)
        signature = json.loads(self.report("json"))["leaks"][0]["signature"]
        self.assertEqual(result["partialFingerprints"],
                         {"leakgrindSignature/v1": signature})

    def test_junit(self):
        suites = xml.etree.ElementTree.fromstring(self.report("junit"))
        suite, = suites
        self.assertEqual((suites.tag, suite.tag), ("testsuites", "testsuite"))
        self.assertEqual([suite.get(n) for n in ("name", "tests", "failures",
                                                 "errors", "skipped")],
                         ["leakgrind", "1", "1", "0", "0"])
        case, = suite
        self.assertEqual(case.get("classname"), "program.c")
        self.assertRegex(case.get("name"), r"^drop: memory \[[0-9a-f]{12}\]$")
        self.assertEqual(case[0].get("message"),
                         "5 blocks made by drop (program.c:9) were never freed")
        self.assertIn("\nmain (program.c:", case[0].text)

    def test_github(self):
        self.assertRegex(
            self.report("github"),
            r"\A::error file=program\.c,line=9,title=leak of memory::5 blocks made by "
            r"drop \(program\.c:9\) were never freed%0A500 bytes; leak [0-9a-f]{12}"
            r"%0Adrop \(program\.c:9\)%0Amain \(program\.c:\d+\)\n\Z")

    def test_folded(self):
        self.assertEqual(self.report("folded").splitlines(), [
            "in use;main 640", "in use;main;keep 80", "in use;main;keep;keep 80",
            "lost;main;drop 500"])

    def test_speedscope(self):
        found = json.loads(self.report("speedscope"))
        names = [frame["name"] for frame in found["shared"]["frames"]]
        stacks = {}
        for profile in found["profiles"]:
            self.assertEqual((profile["type"], profile["unit"]), ("sampled", "bytes"))
            self.assertEqual(profile["endValue"], sum(profile["weights"]))
            for sample, weight in zip(profile["samples"], profile["weights"]):
                stack = profile["name"], *(names[frame] for frame in sample)
                stacks[stack] = stacks.get(stack, 0) + weight
        self.assertEqual(stacks, {
            ("lost", "main", "drop"): 500, ("in use", "main"): 640,
            ("in use", "main", "keep"): 80, ("in use", "main", "keep", "keep"): 80})

    def test_callgrind(self):
        text = self.annotated()
        self.assertRegex(text, r"\n *500 +5 +0 +0 +800 +10 +PROGRAM TOTALS\n")
        for name, numbers in (("main", "500 5 0 0 800 10"), ("drop", "500 5 0 0 0 0"),
                              ("keep", "0 0 0 0 160 2"), ("keep'2", "0 0 0 0 80 1")):
            self.assertRegex(text, r"\n *%s +\S*program\.c:%s \[" % (
                numbers.replace(" ", " +"), name))

    def test_sqlite(self):
        query = self.database()
        self.assertEqual(query("SELECT blocks, bytes FROM last_leaks").fetchall(),
                         [(5, 500)])
        self.assertEqual(query("SELECT function, line, blocks, bytes FROM lost_by_line")
                         .fetchall(), [("drop", 9, 5, 500)])
        self.assertEqual(
            query("SELECT blocks, bytes FROM totals WHERE kind = 'reachable'")
            .fetchall(), [(10, 800)])
        self.assertEqual(query("SELECT blocks, bytes FROM owners").fetchall(),
                         [(10, 800)])
        self.assertEqual(
            query("SELECT function FROM stack_lines WHERE stack_id = (SELECT stack_id "
                  "FROM records WHERE blocks = 3)").fetchall(),
            [("malloc",), ("drop",), ("main",)])
        self.assertEqual(
            query("SELECT new_blocks FROM leak_growth JOIN leaks USING (signature) "
                  "WHERE kind = 'definite'").fetchall(), [(5,)])
        steps = query("SELECT DISTINCT step FROM paths").fetchall()
        self.assertTrue(any("kept" in step for step, in steps), steps)


class Hostile(Outputs):
    """In each output every leak is there, and its name as it is, or as shown()."""

    def setUp(self):
        super().setUp()
        write_hostile(self.data)

    def functions(self, stacks):
        return sorted(frame["function"] for stack in stacks for frame in stack
                      if frame["function"] not in ("malloc", "m"))

    def same(self, found, convert=whole):
        self.assertEqual(sorted(found), sorted(map(convert, HOSTILE)))

    def sentences(self):
        return sorted(leak.sentence() for leak in View(datafile.read(self.data)).leaks)

    def test_text(self):
        text = self.report("text", *FULL)
        self.assertRegex(text, r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]*$")
        self.assertEqual(re.findall(r"(?m)^\d+\. (.*)$", text), self.in_order())
        for name in HOSTILE:
            self.assertIn("> %s (" % shown(name), text)

    def in_order(self):
        return [leak.sentence() for leak in View(datafile.read(self.data)).leaks]

    def test_json(self):
        found = json.loads(self.report("json"))
        self.same(leak["type"] for leak in found["leaks"])
        self.same(self.functions(r["stack"] for leak in found["leaks"]
                                 for r in leak["records"]))
        self.same(owner["name"] for owner in found["owners"])
        self.assertEqual(found["check"]["label"], "\"'\n</script>")

    def test_sarif(self):
        results = json.loads(self.report("sarif", *FULL))["runs"][0]["results"]
        self.same(result["properties"]["type"] for result in results)
        places = [result["locations"][0] for result in results]
        self.same(place["logicalLocations"][0]["fullyQualifiedName"]
                  for place in places)
        uris = [place["physicalLocation"]["artifactLocation"]["uri"]
                for place in places]
        for uri in uris:
            self.assertRegex(uri, r"^[!-~]+$")
            self.assertEqual(urllib.parse.urlsplit(uri), ("", "", uri, "", ""))
        self.same((urllib.parse.unquote(uri) for uri in uris),
                  lambda name: os.path.normpath(whole(name) + ".c"))
        texts = [re.sub(r"\\(?=\[[^\]]*\]\()", "", result["message"]["text"])
                 .replace("{{", "{").replace("}}", "}") for result in results]
        self.assertEqual(sorted(texts), [s + " (100 bytes)" for s in self.sentences()])

    def test_junit(self):
        suite, = xml.etree.ElementTree.fromstring(self.report("junit", *FULL))
        self.assertEqual(suite.get("failures"), str(len(HOSTILE)))
        self.assertEqual(sorted(case[0].get("message") for case in suite),
                         self.sentences())
        self.same((case.get("name")[:-len(" [0123456789ab]")] for case in suite),
                  lambda name: "%s: %s" % (shown(name), shown(name)))

    def test_github(self):
        lines = self.report("github", *FULL).split("\n")
        self.assertEqual(lines.pop(), "")
        found = []
        for line in lines:
            match = re.match(r"::error file=([^:,]*),line=35,title=([^:,]*)::(.*)$",
                             line)
            self.assertTrue(match, line)
            texts = [re.sub("%([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), text)
                     for text in match.groups()]
            name = texts[1][len("leak of "):]
            self.assertEqual(texts[0], os.path.normpath(name + ".c"))
            found.append((name, texts[2].split("\n")[0]))
        self.same((name for name, _ in found), shown)
        self.assertEqual(sorted(sentence for _, sentence in found), self.sentences())

    def test_folded(self):
        lines = self.report("folded", *FULL).split("\n")
        self.assertEqual(lines.pop(), "")
        for what in ("lost", "in use"):
            stacks = [re.fullmatch(r"(.*) (\d+)", line).groups() for line in lines
                      if line.startswith(what + ";")]
            self.assertEqual({size for _, size in stacks}, {"100"})
            at = 2 if what == "lost" else 1
            self.same((stack.split(";")[at] for stack, _ in stacks),
                      lambda name: shown(name).replace(";", ","))

    def test_speedscope(self):
        found = json.loads(self.report("speedscope", *FULL))
        names = [frame["name"] for frame in found["shared"]["frames"]]
        for profile in found["profiles"]:
            at = 1 if profile["name"] == "lost" else 0
            self.same((names[sample[at]] for sample in profile["samples"]), shown)

    def test_callgrind(self):
        text = self.annotated(*FULL)
        size = 100 * len(HOSTILE)
        self.assertRegex(text, r"\n *%s +%d +0 +0 +%s +%d +PROGRAM TOTALS\n" % (
            format(size, ","), len(HOSTILE), format(size, ","), len(HOSTILE)))
        for name in HOSTILE:
            self.assertIn(":%s [/work/app/_csv.so]" % shown(name).lstrip(" "), text)

    def test_sqlite(self):
        query = self.database()
        for sql in ("SELECT type FROM last_leaks",
                    "SELECT DISTINCT function FROM frames WHERE function NOT IN "
                    "('malloc', 'm')", "SELECT name FROM owners",
                    "SELECT step FROM paths WHERE step <> 'root'"):
            self.same(value for value, in query(sql))


class Files(Outputs):
    def empty(self):
        data = DataFile(self.data)
        data.check()
        data.end_check()
        data.write()

    def test_nothing_lost(self):
        self.empty()
        self.assertEqual(json.loads(self.report("json"))["leaks"], [])
        self.assertEqual(json.loads(self.report("sarif"))["runs"][0]["results"], [])
        suite, = xml.etree.ElementTree.fromstring(self.report("junit"))
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", "0"))
        self.assertEqual(self.report("github") + self.report("folded"), "")
        self.assertRegex(self.annotated(), r"PROGRAM TOTALS")
        self.assertEqual(json.loads(self.report("speedscope"))["profiles"][0]["name"],
                         "lost")

    def test_no_whole_check(self):
        data = DataFile(self.data)
        data.check()
        data.write()
        self.assertIsNone(json.loads(self.report("json"))["check"])
        for name in ("sarif", "junit", "github", "folded", "speedscope", "callgrind"):
            self.report(name)

    def test_source_lines(self):
        source = os.path.join(self.folder, "a.c")
        with open(source, "wb") as out:
            out.write(b"// caf\xe9\r\nint\tx = f(\x1b);\n")
        data = DataFile(self.data)
        data.check()
        for number, (file, line) in enumerate((
                (source, 1), (source, 2), (source, 3), (source, 9), ("/", 1),
                ("/no/such", 1), ("/a\0b", 1), ("/dev/zero", 1)), 1):
            data.record([c("f%d" % number, file, line)])
        data.end_check()
        data.write()
        text = self.report("text")
        self.assertIn("f1 (a.c:1)\n         // caf\ufffd\n", text)
        self.assertIn("f2 (a.c:2)\n         int     x = f(\\x1b);\n", text)
        self.assertNotIn("caf", self.report("text", "--no-source"))

    def test_a_failed_report_replaces_nothing(self):
        self.empty()
        out = os.path.join(self.folder, "out")
        with open(out, "w") as file:
            file.write("old")
        done = command("report", "--json", self.data + "x", "-o", out)
        self.assertEqual(done.returncode, 2)
        with open(out) as file:
            self.assertEqual(file.read(), "old")
        self.assertEqual(sorted(os.listdir(self.folder)), ["data", "out"])

    def test_a_pipe_is_no_file_to_replace(self):
        self.empty()
        self.assertEqual(json.loads(self.report("json", "-o", "/dev/stdout"))["leaks"],
                         [])

    def test_a_database_needs_a_file(self):
        self.empty()
        done = command("report", "--sqlite", self.data)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--sqlite needs -o FILE", done.stderr)

    def test_levels(self):
        data = DataFile(self.data)
        data.check()
        data.record([c("own")])
        data.record([c("allowed")], flags=0)
        data.record([c("f", "", 0, "/usr/lib/libother.so.1")])
        data.end_check()
        data.write()
        results = json.loads(self.report("sarif"))["runs"][0]["results"]
        self.assertEqual([r["level"] for r in results], ["error", "warning", "note"])
        self.assertEqual(re.findall("(?m)^::[a-z]+", self.report("github")),
                         ["::error", "::warning", "::notice"])
        suite, = xml.etree.ElementTree.fromstring(self.report("junit"))
        self.assertEqual([case[0].tag for case in suite],
                         ["failure", "skipped", "skipped"])


if __name__ == "__main__":
    unittest.main()
