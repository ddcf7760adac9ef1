/* SPDX-License-Identifier: GPL-2.0-or-later */
/* churn PAIRS LIVE ring|random: PAIRS malloc/free pairs of small blocks, of
   which LIVE are live at a time.  `ring` replaces the oldest block, `random`
   any.  Hardly anything else is done; everything is freed at the end. */

#include "bench.h"

int main(int argc, char **argv)
{
    unsigned long pairs = bench_arg(argc, argv, 1);
    unsigned long live = bench_arg(argc, argv, 2);
    int random = argc > 3 && strcmp(argv[3], "random") == 0;
    BenchRandom rnd = { 0xda3e39cb94b95bdbULL };
    char **slots = calloc(live, sizeof *slots);
    unsigned long oldest = 0;

    if (!slots)
        return 2;
    for (unsigned long i = 0; i < pairs; i++) {
        unsigned long long r = bench_random(&rnd);
        unsigned long k = random ? (r >> 8) % live : oldest;
        if (++oldest == live)
            oldest = 0;
        free(slots[k]);
        slots[k] = malloc(8 + 8 * (r & 7));
        slots[k][0] = (char)r;
    }
    for (unsigned long k = 0; k < live; k++)
        free(slots[k]);
    free(slots);
    return 0;
}
