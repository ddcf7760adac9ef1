/* SPDX-License-Identifier: GPL-2.0-or-later */
/* graph N reach
   graph N leak PART: a leak search over a random graph.

   N blocks hold 4 pointers each: the first pointers make a path through all
   blocks in random order, the others lead to random blocks.  So nearly every
   pointer leads to a cold cache line, and the answer is known: with `reach` a
   global variable points at the first block of the path, and everything is
   reachable; with `leak` nothing points anywhere, and everything is lost.

   A single stale word would turn the second case into the first.  Therefore
   the graph is built by a thread, whose registers are gone after it, on a
   stack that is unmapped after it; the array of all pointers is unmapped too.
   And as a number that looks like an address can turn up anywhere when the
   heap is large, `leak` makes many graphs of PART blocks each (which lie
   anywhere in the heap): such a number hides one of them, not all. */

#include "bench.h"
#include <pthread.h>
#include <sys/mman.h>

#define N_POINTERS 4
#define STACK_SZB  (1 << 20)

typedef struct Node {
    struct Node *to[N_POINTERS];
} Node;

typedef struct {
    unsigned long n;
    unsigned long part; /* 0: one graph, and reachable */
} Job;

Node *volatile root;

static void *map_pages(size_t szB)
{
    void *p = mmap(NULL, szB, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return p;
}

static void connect(Node **v, unsigned long n, BenchRandom *rnd)
{
    for (unsigned long i = 0; i < n; i++) {
        v[i]->to[0] = i + 1 < n ? v[i + 1] : NULL;
        for (int k = 1; k < N_POINTERS; k++)
            v[i]->to[k] = v[bench_random(rnd) % n];
    }
}

static void *build(void *arg)
{
    const Job *job = arg;
    unsigned long n = job->n;
    BenchRandom rnd = { 0x9e3779b97f4a7c15ULL };
    Node **all = map_pages(n * sizeof *all);

    for (unsigned long i = 0; i < n; i++) {
        all[i] = malloc(sizeof(Node));
        if (!all[i])
            exit(2);
    }
    for (unsigned long i = n - 1; i > 0; i--) {
        unsigned long j = bench_random(&rnd) % (i + 1);
        Node *node = all[i];
        all[i] = all[j];
        all[j] = node;
    }
    unsigned long part = job->part ? job->part : n;
    for (unsigned long lo = 0; lo < n; lo += part)
        connect(all + lo, n - lo < part ? n - lo : part, &rnd);
    if (!job->part)
        root = all[0];
    munmap(all, n * sizeof *all);
    return NULL;
}

int main(int argc, char **argv)
{
    Job job = { bench_arg(argc, argv, 1), 0 };
    pthread_attr_t attr;
    pthread_t thread;
    void *stack = map_pages(STACK_SZB);

    if (argc > 2 && strcmp(argv[2], "leak") == 0)
        job.part = bench_arg(argc, argv, 3);
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, stack, STACK_SZB);
    if (pthread_create(&thread, &attr, build, &job) != 0)
        return 2;
    pthread_join(thread, NULL);
    munmap(stack, STACK_SZB);

    bench_search();
    return 0;
}
