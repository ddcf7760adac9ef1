/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arith ROUNDS: computes, and allocates nothing.  One round takes a little of
   everything: floating point (Mandelbrot set, matrix product), integers and
   branches (sieve), calls (quicksort).  Prints sums, so that nothing is
   optimised away. */

#include "bench.h"

#define SIDE 96
#define N_SIEVE 60000
#define N_SORT 20000

static double a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];
static unsigned char composite[N_SIEVE];
static unsigned sorted[N_SORT];

static unsigned long mandelbrot(int side, int limit)
{
    unsigned long total = 0;
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            double cr = 3.0 * x / side - 2.0, ci = 2.0 * y / side - 1.0;
            double zr = 0, zi = 0;
            int i = 0;
            while (i < limit && zr * zr + zi * zi < 4.0) {
                double t = zr * zr - zi * zi + cr;
                zi = 2 * zr * zi + ci;
                zr = t;
                i++;
            }
            total += i;
        }
    }
    return total;
}

static double multiply(void)
{
    double trace = 0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            double sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
    for (int i = 0; i < SIDE; i++)
        trace += c[i][i];
    return trace;
}

static unsigned sieve(void)
{
    unsigned primes = 0;
    memset(composite, 0, sizeof composite);
    for (unsigned i = 2; i < N_SIEVE; i++) {
        if (composite[i])
            continue;
        primes++;
        for (unsigned j = 2 * i; j < N_SIEVE; j += i)
            composite[j] = 1;
    }
    return primes;
}

static void quicksort(unsigned *v, long lo, long hi)
{
    while (lo < hi) {
        unsigned pivot = v[lo + (hi - lo) / 2];
        long i = lo, j = hi;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i <= j) {
                unsigned t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        quicksort(v, lo, j);
        lo = i;
    }
}

int main(int argc, char **argv)
{
    unsigned long rounds = bench_arg(argc, argv, 1);
    BenchRandom rnd = { 0x2545f4914f6cdd1dULL };
    unsigned long points = 0, primes = 0, median = 0;
    double traces = 0;

    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            a[i][j] = (double)(bench_random(&rnd) % 1000) / 1000;
            b[i][j] = (double)(bench_random(&rnd) % 1000) / 1000;
        }
    for (unsigned long r = 0; r < rounds; r++) {
        points += mandelbrot(120, 60 + (int)(r % 5));
        a[r % SIDE][0] += 1;
        traces += multiply();
        primes += sieve();
        for (int i = 0; i < N_SORT; i++)
            sorted[i] = (unsigned)bench_random(&rnd);
        quicksort(sorted, 0, N_SORT - 1);
        median += sorted[N_SORT / 2];
    }
    printf("points=%lu\ntraces=%g\nprimes=%lu\nmedian=%lu\n", points, traces,
           primes, median);
    return 0;
}
