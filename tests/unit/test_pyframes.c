/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyframes.c: frames, lines and stacks of made-up CPythons of several
   versions (framegen.h), whole and damaged. */

#include "check.h"

#include "framegen.h"

enum { INPUT_SZB = 3000 };

static unsigned seed = 1;

static unsigned random_number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 16;
}

static void random_histories(void)
{
    static unsigned char data[INPUT_SZB];
    FrameGenCounts       counts = {0, 0, 0, 0};

    for (unsigned round = 0; round < 200; round++) {
        unsigned before = seed;
        for (unsigned i = 0; i < INPUT_SZB; i++)
            data[i] = (unsigned char)random_number();
        if (!expect_true(framegen_run(data, INPUT_SZB, &counts))) {
            printf("    with the seed %u\n", before);
            return;
        }
    }
    printf("%u stacks of %u frames, %u from the cache, %u damaged\n",
           counts.nRecords, counts.nFrames, counts.nFromCache,
           counts.nDamaged);
    /* What this test is about did happen. */
    expect_true(counts.nRecords > 10000);
    expect_true(counts.nFrames > 2 * counts.nRecords);
    expect_true(counts.nFromCache > 1000);
    expect_true(counts.nDamaged > 10000);
}

/* Its argument is the seed. */
int main(int argc, char** argv)
{
    if (argc > 1)
        seed = (unsigned)strtoul(argv[1], NULL, 0);
    printf("seed %u\n", seed);
    check_run(random_histories);
    return check_done();
}
