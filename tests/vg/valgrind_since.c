/* SPDX-License-Identifier: GPL-2.0-or-later */
/* valgrind_since MAJOR MINOR: is this Valgrind, for which the tests were built, at
   least that version?  Exit code 0: yes.  For "prereq" lines. */

#include <stdlib.h>
#include "valgrind.h"

int main(int argc, char** argv)
{
    int major, minor;

    if (argc != 3)
        return 2;
    major = atoi(argv[1]);
    minor = atoi(argv[2]);
    return !(__VALGRIND_MAJOR__ > major ||
             (__VALGRIND_MAJOR__ == major && __VALGRIND_MINOR__ >= minor));
}
