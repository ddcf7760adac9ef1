#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/compare.py and `leakgrind diff`."""
import json
import os
import tempfile
import unittest

from handmade import DataFile, c, command, run_program

from leakgrind import datafile
from leakgrind.compare import compare
from leakgrind.view import View

# Between two checks it keeps 1,000 more nodes and loses 3 more blocks.
SERVER = """
#include <stdlib.h>
#include "memcheck.h"

struct node { struct node *next; char text[40]; };
static struct node *sessions;

__attribute__((noinline)) static void remember(int n)
{
    for (int i = 0; i < n; i++) {
        struct node *node = malloc(sizeof *node);   /* line 11 */
        node->next = sessions;
        sessions = node;
    }
}

__attribute__((noinline)) static void drop(int n)
{
    for (int i = 0; i < n; i++)
        *(volatile char *) malloc(100) = 1;
}

int main(void)
{
    drop(2);
    remember(10);       /* so that no register points to what was lost */
    VALGRIND_DO_LEAK_CHECK;
    drop(3);
    remember(1000);
    VALGRIND_DO_LEAK_CHECK;
    return 0;
}
"""


class Compared(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def data(self, name, records, owners=()):
        data = DataFile(os.path.join(self.folder, name))
        data.check()
        for function, values in records:
            data.record([c(function)], **values)
        for owner in owners:
            data.owner(*owner)
        data.end_check()
        return data.write()

    def compared(self, before, after, owners=((), ())):
        self.a = self.data("a", before, owners[0])
        self.b = self.data("b", after, owners[1])
        return compare(View(datafile.read(self.a)), View(datafile.read(self.b)))

    def states(self, changes):
        return [(change.state, change.subject.where.function, change.bytes,
                 change.blocks, change.references) for change in changes]

    def test_states(self):
        found = self.compared(
            [("same", {}), ("grows", {}), ("shrinks", {"blocks": 3, "size": 300}),
             ("goes", {})],
            [("same", {}), ("grows", {"blocks": 2, "size": 250, "indirect": 7}),
             ("shrinks", {}), ("comes", {"size": 20})])
        self.assertEqual(self.states(found.leaks), [
            ("grown", "grows", 157, 1, 0), ("new", "comes", 20, 1, 0),
            ("gone", "goes", -100, -1, 0), ("shrunk", "shrinks", -200, -2, 0)])
        self.assertEqual(found.kept, [])
        self.assertEqual(found.grew_most().subject.where.function, "grows")
        self.assertEqual(command("diff", self.a, self.b).returncode, 1)

    def test_more_references_to_the_same_objects(self):
        use = {"kind": "reference", "type": "str", "name": "'a'"}
        found = self.compared([("f", dict(use, references=5))],
                              [("f", dict(use, references=9, size=90))])
        self.assertEqual(self.states(found.leaks), [("grown", "f", -10, 0, 4)])

    def test_what_is_kept_is_no_error(self):
        found = self.compared(
            [("f", {"kind": "reachable", "flags": 0})],
            [("f", {"kind": "reachable", "flags": 0, "blocks": 2, "size": 300})])
        self.assertEqual(found.leaks, [])
        self.assertEqual(self.states(found.kept), [("grown", "f", 200, 1, 0)])
        self.assertFalse(found.has_errors)
        self.assertEqual(command("diff", self.a, self.b).returncode, 0)

    def test_owners(self):
        found = self.compared([], [], ([("app.A", 1, 10), ("app.B", 5, 50)],
                                       [("app.C", 1, 7), ("app.B", 6, 50)]))
        self.assertEqual(
            [(c.state, c.subject.name, c.bytes, c.blocks) for c in found.owners],
            [("new", "app.C", 7, 1), ("grown", "app.B", 0, 1),
             ("gone", "app.A", -10, -1)])

    def test_nothing_grew(self):
        self.compared([("f", {})], [])
        done = command("diff", self.a, self.b)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines()[0], "Nothing has grown.")

    def test_no_errors_no_failure(self):
        found = self.compared([], [("f", {"flags": 0})])
        self.assertEqual(len(found.leaks), 1)
        self.assertFalse(found.has_errors)

    def test_a_single_check(self):
        self.compared([], [])
        done = command("diff", self.a)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no two checks", done.stderr)
        done = command("diff", self.a + "@2", self.b)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no check 2", done.stderr)


class Server(unittest.TestCase):
    def test_two_checks_of_a_run(self):
        with tempfile.TemporaryDirectory() as folder:
            data = run_program(folder, SERVER, "--retained=5")
            for words in ([data], [data + "@1", data + "@2"]):
                done = command("diff", *words)
                self.assertEqual(done.returncode, 1, done.stderr)
                lines = done.stdout.splitlines()
                self.assertEqual(lines[0], "Grew most: remember (program.c:11)")
                self.assertIn("+48,000 bytes, +1,000 blocks", lines[1])
                self.assertIn("Lost: 1 grown", lines)
            found = json.loads(command("diff", "--json", data).stdout)
            for part, size, blocks in (("leaks", 300, 3), ("kept", 48000, 1000),
                                       ("owners", 48000, 1000)):
                self.assertEqual([(c["state"], c["bytes"], c["blocks"])
                                  for c in found[part]], [("grown", size, blocks)])


if __name__ == "__main__":
    unittest.main()
