# SPDX-License-Identifier: GPL-2.0-or-later
"""The file format of speedscope (https://www.speedscope.app): a profile for each of
lost, cycles and in use, weighted in bytes."""
import json

from ..exporting import samples
from ..leaks import shorten_name
from ..printable import printable

__all__ = ["write"]


class _Profile:
    def __init__(self, name):
        self.name = name
        self.samples = []
        self.weights = []

    def as_dict(self):
        return {"type": "sampled", "name": self.name, "unit": "bytes",
                "startValue": 0, "endValue": sum(self.weights),
                "samples": self.samples, "weights": self.weights}


def _frame(view, frame):
    shown = {"name": printable(shorten_name(frame.function, view.full_names)) or "???"}
    path = frame.file or frame.object
    if path:
        shown["file"] = printable(path)
    if frame.line:
        shown["line"] = frame.line
    return shown


def write(view, out):
    profiles, numbers = {"lost": _Profile("lost")}, {}
    for what, record in samples(view):
        profile = profiles.setdefault(what, _Profile(what))
        profile.samples.append([numbers.setdefault(frame, len(numbers))
                                for frame in reversed(view.frames(record))])
        profile.weights.append(record.bytes)
    json.dump({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": "leakgrind@" + view.data.header["tool"],
        "name": printable(" ".join(view.data.command)),
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(view, frame) for frame in numbers]},
        "profiles": [profile.as_dict() for profile in profiles.values()]}, out)
    out.write("\n")
