# SPDX-License-Identifier: GPL-2.0-or-later
"""Python over C: Python must release what it got from C, and does not.

Writes how much it lost to the file that its argument names."""

import ctypes
import random
import sys

SIZE = 32

library = ctypes.CDLL("./ctypes_case2.so")
library.do_alloc.restype = ctypes.c_void_p
library.do_free.argtypes = [ctypes.c_void_p]


class Item:
    def __init__(self, mem):
        self.mem = mem


class Producer:
    def produce(self):
        return Item(library.do_alloc(SIZE))


class Consumer:
    def __init__(self):
        self.lost = 0

    def consume(self, item):
        if random.randrange(100) < 50:
            self.lost += 1
        else:
            library.do_free(item.mem)


if __name__ == "__main__":
    random.seed(7)
    producer = Producer()
    consumer = Consumer()
    for _ in range(100):
        consumer.consume(producer.produce())
    with open(sys.argv[1], "w") as truth:
        truth.write("%d %d do_alloc\n" % (consumer.lost,
                                          consumer.lost * SIZE))
