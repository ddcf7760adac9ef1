/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program with its own malloc.  Valgrind replaces that, too, unless an option
   says not to. */

#include "vgt.h"

static char memory[100000];
static size_t used;

void *malloc(size_t size)
{
    void *p = memory + used;
    NEED(size < sizeof memory - used - 16);
    used += (size + 15) & ~(size_t)15;
    return p;
}

void free(void *p)
{
    (void)p;
}

int main(void)
{
    void *volatile p = malloc(10);
    p = NULL;
    (void)p;
    return 0;
}
