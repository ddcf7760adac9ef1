#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests command/leakgrind/leaks.py: what is one leak, whose it is, what it is called."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("LG_SRCDIR", "."), "command"))

from leakgrind import leaks  # noqa: E402
from leakgrind.datafile import Check, Frame, Record  # noqa: E402


def c(function, file="", line=0, obj="/work/app/_csv.so", inlined=False):
    return Frame("c", function, file, line, obj, 0, inlined)


def py(function, file, line=1):
    return Frame("python", function, file, line, "", 0, False)


MALLOC = c("malloc", obj="/usr/libexec/valgrind/vgpreload_leakgrind-amd64-linux.so")
UNICODE = c("PyUnicode_New", obj="/usr/lib/libpython3.11.so.1.0")
RUNNER = py("pytest_pyfunc_call", "/usr/lib/python3/dist-packages/_pytest/python.py")


def record(stack, kind="definite", type="str", blocks=1, size=50, references=0,
           cls="", suppressed=False):
    r = Record()
    r.number = 1
    r.kind, r.cls, r.type, r.name = kind, cls, type, ""
    r.stack = tuple(stack)
    r.blocks, r.bytes, r.indirect_bytes = blocks, size, 0
    r.references, r.c_references = references, 0
    r.suppressed, r.error = suppressed, True
    r.old_blocks = r.old_bytes = 0
    r.paths = []
    return r


def found(*records, names=(), program="python3"):
    check = Check(1, "exit", "", 0)
    check.records = list(records)
    return leaks.find_leaks(check, leaks.Own("/work/app", names, program))


class Signatures(unittest.TestCase):
    def test_same_bug_in_two_tests(self):
        split = c("split_line", "/work/app/csv.c", 35)
        both = found(
            record([MALLOC, UNICODE, split, py("test_a", "/work/app/test_csv.py"),
                    RUNNER]),
            record([MALLOC, UNICODE, split, py("test_b", "/work/app/test_csv.py", 9),
                    RUNNER]))
        self.assertEqual([(leak.blocks, leak.bytes) for leak in both], [(2, 100)])

    def test_lines_inlining_and_symbols_do_not_matter(self):
        one = found(record([MALLOC, UNICODE, c("inner", inlined=True),
                            c("split_line", "/work/app/csv.c", 35), UNICODE]))
        other = found(record([MALLOC, c("split_line", "", 0), UNICODE, UNICODE]))
        self.assertEqual(one[0].signature, other[0].signature)

    def test_other_callers_of_a_helper_are_other_leaks(self):
        two = found(record([MALLOC, c("new_node"), c("parse_a"), UNICODE]),
                    record([MALLOC, c("new_node"), c("parse_b"), UNICODE]))
        self.assertEqual(len(two), 2)

    def test_other_types_are_other_leaks(self):
        self.assertEqual(len(found(record([c("f")], type="str"),
                                   record([c("f")], type="list"))), 2)

    def test_libraries_fold_to_a_line(self):
        lib = "/usr/lib/python3/dist-packages/lxml/etree.so"
        two = found(record([MALLOC, c("parse", obj=lib), py("<module>", "a.py")],
                           type=""),
                    record([MALLOC, c("other", obj=lib)], type=""))
        self.assertEqual([leak.library for leak in two if not leak.is_own], ["lxml"])

    def test_suppressed_and_indirect_are_none(self):
        self.assertEqual(found(record([c("f")], suppressed=True),
                               record([c("f")], kind="indirect"),
                               record([c("f")], kind="reachable")), [])

    def test_uncollected_cycles_only_if_asked_for(self):
        self.assertEqual(found(record([c("f")], cls="uncollected")), [])


class Whose(unittest.TestCase):
    def own(self, frame, names=(), program="python3"):
        return frame in leaks.Own("/work/app", names, program)

    def test_below_the_directory(self):
        self.assertTrue(self.own(py("f", "/work/app/x.py")))
        self.assertTrue(self.own(c("f")))
        self.assertFalse(self.own(py("f", "/work/application/x.py")))

    def test_installed_there_is_not_own(self):
        self.assertFalse(self.own(
            py("f", "/work/app/.venv/lib/python3.11/site-packages/x/y.py")))

    def test_named(self):
        frame = py("f", "/usr/lib/python3/dist-packages/fast/csv.py")
        self.assertFalse(self.own(frame))
        self.assertTrue(self.own(frame, ("fast",)))
        self.assertTrue(self.own(frame, ("/usr/lib/python3/dist-packages/fast",)))

    def test_templates_of_libraries_are_not_own(self):
        for function, file in (
                ("std::vector<int>::push_back(int&&)", ""),
                ("void std::sort<int*>(int*, int*)", ""),
                ("__gnu_cxx::new_allocator<int>::allocate(unsigned long)", "x.h"),
                ("boost::any::clone()", "/usr/include/boost/any.hpp")):
            self.assertFalse(self.own(c(function, file)), function)
        self.assertTrue(self.own(c("add(std::vector<int>&)")))
        self.assertTrue(self.own(c("std::vector<int> make()", "/work/app/x.cpp")))

    def test_the_program_itself(self):
        server = c("f", obj="/usr/bin/server")
        self.assertTrue(self.own(server, program="./server"))
        self.assertFalse(self.own(c("f", obj="/usr/bin/python3.11"),
                                  program="python3.11"))


class Words(unittest.TestCase):
    def test_names(self):
        for long, short in (
                ("std::map<int, std::string>::insert(int&&) const",
                 "std::map::insert"),
                ("operator new(unsigned long)", "operator new"),
                ("int f<int>(int)", "f"),
                ("<module>", "<module>"),
                ("(anonymous namespace)::X::y(int)",
                 "(anonymous namespace)::X::y"),
                ("std::ostream& operator<< <char>(int)",
                 "std::ostream& operator<<"),
                ("A<B>::operator()(int) const", "A::operator()"),
                ("foo.constprop.0", "foo")):
            self.assertEqual(leaks.shorten_name(long), short)
            self.assertEqual(leaks.shorten_name(long, full=True), long)

    def test_sentences(self):
        split = c("split_line", "/work/app/csv.c", 35)
        for r, sentence in (
                (record([split], blocks=401, references=401),
                 "401 str objects made by split_line (csv.c:35) were never released: "
                 "a missing Py_DECREF"),
                (record([split], type=""),
                 "1 block made by split_line (csv.c:35) was never freed"),
                (record([split], type="Node", cls="cycle", blocks=2),
                 "2 Node objects made by split_line (csv.c:35) are in a reference "
                 "cycle that nothing can free")):
            self.assertEqual(found(r)[0].sentence(), sentence)


if __name__ == "__main__":
    unittest.main()
