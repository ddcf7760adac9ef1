/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vgt.h: what the test programs of this directory share.  Include it first.

   Every test program must keep its pointers exactly where the source says,
   whatever CFLAGS the build was given: optimisation is off from here on.
   Pointers that must be found are in volatile objects, because a compiler may
   drop a static variable that is only written.

   There is no printf: stdio allocates, and tests want to count every block. */

#ifndef VGT_H
#define VGT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __clang__
#pragma clang optimize off
#else
#pragma GCC optimize("O0")
#endif

#define UNUSED __attribute__((unused))

/* A text to stderr, where Valgrind's own messages go, too. */
static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)))
UNUSED;
static void say(const char *fmt, ...)
{
    char buf[500];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    if (write(2, buf, len) != len)
        _exit(99);
}

/* Ends the program when the test itself cannot go on. */
#define NEED(cond)                                                           \
    do {                                                                     \
        if (!(cond)) {                                                       \
            say("%s:%d: failed: %s\n", __FILE__, __LINE__, #cond);           \
            _exit(98);                                                       \
        }                                                                    \
    } while (0)

#endif
