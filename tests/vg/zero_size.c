/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks without a byte can be reached and lost like all others; many of
   them, too. */

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
