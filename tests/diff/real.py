#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares leakgrind with memcheck on programs of the distribution.

    real.py [NAME ...]     runs these, or all
    real.py --short        runs those for `make check`
    real.py --list         names them

Each is a small run that does the same thing every time.  The program's output, its
exit code, and the definitely, indirectly and possibly lost bytes and blocks must be
equal.  If the numbers are not, DIFFERENCES below must say what differs and why; an
entry that is no longer needed is an error, too.  A program that is not installed is
skipped with a message.  (Reachable blocks are not compared, since they include
environment variables that name the tool.)

Both tools run with the same environment, with hash seeds and the like fixed,
and without address randomisation, as Valgrind does anyway.
"""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import leakreport

VALGRIND = os.environ.get("VALGRIND", "valgrind")
TIMEOUT_S = 500 * float(os.environ.get("LG_SLOWDOWN", "1"))
COMPARED = ("definite", "indirect", "possible")


class Run:
    """command: for sh, in a scratch folder; its program is `program`.
    prepare: for sh, before, not under Valgrind.  short: part of the normal
    suite."""

    def __init__(self, name, command, prepare="", short=False):
        self.name = name
        self.command = command
        self.prepare = prepare
        self.short = short
        self.program = command.split()[0]


GIT = ("git init -q . && git config user.name n && git config user.email e@e"
       " && git config gc.auto 0 && git config core.pager cat"
       " && for i in 1 2 3; do seq $i 200 >file$i && git add file$i"
       " && git commit -qm \"file $i\"; done"
       " && git checkout -q -b side && seq 5 250 >file1"
       " && git commit -qam side && git checkout -q -"
       " && seq 300 >>file2")
TABLE = "seq 1 500 | sed 's/\\(.*\\)/\\1,name \\1,\\1.5/' >table.csv"
XML = ("{ echo '<all>'; seq 1 200 | sed 's/.*/<item id=\"i&\">text &<\\/item>/';"
       " echo '</all>'; } >doc.xml")
JSON = ("{ echo '['; seq 1 199 | sed 's/.*/{\"id\": &, \"n\": [1, \"x\"]},/';"
        " echo '{}]'; } >doc.json")

RUNS = [
    Run("git-log", "git log --stat --graph", GIT),
    Run("git-diff", "git diff --word-diff", GIT),
    Run("git-status", "git status --short --branch", GIT, short=True),
    Run("git-blame", "git blame HEAD file2", GIT),
    Run("git-grep", "git grep -n 12[0-9]", GIT),
    Run("git-merge-base", "git merge-base HEAD side", GIT),
    Run("git-rev-list", "git rev-list --objects --all", GIT),
    Run("git-commit", "git commit -qam more", GIT),
    Run("git-fsck", "git fsck --full", GIT),
    Run("perl-hash", "perl -e 'my %h; for my $i (1..500)"
        " { $h{$i % 37}{$i} = [$i, \"x\" x $i] } print scalar keys %h'"),
    Run("perl-leak", "perl -e 'for my $i (1..50)"
        " { my $a = {}; my $b = { peer => $a }; $a->{peer} = $b }'"),
    Run("perl-regex", "perl -ne 'print \"$1\\n\" if /name (\\d*7)\\b/;"
        " die if /never/' table.csv", TABLE),
    Run("perl-die", "perl -e 'for (1..20) { eval { die { n => $_ } } }"
        " sub f { local $_ = shift; $_ ? f($_ - 1) : die \"deep\\n\" }"
        " eval { f(30) }; print $@'"),
    Run("sqlite3-memory", "sqlite3 :memory: '.mode csv'"
        " '.import table.csv t' 'select count(*), sum(1) from t'", TABLE),
    Run("sqlite3-file", "sqlite3 db 'create table t(a, b);"
        " create index i on t(b); insert into t values (1, 2), (3, 4);"
        " select * from t natural join t; drop index i; vacuum'", short=True),
    Run("sqlite3-error", "sqlite3 :memory: 'select * from nowhere'"),
    Run("xmllint-format", "xmllint --format doc.xml", XML),
    Run("xmllint-xpath", "xmllint --xpath '//item[@id=\"i7\"]' doc.xml", XML,
        short=True),
    Run("xmllint-broken", "xmllint --recover doc.xml",
        XML + " && head -c 900 doc.xml >d && mv d doc.xml"),
    Run("bash-loop", "bash -c 'for ((i = 0; i < 200; i++)); do"
        " a[i % 7]+=$i; declare -A m; m[$i]=x${a[i % 7]}; done;"
        " echo ${#m[@]}'"),
    Run("bash-functions", "bash -c 'f() { local x=$1; ((x)) && f $((x - 1)); };"
        " f 40; trap \"echo bye\" EXIT; set -- a b c; shift; echo $*'"),
    Run("dash", "dash -c 'i=0; while [ $i -lt 100 ]; do i=$((i + 1));"
        " eval v$i=$i; done; echo $v77'"),
    Run("gdb-batch", "gdb -nx -batch -ex 'print 6 * 7' -ex 'info line main'"
        " -ex 'python print(1)'"),
    Run("awk", "awk -F, '{ s[$1 % 11] += $3 } END { for (k in s) n++;"
        " print n }' table.csv", TABLE),
    Run("sed", "sed -E -n 's/(name) ([0-9]*7),/\\2 \\1/p' table.csv", TABLE),
    Run("grep", "grep -E -c 'name [0-9]*7|never(x|y)' table.csv", TABLE),
    Run("sort", "sort -t, -k2 -r table.csv", TABLE, short=True),
    Run("tar", "tar -cf a.tar table.csv", TABLE),
    Run("gzip", "gzip -kf table.csv", TABLE),
    Run("xz", "xz -kf -0 table.csv", TABLE),
    Run("find", "find / -maxdepth 1 -newer /etc/passwd -name 'x*'"),
    Run("bc", "bc -q sum.bc", "echo 'scale=40; 4*a(1)*0; define f(n)"
        " { if (n < 2) return 1; return n * f(n - 1) }; f(50); quit'"
        " | sed 's/4\\*a(1)\\*0/1\\/7/' >sum.bc"),
    Run("jq", "jq 'map(select(.id % 7 == 0)) | length' doc.json", JSON),
    Run("vim", "vim -u NONE -i NONE -es -c '%s/name/title/g' -c 'sort! n'"
        " -c 'wq! out.csv' table.csv", TABLE),
    Run("curl-version", "curl --version"),
    Run("openssl", "openssl dgst -sha256 table.csv", TABLE),
    Run("file", "file /bin/sh table.csv", TABLE),
    Run("tclsh", "tclsh t.tcl", "echo 'for {set i 0} {$i < 200} {incr i}"
        " { dict set d $i [list $i a] }; puts [dict size $d]' >t.tcl"),
    Run("make", "make -s -f m", "printf 'a: b c\\n\\t@echo a\\nb c:\\n\\t@echo"
        " $@\\n' >m"),
    Run("readelf", "readelf -hS /bin/true"),
    Run("objdump", "objdump -p /bin/true"),
    Run("cmake", "cmake --version"),
    Run("less", "less --version"),
]

# name: (memcheck's minus leakgrind's (bytes, blocks) for each class that
# differs, reason).  Nothing else may differ.
PERL = ({"possible": (-1, 0)},
        "perl copies its environment, in which LD_PRELOAD names the tool, and"
        " leakgrind is one letter longer")
DIFFERENCES = {
    "perl-die": PERL,
    "perl-hash": PERL,
    "perl-leak": PERL,
    "perl-regex": PERL,
}


def environment(folder):
    env = {k: v for k, v in os.environ.items()
           if k in ("PATH", "VALGRIND_LIB")}
    env.update(HOME=folder, LC_ALL="C", TZ="UTC", TERM="dumb",
               PERL_HASH_SEED="0", PERL_PERTURB_KEYS="0",
               GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_DATE="2020-01-01T00:00:00Z",
               GIT_COMMITTER_DATE="2020-01-01T00:00:00Z", GIT_PAGER="cat")
    return env


def sh(command, folder):
    return subprocess.run(["/bin/sh", "-c", command], cwd=folder,
                          env=environment(folder), timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def totals(run, tool, folder):
    """(kind -> (bytes, blocks), output and exit code of the program)"""
    work = os.path.join(folder, "work")  # the same path for both tools
    os.mkdir(work)
    if run.prepare:
        done = sh(run.prepare, work)
        if done.returncode != 0:
            raise RuntimeError("preparation failed: %s" % done.stdout)
    log = os.path.join(folder, tool + ".log")
    # Only the first process counts; programs that it starts run natively.
    done = sh("%s --tool=%s --leak-check=full --show-leak-kinds=all"
              " --num-callers=8 --log-file=%s %s"
              % (VALGRIND, tool, log, run.command), work)
    with open(log, errors="replace") as text:
        checks = leakreport.parse_text(text.read())
    shutil.rmtree(work)
    if len(checks) != 1:
        raise RuntimeError("%s: %d leak reports; output: %s"
                           % (tool, len(checks), done.stdout[-500:]))
    checks[0].verify()
    return checks[0].totals, (done.returncode, done.stdout)


def compare(run, folder):
    """"passed", "skipped" or "failed", and a line that says why."""
    if not shutil.which(run.program):
        return "skipped", "%s is not installed" % run.program
    try:
        a, said_a = totals(run, "memcheck", folder)
        b, said_b = totals(run, "leakgrind", folder)
    except (RuntimeError, leakreport.BadReport, OSError,
            subprocess.TimeoutExpired) as bad:
        return "failed", str(bad)
    difference = {kind: (a[kind][0] - b[kind][0], a[kind][1] - b[kind][1])
                  for kind in COMPARED if a[kind] != b[kind]}
    numbers = ", ".join("%s %d/%d" % (kind, a[kind][0], a[kind][1])
                        for kind in COMPARED)
    expected, reason = DIFFERENCES.get(run.name, ({}, None))
    if said_a != said_b:
        return "failed", "memcheck: %s, leakgrind: %s" % (said_a, said_b)
    if difference != expected:
        return "failed", "memcheck %s, leakgrind %s, expected difference %s" % (
            a, b, expected)
    return "passed", numbers + (" (differs: %s)" % reason if reason else "")


def one(run):
    folder = tempfile.mkdtemp(prefix="lg-real-")
    try:
        return (run,) + compare(run, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    unknown = ((set(args.names) | set(DIFFERENCES))
               - {run.name for run in RUNS})
    if unknown:
        parser.error("no such run: " + " ".join(sorted(unknown)))
    runs = [r for r in RUNS
            if (not args.names or r.name in args.names)
            and (not args.short or r.short)]
    if args.list:
        print("\n".join(r.name for r in runs))
        return 0
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for run, result, text in pool.map(one, runs):
            counts[result] += 1
            print("%-8s%s: %s" % (result, run.name, text), flush=True)
    print("%d skipped" % counts["skipped"])
    print("%(passed)d passed, %(failed)d failed" % counts)
    if counts["failed"]:
        return 1
    return 0 if counts["passed"] else 77


if __name__ == "__main__":
    sys.exit(main())
