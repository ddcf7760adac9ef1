/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_calls.c: leakgrind's requests as functions, for programs that cannot use
   the macros of leakgrind.h: Python calls them through ctypes.  The preload
   library is the first in every program's scope, so they are found by name;
   a program that does not run under leakgrind does not have them. */

#include "../leakgrind.h"

/* 1; that the function is there is the answer. */
int leakgrind_running(void);
/* A leak check.  summaryOnly: without the loss records.  delta: 0 all loss
   records, 1 those that have grown since the last check, 2 those that have
   changed, 3 those that are new. */
void leakgrind_check(int summaryOnly, int delta);
/* What the last check found. */
void leakgrind_counts(LeakgrindCounts* bytes, LeakgrindCounts* blocks);

int leakgrind_running(void)
{
    return (int)LEAKGRIND_RUNNING;
}

void leakgrind_check(int summaryOnly, int delta)
{
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK,
                                    summaryOnly != 0, delta, 0, 0, 0);
}

void leakgrind_counts(LeakgrindCounts* bytes, LeakgrindCounts* blocks)
{
    LEAKGRIND_COUNT_LEAKS(bytes, blocks);
}
