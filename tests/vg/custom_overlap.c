/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks that overlap because the program's annotations are wrong. */

#include "vgt.h"
#include <valgrind/memcheck.h>

static char *ground;

int main(void)
{
    ground = calloc(1, 1000);
    VALGRIND_MALLOCLIKE_BLOCK(ground + 100, 100, 0, 0);
    VALGRIND_MALLOCLIKE_BLOCK(ground + 150, 100, 0, 0);
    VALGRIND_MALLOCLIKE_BLOCK(ground + 400, 50, 0, 0);
    return 0;
}
