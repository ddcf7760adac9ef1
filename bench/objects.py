# SPDX-License-Identifier: GPL-2.0-or-later
"""Python programs to measure.

    objects.py work ROUNDS [PART]   makes and drops objects of all common kinds:
                                    all parts one after the other, or one part
    objects.py live BLOCKS          makes BLOCKS more live blocks, and ends
    objects.py leave BLOCKS         the same, but ends without the interpreter's
                                    end: all blocks are still there
    objects.py busy BLOCKS ROUNDS   the same as work, with BLOCKS more live blocks
    objects.py forks NUMBER         forks NUMBER children, one after the other, of
                                    a process with 150,000 more live blocks

`live` prints how many blocks the interpreter counts itself: those of pymalloc,
that is, all but the few that are larger than 512 bytes.
"""

import json
import os
import sys


def dicts(rounds):
    """Indices by word, merged and counted."""
    total = 0
    for i in range(rounds):
        index = {}
        for n in range(90):
            index.setdefault("key%d" % (n * i % 61), {})[n] = n * i
        merged = dict(index)
        merged.update((k + "'", dict(v)) for k, v in index.items())
        total += sum(len(v) for v in merged.values())
    return total


def lists(rounds):
    """Rows sliced, filtered, sorted and flattened."""
    total = 0
    for i in range(rounds):
        rows = [[n * i % 97 + 300, n, i] for n in range(120)]
        rows.sort()
        halves = [row[:2] for row in rows if row[0] % 2]
        flat = [cell for row in halves for cell in row]
        total += len(list(reversed(flat))) + len(flat[::3])
    return total


def strings(rounds):
    """Lines split, changed and joined."""
    total = 0
    for i in range(rounds):
        line = ",".join("field %d of %d" % (n, i) for n in range(80))
        words = line.split(",")
        upper = [w.strip().upper().replace("OF", "-") for w in words]
        total += len(" ".join(upper).encode().decode("ascii").partition("-"))
        total += len({w[:7] for w in words})
    return total


def floats(rounds):
    """Points moved: every number is a new object."""
    x, sums = 0.5, []
    for i in range(rounds):
        points = [(n * 0.25 + x, n / (i + 1.5)) for n in range(160)]
        moved = [(a * 0.5 - b, b + a / 3.0) for a, b in points]
        x = sum(a * b for a, b in moved) % 1.0
        sums.append(x)
    return int(sum(sums))


class Item:
    """An ordinary class: attributes in the instance's dict."""

    def __init__(self, name, price):
        self.name = name
        self.price = price
        self.tags = []

    def total(self, count):
        return self.price * count


class Node:
    """A class with slots; trees of these are freed by reference counts."""

    __slots__ = ("key", "left", "right")

    def __init__(self, key):
        self.key = key
        self.left = self.right = None

    def insert(self, key):
        side = "left" if key < self.key else "right"
        child = getattr(self, side)
        if child is None:
            setattr(self, side, Node(key))
        else:
            child.insert(key)

    def walk(self):
        if self.left:
            yield from self.left.walk()
        yield self.key
        if self.right:
            yield from self.right.walk()


def classes(rounds):
    """Instances, bound methods, trees, cycles for the collector."""
    total = 0
    for i in range(rounds):
        items = [Item("item %d" % n, n + i) for n in range(25)]
        for item in items:
            item.tags.append(item)
            item.bound = item.total
        total += sum(item.bound(2) for item in items)
        root = Node(300)
        for n in range(20):
            root.insert(n * 37 % 601 + 257)
        total += sum(root.walk())
    return total


def tuples(rounds):
    """Keys of several parts, zipped, grouped, unpacked."""
    total = 0
    for i in range(rounds):
        pairs = list(zip(range(i, i + 110), range(400, 510)))
        groups = {}
        for a, b in pairs:
            groups.setdefault((a % 7, b % 3), []).append((a, b, (b, a)))
        for key, members in sorted(groups.items()):
            first, *rest = members
            total += key[0] + first[2][1] + len(tuple(rest))
    return total


def jsons(rounds):
    """A document written and read."""
    total = 0
    for i in range(rounds):
        document = {
            "id": i,
            "users": [{"name": "user %d" % n, "mail": "u%d@example.org" % n,
                       "score": n * 1.5, "roles": ["a", "b", str(n)],
                       "active": n % 2 == 0, "parent": None}
                      for n in range(8)],
        }
        text = json.dumps(document, indent=1 if i % 4 == 0 else None)
        total += len(text) + len(json.loads(text)["users"])
    return total


# What a round of each costs is about the same.
PARTS = {"dicts": dicts, "lists": lists, "strings": strings, "floats": floats,
         "classes": classes, "tuples": tuples, "json": jsons}


def work(rounds, only=None):
    for name, part in PARTS.items():
        if only in (None, name):
            print("%s=%d" % (name, part(rounds)))


def live(more):
    """Records of all common kinds; nothing is dropped before the end."""
    kept = []
    at_start = sys.getallocatedblocks()
    while sys.getallocatedblocks() - at_start < more:
        i = len(kept)
        kept.append({
            "name": "record %d" % i,
            "place": (i * 0.5, i * 0.25),
            "counts": [i + 1000, i + 2000, i + 3000],
            "item": Item("item %d" % i, i + 0.5),
            "node": Node(i + 4000),
        })
    print("blocks=%d" % sys.getallocatedblocks())
    return kept


def leave(more):
    kept = live(more)
    sys.stdout.flush()
    os._exit(0 if kept else 1)


def busy(more, rounds):
    kept = live(more)
    work(int(rounds))
    del kept


def forks(number):
    """Children that do nothing but end."""
    kept = live(150000)
    for _ in range(number):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    del kept


def main(command, number, *rest):
    {"work": work, "live": live, "leave": leave, "busy": busy,
     "forks": forks}[command](int(number), *rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
