/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes options while it runs. */

#include "vgt.h"
#include <valgrind/memcheck.h>

char *volatile possible;
void *volatile reachable;

static void make_blocks(void)
{
    void **leader = calloc(1, 100);
    leader[0] = calloc(1, 20);
    possible = (char *)calloc(1, 30) + 8;
    reachable = calloc(1, 40);
}

static void check_with(const char *option)
{
    say("## %s\n", option);
    VALGRIND_CLO_CHANGE(option);
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
}

int main(void)
{
    make_blocks();
    check_with("--show-leak-kinds=definite");
    check_with("--show-leak-kinds=indirect,reachable");
    check_with("--show-reachable=yes");
    check_with("--show-possibly-lost=no");
    check_with("--roots=none");
    say("## a new default for the end\n");
    VALGRIND_CLO_CHANGE("--roots=all");
    VALGRIND_CLO_CHANGE("--leak-check=summary");
    VALGRIND_CLO_CHANGE("--errors-for-leak-kinds=none");
    return 0;
}
