/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What options guarantee about blocks: their alignment, and their contents
   when they are allocated and after they are freed. */

#include "vgt.h"

static const char *holds(const unsigned char *p, int n)
{
    static char text[40];
    for (int i = 1; i < n; i++)
        if (p[i] != p[0])
            return "various bytes";
    snprintf(text, sizeof text, "all bytes %02x", p[0]);
    return text;
}

#if __GNUC__ >= 12 && !defined __clang__
#pragma GCC diagnostic ignored "-Wuse-after-free"
#endif

int main(void)
{
    uintptr_t low_bits = 0;
    for (int size = 1; size < 300; size += 7) {
        void *p = malloc(size);
        low_bits |= (uintptr_t)p;
        free(p);
    }
    int alignment = 1;
    while (!(low_bits & alignment))
        alignment *= 2;
    /* Blocks can be better aligned than asked for by chance, but not all. */
    say("alignment: %d\n", alignment);

    unsigned char *p = malloc(100);
    say("malloc:  %s\n", holds(p, 100));
    memset(p, 0x11, 100);
    free(p);
    /* The ends are the allocator's, for its own records. */
    say("freed:   %s\n", holds(p + 32, 40));
    p = calloc(100, 1);
    say("calloc:  %s\n", holds(p, 100));
    memset(p, 0x22, 100);
    p = realloc(p, 300);
    say("realloc: %s, %s\n", p[99] == 0x22 ? "old part kept" : "old part lost",
        holds(p + 100, 200));
    free(p);
    return 0;
}
