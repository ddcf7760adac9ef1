# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to leak in a C extension, one function for each, and with each a twin that
does the same without leaking."""

import gc

import guest
import leaky


def lose_list():
    leaky.lose_list(1000)  # LEAK list


def keep_list():
    leaky.release_list(1000)


def lose_bytes100():
    leaky.lose_bytes(1000, 100)  # LEAK bytes100


def keep_bytes100():
    leaky.release_bytes(1000, 100)


def lose_bytes2000():
    leaky.lose_bytes(1000, 2000)  # LEAK bytes2000


def keep_bytes2000():
    leaky.release_bytes(1000, 2000)


def lose_malloc():
    leaky.lose_malloc(1000, 100)  # LEAK malloc


def keep_malloc():
    leaky.release_malloc(1000, 100)


def lose_memory():
    leaky.lose_memory(1000, 100)  # LEAK memory


def keep_memory():
    leaky.release_memory(1000, 100)


class Widget:
    def __init__(self, number):
        self.name = "widget %d" % number  # LEAK name


def make_widget(number):
    return Widget(number)  # LEAK widget


def lose_instance():
    for number in range(1000):
        leaky.lose_reference_to(make_widget(number))


def keep_instance():
    for number in range(1000):
        leaky.release_reference_to(make_widget(number))


def make_pair(holder):
    first, second = holder(), holder()  # LEAK pair
    first.hold(second)
    second.hold(first)


def lose_cycle():
    for _ in range(500):
        make_pair(leaky.Holder)


def keep_cycle():
    for _ in range(500):
        make_pair(leaky.CarefulHolder)
    gc.collect()


def make_mixed(holder):
    first = holder()
    first.hold([first, "text %d" % id(first)])  # LEAK mixed


def lose_mixed_cycle():
    for _ in range(500):
        make_mixed(leaky.Holder)
    gc.collect()


def keep_mixed_cycle():
    for _ in range(500):
        make_mixed(leaky.CarefulHolder)
    gc.collect()


def lose_dict():
    leaky.lose_dict(1000)  # LEAK dict


def keep_dict():
    leaky.release_dict(1000)


def lose_references():
    leaky.lose_references(1000, 1000)  # LEAK references


def keep_references():
    leaky.release_references(1000, 1000)


def lose_million_references():
    leaky.lose_references(1000, 1000000)  # LEAK million


def keep_million_references():
    leaky.release_references(1000, 1000000)


if __name__ == "__main__":
    guest.main(globals())
