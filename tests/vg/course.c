/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list that grows, and blocks that are lost meanwhile.  The monitor command
   makes the checks, so that it is known what each of them must count. */

#include "vgt.h"
#include <valgrind/memcheck.h>

struct item {
    struct item *next;
    char data[92];
};

struct item *volatile list;

DISTINCT static void keep(void)
{
    struct item *item = calloc(1, sizeof *item);
    item->next = list;
    list = item;
}

DISTINCT static void lose(void)
{
    void *volatile lost = calloc(1, 50);
    lost = NULL;
    (void)lost;
}

int main(int argc, char **argv)
{
    int asks = argc > 1 && strcmp(argv[1], "ask") == 0;
    int rounds = asks ? 2 : 200;

    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < 1000; i++) {
            if (i % 10 == 0)
                lose();
            keep();
        }
        CLEAR_REGISTERS();
        if (asks && VALGRIND_MONITOR_COMMAND("course"))
            say("not understood\n");
    }
    while (!asks && list != NULL) {
        struct item *next = list->next;
        free(list);
        list = next;
    }
    return write(1, "done\n", 5) == 5 ? 0 : 1;
}
