/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The requests of leakgrind.h. */

#include "vgt.h"
#include "leakgrind.h"

char *volatile possible;
void *volatile reachable;

static void make_blocks(void)
{
    void **leader = calloc(1, 100);
    leader[0] = calloc(1, 20);
    possible = (char *)calloc(1, 30) + 8;
    reachable = calloc(1, 40);
}

static void lose_more(void)
{
    calloc(1, 3000);
}

static void counts(const char *when)
{
    LeakgrindCounts bytes, blocks;
    LEAKGRIND_COUNT_LEAKS(&bytes, &blocks);
    say("%s: %lu/%lu definite, %lu/%lu indirect, %lu/%lu possible, "
        "%lu/%lu reachable, %lu/%lu suppressed\n", when,
        bytes.definite, blocks.definite, bytes.indirect, blocks.indirect,
        bytes.possible, blocks.possible, bytes.reachable, blocks.reachable,
        bytes.suppressed, blocks.suppressed);
}

int main(void)
{
    say("under leakgrind: %u\n", LEAKGRIND_RUNNING);
    counts("before any check");
    make_blocks();
    say("-- full\n");
    CLEAR_REGISTERS();
    LEAKGRIND_DO_LEAK_CHECK;
    counts("after it");
    lose_more();
    say("-- added\n");
    CLEAR_REGISTERS();
    LEAKGRIND_DO_ADDED_LEAK_CHECK;
    free(reachable);
    reachable = NULL;
    say("-- changed\n");
    CLEAR_REGISTERS();
    LEAKGRIND_DO_CHANGED_LEAK_CHECK;
    say("-- new: nothing\n");
    CLEAR_REGISTERS();
    LEAKGRIND_DO_NEW_LEAK_CHECK;
    say("-- quick\n");
    CLEAR_REGISTERS();
    LEAKGRIND_DO_QUICK_LEAK_CHECK;
    counts("at the end");
    return 0;
}
