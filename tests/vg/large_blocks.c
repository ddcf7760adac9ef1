/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocates and frees large blocks of all sizes and alignments.  Blocks of calloc
   must be zero, and untouched blocks must cost no memory. */

#include "vgt.h"
#include <sys/mman.h>

#define N_BLOCKS 12
#define PAGE 4096

static unsigned long seed = 1;

static unsigned long rnd(unsigned long n)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return (seed >> 33) % n;
}

static void expect_zero(const unsigned char *p, size_t from, size_t to)
{
    for (size_t i = from; i + 8 <= to; i += i % PAGE == 0 ? 64 : 8)
        if (*(const unsigned long *)(p + i) != 0) {
            say("byte %zu of %zu is not zero\n", i, to);
            _exit(1);
        }
}

static size_t some_size(void)
{
    switch (rnd(4)) {
    case 0: return 64 + 64 * rnd(1000);
    case 1: return 200000 + 8 * rnd(200000);
    case 2: return (4 << 20) - 4096 + 8 * rnd(1024); /* about a superblock */
    default: return (4 << 20) + 8 * rnd(500000);
    }
}

/* A block, filled if it is not of calloc; the whole of it gets dirty. */
static void *take(size_t size)
{
    void *p;
    switch (rnd(3)) {
    case 0:
        NEED(posix_memalign(&p, (size_t)16 << rnd(18), size) == 0);
        break;
    default:
        p = calloc(1, size);
        NEED(p != NULL);
        expect_zero(p, 0, size);
    }
    memset(p, 0xAA, size);
    return p;
}

static void come_and_go(int n)
{
    static void *blocks[N_BLOCKS];
    while (n-- > 0) {
        unsigned i = rnd(N_BLOCKS);
        free(blocks[i]);
        blocks[i] = take(some_size());
    }
    for (unsigned i = 0; i < N_BLOCKS; i++)
        free(blocks[i]);
}

static size_t resident(void *p, size_t size)
{
    static unsigned char in[1 << 14];
    char *lo = (char *)(((uintptr_t)p + PAGE - 1) & -(uintptr_t)PAGE);
    size_t n = 0, pages = size / PAGE - 1;
    NEED(pages <= sizeof in && mincore(lo, pages * PAGE, in) == 0);
    for (size_t i = 0; i < pages; i++)
        n += in[i] & 1;
    return n;
}

/* Twice, so that the second block stands where the first one was. */
static void untouched(void)
{
    for (int i = 0; i < 2; i++) {
        char *p = calloc(1, 60 << 20);
        NEED(p != NULL);
        size_t n = resident(p, 60 << 20);
        if (n > 2)
            say("%zu pages of a fresh block are in use\n", n);
        memset(p, 1, 5 << 20);
        free(p);
    }
}

int main(void)
{
    untouched();
    come_and_go(200);
    return 0;
}
