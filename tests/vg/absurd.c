/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests whose addresses and sizes make no sense, or stand for all memory:
   they must cost little time and memory, and must not change the result of what
   follows. */

#include "vgt.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <valgrind/memcheck.h>

#define PAGE 4096
#define ALL ((size_t)-1)

static char *reserve(size_t size)
{
    char *m = mmap(NULL, size, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    NEED(m != MAP_FAILED);
    return m;
}

static long peak_kilobytes(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

static void no_access(void)
{
    const size_t size = (size_t)8 << 30;
    long before = peak_kilobytes();
    char *m = reserve(size);
    VALGRIND_MAKE_MEM_NOACCESS(m, size);
    for (int i = 0; i < 100; i++) {
        NEED(mprotect(m + i * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
        VALGRIND_MAKE_MEM_UNDEFINED(m + i * PAGE, PAGE);
        m[i * PAGE] = 1;
    }
    *(void **)(m + 99 * PAGE) = calloc(1, 101);
    VALGRIND_MAKE_MEM_NOACCESS(0, ALL);
    VALGRIND_MAKE_MEM_NOACCESS(PAGE, ALL);
    VALGRIND_MAKE_MEM_DEFINED(0, ALL);
    if (peak_kilobytes() - before > 50000)
        say("%ld kB for what is inaccessible\n", peak_kilobytes() - before);
}

static void blocks(void)
{
    char *m = reserve(16 * PAGE);
    NEED(mprotect(m, 16 * PAGE, PROT_READ | PROT_WRITE) == 0);
    *(void **)(m + 15 * PAGE) = calloc(1, 102);
    VALGRIND_MALLOCLIKE_BLOCK(m, (size_t)-100, 0, 0);
    VALGRIND_MALLOCLIKE_BLOCK(m, (size_t)1 << 62, 0, 0);
    VALGRIND_MALLOCLIKE_BLOCK(m, 8 * PAGE, 0, 0);
    VALGRIND_RESIZEINPLACE_BLOCK(m, 8 * PAGE, (size_t)-8, 0);
    VALGRIND_FREELIKE_BLOCK(m, 0);
}

static void pools(void)
{
    static char pool;
    char *m = reserve(16 * PAGE);
    NEED(mprotect(m, 16 * PAGE, PROT_READ | PROT_WRITE) == 0);
    VALGRIND_CREATE_MEMPOOL(&pool, 0, 0);
    VALGRIND_MEMPOOL_ALLOC(&pool, m, (size_t)-1);
    VALGRIND_MEMPOOL_ALLOC(&pool, m, 16);
    VALGRIND_MEMPOOL_ALLOC(&pool, m + PAGE, 1000);
    VALGRIND_MEMPOOL_CHANGE(&pool, m, m + 32, (size_t)-1);
    /* Keeps all that follows: half of the second block. */
    VALGRIND_MEMPOOL_TRIM(&pool, m + PAGE + 500, ALL);
    *(void *volatile *)(m + 8 * PAGE) = m + PAGE + 500;
}

static void bad_pointers(void)
{
    char *volatile nowhere = (char *)16;
    char *end = reserve(2 * PAGE);
    NEED(mprotect(end, PAGE, PROT_READ | PROT_WRITE) == 0);
    memset(end, 'x', PAGE);
    static char memory[3];
    unsigned long counts[2];

    VALGRIND_CREATE_BLOCK(&memory[0], 1, nowhere);
    VALGRIND_CREATE_BLOCK(&memory[1], 1, end + PAGE - 10);
    unsigned block = VALGRIND_CREATE_BLOCK(&memory[2], 1, "named");
    VALGRIND_FREELIKE_BLOCK(&memory[2], 0); /* tells what it is */
    NEED(VALGRIND_DISCARD(block) == 0);
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__COUNT_LEAKS, nowhere,
                                    &counts[0], end + 2 * PAGE, &counts[1],
                                    0);
}

static void who_points(void)
{
    static void *volatile many[5000];
    char command[100];
    for (unsigned i = 0; i < 5000; i++)
        many[i] = (char *)many + i;
    snprintf(command, sizeof command, "who_points_at %p 0xffffffffffffffff",
             (void *)many);
    VALGRIND_MONITOR_COMMAND(command);
    snprintf(command, sizeof command, "who_points_at %p 1", (void *)many);
    VALGRIND_MONITOR_COMMAND(command);
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    if (strcmp(argv[1], "who_points") == 0) {
        who_points();
        return 0;
    }
    no_access();
    blocks();
    pools();
    bad_pointers();
    CLEAR_REGISTERS();
    return 0;
}
