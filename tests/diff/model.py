# SPDX-License-Identifier: GPL-2.0-or-later
"""Which class every block of a generated program must have.

This is a reference classifier, written to be obviously right, not fast: plain
sets, no marking order, no addresses.  It knows the blocks, the pointers
between them, and which pointers from outside are alive, because the generator
made them.  Two tools may see different things as alive; the caller says which,
and gets one expectation for each tool.

A ring has no natural leader.  When nothing lost points into it, exactly one
of its members is called definitely lost, and which one depends on addresses.
When something lost does, the search may still have met the ring first: then
it has chosen a leader already, and keeps it, unless the pointer from outside
is to that very member.  So there is at most one leader then.
`Expectation.rings` says what is allowed.
"""

REACHABLE = "reachable"
POSSIBLE = "possible"
INDIRECT = "indirect"
DEFINITE = "definite"


class Expectation:
    """kinds: block -> class.  rings: list of (set of blocks, allowed numbers
    of DEFINITE ones); the rest of a ring is INDIRECT, and what `kinds` says
    of its members is one of the possible answers."""

    def __init__(self, kinds, rings):
        self.kinds = kinds
        self.rings = rings


def _reach(starts, follow):
    seen = set(starts)
    todo = list(seen)
    while todo:
        for nxt in follow(todo.pop()):
            if nxt not in seen:
                seen.add(nxt)
                todo.append(nxt)
    return seen


def _components(ids, follow):
    """Strongly connected components by mutual reachability: slow and plain."""
    reach = {i: _reach([i], lambda n: follow(n)) for i in ids}
    left = set(ids)
    while left:
        i = left.pop()
        comp = {j for j in reach[i] if i in reach[j]} | {i}
        left -= comp
        yield comp, reach


def classify(ids, roots, edges, is_start):
    """ids: the blocks (graph.Block).  roots: list of (dst, off).  edges: dict of src ->
    list of (dst, off).  is_start(dst, off): does a pointer to byte `off` of
    `dst` count as one to its start?"""
    ids = set(ids)

    def out(src):
        return [(d, o) for d, o in edges.get(src, ()) if d in ids]

    roots = [(d, o) for d, o in roots if d in ids]
    reachable = _reach([d for d, o in roots if is_start(d, o)],
                       lambda n: [d for d, o in out(n) if is_start(d, o)])
    touched = _reach([d for d, _ in roots],
                     lambda n: [d for d, _ in out(n)])
    lost = ids - touched
    kinds = {i: REACHABLE if i in reachable else POSSIBLE for i in touched}
    rings = []

    def follow(n):
        return [d for d, _ in out(n) if d in lost]

    for comp, reach in _components(lost, follow):
        hung = any(comp & reach[i] for i in lost - comp)
        for i in comp:
            kinds[i] = INDIRECT
        if not hung:
            kinds[min(comp, key=lambda block: block.ident)] = DEFINITE
        if len(comp) > 1:
            rings.append((comp, (0, 1) if hung else (1,)))
    return Expectation(kinds, rings)
