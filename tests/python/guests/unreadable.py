# SPDX-License-Identifier: GPL-2.0-or-later
"""Malloc blocks that look like objects, but whose type cannot be read: it is behind
the end of a mapped file, or in a guard page.  Some of the mappings are as large as
arenas.  All blocks are lost."""

import ctypes
import os

PAGE = 4096
READ_WRITE, SHARED, PRIVATE_ANONYMOUS, GUARD_INSTALL = 3, 1, 0x22, 102

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int,
                      ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]


def truncated(size):
    fd = os.memfd_create("unreadable")
    os.ftruncate(fd, size)
    start = libc.mmap(None, size, READ_WRITE, SHARED, fd, 0)
    ctypes.memset(start, 1, 1)
    os.ftruncate(fd, 2 * PAGE)
    os.close(fd)
    return start + 3 * PAGE


def guarded():
    start = libc.mmap(None, 4 * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0)
    ctypes.memset(start, 1, 1)
    libc.madvise(start + PAGE, PAGE, GUARD_INSTALL)
    return start + PAGE


def fill(place):
    for size in 16, 32, 56, 96:
        for offset in range(0, size - 8, 8):
            block = libc.malloc(size)
            words = (ctypes.c_size_t * (size // 8)).from_address(block)
            words[0] = 1
            words[offset // 8] = place
            words[offset // 8 + 1] = place


for place in truncated(1 << 20), truncated(256 << 10), truncated(16 << 10), guarded():
    fill(place)
