#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a random C program from a seed, and knows what a leak checker must report
for it.

    gen.py SEED            prints the program
    gen.py --model SEED    prints what each tool must find, and why

A program builds a heap (graph.py), puts pointers to it into all sorts of
places (holders.py), goes down through some levels of calls, has its leaks
checked there, comes back up, drops some pointers, frees some blocks, perhaps
does it again, and ends: by returning from main, or from within the levels.
"""

import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import graph
import holders
import model

HEURISTICS = ("stdstring", "length64", "newarray", "multipleinheritance")
METAPOOL = ("metapool: memcheck bisects a list in which the metapool's block"
            " overlaps the blocks in it; what it finds there is accidental")

# How the program ends, and where: in main, or below all levels.
ENDINGS = {
    "return": None,
    "exit": "exit(0);",
    "_exit": "_exit(0);",
    "abort": "abort();",
    "SIGTERM": "kill(getpid(), SIGTERM); pause();",
}


class Moment:
    """One leak check: the state at that moment, for the model."""

    def __init__(self, name, ids, roots, edges, uncertain):
        self.name = name
        self.ids = ids          # blocks that are not free
        self.roots = roots      # tool -> list of (block, off)
        self.edges = edges      # Block -> list of (Block, off)
        self.uncertain = uncertain  # tool -> (set of Block, reasons)


class Program:
    def __init__(self, seed):
        self.seed = seed
        self.rng = random.Random("leakgrind-diff-%d" % seed)
        self.graph = graph.Graph(self.rng)
        self.build = []       # C statements that make blocks, in order
        self.places = []
        self.levels = []
        self.names = {}       # block id -> the construct it belongs to
        self.mutations = []   # one list of C statements for each step
        self.moments = []
        self._choose_frame()
        self._populate()
        # The state before anything is removed, for the C code.
        self.all_edges = list(self.graph.edges)
        self.fill_lines = [line for h in self.holders() for line in h.fill()]
        self._live_through()

    # ---- what the program is like ----------------------------------------
    def _choose_frame(self):
        rng = self.rng
        self.opt = rng.choice(("-O0", "-O1", "-O2"))
        self.ending = rng.choice(("return", "return", "exit", "exit", "exit",
                                  "_exit", "abort", "SIGTERM"))
        self.n_checks = rng.choice((0, 1, 1, 1, 2, 2))
        self.request_with_regs = rng.random() < 0.6
        if rng.random() < 0.6:
            self.heuristics = HEURISTICS
        else:
            self.heuristics = tuple(h for h in HEURISTICS
                                    if rng.random() < 0.5)
        # In XML, several checks of one run cannot be told apart.
        self.xml = self.n_checks == 0 and rng.random() < 0.6
        self.is_start = self.graph.starts(self.heuristics)

    def tool_options(self):
        return ["--leak-check-heuristics="
                + (",".join(self.heuristics) or "none")]

    # ---- blocks and pointers ----------------------------------------------
    def _populate(self):
        rng = self.rng
        kinds = list(holders.PLACES)
        for i in range(rng.randint(3, 8)):
            self.places.append(holders.Place(i, rng.choice(kinds)))
        for i in range(rng.randint(1, 5)):
            self.levels.append(rng.choice(holders.LEVELS)(i, rng))
        self.scratch = holders.ScratchRegisters(0)
        self.vector = holders.VectorRegisters(0)
        self.stale = holders.StaleFrame(0, rng)  # for OtherThread
        self.stale.name = "stale"
        for holder in self.places + self.levels + [self.stale]:
            for _ in range(rng.randint(1, 2)):
                self._give(holder)
        if self.n_checks and self.request_with_regs:
            for holder in (self.scratch, self.vector):
                for _ in range(rng.randint(0, 3)):
                    self._give(holder)
        for _ in range(rng.randint(0, 2)):
            self._structure("leaked")
        for _ in range(rng.randint(0, 2)):
            self._ground()
        for _ in range(rng.randint(0, 2)):
            self._reused_memory()
        for _ in range(rng.randint(0, 4)):
            self._trait()
        if rng.random() < 0.3:
            self._empty_block()
        self._some_links(rng.randint(0, 5))

    def _structure(self, why, ground=None):
        blocks = self.graph.structure(ground)
        for block in blocks:
            self.names[block.ident] = why
            if ground is None:
                self.build.append(block)
        return blocks

    def _give(self, holder):
        """A separate structure for this holder."""
        limit = 6  # what fits into the registers of a level
        if len(holder.roots) >= limit:
            return
        blocks = self._structure(str(holder))
        target = self.rng.choice([blocks[0], blocks[0], blocks[0],
                                  self.rng.choice(blocks)])
        holder.add(target, self.graph.some_offset(target))

    def _roots_of(self, place_kinds, block, off=0):
        place = holders.Place(len(self.places), self.rng.choice(place_kinds))
        place.add(block, off)
        self.places.append(place)
        return place

    def _ground(self):
        ground = self.graph.ground()
        self.build.append(ground)
        for _ in range(self.rng.randint(1, 3)):
            blocks = self._structure("on ground %d (%s, %s)" % (
                ground.ident, ground.where, ground.style), ground)
            if self.rng.random() < 0.6:
                self._roots_of(("global", "map"), blocks[0],
                               self.graph.some_offset(blocks[0]))
        if self.rng.random() < 0.5:
            # Something that only a block on this ground points to.
            outside = self._structure("behind ground %d" % ground.ident)
            for block in ground.blocks:
                if self.graph.link(block, outside[0], 0):
                    break

    def _reused_memory(self):
        """A live block on memory that was full of pointers to lost ones."""
        lost = self._structure("stale in reused heap memory")
        size = self.graph.fresh_size(32)
        fresh = graph.Block(len(self.graph.blocks), size,
                            self.rng.choice(("malloc", "grown", "new")))
        fresh.free_slots = []
        self.graph.blocks.append(fresh)
        self.names[fresh.ident] = "reused heap memory"
        self.build.append((fresh, lost))
        self._roots_of(("global", "tls", "map"), fresh)

    def _trait(self):
        block = self.graph.trait_block()
        self.names[block.ident] = "trait " + block.trait[0]
        self.build.append(block)
        if self.rng.random() < 0.8:
            self._roots_of(("global", "map"), block, block.trait[1])

    def _empty_block(self):
        block = graph.Block(len(self.graph.blocks), 0, "malloc")
        self.graph.blocks.append(block)
        self.names[block.ident] = "of size zero"
        self.build.append(block)
        if self.rng.random() < 0.5:
            self._roots_of(("global", "tls"), block)

    def _some_links(self, n):
        """Pointers from anywhere to anywhere."""
        for _ in range(n):
            src, dst = self.rng.sample(self.graph.blocks, 2)
            # A stale word must point at something lost, or it proves nothing.
            if "stale" not in self.names[dst.ident] and dst.trait is None:
                self.graph.link(src, dst)

    # ---- the course of events, for the model ------------------------------
    def holders(self):
        return (self.places + self.levels
                + [self.scratch, self.vector, self.stale])

    def _snapshot(self, name):
        ids = [b for b in self.graph.blocks if not b.freed]
        kind = ("check" if name.startswith("check") else
                "returned" if self.ending == "return" else "left")
        edges = {}
        for e in self.graph.edges:
            if not e.src.freed:
                edges.setdefault(e.src, []).append((e.dst, e.off))
        roots = {}
        for tool in holders.TOOLS:
            roots[tool] = [root for h in self.holders()
                           if h.seen(tool, kind)
                           for root in h.roots if root is not None]
            # Custom blocks on ground that is no heap block lie in memory
            # that is searched as a root, whoever points at them; and a
            # metapool's block is a block, searched with all that is in it.
            for g in self.graph.grounds:
                if g.where != "heap" or g.style == "meta":
                    for b in g.blocks:
                        roots[tool] += edges.get(b, ())
        self.moments.append(Moment(name, ids, roots, edges,
                                   self._uncertain(kind)))

    def _live_through(self):
        for i in range(self.n_checks):
            self._snapshot("check %d" % i)
            self.mutations.append(self._mutate())
        self._snapshot("end")

    def _mutate(self):
        rng = self.rng
        lines = []
        for holder in self.holders():
            for i, root in enumerate(holder.roots):
                if root and holder.writable() and rng.random() < 0.15:
                    lines.append(holder.drop(i))
                    holder.roots[i] = None
        for block in self.graph.blocks:
            if not block.freed and rng.random() < 0.08:
                lines += self._free(block)
        return lines

    def _free(self, block):
        """Takes all pointers to the block away first: memory is handed out
        again in another order by another tool."""
        lines = []
        for holder in self.holders():
            for i, root in enumerate(holder.roots):
                if root and root[0] is block:
                    if not holder.writable():
                        return lines
                    lines.append(holder.drop(i))
                    holder.roots[i] = None
        for e in list(self.graph.edges):
            if e.dst is block and not e.src.freed:
                lines.append("*(Word*)(DIFF_SHOW(hid[%d]) + %d) = 0;"
                             % (e.src.ident, e.slot))
                self.graph.edges.remove(e)
        block.freed = True
        at = "DIFF_SHOW(hid[%d])" % block.ident
        lines.append({
            "new": "_ZdlPv((void*)%s);",
            "newarray": "_ZdaPv((void*)%s);",
            "malloclike": "VALGRIND_FREELIKE_BLOCK(%s, 0);",
            "meta": "VALGRIND_FREELIKE_BLOCK(%s, 0);",
            "pool": "VALGRIND_MEMPOOL_FREE(ground%d, %%s);"
                    % (block.ground.ident if block.ground else 0),
        }.get(block.how, "free((void*)%s);") % at)
        lines.append("hid[%d] = DIFF_HIDE(0);" % block.ident)
        return lines

    def _closure(self, blocks):
        """The blocks and all that ever could be reached from them."""
        edges = {}
        for e in self.graph.edges:
            edges.setdefault(e.src, set()).add(e.dst)
        found = set(blocks)
        todo = list(found)
        while todo:
            for dst in edges.get(todo.pop(), set()) - found:
                found.add(dst)
                todo.append(dst)
        return found

    def makes_threads(self):
        return any(level.makes_thread for level in self.levels)

    def _uncertain(self, kind):
        """tool -> (blocks whose class is unknown, reasons)."""
        result = {}
        threads = self.makes_threads()
        for tool in holders.TOOLS:
            blocks, reasons = set(), set()
            for holder in self.holders():
                why = holder.unknown(tool, kind, self.ending, threads)
                if why and any(holder.roots):
                    blocks |= {root[0] for root in holder.roots if root}
                    reasons.add(why)
            if tool == holders.MEMCHECK:
                for g in self.graph.grounds:
                    if g.style == "meta" and g.blocks:
                        blocks |= set(g.blocks)
                        reasons.add(METAPOOL)
            result[tool] = self._closure(blocks), reasons
        return result

    def expect_like_memcheck(self):
        """For a run with memcheck on both sides."""
        for moment in self.moments:
            for table in (moment.roots, moment.uncertain):
                table[holders.LEAKGRIND] = table[holders.MEMCHECK]

    def expect(self, tool):
        """A list of (Moment, Expectation) for one tool."""
        return [(m, model.classify(m.ids, m.roots[tool], m.edges,
                                        self.is_start))
                for m in self.moments]


def main():
    if len(sys.argv) == 2:
        from emit import emit
        sys.stdout.write(emit(Program(int(sys.argv[1]))))
        return 0
    if len(sys.argv) == 3 and sys.argv[1] == "--model":
        program = Program(int(sys.argv[2]))
        for tool in holders.TOOLS:
            for moment, expectation in program.expect(tool):
                for block in sorted(expectation.kinds,
                                    key=lambda b: b.ident):
                    print("%s, %s: block %d of %d bytes (%s): %s" % (
                        tool, moment.name, block.ident, block.size,
                        program.names[block.ident],
                        "anything" if block in moment.uncertain[tool][0]
                        else expectation.kinds[block]))
        return 0
    sys.stderr.write(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
