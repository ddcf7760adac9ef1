/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program's own memory manager on top of malloc, which allocates pieces of
   large blocks.  Argument "plain": it does not announce the pieces to Valgrind,
   so only the large blocks count.  "told": it announces the pieces, and every
   lost piece is found. */

#include "vgt.h"
#include <valgrind/memcheck.h>

#define SLAB_SZB 1000
#define PIECE_SZB 40

struct pool {
    char *slab;
    size_t used;
};

struct pool the_pool;
void *volatile kept;
static int told;

static void pool_start(struct pool *p)
{
    p->slab = malloc(SLAB_SZB);
    p->used = 16; /* the manager's own words: nobody points at the first */
    if (told)
        VALGRIND_CREATE_MEMPOOL(p, 0, 0);
}

static void *pool_alloc(struct pool *p)
{
    char *piece = p->slab + p->used;
    p->used += PIECE_SZB + 8;
    if (told)
        VALGRIND_MEMPOOL_ALLOC(p, piece, PIECE_SZB);
    memset(piece, 0, PIECE_SZB);
    return piece;
}

static void pool_free(struct pool *p, void *piece)
{
    if (told)
        VALGRIND_MEMPOOL_FREE(p, piece);
}

static void use_pool(void)
{
    void **parent = pool_alloc(&the_pool);
    parent[0] = pool_alloc(&the_pool); /* hangs from a lost piece */
    pool_alloc(&the_pool);             /* lost */
    pool_free(&the_pool, pool_alloc(&the_pool));
    kept = pool_alloc(&the_pool);
}

int main(int argc, char **argv)
{
    told = argc > 1 && strcmp(argv[1], "told") == 0;
    pool_start(&the_pool);
    use_pool();
    return 0;
}
