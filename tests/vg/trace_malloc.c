/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call of each function for --trace-malloc. */

#include "vgt.h"
#include <malloc.h>

int main(void)
{
    void *volatile p = malloc(10);
    p = realloc(p, 20);
    free(p);
    p = calloc(3, 7);
    free(p);
    p = memalign(64, 100);
    free(p);
    return 0;
}
