# SPDX-License-Identifier: GPL-2.0-or-later
"""Losses before and after os.fork(), and how the child ends."""

import multiprocessing
import os
import subprocess
import sys

import guest
import leaky

HELD = [{"number": n} for n in range(1000)]


def lose_in_parent():
    leaky.fill_gaps(4000, 60)
    leaky.lose_list(100)  # LEAK parent
    leaky.lose_malloc(100, 60)  # LEAK parent malloc


def lose_in_child():
    leaky.lose_tuple(50, 2)  # LEAK child
    leaky.lose_malloc(50, 70)  # LEAK child malloc


def fork(child):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        child()
    else:
        _, status = os.waitpid(pid, 0)
        assert status == 0, status
    return pid


def exits():
    """The child runs to the end of the program, like its parent."""
    lose_in_parent()
    fork(lambda: None)


def exits_at_once():
    lose_in_parent()
    fork(lambda: os._exit(0))


def drops_inherited():
    """The child frees inherited objects and makes new ones."""
    lose_in_parent()

    def child():
        HELD.clear()
        HELD.extend([n] for n in range(2000))
    fork(child)


def child_loses():
    lose_in_parent()
    fork(lose_in_child)


def child_loses_and_exits_at_once():
    lose_in_parent()

    def child():
        lose_in_child()
        os._exit(0)
    fork(child)


def child_keeps():
    """New objects of the child hang from inherited ones, deep inside."""
    lose_in_parent()

    def child():
        for n, held in enumerate(HELD):
            held["made"] = [(n, str(n) * 10)]
        os._exit(0)
    fork(child)


def child_drops_after_a_fork():
    """A child that has forked shares its own pages, too."""
    lose_in_parent()

    def child():
        child_keeps_some = [{"made": [n]} for n in range(1000)]
        pid = os.fork()
        if pid == 0:
            os.execv("/bin/sleep", ["/bin/sleep", "1"])
        lose_in_child()
        HELD.extend(child_keeps_some)
        os._exit(0)
    fork(child)


def child_execs():
    lose_in_parent()
    fork(lambda: os.execv("/bin/true", ["/bin/true"]))


def runs_others():
    lose_in_parent()
    subprocess.run(["/bin/true"], check=True)


def square(number):
    return number * number


def uses_processes():
    context = multiprocessing.get_context("fork")
    for number in range(2):
        process = context.Process(target=square, args=(number,))
        process.start()
        process.join()
        assert process.exitcode == 0


if __name__ == "__main__":
    guest.main(globals())
