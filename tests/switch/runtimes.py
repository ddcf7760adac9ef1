#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs language runtimes that change stacks under leakgrind and under no tool.

    runtimes.py [--times N] [NAME ...]     runs these, or all
    runtimes.py --list                     names them

Goroutines, fibers, coroutines, greenlets, continuations, stacks that grow: real
programs of the distribution, and small ones in programs/ for its compilers and
interpreters.  Output and exit code of each must be those of --tool=none.  A program
that is not installed is skipped with a message.
"""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
VALGRIND = os.environ.get("VALGRIND", "valgrind")
VALGRIND = shutil.which(VALGRIND) or VALGRIND
TIMEOUT_S = 300 * float(os.environ.get("LG_SLOWDOWN", "1"))


class Run:
    """command: for sh, in a scratch folder; what is before it comes from
    `prepare`, not under Valgrind.  wants: for sh, whether it can be done here,
    or else says why not.  options: of Valgrind, for both tools."""

    def __init__(self, name, command, prepare="true", wants="true", options=""):
        self.name = name
        self.command = command
        self.prepare = prepare
        self.wants = wants
        self.options = options


def has(*commands):
    return " && ".join("{ command -v %s >/dev/null || { echo %s is not"
                       " installed; exit 1; }; }" % (c, c) for c in commands)


def python_has(module):
    return ("$PYTHON3 -c 'import %s' 2>/dev/null ||"
            " { echo %s is not installed; exit 1; }" % (module, module))


GO = ("cp $PROGRAMS/%s.go main.go && printf 'module main\\n' >go.mod"
      " && go build -o main main.go")
TREE = ("mkdir -p a/b c && for i in 1 2 3 4 5 6 7 8 9; do"
        " seq $i 3 200 >a/$i.txt; seq $i 4 300 >a/b/$i.c; done")
BOOST = ("printf '#include <boost/context/fiber.hpp>\\n"
         "#include <boost/fiber/all.hpp>\\nint main() {}\\n' >try.cpp;"
         " $CXX -E try.cpp >/dev/null 2>&1 ||"
         " { echo Boost.Context and Boost.Fiber are not installed; exit 1; }")
SPLIT = ("echo 'int main(void) { return 0; }' >try.c;"
         " $CC -fsplit-stack try.c -o try 2>/dev/null && ./try ||"
         " { echo the compiler has no -fsplit-stack; exit 1; }")
# A tree so deep that the compiler takes more stack: RUST_MIN_STACK is what it
# begins with.
NESTED = ("{ echo 'pub fn f(x: u64) -> u64 {'; seq 100 | sed 's/$/ + x +/';"
          " echo '1 }'; } >deep.rs")

RUNS = [
    Run("go", "./main", GO % "stacks", has("go")),
    Run("go-cgo", "./main", "export CGO_ENABLED=1 && " + GO % "callbacks",
        has("go", "gcc")),
    Run("gh", "gh --version", wants=has("gh")),
    Run("rclone-version", "rclone version", wants=has("rclone")),
    Run("rclone", "rclone lsf -R --config rclone.conf .",
        TREE + " && : >rclone.conf", has("rclone")),
    Run("ocaml", "./main", "cp $PROGRAMS/exceptions.ml main.ml &&"
        " ocamlopt main.ml -o main", has("ocamlopt")),
    Run("ocaml-bytecode", "ocamlrun main", "cp $PROGRAMS/exceptions.ml main.ml"
        " && ocamlc main.ml -o main", has("ocamlc", "ocamlrun")),
    Run("ocaml-effects", "./main", "cp $PROGRAMS/effects.ml main.ml &&"
        " ocamlopt main.ml -o main", has("ocamlopt") + " && case $(ocamlopt"
        " -version) in 4.*) echo this OCaml has no effects; exit 1;; esac"),
    Run("ruby", "ruby --disable-gems $PROGRAMS/fibers.rb", wants=has("ruby")),
    Run("php", "php -n $PROGRAMS/fibers.php", wants=has("php") + " &&"
        " { php -r 'exit((int)!class_exists(\"Fiber\"));' ||"
        " { echo this PHP has no fibers; exit 1; }; }"),
    Run("perl-coro", "perl $PROGRAMS/coro.pl", wants=has("perl") + " &&"
        " { perl -MCoro -e 1 2>/dev/null ||"
        " { echo Coro is not installed; exit 1; }; }"),
    Run("greenlet", "$PYTHON3 $PROGRAMS/greenlets.py",
        wants=python_has("greenlet")),
    Run("gevent", "$PYTHON3 $PROGRAMS/gevents.py", wants=python_has("gevent")),
    Run("boost", "./main", "$CXX -std=gnu++17 -O1 -w $PROGRAMS/contexts.cpp"
        " -o main -lboost_fiber -lboost_context -lpthread", BOOST),
    Run("split-stack", "./main", "$CC -fsplit-stack -O1 $PROGRAMS/split.c"
        " -o main -lpthread", SPLIT),
    Run("ripgrep", "rg -j 2 --sort path -n '7$' .", TREE, has("rg")),
    Run("fd", "fdfind -j 1 -e c . a", TREE, has("fdfind")),
    Run("rustc", "rustc --crate-type lib --emit metadata deep.rs", NESTED,
        has("rustc")),
    Run("qemu-img", "qemu-img convert -m 8 -W -O qcow2 -c a.raw a.qcow2 &&"
        " qemu-img check a.qcow2",
        "seq 1 200000 >a.raw && truncate -s 3M a.raw", has("qemu-img")),
    Run("guile", "guile --no-auto-compile $PROGRAMS/continuations.scm",
        wants=has("guile")),
    Run("julia", "julia --startup-file=no -e 'c = Channel(c -> foreach(i ->"
        " put!(c, i^2), 1:50)); println(sum(c))'", wants=has("julia")),
    Run("node", "node $PROGRAMS/promises.js", wants=has("node"),
        options="--smc-check=all-non-file"),
    Run("java", "java -Xint -XX:+UseSerialGC -cp . Stacks",
        "javac -d . $PROGRAMS/Stacks.java", has("java", "javac"),
        "--smc-check=all-non-file"),
]


def environment(folder):
    env = {k: v for k, v in os.environ.items()
           if k in ("PATH", "VALGRIND_LIB")}
    # Prefer the distribution's programs to others of the same name.
    env["PATH"] = "/usr/bin:/bin:" + env.get("PATH", "")
    env.update(HOME=folder, LC_ALL="C.UTF-8", TZ="UTC", TERM="dumb",
               PROGRAMS=PROGRAMS, CC=os.environ.get("CC", "gcc"),
               CXX=os.environ.get("CXX", "g++"),
               PYTHON3=os.environ.get("PYTHON3", "python3"),
               PERL_HASH_SEED="0", PYTHONHASHSEED="0",
               PYTHONDONTWRITEBYTECODE="1", GOFLAGS="-mod=mod", GOPROXY="off",
               GOTELEMETRY="off", GOTOOLCHAIN="local", GOMAXPROCS="3",
               GODEBUG="asyncpreemptoff=0", RUST_MIN_STACK="350000",
               NO_UPDATE_NOTIFIER="1", GH_NO_UPDATE_NOTIFIER="1")
    return env


def sh(command, folder):
    return subprocess.run(["/bin/sh", "-c", command], cwd=folder,
                          env=environment(folder), timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True,
                          errors="replace")


def under(tool, run, folder):
    """(exit code, what was printed)"""
    valgrind = "%s --tool=%s --log-file=%s.log %s " % (
        VALGRIND, tool, os.path.join(folder, tool), run.options)
    done = sh(" && ".join(valgrind + part
                          for part in run.command.split(" && ")),
              os.path.join(folder, "work"))
    return done.returncode, done.stdout


def compare(run, times, folder):
    """"passed", "skipped" or "failed", and a line that says why."""
    work = os.path.join(folder, "work")
    os.mkdir(work)
    possible = sh(run.wants, work)
    if possible.returncode != 0:
        return "skipped", possible.stdout.strip()
    prepared = sh(run.prepare, work)
    if prepared.returncode != 0:
        return "failed", "preparation: " + prepared.stdout[-500:]
    none = under("none", run, folder)
    if none[0] != 0:
        native = sh(run.command, work)
        if native.returncode == 0:
            return "skipped", "--tool=none cannot run it: " + none[1][-300:]
        return "failed", "without a tool as well: " + shown(none)
    for i in range(times):
        ours = under("leakgrind", run, folder)
        if ours != none:
            return "failed", ("in run %d of %d: --tool=none: %s; leakgrind: %s"
                              % (i + 1, times, shown(none), shown(ours)))
    return "passed", "%d bytes of output" % len(none[1])


def shown(result):
    return "exit code %d, ...%s" % (result[0], repr(result[1][-300:]))


def one(run, times):
    folder = tempfile.mkdtemp(prefix="lg-runtime-")
    try:
        return (run,) + compare(run, times, folder)
    except subprocess.TimeoutExpired as late:
        return run, "failed", "not done after %d s" % late.timeout
    finally:
        # Go's cache of modules is not writable.
        subprocess.call(["chmod", "-R", "u+w", folder])
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    unknown = set(args.names) - {run.name for run in RUNS}
    if unknown:
        parser.error("no such run: " + " ".join(sorted(unknown)))
    runs = [r for r in RUNS if not args.names or r.name in args.names]
    if args.list:
        print("\n".join(r.name for r in runs))
        return 0
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for run, result, text in pool.map(lambda r: one(r, args.times), runs):
            counts[result] += 1
            print("%-8s%s: %s" % (result, run.name, text), flush=True)
    print("%d skipped" % counts["skipped"])
    print("%(passed)d passed, %(failed)d failed" % counts)
    if counts["failed"]:
        return 1
    return 0 if counts["passed"] else 77


if __name__ == "__main__":
    sys.exit(main())
