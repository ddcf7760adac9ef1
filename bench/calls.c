/* SPDX-License-Identifier: GPL-2.0-or-later */
/* calls ROUNDS: hardly anything but function calls, most of them with a stack
   frame: the worst case for a tool that tracks the stack pointer. */

#include "bench.h"

typedef struct {
    unsigned board;
    unsigned char row[12];
} Queens;

static unsigned long queens(const Queens *before, int n, int y)
{
    unsigned long solutions = 0;
    if (y == n)
        return 1;
    for (int x = 0; x < n; x++) {
        int free = 1;
        for (int i = 0; i < y && free; i++) {
            int dx = before->row[i] - x;
            free = dx != 0 && dx != y - i && dx != i - y;
        }
        if (free) {
            Queens after = *before;
            after.row[y] = (unsigned char)x;
            after.board |= 1u << x;
            solutions += queens(&after, n, y + 1);
        }
    }
    return solutions;
}

static unsigned long __attribute__((noinline)) fibonacci(unsigned n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static unsigned __attribute__((noinline)) digits(unsigned long v)
{
    char text[32];
    unsigned n = 0;
    do
        text[n++] = (char)('0' + v % 10);
    while (v /= 10);
    __asm__ volatile("" : : "r"(text) : "memory");
    return n;
}

int main(int argc, char **argv)
{
    unsigned long rounds = bench_arg(argc, argv, 1);
    unsigned long total = 0;
    Queens empty = { 0, { 0 } };
    volatile int side = 8, n = 22; /* or one round would do for all */

    for (unsigned long r = 0; r < rounds; r++) {
        total += queens(&empty, side, 0);
        total += fibonacci((unsigned)n);
        for (unsigned long v = 0; v < 20000; v++)
            total += digits(v * v);
    }
    printf("total=%lu\n", total);
    return 0;
}
