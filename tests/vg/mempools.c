/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every mempool request.  The argument chooses the case. */

#include "vgt.h"
#include <valgrind/memcheck.h>

struct pool {
    char *ground;
    int used;
};

struct pool pool_a, pool_b;
void *volatile held[4];

static void start(struct pool *p)
{
    p->ground = calloc(1, 16384);
    p->used = 64;
}

static void *take(struct pool *p, int size)
{
    char *piece = p->ground + p->used;
    p->used += (size + 31) / 16 * 16;
    VALGRIND_MEMPOOL_ALLOC(p, piece, size);
    return piece;
}

static void alloc_and_free(void)
{
    VALGRIND_CREATE_MEMPOOL(&pool_a, 0, 0);
    take(&pool_a, 100); /* lost */
    held[0] = take(&pool_a, 200);
    VALGRIND_MEMPOOL_FREE(&pool_a, take(&pool_a, 300));
}

static void destroy(void)
{
    VALGRIND_CREATE_MEMPOOL(&pool_a, 0, 0);
    take(&pool_a, 100);
    take(&pool_a, 200);
    VALGRIND_DESTROY_MEMPOOL(&pool_a); /* takes its pieces along */
}

static void trim(void)
{
    VALGRIND_CREATE_MEMPOOL(&pool_a, 0, 0);
    char *a = take(&pool_a, 100);
    take(&pool_a, 200);
    take(&pool_a, 300);
    /* Keeps what lies in this range: all of the first piece, half of the
       second, nothing of the third. */
    VALGRIND_MEMPOOL_TRIM(&pool_a, a, 112 + 16 + 100);
}

static void change(void)
{
    VALGRIND_CREATE_MEMPOOL(&pool_a, 0, 0);
    char *a = take(&pool_a, 100);
    /* Moved and grown. */
    VALGRIND_MEMPOOL_CHANGE(&pool_a, a, a + 1024, 1100);
    /* Grown where it is. */
    char *b = pool_a.ground + 4096;
    VALGRIND_MEMPOOL_ALLOC(&pool_a, b, 20);
    VALGRIND_MEMPOOL_CHANGE(&pool_a, b, b, 222);
}

static void exists(void)
{
    say("before: %u\n", VALGRIND_MEMPOOL_EXISTS(&pool_a));
    VALGRIND_CREATE_MEMPOOL(&pool_a, 0, 0);
    say("created: %u\n", VALGRIND_MEMPOOL_EXISTS(&pool_a));
    VALGRIND_MOVE_MEMPOOL(&pool_a, &pool_b);
    say("moved: %u %u\n", VALGRIND_MEMPOOL_EXISTS(&pool_a),
        VALGRIND_MEMPOOL_EXISTS(&pool_b));
    pool_b = pool_a;
    take(&pool_b, 100); /* lost, in the pool under its new name */
    VALGRIND_DESTROY_MEMPOOL(&pool_b);
    say("destroyed: %u\n", VALGRIND_MEMPOOL_EXISTS(&pool_b));
}

/* The pool's pieces hold blocks of their own. */
static void metapool(int flags)
{
    VALGRIND_CREATE_MEMPOOL_EXT(&pool_a, 0, 0, flags);
    char *slab = pool_a.ground + 64;
    VALGRIND_MEMPOOL_ALLOC(&pool_a, slab, 1000);
    held[0] = slab;
    VALGRIND_MALLOCLIKE_BLOCK(slab + 16, 110, 0, 0); /* lost */
    VALGRIND_MALLOCLIKE_BLOCK(slab + 256, 220, 0, 0);
    held[1] = slab + 256;
}

static void auto_free(void)
{
    metapool(VALGRIND_MEMPOOL_METAPOOL | VALGRIND_MEMPOOL_AUTO_FREE);
    /* The blocks in the slab go with it. */
    VALGRIND_MEMPOOL_FREE(&pool_a, pool_a.ground + 64);
}

static void without_auto_free(void)
{
    metapool(VALGRIND_MEMPOOL_METAPOOL);
    VALGRIND_MEMPOOL_FREE(&pool_a, pool_a.ground + 64);
}

static void wrong(void)
{
    say("-- no such pool\n");
    VALGRIND_MEMPOOL_ALLOC(&pool_a, pool_a.ground, 10);
    VALGRIND_MEMPOOL_FREE(&pool_a, pool_a.ground);
    VALGRIND_MEMPOOL_TRIM(&pool_a, pool_a.ground, 10);
    VALGRIND_MEMPOOL_CHANGE(&pool_a, pool_a.ground, pool_a.ground, 10);
    VALGRIND_MOVE_MEMPOOL(&pool_a, &pool_b);
    VALGRIND_DESTROY_MEMPOOL(&pool_a);
    say("-- no such piece\n");
    VALGRIND_CREATE_MEMPOOL(&pool_a, 0, 0);
    VALGRIND_MEMPOOL_FREE(&pool_a, pool_a.ground + 500);
    say("-- freed twice\n");
    char *p = take(&pool_a, 10);
    VALGRIND_MEMPOOL_FREE(&pool_a, p);
    VALGRIND_MEMPOOL_FREE(&pool_a, p);
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    start(&pool_a);
    start(&pool_b);
    const char *which = argv[1];
    if (strcmp(which, "alloc_and_free") == 0)
        alloc_and_free();
    else if (strcmp(which, "destroy") == 0)
        destroy();
    else if (strcmp(which, "trim") == 0)
        trim();
    else if (strcmp(which, "change") == 0)
        change();
    else if (strcmp(which, "exists") == 0)
        exists();
    else if (strcmp(which, "metapool") == 0)
        metapool(VALGRIND_MEMPOOL_METAPOOL);
    else if (strcmp(which, "auto_free") == 0)
        auto_free();
    else if (strcmp(which, "without_auto_free") == 0)
        without_auto_free();
    else if (strcmp(which, "wrong") == 0)
        wrong();
    return 0;
}
