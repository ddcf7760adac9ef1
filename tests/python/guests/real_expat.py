# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython gh-140593: expat hands over the model of an element while an error
is set, and nobody frees it."""

import xml.parsers.expat

import guest

DOCUMENT = b"""<?xml version="1.0"?>
<!DOCTYPE a SYSTEM "elsewhere.dtd" [
<!ELEMENT a (b, c)>
]>
<a/>
"""


def parse(answer):
    parser = xml.parsers.expat.ParserCreate()
    parser.NotStandaloneHandler = lambda: answer
    parser.ElementDeclHandler = lambda name, model: None
    try:
        parser.Parse(DOCUMENT, True)  # LEAK
    except TypeError:
        pass


def leak():
    parse("no int")


def clean():
    parse(1)


if __name__ == "__main__":
    guest.main(globals())
