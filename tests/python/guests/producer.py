# SPDX-License-Identifier: GPL-2.0-or-later
"""A producer and a consumer that leaves every second item in a reference cycle,
where it waits for the collector.  The collector is off, so that the result does
not depend on when it runs."""

import gc
import os

import guest
import leaky

gc.disable()


class Item:
    def __init__(self, number):
        self.number = number
        self.next = None
        self.memory = list(range(1000, 1100))  # LEAK memory


class Producer:
    def __init__(self):
        self.number = 0

    def produce(self):
        item = Item(self.number)  # LEAK produced
        self.number += 1
        return item


class Consumer:
    def consume(self, item):
        if item.number % 2 == 0:
            other = Item(-1)  # LEAK consumed
            other.next = item
            item.next = other


def work():
    producer, consumer = Producer(), Consumer()
    for _ in range(100):
        consumer.consume(producer.produce())


def exit_at_once():
    work()
    os._exit(0)


def check_in_midrun():
    work()
    leaky.leak_check()
    gc.collect()


def collect_first():
    work()
    gc.collect()
    leaky.leak_check()


def finalize():
    work()


if __name__ == "__main__":
    guest.main(globals())
