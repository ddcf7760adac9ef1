# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs between two checks: leaks, what is kept, and who keeps it.

Leaks are the same if their signatures are; owners, if their names are.
"""
import collections

from .leaks import find_leaks

__all__ = ["compare", "Comparison", "Change", "STATES"]

STATES = ("new", "grown", "shrunk", "gone")


class Change(collections.namedtuple("Change", "state before after")):
    """state: one of STATES.  before, after: Leaks, or Owners; None where there is
    none."""
    __slots__ = ()

    @property
    def subject(self):
        """The leak or owner as it is now; of one that is gone, as it was."""
        return self.after or self.before

    def _difference(self, name):
        return getattr(self.after, name, 0) - getattr(self.before, name, 0)

    @property
    def bytes(self):
        """How many bytes more, with what hangs from lost blocks; may be below 0."""
        return self._difference("total_bytes" if hasattr(
            self.subject, "total_bytes") else "bytes")

    @property
    def blocks(self):
        return self._difference("blocks")

    @property
    def references(self):
        """Of leaks: how many references more that nobody holds."""
        return self._difference("references")

    @property
    def is_growth(self):
        return self.state in ("new", "grown")

    @property
    def is_error(self):
        """Does it make the comparison fail?"""
        return self.is_growth and getattr(self.after, "error", False)


class Comparison:
    """leaks: Changes of what is lost, and of references that nobody holds; kept: of
    what can be reached; owners: of Owners.  In each, what grew most comes first, and
    one's own before what belongs to libraries."""

    def __init__(self, leaks, kept, owners):
        self.leaks = leaks
        self.kept = kept
        self.owners = owners

    @property
    def has_errors(self):
        return any(change.is_error for change in self.leaks)

    def grew_most(self):
        """The Change of a leak, or of what is kept, that grew by most bytes; one's own
        before those of libraries.  None: nothing grew."""
        grown = [change for change in self.leaks + self.kept if change.is_growth]
        return min(grown, key=_rank, default=None)


def _rank(change):
    own = getattr(change.subject, "is_own", True)
    return (not own, -change.bytes, -change.references, -change.blocks,
            getattr(change.subject, "signature", ""))


def _size(subject):
    """What must become larger for the leak or owner to have grown: of objects in use
    the references, of all others the memory."""
    if getattr(subject, "kind", "") in ("reference", "over-released"):
        return (subject.references,)
    return (getattr(subject, "total_bytes", subject.bytes), subject.blocks)


def _changes(before, after):
    """before, after: dicts by what makes two of them the same one."""
    changes = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            state = "new" if old is None else "gone"
        elif _size(old) == _size(new):
            continue
        else:
            state = "grown" if _size(new) > _size(old) else "shrunk"
        changes.append(Change(state, old, new))
    return sorted(changes, key=_rank)


def _signed(leaks):
    return {leak.signature: leak for leak in leaks}


def _kept(view):
    return find_leaks(view.use, view.own, ("reachable",)) if view.use else []


def _owners(view):
    return {owner.name: owner for owner in view.use.owners} if view.use else {}


def compare(before, after):
    """What differs from View `before` to View `after`."""
    return Comparison(_changes(_signed(before.leaks), _signed(after.leaks)),
                      _changes(_signed(_kept(before)), _signed(_kept(after))),
                      _changes(_owners(before), _owners(after)))
