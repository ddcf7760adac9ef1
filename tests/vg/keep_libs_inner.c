/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keep_libs_inner.c: the library that keep_libs_outer.c needs. */

#include <stdlib.h>

void inner_keep(void);

static void *kept;

void inner_keep(void)
{
    kept = malloc(100);
}

/* So that the compiler does not remove `kept`. */
void *inner_kept(void);
void *inner_kept(void)
{
    return kept;
}
