/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocates in many ways and frees everything. */

#include "vgt.h"
#include <malloc.h>

int main(void)
{
    void *volatile p = malloc(10);
    p = realloc(p, 20);
    p = realloc(p, 5000);
    free(p);
    p = calloc(3, 7);
    free(p);
    p = memalign(64, 100);
    NEED((uintptr_t)p % 64 == 0);
    free(p);
    void *q;
    NEED(posix_memalign(&q, 256, 100) == 0 && (uintptr_t)q % 256 == 0);
    free(q);
    p = aligned_alloc(512, 1024);
    NEED((uintptr_t)p % 512 == 0);
    NEED(malloc_usable_size(p) >= 1024);
    free(p);
    p = malloc(0);
    NEED(p);
    free(p);
    free(NULL);
    return 0;
}
