/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C library of ctypes_guest2.py: its caller must free what it gets. */

#include <stdlib.h>

void *do_alloc(int size);
void do_free(void *mem);

void *do_alloc(int size)
{
    void *volatile mem = malloc(size);
    return mem;
}

void do_free(void *mem)
{
    free(mem);
}
