/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How copying bytes loses memory: the copy overwrites pointers.
   Sizes: 1xx must be reachable, 2xx lost. */

#include "vgt.h"

struct holder {
    long number;
    char *text;
};

struct holder a, b, c, d;
char packed[32] __attribute__((aligned(16)));

static char *text(int size)
{
    return calloc(1, size);
}

static void overwrite(void)
{
    a.text = text(101);
    b.text = text(202);
    memcpy(&b, &a, sizeof a); /* b's text is lost, a's is held twice */
    memset(&a, 0, sizeof a);  /* b still holds what was a's */

    c.text = text(203);
    memset(&c, 0, sizeof c);

    /* Moved, not copied: one holder is as good as another. */
    d.text = text(104);
    memmove(&c, &d, sizeof d);
    memset(&d, 0, sizeof d);

    /* Half of a pointer is no pointer... */
    a.text = text(205);
    memset(&a.text, 0, sizeof a.text / 2);

    /* ...and one at an odd address is none either. */
    char *moved = text(207);
    memcpy(packed + 3, &moved, sizeof moved);
}

int main(void)
{
    overwrite();
    return 0;
}
