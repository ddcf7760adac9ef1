/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C library of ctypes_guest1.py: loses about half of what it allocates
   itself, and returns how much it lost. */

#include <stdlib.h>

int do_alloc(int count, int size);

static unsigned random_state = 54321;

int do_alloc(int count, int size)
{
    int lost = 0;
    for (int i = 0; i < count; i++) {
        void *volatile mem = malloc(size);
        random_state = random_state * 1103515245u + 12345u;
        if ((random_state >> 16) % 100 < 50)
            lost++;
        else
            free(mem);
    }
    return lost;
}
