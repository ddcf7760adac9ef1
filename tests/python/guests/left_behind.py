# SPDX-License-Identifier: GPL-2.0-or-later
"""What pieces of code leave behind, as leakgrind.growth() tells."""

import guest
import leakgrind
import leaky


class Item:
    __slots__ = ("value",)


class Registry:
    known = [None] * 500


CACHE = [None] * 2000
ITEM_BYTES = 40
HERE = __file__


def fill(n):
    for i in range(n):
        CACHE[i] = Item()  # item


def register(n):
    for i in range(n):
        Registry.known[i] = bytes(1000)  # bytes


def lose(n):
    leaky.lose_list(n)  # LEAK list


def line_of(mark):
    with open(HERE, encoding="utf-8") as source:
        return next("%s:%d" % (HERE, number)
                    for number, line in enumerate(source, 1)
                    if line.endswith("# %s\n" % mark))


def expect(grown, *rows):
    assert grown.rows == list(rows), (grown.rows, rows)
    assert grown.blocks == sum(row.blocks for row in grown.rows)
    assert grown.bytes == sum(row.bytes for row in grown.rows)


def measure():
    item, array = line_of("item"), line_of("bytes")
    lost = leakgrind.Grown("(lost)", "list", line_of("LEAK list"), 7, 7 * 56)
    items = leakgrind.Grown("__main__.CACHE", "__main__.Item", item, 1000,
                            1000 * ITEM_BYTES)
    # The first call of a function may leave a frame for the next one.
    fill(0)
    register(0)
    lose(0)
    # Nothing.
    with leakgrind.growth() as grown:
        fill(0)
        register(0)
    expect(grown)
    assert str(grown) == "nothing"
    # By owner; and what is lost.
    with leakgrind.growth() as grown:
        # In a frame of C of its own, where no word is left of it.
        list(map(lose, [7]))
        fill(1000)
        register(300)
    kept = leakgrind.Grown("__main__.Registry (type) -> .known", "bytes", array,
                           300, 300 * 1033)
    expect(grown, kept, items, lost)
    assert str(grown) == "\n".join([
        "__main__.Registry (type) -> .known + 300 bytes (+ 309,900 bytes), "
        "made at " + array,
        "__main__.CACHE + 1,000 __main__.Item (+ 40,000 bytes), made at " + item,
        "(lost) + 7 list (+ 392 bytes), made at " + line_of("LEAK list")])
    # What was there before is not new, even if something else has gone.
    with leakgrind.growth() as grown:
        CACHE[:] = [None] * 2000
        Registry.known[:] = Registry.known[:200] + [None] * 300
    expect(grown)
    # Garbage is collected first, unless that is not wanted.
    with leakgrind.growth() as grown:
        cycle = []
        cycle.append(cycle)
        del cycle
    expect(grown)
    # One in another, and an exception that comes through.
    try:
        with leakgrind.growth() as outer:
            with leakgrind.growth() as grown:
                fill(1000)
                raise KeyError
    except KeyError:
        pass
    assert items in outer.rows and items in grown.rows, (outer.rows, grown.rows)
    print("fine")


if __name__ == "__main__":
    guest.main(globals())
