# SPDX-License-Identifier: GPL-2.0-or-later
"""Greenlets copy parts of the C stack away and back."""

import gc
import greenlet


def deep(n, back):
    frame = [n] * 8
    below = sorted([3, 1, 2], key=lambda x: deep(n - 1, back) if n and x == 2
                   else (back.switch(x) or 0) if not n and x == 2 else x)
    assert frame == [n] * 8
    return below[0]


main = greenlet.getcurrent()
greenlets = [greenlet.greenlet(lambda i=i: (deep(i % 9, main), i)[1])
             for i in range(40)]
print([g.switch() for g in greenlets])
gc.collect()
print([g.switch(i) for i, g in enumerate(reversed(greenlets))])
abandoned = [greenlet.greenlet(lambda: deep(5, main)) for _ in range(20)]
for g in abandoned:
    g.switch()
del g, abandoned
gc.collect()


def fail():
    main.switch()
    raise ValueError("out of a greenlet")


g = greenlet.greenlet(fail)
g.switch()
try:
    g.switch()
except ValueError as e:
    print(e)
