# SPDX-License-Identifier: GPL-2.0-or-later
"""supp_strange_guest.py: loses objects whose types, functions and files have
names that a suppression file, or the XML around it, cannot hold."""

import ctypes

keep_one_reference_too_many = ctypes.pythonapi.Py_IncRef
keep_one_reference_too_many.argtypes = [ctypes.py_object]
keep_one_reference_too_many.restype = None

NAMES = [
    "plain",
    " blanks around ",
    "two\nlines and a \x01",
    "at@home",
    "]]> ends CDATA",
    "&lt; <b> \"quoted\"",
    "a*b?c",
    "caf\u00e9",
    "long " * 60,
    "}",
    "# no comment",
]


def lose(name):
    code = compile("def lose(x): give(x())\n", "/srv/" + name + ".py", "exec")
    scope = {"give": keep_one_reference_too_many}
    exec(code, scope)
    lose = scope["lose"]
    lose.__code__ = lose.__code__.replace(co_name=name, co_qualname=name)
    lose(type(name, (), {}))


for name in NAMES:
    lose(name)
