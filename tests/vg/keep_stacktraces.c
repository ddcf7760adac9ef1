/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One block is freed twice, one is lost.  Which of their stacks are known
   depends on --keep-stacktraces. */

#include "vgt.h"

static void *make(int size)
{
    return malloc(size);
}

static void release(void *p)
{
    free(p);
}

int main(void)
{
    void *volatile p = make(10);
    release(p);
    free(p);
    p = make(20);
    p = NULL;
    return 0;
}
