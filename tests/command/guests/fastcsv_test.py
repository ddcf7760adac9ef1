# SPDX-License-Identifier: GPL-2.0-or-later
"""The test suite of fastcsv.c, as its author has it: for pytest."""
import fastcsv
import pytest


def test_lines():
    for n in range(100):
        assert len(fastcsv.split_line("first-%d,second-%d" % (n, n))) == 2


def test_long_line():
    assert fastcsv.split_line(",".join("field-%d" % n for n in range(200)))[7] == "field-7"


def test_header():
    for n in range(30):
        assert len(fastcsv.read_header("name %d" % n)) == 1


def test_numbers():
    assert fastcsv.parse_number("12") == 12
    for n in range(20):
        with pytest.raises(ValueError):
            fastcsv.parse_number("12x%d" % n)
