/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block lost by a function whose symbol is removed from the file.  nameless.sh
   compiles this as a program, or as a library (NO_MAIN) and a program that uses
   it (ONLY_MAIN). */

#include <stdlib.h>

void call(void);

#ifndef ONLY_MAIN
static void* volatile held;

static void __attribute__((noinline)) lose(void)
{
    held = malloc(100);
    held = NULL;
}

void call(void)
{
    lose();
    held = NULL; /* not a tail call */
}
#endif

#ifndef NO_MAIN
int main(void)
{
    call();
    return 0;
}
#endif
