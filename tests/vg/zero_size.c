/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of size zero can be reachable or lost like all others, also if there
   are many of them. */

#include "vgt.h"

void *volatile held;

DISTINCT static void *kept(void) { return malloc(0); }
DISTINCT static void *lost(void) { return malloc(0); }

static void make_blocks(void)
{
    held = kept();
    for (int i = 0; i < 10; i++)
        lost();
}

int main(void)
{
    make_blocks();
    return 0;
}
