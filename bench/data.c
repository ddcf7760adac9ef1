/* SPDX-License-Identifier: GPL-2.0-or-later */
/* data TOTAL BLOCK: a leak search over TOTAL bytes of data without pointers,
   in reachable blocks of BLOCK bytes.
   data TOTAL read: how fast this machine reads memory: the time of the best
   of three plain passes over TOTAL bytes.  To be run natively. */

#include "bench.h"

unsigned long **volatile blocks;
volatile unsigned long sink;

static unsigned long *new_block(size_t szB, BenchRandom *rnd)
{
    unsigned long *p = malloc(szB);
    if (!p)
        exit(2);
    for (size_t i = 0; i < szB / sizeof *p; i++)
        p[i] = bench_random(rnd);
    return p;
}

/* Four sums, so that no addition waits for the one before it. */
static unsigned long read_all(const unsigned long *p, size_t nWords)
{
    unsigned long a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i + 4 <= nWords; i += 4) {
        a += p[i];
        b += p[i + 1];
        c += p[i + 2];
        d += p[i + 3];
    }
    return a + b + c + d;
}

static void measure_reading(size_t total, BenchRandom *rnd)
{
    unsigned long *p = new_block(total, rnd);
    double best = 0;
    for (int pass = 0; pass < 3; pass++) {
        double begin = bench_now();
        sink = read_all(p, total / sizeof *p);
        double took = bench_now() - begin;
        if (pass == 0 || took < best)
            best = took;
    }
    printf("read_s=%.6f\n", best);
    free(p);
}

int main(int argc, char **argv)
{
    BenchRandom rnd = { 0x853c49e6748fea9bULL };
    size_t total = bench_arg(argc, argv, 1);

    if (argc > 2 && strcmp(argv[2], "read") == 0) {
        measure_reading(total, &rnd);
        return 0;
    }
    size_t szB = bench_arg(argc, argv, 2);
    size_t n = total / szB;
    blocks = malloc(n * sizeof *blocks);
    for (size_t i = 0; i < n; i++)
        blocks[i] = new_block(szB, &rnd);
    bench_search();
    return 0;
}
