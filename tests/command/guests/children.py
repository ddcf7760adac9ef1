# SPDX-License-Identifier: GPL-2.0-or-later
"""children.py HOW: loses bytes objects in children, not here."""
import ctypes
import os
import sys


def lose(n):
    for i in range(n):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(bytes([i % 7]) * 1000))


def main(how):
    if how == "lose":
        lose(25)
    elif how == "shell":
        os.system("echo in a shell; %s %s lose" % (sys.executable, __file__))
    elif how == "fork":
        import multiprocessing
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=lose, args=(40,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


if __name__ == "__main__":
    main(sys.argv[1])
