# SPDX-License-Identifier: GPL-2.0-or-later
"""leakgrind run PROGRAM ...: runs a program, and says what it leaks."""
import argparse
import os
import shlex
import sys

from .. import launch
from ..cli import USAGE, UsageError
from ..formats import text
from ..outfiles import OutFiles
from ..printable import printable
from ..progress import Progress
from ..summary import Process, Summary, command_line, short_path
from ..view import View
from .report import FORMATS

HELP = "run a program, and say what it leaks (the default)"

# What many programs start, takes long under Valgrind, and is not what is looked for.
# Shells and the like are followed: they may start a Python.
NOT_FOLLOWED = ("*/cc", "*/c++", "*/gcc", "*/g++", "*-gcc", "*-g++", "*/gcc-*",
                "*/g++-*", "*-gcc-*", "*-g++-*", "*/clang*", "*/cc1", "*/cc1plus",
                "*/collect2", "*/as", "*/ld", "*/ld.*", "*/objdump", "*/ldconfig*",
                "*/git", "*/git-*")

# As those of leakgrind under Valgrind, but for deeper stacks: somebody's own code may
# be below many calls of libraries.
DEFAULTS = ("--num-callers=24", "--py-stack-depth=24")

# Seconds for children that end together with the program.
LAST_CHECKS = 2

COLOURS = {"bold": "1", "red": "1;31", "green": "32"}


def add_arguments(parser):
    parser.add_argument("--out-file", metavar="FILE",
                        help="the data file; %%p stands for the process (default: "
                        "leakgrind.out.%%p)")
    parser.add_argument("--own", action="append", default=[], metavar="NAME",
                        help="a package, a path or a pattern that is your own code, "
                        "besides what lies below the working directory")
    parser.add_argument("--full-names", action="store_true",
                        help="C++ names with their parameters and template arguments")
    parser.add_argument("--exit-code", type=_exit_code, default=99, metavar="N",
                        help="if the program succeeds but something leaks "
                        "(default: 99)")
    parser.add_argument("--who", action="append", default=[], metavar="TYPE@FILE:LINE",
                        help="of objects of this type that are made there: who takes "
                        "references and does not give them back (as --py-watch)")
    parser.add_argument("--valgrind-option", action="append", default=[],
                        metavar="OPTION", help="an option for Valgrind or its tool, "
                        "as in --valgrind-option=--py-cycles=yes")
    parser.add_argument("--no-children", action="store_true",
                        help="do not follow the programs that the program starts")
    parser.add_argument("--verbose", action="store_true",
                        help="show all leaks with their stacks")
    parser.add_argument("--keep-log", action="store_true",
                        help="keep what Valgrind reports, in FILE.log")
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM ...",
                        help="the program and its arguments")


def _exit_code(word):
    code = int(word)
    if not 0 <= code <= 255:
        raise ValueError
    return code


def _painter(stream):
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return lambda colour, words: words
    return lambda colour, words: "\033[%sm%s\033[0m" % (COLOURS[colour], words)


def _valgrind_options(args, files):
    options = ["--tool=leakgrind", "-q", *DEFAULTS, *files.options()]
    options += ["--py-watch=" + spec for spec in args.who]
    if not args.keep_log and not args.who:
        options.append("--show-leak-kinds=none")  # the data file has them
    if args.no_children:
        options += ["--trace-children=no", "--child-silent-after-fork=yes"]
    else:
        options += ["--trace-children=yes",
                    "--trace-children-skip=" + ",".join(NOT_FOLLOWED)]
    return options + args.valgrind_option


def _write_messages(processes, files, keep, out):
    """What Valgrind has said besides loss records; its log is kept then."""
    notes = set()
    for process in processes:
        messages = process.messages
        if keep or messages.errors:
            log = files.keep_log(process.pid)
            if messages.errors:
                out.write("leakgrind: %d error%s of heap functions: %s; see %s\n" % (
                    len(messages.errors), "" if len(messages.errors) == 1 else "s",
                    printable(messages.errors[0]), shlex.quote(short_path(log))))
        for who, times in messages.references.items():
            out.write("leakgrind: %s x %s\n" % (format(times, ","), printable(who)))
        for note in messages.notes:
            if note not in notes:
                notes.add(note)
                out.write("leakgrind: %s\n" % printable(note))


def _finish(args, words, ended, files, out):
    """Says what was found; returns whether that is an error."""
    files.settle(ended.pid)
    files.wait(LAST_CHECKS)
    pids = files.processes()
    running = files.running()
    pids.sort(key=lambda pid: pid != ended.pid)
    processes = [Process(pid, files.data(pid), files.messages(pid)) for pid in pids
                 if pid == ended.pid or pid not in running]
    summary = Summary(processes, args.own)
    _write_messages(processes, files, args.keep_log, out)
    if args.verbose:
        for process in summary.interesting():
            out.write("==== %s\n" % process.name())
            text.write(View(process.data, args.own, args.full_names), out)
    summary.write(out, words, _painter(out), args.full_names, html="html" in FORMATS,
                  may_ask_who=not args.who)
    if running:
        out.write("     %d process%s still running: %s\n" % (
            len(running), " is" if len(running) == 1 else "es are",
            ", ".join(shlex.quote(short_path(files.data(pid))) for pid in running)))
    if ended.code:
        out.write("     The program %s.\n" % ended)
    if not files.is_chosen and not args.keep_log:
        for process in processes[1:]:
            if process not in summary.interesting() and process.data:
                os.unlink(process.path)
    return summary.has_failed()


def run(args):
    words = args.program[1:] if args.program[:1] == ["--"] else args.program
    if not words:
        raise UsageError("no program: leakgrind [run] [OPTIONS] PROGRAM ...")
    valgrind = launch.find_valgrind()
    wrong = launch.find_program(words[0])
    if wrong:
        print("leakgrind: %s" % wrong[1], file=sys.stderr)
        return wrong[0]
    files = OutFiles(args.out_file, not args.no_children)
    try:
        progress = Progress(sys.stderr, command_line(words))
        try:
            ended = launch.run([valgrind, *_valgrind_options(args, files), *words],
                               progress.tick, 0.5 if progress.wanted else 3600)
        finally:
            progress.end()
        if not files.processes():
            if launch.is_tool_missing(valgrind):
                raise UsageError("%s does not have the tool leakgrind: %s" % (
                    valgrind, launch.TO_INSTALL))
            return ended.code or USAGE  # Valgrind has said why
        failed = _finish(args, words, ended, files, sys.stderr)
    finally:
        files.close()
    return ended.code or (args.exit_code if failed else 0)
