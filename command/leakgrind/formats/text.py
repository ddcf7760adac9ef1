# SPDX-License-Identifier: GPL-2.0-or-later
"""The text report: every leak, the worst first, with its stack and where it hangs."""
from ..keepers import own_owners, owner_sentence
from ..leaks import describe_frame
from ..printable import printable
from ..sources import source_line

__all__ = ["write"]

_KEEPERS = 10


def write_stack(view, record, out, indent):
    for frame in view.frames(record):
        own = frame in view.own
        out.write("%s%s%s\n" % (indent, "> " if own else "  ",
                                describe_frame(frame, view.full_names)))
        line = source_line(frame) if own and view.source else ""
        if line:
            out.write("%s      %s\n" % (indent, line))


def _write_leak(view, number, leak, out):
    out.write("%d. %s\n" % (number, leak.sentence()))
    size = "%s bytes" % format(leak.total_bytes, ",")
    if leak.indirect_bytes:
        size += " (%s in what hangs from them)" % format(leak.indirect_bytes, ",")
    out.write("   %s; leak %s\n" % (size, leak.signature))
    record = leak.records[0]
    write_stack(view, record, out, "   ")
    if len(leak.records) > 1:
        out.write("   and %d more stack%s\n" % (
            len(leak.records) - 1, "" if len(leak.records) == 2 else "s"))
    for path in record.paths:
        out.write("   held by: %s\n" % printable(" -> ".join(path.steps)))
    out.write("\n")


def _write_keepers(view, out):
    owners = own_owners(view)
    if owners:
        out.write("What your code keeps:\n")
    for owner in owners[:_KEEPERS]:
        out.write("  %s\n" % printable(owner_sentence(owner)))
    if len(owners) > _KEEPERS:
        out.write("  and %d more\n" % (len(owners) - _KEEPERS))
    if owners:
        out.write("\n")


def write(view, out):
    if view.check is None:
        out.write("The file has no whole leak check.\n")
        return
    own = [leak for leak in view.leaks if leak.is_own]
    libraries = [leak for leak in view.leaks if not leak.is_own]
    for number, leak in enumerate(own, 1):
        _write_leak(view, number, leak, out)
    for leak in libraries:
        out.write("Library: %s, %s bytes; leak %s\n" % (
            leak.sentence(), format(leak.total_bytes, ","), leak.signature))
    if libraries:
        out.write("\n")
    _write_keepers(view, out)
    out.write("%d leak%s of your own, %d of libraries\n" % (
        len(own), "" if len(own) == 1 else "s", len(libraries)))
