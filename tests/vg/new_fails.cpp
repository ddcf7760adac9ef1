// SPDX-License-Identifier: GPL-2.0-or-later
// operator new that cannot succeed and may not return NULL.

#include "vgt.h"
#include <new>

static volatile size_t minus_one = -1;

int main()
{
    say("before\n");
    void *volatile p = operator new(minus_one);
    say("after: %p\n", p);
    return 0;
}
