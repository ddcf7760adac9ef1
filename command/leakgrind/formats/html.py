# SPDX-License-Identifier: GPL-2.0-or-later
"""The page: one file that shows all of a data file in a browser, without a network.

The page is page/page.html with the style, the script, d3 and the data put into it.
page/page.js describes the data at its beginning.  Pictures are drawn with d3, which
comes from Debian's package node-d3.
"""
import base64
import collections
import hashlib
import json
import os
import shlex

from ..cli import UsageError
from ..datafile import KINDS, LOST_KINDS
from ..keepers import own_owners
from ..leaks import describe_frame, find_leaks, library_of
from ..printable import printable
from .text import source_line

__all__ = ["write"]

_PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                     "page")
_D3 = ("/usr/share/nodejs/d3/dist/d3.min.js",
       "/usr/lib/nodejs/d3/dist/d3.min.js",
       "/usr/lib/node_modules/d3/dist/d3.min.js",
       "/usr/local/lib/node_modules/d3/dist/d3.min.js")

# What the first tab has: leaks, and owners that keep the user's own objects.
_SUSPECTS, _KEEPERS = 12, 6
# Leaks with source lines.
_QUOTED = 500
# A name of a megabyte helps nobody.
_NAME = 400


def _shortened(text):
    text = printable(text)
    return text if len(text) <= _NAME else \
        text[:_NAME // 2] + " … " + text[-_NAME // 2:]


class _Table:
    """Values, each once, by number."""

    def __init__(self):
        self.numbers = {}
        self.values = []

    def number(self, key, value=None):
        if key not in self.numbers:
            self.numbers[key] = len(self.values)
            self.values.append(key if value is None else value())
        return self.numbers[key]


class _Data:
    """Collects what the page shows."""

    def __init__(self, view):
        self.view = view
        self.texts = _Table()
        self.frames = _Table()
        self.nodes = _Table()
        self.stacks = {}
        self.sources = {}
        self.groups = collections.defaultdict(list)
        self.leaks = []
        # Of the check with what is lost, and of that with what is in use.
        self.follows = [_follows_its_like(view.data, check)
                        for check in (view.check, view.use)]

    def text(self, text):
        return self.texts.number(_shortened(text))

    def frame(self, frame):
        return self.frames.number(frame, lambda: [
            self.text(describe_frame(frame, self.view.full_names)),
            int(frame.language == "python"), int(frame in self.view.own),
            self.text(frame.file), frame.line,
            self.text(library_of((frame,)) or os.path.basename(frame.object))])

    def stack(self, record):
        """The number of the node of the innermost frame."""
        node = -1
        for frame in reversed(self.view.frames(record)):
            key = (node, self.frame(frame))
            node = self.nodes.number(key)
        return node

    def add_group(self, record, what, leak):
        columns = {"kind": KINDS.index(record.kind), "what": what,
                   "type": self.text(record.type), "node": self.stack(record),
                   "blocks": record.blocks, "bytes": record.total_bytes,
                   "grown": self.growth(record, what), "leak": leak}
        for name, value in columns.items():
            self.groups[name].append(value)

    def growth(self, record, what):
        """Bytes more than at the check before.  What is new has grown, too, if that
        check was one of the same moment."""
        if record.old_blocks or self.follows[what == 2]:
            return max(0, record.bytes - record.old_bytes)
        return 0

    def quote(self, record):
        for frame in self.view.frames(record):
            number = self.frame(frame)
            if number not in self.sources and frame in self.view.own:
                line = source_line(frame) if self.view.source else ""
                self.sources[number] = printable(line)[:_NAME]

    def add_leak(self, leak, what):
        record = leak.records[0]
        number = len(self.leaks)
        if number < _QUOTED:
            self.quote(record)
        self.leaks.append({
            "signature": leak.signature, "sentence": _shortened(leak.sentence()),
            "kind": KINDS.index(leak.kind), "cls": leak.cls, "what": what,
            "type": self.text(leak.type), "own": int(leak.is_own),
            "place": self.text(leak.place(self.view.full_names)),
            "module": self.text(leak.library or _module(leak)),
            "blocks": leak.blocks, "bytes": leak.total_bytes,
            "indirect": leak.indirect_bytes,
            "references": leak.references, "stacks": len(leak.records),
            "node": self.stack(record), "error": int(leak.error),
            "next": self.next_step(leak) if number < _SUSPECTS else "",
            "paths": [[path.blocks, [self.text(step) for step in path.steps]]
                      for path in record.paths]})
        for each in leak.records:
            self.add_group(each, what, number)

    def next_step(self, leak):
        """The command that tells more."""
        path = shlex.quote(self.view.data.path)
        if leak.references and leak.type:
            frame = next((f for f in leak.records[0].stack
                          if f.language == "python"), None)
            place = "@%s:%d" % (os.path.basename(frame.file), frame.line) \
                if frame else ""
            return printable("valgrind --tool=leakgrind %s %s" % (
                shlex.quote("--py-watch=%s%s" % (leak.type, place)),
                " ".join(map(shlex.quote, self.view.data.command))))
        return printable("leakgrind why %s %s" % (path, leak.signature))


def _follows_its_like(data, check):
    """Is the check before this one of the same moment?"""
    return check is not None and any(
        each.number == check.number - 1 and each.moment == check.moment
        for each in data.checks)


def _module(leak):
    frame = leak.where
    if frame is None:
        return ""
    return os.path.basename(frame.file or frame.object)


def _owners(view):
    if view.use is None:
        return []
    own = {owner.name for owner in own_owners(view)}
    return [{"name": _shortened(owner.name), "bytes": owner.bytes,
             "blocks": owner.blocks,
             "own": int(owner.name in own),
             "types": [[_shortened(kind) or "(other blocks)", blocks, size]
                       for kind, blocks, size in owner.types]}
            for owner in view.use.owners]


def _course(data):
    return {"unit": data.course_unit,
            "points": [[p.at,
                        sum(p.bytes[kind] for kind in LOST_KINDS), p.bytes["cycles"],
                        p.bytes["reachable"] + p.bytes["excused"]]
                       for p in data.course],
            "owners": _course_rows(data, "owners"),
            "types": _course_rows(data, "types")}


def _course_rows(data, what):
    """The rows that are largest at the end, as lines over time."""
    if not data.course:
        return []
    last = getattr(data.course[-1], what)[:5]
    return [[_shortened(name),
             [next((size for other, _, size in getattr(point, what)
                    if other == name), 0) for point in data.course]]
            for name, _, _ in last]


def _comparison(before, after):
    from ..compare import compare
    result = compare(before, after)
    rows = []
    for what, changes in (("lost", result.leaks), ("kept", result.kept),
                          ("owner", result.owners)):
        for change in changes[:2000]:
            subject = change.subject
            name = subject.sentence() if what != "owner" else subject.name
            rows.append([what, change.state, _shortened(name), change.bytes,
                         change.blocks])
    return {"before": os.path.basename(before.data.path), "rows": rows}


def _collect(view, before):
    data = _Data(view)
    for leak in view.leaks:
        data.add_leak(leak, 0)
    if view.check:
        for leak in find_leaks(view.check, view.own, LOST_KINDS, cycles=True):
            if leak.cls == "uncollected":
                data.add_leak(leak, 1)
    if view.use:
        for leak in find_leaks(view.use, view.own, ("reachable",)):
            data.add_leak(leak, 2)
    totals = collections.Counter()
    for check in {id(c): c for c in (view.use, view.check) if c}.values():
        for kind, (blocks, size) in check.totals.items():
            if check is view.check and kind == "reachable" and \
                    view.use is not view.check:
                continue
            totals[kind + " blocks"] += blocks
            totals[kind] += size
    header = view.data.header
    return {
        "file": view.data.path, "command": _shortened(" ".join(view.data.command)),
        "directory": _shortened(header["directory"]), "pid": header["pid"],
        "versions": "leakgrind %s, Valgrind %s, %s" % (
            header["tool"], header["valgrind"], header["arch"]),
        "finished": view.data.finished,
        "moment": view.use.moment if view.use else "",
        "checks": len(view.data.checks), "totals": totals,
        "suspects": min(_SUSPECTS, len(view.leaks)), "keepers": _KEEPERS,
        "kinds": KINDS, "texts": data.texts.values, "frames": data.frames.values,
        "parents": [node[0] for node in data.nodes.values],
        "nodeFrames": [node[1] for node in data.nodes.values],
        "sources": data.sources, "groups": data.groups, "leaks": data.leaks,
        "owners": _owners(view), "course": _course(view.data),
        "comparison": _comparison(before, view) if before else None,
    }


# --- Putting it together ---------------------------------------------------------

def _d3():
    for path in _D3:
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except OSError:
            continue
    raise UsageError("the page needs d3, which draws its pictures: "
                     "apt-get install node-d3")


def _asset(name):
    with open(os.path.join(_PAGE, name), encoding="utf-8") as file:
        return file.read()


def _hash(text):
    """As a Content-Security-Policy names what may run."""
    return "'sha256-%s'" % base64.b64encode(
        hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _as_json(value):
    """JSON that no HTML parser takes for the end of an element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def write(view, out, before=None):
    """before: a View to compare with."""
    d3, script, style = _d3(), _asset("page.js"), _asset("page.css")
    parts = {
        "policy": "default-src 'none'; script-src %s %s; style-src %s; "
                  "img-src data:; base-uri 'none'; form-action 'none'" % (_hash(d3), _hash(script), _hash(style)),
        "title": _escape("leakgrind: " + _shortened(" ".join(
            map(os.path.basename, view.data.command[:2])))),
        "style": style, "d3": d3, "script": script,
        "data": _as_json(_collect(view, before)),
    }
    page = _asset("page.html").split("@@")
    # Every second piece is the name of a part: nothing in a part is replaced.
    for number, piece in enumerate(page):
        out.write(parts[piece] if number % 2 else piece)
