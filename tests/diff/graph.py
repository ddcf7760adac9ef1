# SPDX-License-Identifier: GPL-2.0-or-later
"""The heap of a generated program: blocks, pointers between them, and the
grounds on which custom blocks stand.

Every block that the program does not free has a size of its own, so that its size
identifies it in a report.  All randomness comes from the random.Random that the
caller passes.
"""

WORD = 8
HOWS = ("malloc", "calloc", "grown", "shrunk", "memalign", "new", "newarray")


class Block:
    """how: the function that makes it.  ground: the Ground it stands on, or
    None.  filled: is its memory written to before pointers are put in?
    trait: why a heuristic may take an interior pointer as a start pointer:
    None or (heuristic name, offset of that pointer, words to write as list of
    (byte offset, C expression))."""

    def __init__(self, ident, size, how, first_word=0):
        self.ident = ident
        self.size = size
        self.how = how
        self.ground = None
        self.filled = False
        self.trait = None
        self.freed = False
        self.free_slots = list(range(first_word * WORD,
                                     size - WORD + 1, WORD))


class Edge:
    def __init__(self, src, slot, dst, off):
        self.src, self.slot, self.dst, self.off = src, slot, dst, off


class Ground:
    """Memory that the program divides by itself.  where: "heap" (a malloc
    block), "map" or "static".  style: "malloclike", "pool" or "meta"."""

    def __init__(self, ident, where, style, redzone):
        self.ident = ident
        self.where = where
        self.style = style
        self.redzone = redzone
        self.blocks = []
        self.used = 0


class Graph:
    def __init__(self, rng):
        self.rng = rng
        self.blocks = []
        self.edges = []
        self.grounds = []
        self.sizes = set()

    # ---- blocks ---------------------------------------------------------
    def fresh_size(self, at_least):
        while True:
            top = self.rng.choice((64, 128, 256, 512, 1024, 4096))
            size = self.rng.randint(at_least, at_least + top)
            if size not in self.sizes:
                self.sizes.add(size)
                return size

    def take_size(self, size):
        """size, or the next one above it that is free."""
        while size in self.sizes:
            size += 1
        self.sizes.add(size)
        return size

    def block(self, words, ground=None):
        """A block with room for `words` pointers."""
        size = self.fresh_size(max(1, words * WORD))
        block = Block(len(self.blocks), size, self.rng.choice(HOWS))
        block.filled = self.rng.random() < 0.4
        if ground is not None:
            block.ground = ground
            block.how = ground.style
            ground.blocks.append(block)
        self.blocks.append(block)
        return block

    def ground(self):
        ground = Ground(len(self.grounds),
                        self.rng.choice(("heap", "heap", "map", "static")),
                        self.rng.choice(("malloclike", "pool", "meta")),
                        self.rng.choice((0, 8, 16)))
        self.grounds.append(ground)
        return ground

    # ---- pointers -------------------------------------------------------
    def some_offset(self, dst):
        """Byte 0, or now and then a byte inside."""
        if dst.size > 1 and self.rng.random() < 0.2:
            return self.inner_offset(dst)
        return 0

    def inner_offset(self, dst):
        # 24 in a block of 25 is what an empty std::string looks like when
        # the rest is zero, and a tool may or may not know that it is.
        choices = [o for o in (dst.size // 2, dst.size - 1,
                               self.rng.randrange(1, dst.size))
                   if o > 0 and not (dst.size == 25 and o == 24)]
        return self.rng.choice(choices) if choices else 0

    def link(self, src, dst, off=None):
        """src -> dst; False when src has no room left."""
        if not src.free_slots:
            return False
        slot = src.free_slots.pop(self.rng.randrange(len(src.free_slots)))
        self.edges.append(Edge(src, slot, dst,
                               self.some_offset(dst) if off is None else off))
        return True

    # ---- structures: each returns its blocks, the entry first -------------
    def chain(self, ground):
        blocks = [self.block(2, ground)
                  for _ in range(self.rng.randint(1, 5))]
        both_ways = self.rng.random() < 0.2
        for a, b in zip(blocks, blocks[1:]):
            self.link(a, b)
            if both_ways:
                self.link(b, a)
        return blocks

    def ring(self, ground):
        blocks = [self.block(2, ground)
                  for _ in range(self.rng.randint(1, 5))]
        for a, b in zip(blocks, blocks[1:] + blocks[:1]):
            self.link(a, b)
        return blocks

    def tree(self, ground):
        blocks = [self.block(3, ground)
                  for _ in range(self.rng.randint(3, 8))]
        for i in range(1, len(blocks)):
            self.link(blocks[(i - 1) // 2], blocks[i])
        return blocks

    def dag(self, ground):
        n = self.rng.randint(3, 6)
        blocks = [self.block(n, ground) for _ in range(n)]
        for i in range(1, n):
            for j in self.rng.sample(range(i), self.rng.randint(1, min(i, 2))):
                self.link(blocks[j], blocks[i])
        return blocks

    def table(self, ground):
        """An array of pointers to rows."""
        rows = [self.block(0, ground) for _ in range(self.rng.randint(2, 6))]
        head = self.block(len(rows), ground)
        for row in rows:
            self.link(head, row)
        return [head] + rows

    def rings_joined(self, ground):
        """Two rings, one of which points at the other."""
        a, b = self.ring(ground), self.ring(ground)
        self.link(a[-1], b[0])
        return a + b

    def structure(self, ground=None):
        make = self.rng.choice((self.chain, self.chain, self.ring, self.tree,
                                self.dag, self.table, self.rings_joined))
        return make(ground)

    # ---- blocks with a trait ---------------------------------------------
    def trait_block(self):
        """A block that some heuristic finds through an interior pointer."""
        name = self.rng.choice(("newarray", "length64", "stdstring",
                                "multipleinheritance"))
        if name == "newarray":
            count, each = self.rng.randint(2, 40), self.rng.randint(8, 40)
            while WORD + count * each in self.sizes:
                each += 1
            size, off = WORD + count * each, WORD
            words = [(0, str(count))]
        elif name == "length64":
            size, off = self.fresh_size(40), WORD
            words = [(0, str(size - WORD))]
        elif name == "stdstring":
            size, off = self.fresh_size(40), 3 * WORD
            words = [(0, str((size - 25) // 2)), (WORD, str(size - 25))]
        else:
            size = self.fresh_size(48)
            off = WORD * self.rng.randint(2, 4)
            words = [(0, "(Word)functions"), (off, "(Word)functions")]
        self.sizes.add(size)
        block = Block(len(self.blocks), size,
                      self.rng.choice(("malloc", "new", "newarray")))
        block.filled = True
        block.trait = (name, off, words)
        block.free_slots = []
        self.blocks.append(block)
        return block

    @staticmethod
    def starts(heuristics):
        """The rule by which a pointer counts as one to the block's start."""
        def is_start(block, off):
            if off == 0:
                return True
            if block.trait is None or off != block.trait[1]:
                return False
            name = block.trait[0]
            # A length64 block of n bytes is a newarray block, too: it may be
            # n elements of one byte.
            return name in heuristics or (name == "length64"
                                          and "newarray" in heuristics)
        return is_start
