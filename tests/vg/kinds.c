/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leaves one block of each kind behind: 100 bytes definitely lost, with 20
   that hang from them; 30 possibly lost; 40 reachable.  For tests of options
   that act on kinds.  An argument sets the exit status. */

#include "vgt.h"

char *volatile possible;
void *volatile reachable;

static void *get(int size)
{
    return calloc(1, size);
}

static void lose(void)
{
    void **leader = get(100);
    leader[0] = get(20);
}

static void keep(void)
{
    possible = (char *)get(30) + 8;
    reachable = get(40);
}

int main(int argc, char **argv)
{
    lose();
    keep();
    return argc > 1 ? atoi(argv[1]) : 0;
}
