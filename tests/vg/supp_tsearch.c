/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets environment variables, which the C library remembers in a tree whose
   pointers carry a colour, and makes a tree of its own; after each step a leak
   check. */

#include "vgt.h"
#include <search.h>
#include <valgrind/memcheck.h>

enum { N = 40 };

static char name[N][8];
void *volatile tree;

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void check(void)
{
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
}

int main(void)
{
    for (int i = 0; i < N; i++) {
        name[i][0] = 'V';
        name[i][1] = (char)('A' + i);
        setenv(name[i], name[i], 1);
        check();
    }
    for (int i = 0; i < N; i++)
        tsearch(name[i], (void **)&tree, compare);
    check();
    return 0;
}
