# SPDX-License-Identifier: GPL-2.0-or-later
"""Python over C through ctypes: C loses memory by itself (case 1), or Python
does not give back what it got from C (case 2)."""

import ctypes
import os

import guest

FOLDER = os.environ["LG_GUEST_LIBS"].split(os.pathsep)[0]
LIBRARY = ctypes.CDLL(os.path.join(FOLDER, "clib.so"))
LIBRARY.get_block.restype = ctypes.c_void_p
LIBRARY.give_back.argtypes = [ctypes.c_void_p]


def lose_in_c():
    LIBRARY.lose_some(100, 40, 2)  # LEAK case 1


def keep_in_c():
    LIBRARY.lose_some(100, 40, 0)


class Item:
    def __init__(self, memory):
        self.memory = memory


class Producer:
    def produce(self):
        return Item(LIBRARY.get_block(32))  # LEAK case 2


class Consumer:
    def __init__(self, forgets):
        self.forgets = forgets
        self.number = 0

    def consume(self, item):
        self.number += 1
        if self.number % 2 or not self.forgets:
            LIBRARY.give_back(item.memory)


def work(forgets):
    producer, consumer = Producer(), Consumer(forgets)
    for _ in range(100):
        consumer.consume(producer.produce())  # LEAK case 2 caller


def lose_in_python():
    work(True)


def keep_in_python():
    work(False)


if __name__ == "__main__":
    guest.main(globals())
