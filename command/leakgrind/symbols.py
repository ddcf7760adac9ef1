# SPDX-License-Identifier: GPL-2.0-or-later
"""Names for frames that had none when the program ran, because the separate debug files
of a library were not there.

A file is only asked if it belongs to the object that ran: it has the build-id that the
data file tells.  addr2line reads the debug files.
"""
import collections
import os
import shutil
import struct
import subprocess

from .datafile import Frame

__all__ = ["resolve", "build_id", "DIRECTORY"]

DIRECTORY = "/usr/lib/debug"
_TIMEOUT = 120  # seconds, for a debug file
_PT_NOTE = 4
_NT_GNU_BUILD_ID = 3


def _notes(file):
    """The contents of the ELF file's notes."""
    header = file.read(64)
    if header[:6] != b"\x7fELF\x02\x01":  # 64 bits, little endian
        return
    begin, = struct.unpack_from("<Q", header, 32)
    size, count = struct.unpack_from("<HH", header, 54)
    for number in range(count):
        file.seek(begin + number * size)
        kind, _, offset, _, _, length = struct.unpack("<IIQQQQ", file.read(40))
        if kind == _PT_NOTE and length < 1 << 20:
            file.seek(offset)
            yield file.read(length)


def build_id(path):
    """The build-id of the object, in hexadecimal digits; "" if it has none."""
    try:
        with open(path, "rb") as file:
            for notes in _notes(file):
                at = 0
                while at + 12 <= len(notes):
                    names, length, kind = struct.unpack_from("<III", notes, at)
                    name = notes[at + 12:at + 12 + names]
                    at += 12 + (names + 3) // 4 * 4
                    if kind == _NT_GNU_BUILD_ID and name == b"GNU\0":
                        return notes[at:at + length].hex()
                    at += (length + 3) // 4 * 4
    except (OSError, ValueError, struct.error):
        pass
    return ""


def _downloaded(identity):
    """What debuginfod has of it, if the user has set it up; or ""."""
    if not os.environ.get("DEBUGINFOD_URLS") or not shutil.which("debuginfod-find"):
        return ""
    done = _run(["debuginfod-find", "debuginfo", identity], "")
    return done.strip()


def _debug_file(obj, data, directories):
    """A debug file for the object, or ""."""
    identity = data.build_ids.get(obj, "")
    if len(identity) < 4 or not set(identity) <= set("0123456789abcdef"):
        return ""
    for directory in directories:
        path = os.path.join(directory, ".build-id", identity[:2],
                            identity[2:] + ".debug")
        if os.path.isfile(path) and build_id(path) == identity:
            return path
    return _downloaded(identity)


def _run(words, text):
    try:
        return subprocess.run(
            words, input=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            encoding="utf-8", errors="replace", timeout=_TIMEOUT, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _calls(lines, obj):
    """Frames, the innermost first, from pairs of lines: function, and file:line."""
    frames = []
    for function, place in zip(lines[::2], lines[1::2]):
        if function == "??":
            return ()
        file, _, line = place.partition(" (discriminator")[0].rpartition(":")
        known = file != "??" and line.isdigit()
        frames.append(Frame("c", function, file if known else "",
                            int(line) if known else 0, obj, 0, True))
    return (*frames[:-1], frames[-1]._replace(inlined=False)) if frames else ()


def _ask(debug_file, obj, frames):
    """{frame: its calls} of those that the debug file knows."""
    by_offset = {frame.offset: frame for frame in frames}
    text = _run(["addr2line", "-a", "-i", "-f", "-C", "-e", debug_file],
                "".join("0x%x\n" % offset for offset in by_offset))
    found, lines = {}, collections.defaultdict(list)
    frame = None
    for line in text.splitlines():
        if line.startswith("0x"):
            frame = by_offset.get(int(line, 16))
        else:
            lines[frame].append(line)
    for frame, pairs in lines.items():
        calls = _calls(pairs, obj)
        if frame and calls:
            found[frame] = calls
    return found


def resolve(data, directories=(DIRECTORY,)):
    """Gives the nameless frames of the DataFile the names that are known now."""
    nameless = collections.defaultdict(list)
    for frame in data.stacks.items():
        if frame.language == "c" and not frame.function and frame.object and \
                frame.offset and frame not in data.stacks.replaced:
            nameless[frame.object].append(frame)
    if not nameless or not shutil.which("addr2line"):
        return
    for obj, frames in nameless.items():
        debug_file = _debug_file(obj, data, directories)
        if debug_file:
            data.stacks.replace(_ask(debug_file, obj, frames))
