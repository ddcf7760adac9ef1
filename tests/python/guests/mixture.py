# SPDX-License-Identifier: GPL-2.0-or-later
"""Loses a bit of everything: small and large objects, raw memory, a cycle; the
same whatever allocator and options Python runs with."""

import gc
import os
import sys
import threading

# With -I this is not there.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guest
import leaky


class Widget:
    pass


def make_cycle(holder):
    first, second = holder(), holder()  # LEAK cycle
    first.hold(second)
    second.hold(first)


def lose():
    leaky.lose_list(100)  # LEAK list
    leaky.lose_bytes(100, 100)  # LEAK bytes
    leaky.lose_bytes(100, 2000)  # LEAK large
    leaky.lose_malloc(100, 50)  # LEAK malloc
    leaky.lose_memory(100, 50)  # LEAK memory
    leaky.lose_references(1000, 100)  # LEAK int
    for _ in range(100):
        leaky.lose_reference_to(Widget())  # LEAK widget
        make_cycle(leaky.Holder)


def keep():
    leaky.release_list(100)
    leaky.release_bytes(100, 100)
    leaky.release_bytes(100, 2000)
    leaky.release_malloc(100, 50)
    leaky.release_memory(100, 50)
    leaky.release_references(1000, 100)
    for _ in range(100):
        leaky.release_reference_to(Widget())
        make_cycle(leaky.CarefulHolder)
    gc.collect()


def lose_and_exit_at_once():
    lose()
    # What was in the registers and in the frames that still run is gone then.
    keep()
    os._exit(0)


def keep_and_exit_at_once():
    keep()
    os._exit(0)


def lose_and_sys_exit():
    lose()
    sys.exit(3)


def lose_and_raise():
    lose()
    raise KeyError("on purpose")


def lose_in_threads():
    """In eight threads at once; the sum is the same as of lose()."""
    barrier = threading.Barrier(8)

    def some():
        barrier.wait()
        for _ in range(100):
            leaky.lose_list(1)  # LEAK in thread
            leaky.lose_tuple(1, 2)  # LEAK tuple in thread
        keep_little()

    threads = [threading.Thread(target=some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def keep_in_threads():
    def some():
        for _ in range(100):
            keep_little()

    threads = [threading.Thread(target=some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def keep_little():
    leaky.release_list(1)
    leaky.release_tuple(1, 2)


def lose_in_daemon():
    """At the end a daemon thread still runs, and holds objects."""
    ready, never = threading.Event(), threading.Event()

    def stay():
        held = [str(n) for n in range(1000, 1100)]
        leaky.lose_list(10)  # LEAK daemon
        keep()
        ready.set()
        never.wait()
        del held

    threading.Thread(target=stay, daemon=True).start()
    ready.wait()
    keep()


def lose_while_traced():
    import tracemalloc
    tracemalloc.start(5)
    lose()
    tracemalloc.stop()


def lose_traced_to_the_end():
    import tracemalloc
    tracemalloc.start(5)
    lose()


def keep_while_traced():
    import tracemalloc
    tracemalloc.start(5)
    keep()
    tracemalloc.take_snapshot()


if __name__ == "__main__":
    guest.main(globals())
