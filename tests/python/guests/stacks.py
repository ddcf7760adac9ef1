# SPDX-License-Identifier: GPL-2.0-or-later
"""Loses a tuple in every kind of place where Python code can run; each
function loses ten."""

import asyncio
import functools
import io
import re
import threading

import guest
import leaky

TIMES = 10


def lose():
    leaky.lose_tuple(1, 3)  # LEAK


# A generator, in the middle of what it yields, driven by a for loop.

def numbers():
    for number in range(TIMES):
        lose()  # LEAK generator
        yield number


def generator():
    for _ in numbers():  # LEAK generator caller
        pass


# A generator within a generator.

def outer_numbers():
    yield from numbers()  # LEAK yield from


def delegation():
    for _ in outer_numbers():  # LEAK delegation caller
        pass


# Coroutines: one awaits the other; the event loop is below.

async def inner_task():
    await asyncio.sleep(0)
    lose()  # LEAK coroutine


async def outer_task():
    for _ in range(TIMES):
        await inner_task()  # LEAK coroutine caller


def coroutine():
    asyncio.run(outer_task())


async def async_numbers():
    for number in range(TIMES):
        await asyncio.sleep(0)
        lose()  # LEAK async generator
        yield number


async def async_consumer():
    return [number async for number in async_numbers()]  # LEAK async caller


def async_generator():
    asyncio.run(async_consumer())


# Python called from C: sorted, map, re.sub, functools.reduce, an extension.

def key(number):
    lose()  # LEAK key
    return -number


def sort_key():
    sorted(range(TIMES), key=key)  # LEAK sorted


def mapped():
    list(map(lambda _: lose(), range(TIMES)))  # LEAK map


def replaced():
    re.sub("a", lambda match: lose() or "b", "a" * TIMES)  # LEAK sub


def reduced():
    functools.reduce(lambda a, b: lose(), range(TIMES + 1))  # LEAK reduce


def call_back():
    for _ in range(TIMES):
        leaky.call_back(lose)  # LEAK call back


# Special methods and descriptors, which C calls.

class Special:
    def __add__(self, other):
        lose()  # LEAK add
        return self

    def __getattr__(self, name):
        lose()  # LEAK getattr
        return name

    @property
    def plain(self):
        lose()  # LEAK property
        return 1

    def __enter__(self):
        lose()  # LEAK enter
        return self

    def __exit__(self, *details):
        lose()  # LEAK exit

    def __del__(self):
        lose()  # LEAK del


def special_methods():
    for _ in range(TIMES):
        special = Special()
        special + 1  # LEAK add caller
        special.missing  # LEAK getattr caller
        special.plain  # LEAK property caller
        with special:  # LEAK enter caller
            pass
        del special  # LEAK del caller


# Comprehensions are functions of their own up to 3.11.

def comprehension():
    return [lose() for _ in range(TIMES)]  # LEAK comprehension


def generator_expression():
    return sum(lose() or 1 for _ in range(TIMES))  # LEAK genexpr


# Exceptions: in a handler, in a finally clause, and while unwinding.

def handler():
    for _ in range(TIMES):
        try:
            raise ValueError
        except ValueError:
            lose()  # LEAK handler
        finally:
            lose()  # LEAK finally


# Threads: of Python, and one that Python has never seen.

def thread_function():
    for _ in range(TIMES):
        lose()  # LEAK thread


def python_thread():
    thread = threading.Thread(target=thread_function)
    thread.start()
    thread.join()


def foreign_thread_function():
    for _ in range(TIMES):
        lose()  # LEAK foreign thread


def foreign_thread():
    leaky.call_in_thread(foreign_thread_function)


# Nested functions, methods of nested classes, exec, and a deep recursion.

class Outer:
    class Inner:
        @classmethod
        def method(cls):
            def nested():
                lose()  # LEAK nested
            nested()  # LEAK method


def qualified_names():
    for _ in range(TIMES):
        Outer.Inner.method()  # LEAK qualified


def executed():
    for _ in range(TIMES):
        exec(compile("\n\nlose()", "made-up.py", "exec"))  # LEAK exec


def deep_recursion(depth=500):
    if depth:
        deep_recursion(depth - 1)  # LEAK recursion
    else:
        for _ in range(TIMES):
            lose()  # LEAK bottom


def multiple_lines():
    for _ in range(TIMES):
        print(
            "one",
            lose(),  # LEAK multiple lines
            "two",
            file=io.StringIO())


def everything():
    generator()
    delegation()
    coroutine()
    async_generator()
    sort_key()
    mapped()
    replaced()
    reduced()
    call_back()
    special_methods()
    comprehension()
    generator_expression()
    handler()
    python_thread()
    foreign_thread()
    qualified_names()
    executed()
    deep_recursion()
    multiple_lines()


if __name__ == "__main__":
    guest.main(globals())
