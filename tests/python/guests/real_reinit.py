# SPDX-License-Identifier: GPL-2.0-or-later
"""CPython: objects of extension modules whose __init__ is called a second time
(by a subclass with two bases, say) forget what the first call made."""

import bz2
import xml.etree.ElementTree as ElementTree

import guest


def element_leak():
    element = ElementTree.Element("a", {"b": "c"})  # LEAK element
    element.__init__("d", {"e": "f"})


def element_clean():
    element = ElementTree.Element("a", {"b": "c"})
    element.clear()
    element.__init__("d", {"e": "f"})


def parser_leak():
    parser = ElementTree.XMLParser()  # LEAK parser
    parser.__init__()


def parser_clean():
    ElementTree.XMLParser()
    ElementTree.XMLParser()


def compressor_leak():
    compressor = bz2.BZ2Compressor(1)  # LEAK compressor
    compressor.__init__(1)


def compressor_clean():
    bz2.BZ2Compressor(1)
    bz2.BZ2Compressor(1)


if __name__ == "__main__":
    guest.main(globals())
