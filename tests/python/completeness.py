#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs guests/census.py under leakgrind, and compares

- the blocks that leakgrind knows with those that pools.c finds in use in CPython's
  pools: there must be no difference;
- the types that leakgrind reports with what Python says of the same objects: no
  type may be wrong, and every object must be recognised.

Exit code 0: all is equal; 77: skipped; 1: there are differences."""

import bisect
import os
import re
import shutil
import subprocess
import sys

import run

BLOCK = re.compile(r"==\d+== *0x([0-9A-F]+)\[(\d+)\]")
TITLE = re.compile(r"==\d+== .*loss record [\d,]+ of [\d,]+$")
TYPE = re.compile(r"==\d+==  [\d,]+ '(.+)' object")
LEAST = 50000  # of blocks, and of objects


def tool_blocks(log):
    """The output of block_list: {address: (size, type or None)}."""
    blocks, kind = {}, None
    for line in log.splitlines():
        block = BLOCK.match(line)
        if block:
            blocks[int(block[1], 16)] = int(block[2]), kind
        elif TITLE.match(line):
            kind = None
        else:
            named = TYPE.match(line)
            kind = named[1] if named else kind
    return blocks


def read_walk(path, pool_size):
    """The blocks in use, and the spans of arenas."""
    blocks, spans, torn = set(), {}, 0
    with open(path, encoding="ascii") as lines:
        for line in lines:
            what, address, more = line.split()
            address = int(address, 16)
            if what == "block":
                blocks.add(address)
            elif what == "pool":
                lo, hi = spans.get(more, (address, address))
                spans[more] = min(lo, address), max(hi, address + pool_size)
            else:
                torn += 1
    return blocks, sorted(spans.values()), torn


def inside(spans, address):
    i = bisect.bisect_right(spans, (address, 1 << 64)) - 1
    return i >= 0 and spans[i][0] <= address < spans[i][1]


def compare_blocks(tool, walked, spans):
    tool_in_pools = {a for a in tool if inside(spans, a)}
    print("%d blocks in use, leakgrind knows %d of arenas"
          % (len(walked), len(tool_in_pools)))
    if len(walked) < LEAST:
        yield "only %d blocks in use" % len(walked)
    for what, addresses in (("leakgrind does not know", walked - tool_in_pools),
                            ("not in use", tool_in_pools - walked)):
        for address in sorted(addresses)[:10]:
            print("%s: %x" % (what, address))
        if addresses:
            yield "%s: %d blocks" % (what, len(addresses))


def compare_types(tool, path):
    starts = sorted(tool)
    compared, wrong, unknown = 0, [], []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            address, name = line.rstrip("\n").split(" ", 1)
            address = int(address, 16)
            i = bisect.bisect_right(starts, address) - 1
            if i < 0 or starts[i] + tool[starts[i]][0] <= address:
                continue  # not in the heap
            compared += 1
            said = tool[starts[i]][1]
            if said is None:
                unknown.append(name)
            elif said != name:
                wrong.append((name, said))
    print("%d objects compared" % compared)
    if compared < LEAST:
        yield "only %d objects" % compared
    if wrong:
        yield "%d types named wrongly, such as %s" % (len(wrong), wrong[:10])
    if unknown:
        yield "%d objects not recognised, such as %s" % (
            len(unknown), sorted(set(unknown))[:20])


def main():
    site = run.Site()
    try:
        site.check_needs([("needs-built", ["pools.so"])])
    except run.Skipped as reason:
        print("SKIP: %s" % reason)
        return run.SKIP
    scratch = os.path.join(site.build_dir, "completeness.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    log = os.path.join(scratch, "log")
    command = [site.valgrind, "--tool=leakgrind", "--log-file=" + log,
               "--py-rules=none",
               site.python, os.path.join(run.GUESTS, "census.py"), "take"]
    subprocess.run(command, cwd=scratch, env=site.environment(), check=True,
                   timeout=run.TIMEOUT)
    with open(log, encoding="utf-8", errors="replace") as lines:
        tool = tool_blocks(lines.read())
    walked, spans, torn = read_walk(
        os.path.join(scratch, "blocks"),
        16384 if site.python_version() >= (3, 10) else 4096)
    problems = ["%d torn pools" % torn] if torn else []
    problems += compare_blocks(tool, walked, spans)
    problems += compare_types(tool, os.path.join(scratch, "types"))
    for problem in problems:
        print("FAIL: %s" % problem)
    if not problems:
        shutil.rmtree(scratch)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
