# SPDX-License-Identifier: GPL-2.0-or-later
"""All leaks as JSON, for other programs.  docs/outputs.md describes it."""
import json

from ..leaks import find_leaks

__all__ = ["write"]

VERSION = 1


def _frame(frame):
    return {"language": frame.language, "function": frame.function,
            "file": frame.file, "line": frame.line, "object": frame.object,
            "offset": frame.offset, "inlined": frame.inlined}


def _record(record):
    return {"number": record.number, "kind": record.kind, "class": record.cls,
            "blocks": record.blocks, "bytes": record.bytes,
            "indirect_bytes": record.indirect_bytes, "references": record.references,
            "old_blocks": record.old_blocks, "old_bytes": record.old_bytes,
            "stack": [_frame(frame) for frame in record.stack],
            "paths": [{"blocks": path.blocks, "steps": list(path.steps)}
                      for path in record.paths]}


def _leak(leak):
    """Without records."""
    return {"signature": leak.signature, "kind": leak.kind, "class": leak.cls,
            "type": leak.type, "name": leak.name, "sentence": leak.sentence(),
            "error": leak.error, "own": leak.is_own, "library": leak.library,
            "blocks": leak.blocks, "bytes": leak.bytes,
            "indirect_bytes": leak.indirect_bytes, "references": leak.references,
            "where": _frame(leak.where) if leak.where else None,
            "frames": [_frame(frame) for frame in leak.frames]}


def _owner(owner):
    return {"name": owner.name, "blocks": owner.blocks, "bytes": owner.bytes,
            "types": [{"type": name, "blocks": blocks, "bytes": size}
                      for name, blocks, size in owner.types]}


def _check(check):
    return check and {
        "number": check.number, "moment": check.moment, "label": check.label,
        "time": check.time, "totals": {
            kind: {"blocks": blocks, "bytes": size}
            for kind, (blocks, size) in check.totals.items()}}


def _write_list(name, values, out):
    """A member with a value a line, so that the whole text is never in memory."""
    out.write(',\n"%s": [' % name)
    for number, value in enumerate(values):
        out.write("%s\n%s" % ("," if number else "", json.dumps(value)))
    out.write("]")


def write(view, out):
    header = {"format": "leakgrind-report", "version": VERSION,
              "run": dict({name: view.data.header[name] for name in (
                  "tool", "valgrind", "arch", "pid", "command", "options",
                  "directory")}, finished=view.data.finished),
              "check": _check(view.check), "check_of_use": _check(view.use)}
    out.write(json.dumps(header)[:-1])
    _write_list("leaks", (dict(_leak(leak), records=[_record(r) for r in leak.records])
                          for leak in view.leaks), out)
    kept = find_leaks(view.use, view.own, ("reachable",)) if view.use else []
    _write_list("kept", map(_leak, kept), out)
    _write_list("owners", map(_owner, view.use.owners if view.use else ()), out)
    out.write("}\n")
