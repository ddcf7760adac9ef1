/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list that grows and one that shrinks between leak checks. */

#include "vgt.h"
#include <valgrind/memcheck.h>

struct node {
    struct node *next;
};

static struct node *growing, *shrinking;

DISTINCT static void grow(struct node **list, int n)
{
    while (n-- > 0) {
        struct node *new = calloc(1, 100);
        new->next = *list;
        *list = new;
    }
}

DISTINCT static void shrink(struct node **list, int n)
{
    while (n-- > 0) {
        struct node *old = *list;
        *list = old->next;
        free(old);
    }
}

int main(void)
{
    grow(&growing, 10);
    grow(&shrinking, 20);
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
    grow(&growing, 30);
    shrink(&shrinking, 5);
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
    return 0;
}
