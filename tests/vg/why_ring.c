/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a block far round a ring of a million blocks is still there.  (Not further: the
   dynamic linker keeps hashes of names such as GLIBC_2.34 that are the addresses of
   blocks behind it.) */

#include "leakgrind.h"
#include "vgt.h"

enum { N = 1000000 };

struct node {
    struct node *next;
    long         number;
};

static struct node *volatile ring;

DISTINCT static uintptr_t fill(void)
{
    struct node *first = calloc(1, sizeof *first), *last = first;
    uintptr_t    quarter = 0;

    for (long i = 1; i < N; i++) {
        last->next = calloc(1, sizeof *last);
        last = last->next;
        last->number = i;
        if (i == N / 4)
            quarter = ~(uintptr_t)last;
    }
    last->next = first;
    ring = first;
    return quarter;
}

int main(void)
{
    uintptr_t quarter = fill();

    CLEAR_REGISTERS();
    LEAKGRIND_WHY(quarter);
    return 0;
}
