/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pointers with a tag in their top byte, which arm64 ignores: they point to the
   same place as without it.  On other processors the program uses the same
   pointers without a tag. */

#include "vgt.h"
#include <valgrind/memcheck.h>

#if defined(__aarch64__)
#define TAG ((uintptr_t)0xA5 << 56)
#else
#define TAG ((uintptr_t)0)
#endif

static void *volatile *in_global;

static void *tagged(void *p)
{
    return (void *)((uintptr_t)p | TAG);
}

static void make_blocks(void)
{
    void *volatile *first = calloc(1, 100);
    in_global = tagged((void *)first);
    in_global[3] = tagged(calloc(1, 200));
    in_global[4] = (char *)tagged(calloc(1, 300)) + 8;
}

static char question[60];

static void make_question(void)
{
    snprintf(question, sizeof question, "who_points_at %#lx",
             (unsigned long)((uintptr_t)in_global & ~TAG));
}

int main(void)
{
    make_blocks();
    make_question();
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
    NEED(VALGRIND_MONITOR_COMMAND(question) == 0);
    return 0;
}
