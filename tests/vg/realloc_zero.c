/* SPDX-License-Identifier: GPL-2.0-or-later */
/* realloc with a size of zero: an error to some, free to others. */

#include "vgt.h"

static void *make(int size)
{
    return malloc(size);
}

int main(void)
{
    void *volatile p = make(10);
    void *volatile q = realloc(p, 0);
    say("result: %s\n", q ? "a block" : "NULL");
    q = NULL;
    p = NULL;
    q = realloc(NULL, 0);
    say("result for NULL: %s\n", q ? "a block" : "NULL");
    return 0;
}
