# SPDX-License-Identifier: GPL-2.0-or-later
"""What the outputs for programs share: which blocks, where to point."""
import os

from .datafile import LOST_KINDS
from .leaks import describe_frame

__all__ = ["samples", "relative", "pointed_at", "stack_lines", "level"]

def samples(view):
    """(what, record) of all blocks: what is "lost", "cycles" (lost, but Python's
    collector would free them) or "in use".  The bytes of each block count once."""
    for what, check in (("lost", view.check), ("in use", view.use)):
        for record in check.records if check else ():
            if record.suppressed:
                continue
            if what == "in use":
                if record.kind == "reachable":
                    yield what, record
            elif record.kind in LOST_KINDS:
                yield "cycles" if record.cls == "uncollected" else what, record


def relative(view, path):
    """The path as seen from where the program was started, if it is below that."""
    directory = view.own.directory
    path = os.path.normpath(path)
    return path[len(directory):] if path.startswith(directory) else path


def pointed_at(leak):
    """The frame to which an output that needs a source line points: the leak's place,
    or the innermost call with a line that one's own code or, in a leak of a library,
    anybody's code makes.  None: there is no line."""
    if leak.where and leak.where.file and leak.where.line:
        return leak.where
    stack = leak.records[0].stack
    frames = [f for f in leak.frames if f.file and f.line] or \
        [f for f in stack if f.file and f.line and not f.file.startswith("<")]
    return frames[0] if frames else None


def stack_lines(view, record):
    """The frames to show, a text each, the innermost first."""
    return [describe_frame(frame, view.full_names) for frame in view.frames(record)]


def level(leak):
    """"error", "warning", or "note": libraries' leaks are notes."""
    if not leak.is_own:
        return "note"
    return "error" if leak.error else "warning"
