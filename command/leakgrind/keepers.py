# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of the places that keep memory stand in the user's own code."""
import os

__all__ = ["own_owners", "owner_sentence"]

# The types that are named.
_TYPES = 3


def _own_names(checks, own):
    """The names of the user's own modules, packages and objects."""
    names = {"__main__"}
    frames = {frame for check in checks for record in check.records
              for frame in record.stack}
    for frame in frames:
        if frame in own:
            path = frame.file if frame.language == "python" else frame.object
            names.add(os.path.basename(path) if frame.language == "c"
                      else os.path.basename(path).partition(".")[0])
            # The owners of a package begin with its name.
            if frame.language == "python":
                names.add(os.path.basename(os.path.dirname(path)))
    return names - {""}


def _is_own(name, names):
    if name.endswith(")") and " (in " in name:  # "global kept (in program)"
        return name[:-1].rpartition(" (in ")[2] in names
    return name.removeprefix("module ").split(" ")[0].split(".")[0] in names


def own_owners(view):
    """The Owners of the view's check of use that are the user's own, the largest
    first."""
    if view.use is None:
        return []
    checks = {id(check): check for check in (view.use, view.check)}.values()
    names = _own_names(checks, view.own)
    return [owner for owner in view.use.owners if _is_own(owner.name, names)]


def owner_sentence(owner):
    """"cache.CACHE keeps 640 bytes in 10 blocks: 10 app.Item", without a full
    stop."""
    types = ", ".join("%s %s" % (format(blocks, ","), kind)
                      for kind, blocks, _ in owner.types[:_TYPES] if kind)
    return "%s keeps %s bytes in %s block%s%s" % (
        owner.name, format(owner.bytes, ","), format(owner.blocks, ","),
        "" if owner.blocks == 1 else "s", ": " + types if types else "")
