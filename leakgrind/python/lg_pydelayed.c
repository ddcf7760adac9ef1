/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydelayed.c: see lg_pydelayed.h. */

#include "lg_pydelayed.h"

/* struct _mem_work_chunk */
enum {
    CHUNK_SZB = 4096,
    FIRST     = 0x10,
    END       = 0x18,
    ITEMS     = 0x20,
    ITEM_SZB  = 0x10,
    N_ITEMS   = (CHUNK_SZB - ITEMS) / ITEM_SZB
};

Bool lg_pydelayed_read(const LgPyMem* mem, Addr start, SizeT szB, Addr* lo,
                       Addr* hi)
{
    Addr first, end, when, before = 1;

    if (szB != CHUNK_SZB || !lg_py_word(mem, start + FIRST, &first) ||
        !lg_py_word(mem, start + END, &end) || first > end || end > N_ITEMS)
        return False;
    /* The numbers are odd, and grow. */
    for (Addr i = 0; i < end; i++) {
        if (!lg_py_word(mem, start + ITEMS + i * ITEM_SZB + sizeof(Addr),
                        &when) ||
            when % 2 == 0 || when < before)
            return False;
        before = when;
    }
    *lo = start + ITEMS + first * ITEM_SZB;
    *hi = start + ITEMS + end * ITEM_SZB;
    return True;
}
