/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A statically linked program: no library is loaded into it. */

#include "vgt.h"
#include "leakgrind.h"

int main(void)
{
    void *volatile p = malloc(10);
    p = NULL;
    (void)p;
    LEAKGRIND_DO_LEAK_CHECK;
    return 0;
}
