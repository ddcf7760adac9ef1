#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests --out-file on real programs: what the data file says, and what happens where
it cannot be written."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = os.environ.get("LG_SRCDIR", ".")
sys.path.insert(0, os.path.join(SOURCE, "command"))

from leakgrind import datafile, leaks, symbols  # noqa: E402

VALGRIND = os.environ.get("VALGRIND") or "valgrind"
PYTHON = os.environ.get("LG_PYTHON") or "/usr/bin/python3"

NATIVE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "leakgrind.h"

struct node { struct node *next; char text[56]; };
static struct node *kept;

__attribute__((noinline)) static void keep(int n)
{
    while (n-- > 0) {
        struct node *node = calloc(1, sizeof *node);
        node->next = kept;
        kept = node;
    }
}

static inline __attribute__((always_inline)) char *copy(void)
{
    return malloc(40);
}

__attribute__((noinline)) static void lose(int n)
{
    while (n-- > 0)
        memset(copy(), 1, 40);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "grow") == 0) {
        for (int i = 0; i < 1000; i++) {
            keep(10);
            lose(1);
            getppid();
        }
        return 0;
    }
    keep(10);
    if (argc > 1 && strcmp(argv[1], "fork") == 0) {
        if (fork() == 0) {
            lose(2);
            return 0;
        }
        wait(NULL);
    }
    printf("%d\n", LEAKGRIND_SNAPSHOT("kept \"10\"\n"));
    lose(3);
    return 0;
}
"""

GUEST = """
import ctypes, leakgrind

class Item:
    pass

CACHE = {}

def lose(n):
    for i in range(n):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(Item()))

def fill(n):
    for i in range(n):
        CACHE[len(CACHE)] = Item()

