/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list laid out in one block of 160 bytes.  The only pointer walks along
   it, and so ends up pointing into the block: possibly lost. */

#include "vgt.h"

struct node {
    void *value;
    struct node *next;
};

struct node *volatile cursor;

static void build(void)
{
    struct node *all = malloc(10 * sizeof(struct node));
    for (int i = 0; i < 10; i++) {
        all[i].value = NULL;
        all[i].next = NULL;
        if (i > 0)
            all[i - 1].next = &all[i];
    }
    cursor = all;
}

int main(void)
{
    build();
    for (int i = 0; i < 9; i++)
        cursor = cursor->next;
    return 0;
}
