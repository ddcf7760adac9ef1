/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks that hang only from suppressed blocks, and blocks that hang from other
   blocks, too.  Sizes identify them. */

#include "vgt.h"

char *volatile roots[4];

DISTINCT static void *parent(int size)
{
    return calloc(1, size);
}

DISTINCT static void *child(int size)
{
    return calloc(1, size);
}

/* A lost family: the parent, a child, a grandchild. */
static void lost_family(void)
{
    void **top = parent(1000);
    void **middle = child(100);
    top[0] = middle;
    middle[0] = child(10);
}

/* A lost block that no suppression matches, with a child. */
static void lost_other(void)
{
    void **top = child(2000);
    top[0] = child(200);
}

/* A possibly lost family. */
static void possible_family(void)
{
    void **top = parent(3000);
    top[0] = child(300);
    roots[0] = (char *)top + 24;
}

/* A possibly lost block that no suppression is meant for. */
static void possible_other(void)
{
    roots[1] = (char *)child(400) + 24;
}

int main(void)
{
    lost_family();
    lost_other();
    possible_family();
    possible_other();
    return 0;
}
