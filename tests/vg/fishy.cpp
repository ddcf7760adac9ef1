// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes that look like negative numbers.

#include "vgt.h"
#include <malloc.h>
#include <new>

static volatile size_t minus_one = -1;
static volatile size_t minus_100 = -100;

static void result(void *p)
{
    say("result: %s\n", p ? "a block" : "NULL");
}

int main()
{
    say("-- malloc\n");
    result(malloc(minus_100));
    say("-- calloc\n");
    result(calloc(minus_one, 1));
    say("-- calloc that overflows\n");
    result(calloc(minus_one / 4, 8));
    say("-- realloc\n");
    void *p = malloc(10);
    result(realloc(p, minus_one));
    free(p);
    say("-- memalign\n");
    result(memalign(64, minus_one));
    say("-- new that may return NULL\n");
    result(operator new(minus_one, std::nothrow));
    result(operator new[](minus_one, std::nothrow));
    return 0;
}
