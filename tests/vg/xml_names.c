/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes its name and arguments, and loses a block; for xml_names.sh. */

#include "vgt.h"

int main(int argc, char **argv)
{
    void *volatile p = malloc(10);
    p = NULL;
    (void)p;
    for (int i = 0; i < argc; i++)
        NEED(write(1, argv[i], strlen(argv[i]) + 1) > 0);
    return 0;
}
