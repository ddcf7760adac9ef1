/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench.h: what the benchmark programs share: a clock, a random sequence that
   is the same in every run, and a request for a leak search to the leak checker
   under which the program runs.

   A program measures only what it must measure from the inside (a leak search
   on request) and prints it as `name=value` lines on standard output; whole
   runs are measured from the outside by bench/run. */

#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/memcheck.h>

/* There when the program was linked with -fsanitize=leak. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static inline double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

/* xorshift64: period 2^64 - 1, and the same everywhere. */
typedef struct {
    unsigned long long state;
} BenchRandom;

static inline unsigned long long bench_random(BenchRandom *r)
{
    unsigned long long x = r->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return r->state = x;
}

/* One leak search, without a report of single leaks where the checker can do
   without.  Prints its wall time; under Valgrind also how many blocks were
   found in which state, so that bench/run can see that all checkers solved
   the same problem (LeakSanitizer says it on standard error). */
static inline void bench_search(void)
{
    double begin = bench_now();
    if (__lsan_do_recoverable_leak_check)
        __lsan_do_recoverable_leak_check();
    else
        VALGRIND_DO_QUICK_LEAK_CHECK;
    printf("search_s=%.6f\n", bench_now() - begin);

    if (RUNNING_ON_VALGRIND) {
        unsigned long lost = 0, dubious = 0, reachable = 0, suppressed = 0;
        VALGRIND_COUNT_LEAK_BLOCKS(lost, dubious, reachable, suppressed);
        printf("lost=%lu\ndubious=%lu\nreachable=%lu\nsuppressed=%lu\n", lost,
               dubious, reachable, suppressed);
    }
}

/* The i-th argument as a number; ends the program when it is missing. */
static inline unsigned long bench_arg(int argc, char **argv, int i)
{
    if (i >= argc) {
        fprintf(stderr, "%s: argument %d is missing\n", argv[0], i);
        exit(2);
    }
    return strtoul(argv[i], NULL, 0);
}

#endif
