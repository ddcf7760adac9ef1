# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the leak reports of memcheck and leakgrind, in text and in XML.

The result is a list of LeakCheck, one for each leak check of one process.  A report
that is inconsistent (an unknown record, a summary that contradicts the records)
raises BadReport: nothing is skipped silently.
"""

import re
import xml.etree.ElementTree as ElementTree

KINDS = {
    "definitely lost": "definite",
    "indirectly lost": "indirect",
    "possibly lost": "possible",
    "still reachable": "reachable",
}
XML_KINDS = {
    "Leak_DefinitelyLost": "definite",
    "Leak_IndirectlyLost": "indirect",
    "Leak_PossiblyLost": "possible",
    "Leak_StillReachable": "reachable",
}

_RECORD = re.compile(
    r"^([\d,]+) (?:\(([\d,]+) direct, ([\d,]+) indirect\) )?bytes? "
    r"in ([\d,]+) blocks? (?:is|are) (definitely lost|indirectly lost|"
    r"possibly lost|still reachable) in loss record [\d,]+ of [\d,]+$")
_TOTAL = re.compile(
    r"^\s+(definitely lost|indirectly lost|possibly lost|still reachable|"
    r"suppressed): ([\d,]+) bytes in ([\d,]+) blocks$")
_FRAME = re.compile(r"^   (?:at|by) 0x[0-9A-F]+: (\S+)")
_HEURISTIC = re.compile(r"^\s+(\w+)\s*: ([\d,]+) bytes in ([\d,]+) blocks$")


class BadReport(Exception):
    pass


def _num(text):
    return int(text.replace(",", ""))


class Record:
    """direct, indirect: bytes.  functions: the stack, innermost first."""

    def __init__(self, kind, direct, indirect, blocks):
        self.functions = []
        self.kind = kind
        self.direct = direct
        self.indirect = indirect
        self.blocks = blocks


class LeakCheck:
    """records: list of Record.  totals: kind -> (bytes, blocks), with
    "suppressed", or None in XML.  heuristics: name -> (bytes, blocks)."""

    def __init__(self):
        self.records = []
        self.totals = None
        self.heuristics = {}

    def kinds_by_size(self, wanted):
        """size -> sorted list of the kinds of the blocks of that size, of the
        records that `wanted` accepts.  Needs records of one block each to
        tell sizes; others are keyed by (bytes, blocks)."""
        found = {}
        for r in self.records:
            if not wanted(r):
                continue
            key = r.direct if r.blocks == 1 else (r.direct, r.blocks)
            found.setdefault(key, []).append(r.kind)
        return {k: sorted(v) for k, v in found.items()}

    def sum_records(self):
        sums = {k: (0, 0) for k in KINDS.values()}
        for r in self.records:
            b, n = sums[r.kind]
            sums[r.kind] = (b + r.direct, n + r.blocks)
        return sums

    def verify(self):
        """The summary must follow from the records, when all are shown."""
        sums = self.sum_records()
        if self.totals is not None:
            for kind, total in sums.items():
                if self.totals[kind] != total:
                    raise BadReport("%s: summary says %s, records say %s" % (
                        kind, self.totals[kind], total))
        hanging = sum(r.indirect for r in self.records)
        if hanging != sums["indirect"][0]:
            raise BadReport("leaders claim %d indirect bytes, there are %d" % (
                hanging, sums["indirect"][0]))


def _record_of(match):
    total, direct, indirect, blocks, kind = match.groups()
    if direct is None:
        direct, indirect = total, "0"
    if _num(direct) + _num(indirect) != _num(total):
        raise BadReport("sizes do not add up: " + match.group(0))
    return Record(KINDS[kind], _num(direct), _num(indirect), _num(blocks))


def parse_text(text):
    """All leak checks in a log.  Lines of other processes (another pid between
    the ==) belong to the list as well, in order."""
    checks = []
    current = LeakCheck()
    in_summary = False
    for line in text.splitlines():
        head = re.match(r"^==\d+==(?: (.*))?$", line)
        if not head:
            continue
        body = head.group(1) or ""
        if in_summary:
            total = _TOTAL.match(body)
            if total:
                name = KINDS.get(total.group(1), total.group(1))
                current.totals[name] = (_num(total.group(2)),
                                        _num(total.group(3)))
                if name == "suppressed":
                    checks.append(current)
                    current = LeakCheck()
                    in_summary = False
                continue
            heuristic = _HEURISTIC.match(body)
            if heuristic:
                current.heuristics[heuristic.group(1)] = (
                    _num(heuristic.group(2)), _num(heuristic.group(3)))
            elif "of which reachable via heuristic" not in body:
                raise BadReport("unexpected in a summary: " + line)
            continue
        if body == "LEAK SUMMARY:":
            current.totals = {}
            in_summary = True
        elif body.startswith("All heap blocks were freed"):
            current.totals = {k: (0, 0) for k in KINDS.values()}
            current.totals["suppressed"] = (0, 0)
            checks.append(current)
            current = LeakCheck()
        elif "in loss record" in body:
            match = _RECORD.match(body)
            if not match:
                raise BadReport("cannot read: " + line)
            current.records.append(_record_of(match))
        elif current.records and _FRAME.match(body):
            current.records[-1].functions.append(_FRAME.match(body).group(1))
    if in_summary or current.records:
        raise BadReport("the log ends inside a leak report")
    return checks


def parse_xml(text):
    """The only leak check of a process, at its end."""
    check = LeakCheck()
    for error in ElementTree.fromstring(text).iter("error"):
        kind = error.findtext("kind")
        if not kind.startswith("Leak_"):
            continue
        match = _RECORD.match(error.findtext("xwhat/text"))
        if not match:
            raise BadReport("cannot read: " + error.findtext("xwhat/text"))
        record = _record_of(match)
        if XML_KINDS[kind] != record.kind:
            raise BadReport("%s says %s" % (kind, record.kind))
        if (int(error.findtext("xwhat/leakedbytes"))
                != record.direct + record.indirect
                or int(error.findtext("xwhat/leakedblocks"))
                != record.blocks):
            raise BadReport("numbers differ from the text: " + match.group(0))
        record.functions = [frame.findtext("fn", "???")
                            for frame in error.find("stack")]
        check.records.append(record)
    return [check]
