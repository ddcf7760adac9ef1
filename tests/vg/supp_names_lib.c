/* SPDX-License-Identifier: GPL-2.0-or-later */
/* supp_names_lib.c: the library of supp_names.c. */

#include <stdlib.h>

__asm__(".symver versioned_in_lib,in_lib@@@SUPP_NAMES_1");

void versioned_in_lib(void);

__attribute__((noinline)) void versioned_in_lib(void)
{
    void* volatile p = malloc(10);
    (void)p;
}
