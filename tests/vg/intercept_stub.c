/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program at a fixed address that takes the address of malloc: the program and
   all libraries get that of a stub in the program, which is not replaced. */

#include "vgt.h"

int main(void)
{
    void *(*volatile function)(size_t) = malloc;
    free(function(10));
    return 0;
}
