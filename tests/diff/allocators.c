/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loses 10 blocks, for allocators.sh. */

#include <stdlib.h>

static void* volatile lost;

int main(void)
{
    for (int i = 0; i < 10; i++)
        lost = malloc(100 + (size_t)i);
    lost = NULL;
    return 0;
}
