# SPDX-License-Identifier: GPL-2.0-or-later
"""SARIF 2.1.0, for code scanning: a result for each leak.

Files below the directory in which the program was started have URIs relative to it
(uriBaseId SRCROOT).  The signature of the leak is its fingerprint.
"""
import json
import re
import urllib.parse

from ..exporting import level, pointed_at, relative
from ..leaks import describe_frame
from ..printable import printable

__all__ = ["write"]

# Of a result: leaks with more stacks have these of the largest records.
MAX_STACKS = 10

# id, name, what it is, what helps.
RULES = (
    ("definite", "DefinitelyLost", "Memory to which nothing leads any more",
     "Free the block, or release the object, before the last pointer to it goes away."),
    ("possible", "PossiblyLost", "Memory to which only pointers into its middle lead",
     "Free the block, unless the program keeps such pointers on purpose."),
    ("reference", "ReferenceNobodyHolds",
     "References to a Python object that nobody holds",
     "Give the reference back: a Py_DECREF is missing."),
    ("over-released", "ReleasedTooOften",
     "A Python object that was released more often than taken",
     "Take a reference (Py_INCREF) before it is given away, or remove a Py_DECREF."),
)
_IDS = [rule[0] for rule in RULES]


def _message(text):
    """A message object.  In a plain text, braces stand for arguments, and [a](b) is a
    link."""
    text = printable(text).replace("{", "{{").replace("}", "}}")
    return {"text": re.sub(r"\[(?=[^\]]*\]\()", r"\\[", text) or "-"}


def _artifact(view, path):
    path = relative(view, path)
    uri = urllib.parse.quote(path, errors="replace")
    if path.startswith("/"):
        return {"uri": "file://" + uri}
    return {"uri": uri, "uriBaseId": "SRCROOT"}


def _location(view, frame):
    where = {"logicalLocations": [{
        "fullyQualifiedName": frame.function or "???", "kind": "function"}],
        "message": _message(describe_frame(frame, view.full_names))}
    if frame.file and not frame.file.startswith("<"):
        physical = {"artifactLocation": _artifact(view, frame.file)}
        if frame.line:
            physical["region"] = {"startLine": frame.line}
        where["physicalLocation"] = physical
    return where


def _stack(view, record):
    frames = []
    for frame in view.frames(record):
        entry = {"location": _location(view, frame)}
        if frame.object:
            entry["module"] = frame.object
        frames.append(entry)
    text = "%d blocks, %d bytes" % (record.blocks, record.bytes)
    return {"message": _message(text), "frames": frames}


def _code_flow(view, record):
    """The calls that made the blocks, the outermost first."""
    steps = [{"location": _location(view, frame)} for frame in view.frames(record)
             if frame.file and not frame.file.startswith("<")]
    return steps and [{"threadFlows": [{"locations": steps[::-1]}]}]


def _result(view, leak):
    text = "%s (%s bytes)" % (leak.sentence(), format(leak.total_bytes, ","))
    result = {
        "ruleId": leak.kind, "ruleIndex": _IDS.index(leak.kind), "level": level(leak),
        "message": _message(text),
        "partialFingerprints": {"leakgrindSignature/v1": leak.signature},
        "properties": {
            "type": leak.type, "class": leak.cls, "library": leak.library,
            "blocks": leak.blocks, "bytes": leak.bytes,
            "indirectBytes": leak.indirect_bytes, "references": leak.references}}
    frame = pointed_at(leak)
    if frame:
        result["locations"] = [_location(view, frame)]
    with_stacks = [r for r in leak.records if r.stack][:MAX_STACKS]
    if with_stacks:
        result["stacks"] = [_stack(view, record) for record in with_stacks]
        flow = _code_flow(view, with_stacks[0])
        if flow:
            result["codeFlows"] = flow
    return result


def _rule(identity, name, what, help_text):
    return {"id": identity, "name": name, "shortDescription": {"text": what},
            "fullDescription": {"text": what + "."}, "help": {"text": help_text},
            "defaultConfiguration": {"level": "error"}}


def write(view, out):
    header = view.data.header
    command = header["command"]
    invocation = {"executionSuccessful": view.data.finished, "arguments": command}
    run = {"tool": {"driver": {
        "name": "leakgrind", "version": header["tool"],
        "rules": [_rule(*rule) for rule in RULES]}},
        "invocations": [invocation],
        "columnKind": "utf16CodeUnits",
        "results": [_result(view, leak) for leak in view.leaks]}
    base = urllib.parse.quote(view.own.directory, errors="replace")
    if view.own.directory != "/":
        run["originalUriBaseIds"] = {"SRCROOT": {"uri": "file://" + base}}
    json.dump({"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
               "version": "2.1.0", "runs": [run]}, out, indent=1)
    out.write("\n")
