/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live N: ends with N live blocks of 32 to 80 bytes, all reachable from one
   array; all their bytes have been written to. */

#include "bench.h"

char **volatile blocks;

int main(int argc, char **argv)
{
    unsigned long n = bench_arg(argc, argv, 1);
    BenchRandom rnd = { 0x9fb21c651e98df25ULL };

    blocks = malloc(n * sizeof *blocks);
    for (unsigned long i = 0; i < n; i++) {
        size_t szB = 32 + bench_random(&rnd) % 49;
        blocks[i] = malloc(szB);
        if (!blocks[i])
            return 2;
        memset(blocks[i], 'x', szB);
    }
    return 0;
}
