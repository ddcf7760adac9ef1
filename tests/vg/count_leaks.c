/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VALGRIND_COUNT_LEAKS, _COUNT_LEAK_BLOCKS and _COUNT_ERRORS.  The counts are
   those of the last leak check. */

#include "vgt.h"
#include <valgrind/memcheck.h>

char *volatile held, *volatile inside;

static void counts(const char *when)
{
    unsigned long lost = 0, possible = 0, reachable = 0, suppressed = 0;
    VALGRIND_COUNT_LEAKS(lost, possible, reachable, suppressed);
    say("%s: bytes: %lu lost, %lu possible, %lu reachable, %lu suppressed\n",
        when, lost, possible, reachable, suppressed);
    lost = possible = reachable = suppressed = 0;
    VALGRIND_COUNT_LEAK_BLOCKS(lost, possible, reachable, suppressed);
    say("%s: blocks: %lu lost, %lu possible, %lu reachable, %lu suppressed\n",
        when, lost, possible, reachable, suppressed);
}

static void make_blocks(void)
{
    void **leader = calloc(1, 100);
    leader[0] = calloc(1, 20);
    inside = (char *)calloc(1, 30) + 8;
    held = calloc(1, 40);
}

static void suppress_me(void)
{
    calloc(1, 5000);
}

int main(void)
{
    counts("before any check");
    make_blocks();
    suppress_me();
    counts("still before");
    CLEAR_REGISTERS();
    VALGRIND_DO_QUICK_LEAK_CHECK;
    counts("after a quick one");
    free(held);
    held = NULL;
    counts("after a free");
    CLEAR_REGISTERS();
    VALGRIND_DO_QUICK_LEAK_CHECK;
    counts("after another one");
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
    counts("after a full one");
    say("errors: %d\n", (int)VALGRIND_COUNT_ERRORS);
    free((void *)16);
    say("errors: %d\n", (int)VALGRIND_COUNT_ERRORS);
    VALGRIND_DISABLE_ERROR_REPORTING;
    free((void *)16);
    VALGRIND_ENABLE_ERROR_REPORTING;
    say("errors: %d\n", (int)VALGRIND_COUNT_ERRORS);
    return 0;
}