fill(100)
print(leakgrind.snapshot("first"))
fill(200)
list(map(lose, [50]))
"""


class OutFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp()
        cls.program = os.path.join(cls.top, "program")
        source = os.path.join(cls.top, "program.c")
        with open(source, "w", encoding="ascii") as out:
            out.write(NATIVE)
        subprocess.run(
            [os.environ.get("CC") or "cc", "-g", "-gdwarf-4", "-O1",
             "-Wl,--build-id",
             "-I" + os.path.join(SOURCE, "leakgrind"),
             "-I" + os.environ.get("LG_VALGRIND_INCLUDE", "/usr/include/valgrind"),
             "-o", cls.program, source], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.top)

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=self.top)
        self.path = os.path.join(self.folder, "out.%p")

    def run_tool(self, command, *options, out=None):
        environment = dict(os.environ, PYTHONHASHSEED="0",
                           PYTHONPATH=os.path.join(SOURCE, "command"))
        return subprocess.run(
            [VALGRIND, "--tool=leakgrind", "--out-file=" + (out or self.path),
             *options, *command], env=environment, text=True, capture_output=True,
            cwd=self.folder)

    def files(self):
        return [datafile.read(os.path.join(self.folder, name))
                for name in sorted(os.listdir(self.folder))]

    # --- What it says

    def test_of_a_program_of_c(self):
        done = self.run_tool([self.program])
        self.assertEqual(done.stdout, "1\n")
        data, = self.files()
        self.assertTrue(data.finished)
        self.assertEqual(data.command, [self.program])
        self.assertEqual(data.header["options"][0], "--tool=leakgrind")
        self.assertEqual(data.header["directory"], self.folder)
        first, last = data.checks
        self.assertEqual((first.moment, first.label), ("request", 'kept "10"\n'))
        self.assertEqual((last.moment, last.label), ("exit", ""))
        self.assertEqual(first.totals["definite"], (0, 0))
        self.assertEqual(last.totals["definite"], (3, 120))
        self.assertEqual(last.totals["reachable"], (10, 640))

        lost, = (r for r in last.records if r.kind == "definite")
        self.assertEqual((lost.blocks, lost.bytes, lost.error), (3, 120, True))
        self.assertEqual(
            [(f.function, os.path.basename(f.file), f.inlined)
             for f in lost.stack[1:]],
            [("copy", "program.c", True), ("lose", "program.c", False),
             ("main", "program.c", False)])
        self.assertEqual(lost.stack[1].file, os.path.join(self.top, "program.c"))
        self.assertEqual(lost.stack[1].object, self.program)
        for name in (self.program, lost.stack[0].object):
            self.assertEqual(data.build_ids.get(name, ""), symbols.build_id(name))
        self.assertIn(self.program, data.build_ids)

        kept, = (r for r in last.records
                 if r.kind == "reachable" and r.stack[1].function == "keep")
        self.assertEqual((kept.old_blocks, kept.old_bytes), (10, 640))
        self.assertEqual(kept.paths[0].steps[0], "global kept (in program)")
        owner = last.owners[0]
        self.assertEqual((owner.name, owner.blocks, owner.bytes, owner.types),
                         ("global kept (in program)", 10, 640, [("", 10, 640)]))

    def test_of_a_python_program(self):
        script = os.path.join(self.folder, "guest.py")
        with open(script, "w", encoding="ascii") as out:
            out.write(GUEST)
        done = self.run_tool([PYTHON, script])
        os.unlink(script)
        self.assertEqual(done.stdout, "True\n", done.stderr)
        data, = self.files()
        self.assertEqual([check.moment for check in data.checks],
                         ["request", "finalize", "exit"])
        for check, n in ((data.checks[0], 100), (data.check_of_use(), 300)):
            owner, = (o for o in check.owners if o.name == "__main__.CACHE")
            self.assertEqual([blocks for kind, blocks, _ in owner.types
                              if kind == "__main__.Item"], [n])
        items = [r for r in data.check_of_use().records
                 if r.type == "__main__.Item"]
        # From 3.11 on, the first calls have other stacks than those that follow.
        self.assertEqual({p.steps for item in items for p in item.paths},
                         {("module __main__", ".CACHE (dict)", "[*]")})
        self.assertEqual(sum(p.blocks for item in items for p in item.paths), 300)
        leak, = leaks.find_leaks(data.last_check(),
                                 leaks.Own(self.folder, (), "python3"))
        self.assertEqual((leak.blocks, leak.type, leak.where.function,
                          leak.where.language, leak.references),
                         (50, "__main__.Item", "lose", "python", 50))

    def test_of_the_course(self):
        done = self.run_tool([self.program, "grow"], "--checks-every=100kB",
                             "--retained=3")
        data, = self.files()
        self.assertEqual(data.course_unit, "B")
        self.assertTrue(5 <= len(data.course) <= 100, len(data.course))
        for point in data.course:
            # Between the calls of keep() and lose() nothing is counted.
            rounds = point.blocks["definite"]
            self.assertEqual(point.at, rounds * (640 + 40))
            self.assertEqual(point.bytes["definite"], rounds * 40)
            self.assertEqual((point.blocks["reachable"], point.bytes["reachable"]),
                             (rounds * 10, rounds * 640))
            self.assertEqual(point.owners[0],
                             ("global kept (in program)", rounds * 10, rounds * 640))
            self.assertEqual([(name.split(" ")[0], blocks)
                              for name, blocks, _ in point.lines[:2]],
                             [("keep", rounds * 10), ("lose", rounds)])
        self.assertEqual(data.course[-1].blocks["definite"], 1000)
        self.assertIn("Largest owners, bytes at the beginning", done.stderr)
        self.assertRegex(done.stderr, r"640,000 +global kept \(in program\)")

    # --- Whose it is

    def test_a_child_has_a_file_of_its_own(self):
        self.run_tool([self.program, "fork"])
        files = self.files()
        self.assertEqual(
            sorted(data.last_check().totals["definite"][0] for data in files), [2, 3])
        self.assertEqual(len({data.header["pid"] for data in files}), 2)
        self.assertTrue(all(data.finished for data in files))

    def test_without_a_process_id_a_child_writes_nothing(self):
        self.run_tool([self.program, "fork"], out=os.path.join(self.folder, "one"))
        data, = self.files()
        self.assertEqual(data.last_check().totals["definite"], (3, 120))
        self.assertTrue(data.finished)

    def test_a_relative_name_is_below_the_first_folder(self):
        self.run_tool(["/bin/sh", "-c", "cd /"], out="here")
        self.assertEqual(os.listdir(self.folder), ["here"])

    # --- What goes wrong

    def check_report(self, done):
        self.assertIn("120 bytes in 3 blocks are definitely lost", done.stderr)

    def test_a_file_that_cannot_be_opened(self):
        done = self.run_tool([self.program], out="/nonexistent/out")
        self.check_report(done)
        self.assertIn("/nonexistent/out (--out-file) cannot be opened", done.stderr)
        self.assertEqual(done.stdout, "0\n")

    def test_a_full_disk(self):
        done = self.run_tool([self.program], out="/dev/full")
        self.check_report(done)
        self.assertEqual(done.stderr.count("/dev/full cannot be written"), 1)

    def test_a_run_that_is_killed(self):
        path = os.path.join(self.folder, "out")
        run = subprocess.Popen([VALGRIND, "-q", "--tool=leakgrind",
                                "--out-file=" + path, "/bin/sleep", "100"])
        end = time.monotonic() + 60 * float(os.environ.get("LG_SLOWDOWN", "1"))
        while not os.path.exists(path) or os.path.getsize(path) == 0:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        run.kill()
        run.wait()
        data, = self.files()
        self.assertFalse(data.finished)
        self.assertEqual(data.checks, [])

    def test_a_run_that_dies_of_a_signal_has_its_check(self):
        self.run_tool(["/bin/sh", "-c", "kill -SEGV $$"])
        data, = self.files()
        self.assertEqual(data.last_check().moment, "exit")

    def test_the_report_is_the_same(self):
        def report(done):
            return [line.partition("== ")[2] for line in done.stderr.splitlines()
                    if "Command" not in line]
        with_file = self.run_tool([self.program])
        lines = report(with_file)
        last = "1 loss record is an error; to see all: leakgrind report " + \
            os.path.join(self.folder, os.listdir(self.folder)[0])
        self.assertIn(last, lines)
        at = lines.index(last)
        del lines[at:at + 2]
        self.assertEqual(lines, report(subprocess.run(
            [VALGRIND, "--tool=leakgrind", self.program], text=True,
            capture_output=True)))


if __name__ == "__main__":
    unittest.main()
