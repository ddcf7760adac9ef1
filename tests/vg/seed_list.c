/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of ten nodes whose head nobody keeps: the first node is lost by
   itself (16 bytes), the other nine hang from it (144 bytes). */

#include "vgt.h"

struct node {
    void *value;
    struct node *next;
};

static void build_and_forget(void)
{
    struct node before_first;
    struct node *last = &before_first;
    for (int i = 0; i < 10; i++) {
        last->next = malloc(sizeof(struct node));
        last = last->next;
        last->value = NULL;
    }
    last->next = NULL;
}

int main(void)
{
    build_and_forget();
    return 0;
}
