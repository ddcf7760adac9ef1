#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests run.py itself: it must accept loss records that are right, and reject
those that are wrong in one detail."""

import sys
import xml.etree.ElementTree as ElementTree

import run
import xmlreport

ERROR = """<error><unique>0x0</unique><tid>1</tid><kind>Leak_{kind}</kind>
<xwhat><text>a text</text><leakedbytes>{bytes}</leakedbytes>
<leakedblocks>{blocks}</leakedblocks></xwhat>
<pytype>{type}</pytype><pyreferences>{references}</pyreferences>{more}
<stack>
<frame><ip>0x1</ip><obj>/a/b/leaky.so</obj><fn>{c}</fn></frame>
<frame><ip>0x2</ip><fn>lose_list</fn><file>/x/rows.py</file>
<line>{line}</line></frame>
<frame><ip>0x3</ip><fn>main</fn><file>/x/guest.py</file><line>4</line></frame>
</stack>{after}</error>"""

RIGHT = {"kind": "DefinitelyLost", "bytes": 5600, "blocks": 100,
         "type": "list", "references": 100, "more": "", "after": "", "c": "make_list",
         "line": run.find_mark("rows.py", "LEAK list")}

WANTED = [("lost", "definite 100 list"), ("c", "make_list@leaky.so"),
          ("py", "lose_list@rows.py LEAK list"), ("py", "main@guest.py"),
          ("bytes", "5600"), ("references", "100"), ("records", "1")]


def record(**changes):
    return xmlreport.Record(ElementTree.fromstring(
        ERROR.format(**dict(RIGHT, **changes))))


def problems(wanted, records):
    one = run.Run("")
    for key, value in wanted:
        one.add(key, value)
    return list(run.check_lost(one.lost, records))


def changed(index, value):
    wanted = list(WANTED)
    wanted[index] = wanted[index][0], value
    return wanted


CASES = [
    # what, wanted, records, accepted?
    ("as wanted", WANTED, [record()], True),
    ("in two records", WANTED[:-1],
     [record(blocks=40, bytes=2240, references=40),
      record(blocks=60, bytes=3360, references=60)], True),
    ("nothing wanted, nothing lost", [], [], True),
    ("nothing wanted, still reachable", [],
     [record(kind="StillReachable")], True),
    ("indirect besides definite", WANTED,
     [record(), record(kind="IndirectlyLost", blocks=7)], True),
    ("nothing wanted", [], [record()], False),
    ("nothing wanted, indirect", [], [record(kind="IndirectlyLost")], False),
    ("nothing found", WANTED, [], False),
    ("one more", WANTED, [record(blocks=101)], False),
    ("another record as well", WANTED, [record(), record(type="dict")],
     False),
    ("possibly lost", WANTED, [record(kind="PossiblyLost")], False),
    ("another type", WANTED, [record(type="tuple")], False),
    ("another C function", WANTED, [record(c="make")], False),
    ("another line", WANTED, [record(line=1)], False),
    ("other bytes", WANTED, [record(bytes=1)], False),
    ("other references", WANTED, [record(references=99)], False),
    ("a cycle", WANTED, [record(more="<pycycle/>")], False),
    ("a cycle is wanted", WANTED + [("cycle", "yes")], [record()], False),
    ("a cycle as wanted", WANTED + [("cycle", "yes")],
     [record(more="<pycycle/>")], True),
    ("another object file", changed(1, "make_list@other.so"), [record()],
     False),
    ("another Python caller", changed(3, "other@guest.py"), [record()],
     False),
    ("taken elsewhere", WANTED + [("taken", "1 x .*"), ("taken", "2 x")],
     [record(after="<auxwhat> 1 x +1</auxwhat><auxwhat> 3 x</auxwhat>")],
     False),
    ("taken there", WANTED + [("taken", "1 x .*"), ("taken", "2 x")],
     [record(after="<auxwhat> 1 x +1</auxwhat><auxwhat> 2 x</auxwhat>")],
     True),
    ("another watch", WANTED + [("watch", "app.X")],
     [record(after="<pywatch>app.XY</pywatch>")], False),
    ("indirect wanted", WANTED + [("lost", "indirect 5 str")],
     [record(), record(kind="IndirectlyLost", blocks=5)], False),
    ("any number", [("lost", "definite * *")], [record()], True),
    ("any number but none", [("lost", "definite * *")], [], False),
    ("in a range", [("lost", "definite 99-100 list")], [record()], True),
    ("below a range", [("lost", "definite 101-200 list")], [record()], False),
    ("above a range", [("lost", "definite 0-99 list")], [record()], False),
    ("any number or none", [("lost", "definite ? *")], [], True),
]


# The value of each line says for which versions it counts.
CONDITIONAL = """
run: all
[3.12-] lost: new
  c: new
[-3.11] lost: old
  c: old
  [3.10-] py: not oldest
  bytes: old
lost: all
[3.10-3.11] run: middle
exit: middle
lost: middle
  c: middle
[3.13-]run: new
"""
RELEVANT = {
    (3, 9): ["all", "old", "old", "old", "all"],
    (3, 11): ["all", "old", "old", "not oldest", "old", "all", "middle",
              "middle", "middle", "middle"],
    (3, 12): ["all", "new", "new", "all"],
    (3, 13): ["all", "new", "new", "all", "new"],
}

# With each of two values, or of three.
VALUES = """
needs: module package
values: a b
[3.13-] values: c
run: guest.py $VALUE
env: NAME=$VALUE
run: guest.py
lost: definite 1 $VALUE
"""


def expected_runs(values):
    return [run for value in values for run in
            (("guest.py " + value, ["NAME=" + value], []),
             ("guest.py", [], [value]))]


def wrong_values():
    """The failures of the runs with VALUES."""
    for version, values in ((3, 12), "ab"), ((3, 13), "abc"):
        needs, runs = run.parse(VALUES.split("\n"), lambda v=version: v)
        found = [(r.command, r.words("env"), [w.type for w in r.lost])
                 for r in runs]
        if needs != [("needs", ["module", "package"])] \
                or found != expected_runs(values):
            yield "Python %d.%d: %s, %s" % (*version, needs, found)


def main():
    failed = 0
    for problem in wrong_values():
        print("FAIL: %s" % problem)
        failed += 1
    for version, wanted in RELEVANT.items():
        found = [value for _, value in run.relevant(
            CONDITIONAL.split("\n"), lambda: version)]
        if found != wanted:
            print("FAIL: Python %d.%d: %s" % (*version, found))
            failed += 1
    for what, wanted, records, accepted in CASES:
        found = problems(wanted, records)
        if accepted == bool(found):
            print("FAIL: %s: %s" % (what, found or "accepted"))
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
