#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the stacks of leakgrind with memcheck's, frame by frame.

    frames.py              the written programs, and random ones
    frames.py --short      fewer random ones, for `make check`
    frames.py --seed N     others
    frames.py --keep DIR   leaves the programs there

Programs in C, C++ and Rust leak blocks in functions, some of which compilers
inline.  Function, file and line of each frame must be equal, and so must the
number of frames for one address.  A language whose compiler is missing is left
out with a message.

The allocation function is in each tool's own library, so only its name is
compared.  leakgrind does not read inlined calls of the C library; there, it may
have another line.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

VALGRIND = os.environ.get("VALGRIND", "valgrind")
TIMEOUT_S = 100 * float(os.environ.get("LG_SLOWDOWN", "1"))

C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static inline char *copied(const char *s)
{
    size_t n = strlen(s) + 1;
    char *p = malloc(n);
    return p ? memcpy(p, s, n) : p;
}
static inline char *labelled(int i)
{
    char b[16];
    b[0] = 'a' + i;
    b[1] = 0;
    return copied(b);
}
struct node { struct node *next; char *name; };
static inline struct node *made(struct node *next, const char *name)
{
    struct node *n = calloc(1, sizeof *n);
    n->next = next;
    n->name = strdup(name);
    return n;
}
static inline __attribute__((always_inline)) void filled(struct node **list)
{
    *list = made(*list, "one"); *list = made(*list, "two");
}
static int compared(const void *a, const void *b)
{
    extern char *volatile sink;
    sink = labelled(5);
    return *(const int *)a - *(const int *)b;
}
char *volatile sink;
struct node *volatile list;
int main(int argc, char **argv)
{
    struct node *n = NULL;
    int numbers[2] = {2, 1};
    sink = labelled(argc);
    sink = labelled(argc + 1);
    filled(&n);
    list = n;
    qsort(numbers, 2, sizeof numbers[0], compared);
    if (asprintf((char **)&sink, "%s", argv[0]) < 0)
        return 1;
    sink = NULL;
    list = n = NULL;
    return 0;
}
"""

CXX = r"""
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>
namespace shapes {
struct Shape {
    explicit Shape(std::string name) : name(std::move(name)) {}
    virtual ~Shape() = default;
    virtual Shape *clone() const = 0;
    std::string name;
};
template <class Derived> struct Clonable : Shape {
    using Shape::Shape;
    Shape *clone() const override
    {
        return new Derived(static_cast<const Derived &>(*this));
    }
};
struct Circle final : Clonable<Circle> {
    Circle() : Clonable("a circle with a name that is not short") {}
    std::vector<double> points{1, 2, 3};
};
} // namespace shapes
template <class T> static inline T *boxed(T value)
{
    return new T(std::move(value));
}
static inline std::map<int, std::string> *numbered()
{
    auto *m = new std::map<int, std::string>;
    for (int i = 0; i < 3; i++)
        m->emplace(i, std::string(40, 'x'));
    return m;
}
void *volatile sink;
int main()
{
    auto twice = [](auto f) { sink = f(); sink = f(); };
    shapes::Circle circle;
    sink = circle.clone();
    sink = boxed(std::string("a string that does not fit into itself"));
    sink = boxed(std::vector<int>(10));
    sink = numbered();
    twice([] { return boxed(3.0); });
    std::function<void *()> made = [] { return new char[100]; };
    sink = made();
    sink = new std::unique_ptr<int>(new int(1));
    std::vector<int> order{3, 1, 2};
    std::sort(order.begin(), order.end(), [](int a, int b) {
        if (a == 1 && b == 3)
            sink = boxed(a);
        return a < b;
    });
    sink = nullptr;
    return 0;
}
"""

RUST = r"""
use std::collections::{BTreeMap, HashMap};
use std::mem::ManuallyDrop;
struct Part { name: String, sizes: Vec<u32> }
impl Part {
    #[inline]
    fn new(name: &str) -> Part {
        Part { name: name.to_string(), sizes: (0..20).collect() }
    }
}
// std::hint::black_box is there since Rust 1.66.
#[inline(never)]
fn black_box<T>(value: T) -> T {
    let kept = ManuallyDrop::new(value);
    unsafe { std::ptr::read_volatile(&*kept) }
}
#[inline(always)]
fn leaked<T>(value: T) -> usize {
    Box::into_raw(Box::new(value)) as usize & 0
}
#[inline(never)]
fn mapped() -> usize {
    let mut m = BTreeMap::new();
    for i in 0..20u64 { m.insert(i, format!("number {}", i)); }
    leaked(m)
}
fn main() {
    black_box(leaked(Part::new("bolt")));
    black_box(leaked([1u8; 100]));
    black_box(mapped());
    let words: Vec<String> = "a b c".split(' ').map(str::to_owned).collect();
    black_box(leaked(words));
    let mut h = HashMap::new();
    h.insert(1, Part::new("nut"));
    black_box(leaked(h));
    std::mem::forget(black_box(vec![7u8; 300]));
    let p = Part::new("gear");
    println!("{} {}", p.name, p.sizes.len());
}
"""


def random_program(rng, cplusplus):
    """Functions that call one another and malloc, inlined or not."""
    n = rng.randint(4, 14)
    out = ["#include <stdlib.h>", "#include <string.h>",
           "extern void *volatile sink; void *volatile sink;"]
    for i in range(n):
        kind = rng.choice(["static inline __attribute__((always_inline))",
                           "static inline", "static",
                           "__attribute__((noinline))",
                           "static __attribute__((noinline))"])
        name = "f%d" % i
        if cplusplus and rng.random() < 0.5:
            out.append("namespace n%d { struct S { int v; %s void f(int x);"
                       " }; }" % (i, "" if "noinline" in kind else "inline"))
            out.append("%s void n%d::S::f(int x)" %
                       ("" if "static" in kind else kind, i))
        else:
            out.append("%s void %s(int x)" % (kind, name))
        is_method = "::" in out[-1]
        out.append("{")
        for _ in range(rng.randint(1, 3)):
            callee = rng.randrange(i) if i else None
            what = rng.choice(["malloc", "malloc", "call", "call", "call"])
            if rng.random() < 0.3:
                out.append("")
            if what == "malloc" or callee is None:
                new = rng.choice(["malloc(%d + x)", "calloc(1, %d + x)",
                                  "strdup(\"%d\")"])
                if cplusplus and rng.random() < 0.6:
                    new = "new char[%d]"
                out.append("    sink = %s;" % (new % rng.randint(1, 99)))
            else:
                out.append("    if (x > %d) CALL%d(x + %d);"
                           % (rng.randint(0, 2), callee, rng.randint(0, 3)))
        out.append("}")
        out.append("#define CALL%d(x) %s" %
                   (i, "do { n%d::S s; s.v = x; s.f(x); } while (0)" % i
                    if is_method else "%s(x)" % name))
    out += ["int main(int argc, char **argv)", "{", "    (void)argv;"]
    for _ in range(3):
        out.append("    CALL%d(argc + %d);" % (rng.randrange(n // 2, n),
                                                rng.randint(1, 3)))
    out += ["    sink = NULL;", "    return 0;", "}"]
    return "\n".join(out) + "\n"


class Program:
    def __init__(self, name, source, compiler, suffix, options):
        self.name, self.source, self.suffix = name, source, suffix
        self.command = [compiler] + options

    def build(self, folder):
        source = os.path.join(folder, self.name + self.suffix)
        with open(source, "w") as f:
            f.write(self.source)
        binary = os.path.join(folder, self.name)
        subprocess.run(self.command + [source, "-o", binary], check=True)
        return binary


def frames_of(stack):
    """Tuples of a frame's number, function, folder, file and line.  Frames of one
    address share a number; addresses themselves differ between the tools."""
    frames, last, number = [], None, -1
    for f in stack.findall("frame"):
        ip, obj, *rest = (f.findtext(t) for t in
                          ("ip", "obj", "fn", "dir", "file", "line"))
        is_inlined_by_next = ip == last
        number += not is_inlined_by_next
        last = ip
        if number == 0:
            rest = rest[:1]
        elif os.path.basename(obj or "").startswith("libc"):
            rest = rest[:1]
            if is_inlined_by_next:
                frames.pop()
        frames.append((number, *rest))
    return frames


def stacks_of(tool, binary, xml):
    """Kind, bytes and frames of each loss record."""
    subprocess.run([VALGRIND, "--tool=" + tool, "--leak-check=full",
                    "--show-leak-kinds=all", "--num-callers=40", "--xml=yes",
                    "--xml-file=" + xml, binary],
                   check=True, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL)
    return sorted(((e.findtext("kind"), e.findtext("xwhat/leakedbytes"),
                    frames_of(e.find("stack")))
                   for e in ElementTree.parse(xml).getroot().findall("error")),
                  key=repr)


def print_stack(stack):
    print("  %s, %s bytes" % stack[:2])
    for f in stack[2]:
        print("    " + " ".join(str(x) for x in f))


def compare(binary, folder):
    """How many stacks there are, and how many of them have inlined frames; None
    after a message when they differ."""
    ours = stacks_of("leakgrind", binary, os.path.join(folder, "ours.xml"))
    theirs = stacks_of("memcheck", binary, os.path.join(folder, "theirs.xml"))
    if ours != theirs:
        print("%s: the stacks differ" % os.path.basename(binary))
        for title, some, others in (("leakgrind:", ours, theirs),
                                    ("memcheck:", theirs, ours)):
            print(title)
            for s in some:
                if s not in others:
                    print_stack(s)
        return None
    nested = sum(len(s[2]) > len({f[0] for f in s[2]}) for s in ours)
    return len(ours), nested


def programs(count, seed):
    gcc = shutil.which(os.environ.get("CC", "gcc"))
    gxx = shutil.which(os.environ.get("CXX", "g++"))
    rustc = shutil.which("rustc")
    flags = ["-g", "-O2", "-D_GNU_SOURCE", "-Wno-unused-function"]
    for name, found in (("C", gcc), ("C++", gxx), ("Rust", rustc)):
        if not found:
            print("no compiler for %s: left out" % name)
    if gcc:
        yield Program("written_c", C, gcc, ".c", flags)
    if gxx:
        yield Program("written_cxx", CXX, gxx, ".cc", flags)
    if rustc:
        yield Program("written_rust", RUST, rustc, ".rs", ["-g", "-O"])
    for i in range(count):
        rng = random.Random(seed + i)
        level = rng.choice(["-O1", "-O2", "-O3", "-Og", "-O0"])
        compiler, suffix = rng.choice(((gcc, ".c"), (gxx, ".cc")))
        if compiler:
            yield Program("random_%d" % (seed + i),
                          random_program(rng, suffix == ".cc"), compiler,
                          suffix, flags + [level])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep")
    args = parser.parse_args()
    failed, stacks, nested = 0, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or scratch
        for p in programs(2 if args.short else 60, args.seed):
            result = compare(p.build(folder), folder)
            if result is None:
                failed += 1
            else:
                stacks += result[0]
                nested += result[1]
    print("%d stacks, %d with inlined frames; %d programs differ"
          % (stacks, nested, failed))
    # A comparison of nothing proves nothing.
    return 1 if failed or nested == 0 else 0


sys.exit(main())
