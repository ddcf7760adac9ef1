# SPDX-License-Identifier: GPL-2.0-or-later
"""A service without C of its own, whose memory grows for three reasons: an unbounded
cache, a registry from which nobody signs off, and a log that is never cut."""
import functools


class Listener:
    def __init__(self, name):
        self.name = name


class Registry:
    listeners = []


LOG = []


@functools.lru_cache(maxsize=None)
def render(page):
    return ["<p>", page, "</p>"]


def handle(number):
    Registry.listeners.append(Listener("listener %d" % number))
    render("page %d" % number)
    LOG.append("request %d was answered" % number)


for number in range(3000):
    handle(number)
