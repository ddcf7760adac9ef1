/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stacks N PER leak|free DEPTH: allocates from N different stacks (N up to
   65,536), PER blocks each, from DEPTH (at least 4) functions deep.  With
   `leak` every block is lost at once, and every stack becomes a loss record
   of its own; with `free` every block is freed at once.

   A stack is a number: each of its four hexadecimal digits says which of
   sixteen functions calls next.  They are the innermost calls, so that any
   --num-callers from 6 on tells the stacks apart. */

#include "bench.h"

#define N_DIGITS 4

typedef struct {
    unsigned path;      /* digits still to go, the next one lowest */
    int depth;          /* calls still to go */
    size_t szB;
    int leak;
} Walk;

static void step(Walk *w);

/* The empty statement after the call keeps it from becoming a jump. */
#define DIGIT(d)                                                              \
    static void __attribute__((noinline)) digit_##d(Walk *w)         \
    {                                                                         \
        step(w);                                                              \
        __asm__ volatile("# " #d : : : "memory");                             \
    }
DIGIT(0) DIGIT(1) DIGIT(2) DIGIT(3) DIGIT(4) DIGIT(5) DIGIT(6) DIGIT(7)
DIGIT(8) DIGIT(9) DIGIT(a) DIGIT(b) DIGIT(c) DIGIT(d) DIGIT(e) DIGIT(f)

static void (*const digits[16])(Walk *) = {
    digit_0, digit_1, digit_2, digit_3, digit_4, digit_5, digit_6, digit_7,
    digit_8, digit_9, digit_a, digit_b, digit_c, digit_d, digit_e, digit_f,
};

static void __attribute__((noinline)) allocate(Walk *w)
{
    char *volatile p = malloc(w->szB);
    if (!p)
        exit(2);
    p[0] = 1;
    if (!w->leak)
        free(p);
    p = NULL;
}

static inline __attribute__((always_inline)) void step(Walk *w)
{
    if (w->depth == 0) {
        allocate(w);
        return;
    }
    unsigned digit = w->depth & 15;
    if (w->depth <= N_DIGITS) {
        digit = w->path & 15;
        w->path >>= 4;
    }
    w->depth--;
    digits[digit](w);
}

int main(int argc, char **argv)
{
    unsigned long n = bench_arg(argc, argv, 1);
    unsigned long per = bench_arg(argc, argv, 2);
    int leak = argc > 3 && strcmp(argv[3], "leak") == 0;
    int depth = (int)bench_arg(argc, argv, 4);

    for (unsigned long round = 0; round < per; round++)
        for (unsigned path = 0; path < n; path++) {
            Walk w = { path, depth, 16 + path % 97, leak };
            step(&w);
        }
    return 0;
}
