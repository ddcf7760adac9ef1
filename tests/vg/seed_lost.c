/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two blocks that are lost in two ways (60 bytes), and one that the program
   still holds (100 bytes). */

#include "vgt.h"

void *volatile held;

int main(void)
{
    held = malloc(10); /* lost by the next line, which overwrites it */
    held = malloc(100);
    void *local = malloc(50); /* lost when main's frame goes */
    (void)local;
    return 0;
}
