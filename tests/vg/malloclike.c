/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks that the program itself declares: MALLOCLIKE, RESIZEINPLACE,
   FREELIKE, in a mapping and inside malloc blocks. */

#include "vgt.h"
#include <sys/mman.h>
#include <valgrind/memcheck.h>

static char *ground;
void *volatile held[4];

/* Returns a piece of the ground.  The caller's pointer must not be the only
   trace of it, so pieces are spaced. */
static char *piece(int number)
{
    return ground + 4096 * (number + 1);
}

static void declare(int number, int size)
{
    VALGRIND_MALLOCLIKE_BLOCK(piece(number), size, 0, 0);
}

static void in_a_mapping(void)
{
    declare(0, 100); /* lost */
    declare(1, 200); /* held by its start */
    held[0] = piece(1);
    declare(2, 300); /* held by its middle */
    held[1] = piece(2) + 16;
    /* A mapping is searched for pointers whatever is declared in it: this
       is no indirect loss. */
    declare(3, 400);
    declare(4, 500);
    *(void **)piece(4) = piece(3);
}

static void resized(void)
{
    declare(5, 600);
    VALGRIND_RESIZEINPLACE_BLOCK(piece(5), 600, 66, 0);
    declare(6, 70);
    VALGRIND_RESIZEINPLACE_BLOCK(piece(6), 70, 777, 0);
}

static void released(void)
{
    declare(7, 800);
    VALGRIND_FREELIKE_BLOCK(piece(7), 0);
}

static void released_wrongly(void)
{
    declare(8, 900);
    VALGRIND_FREELIKE_BLOCK(piece(8) + 8, 0);
    VALGRIND_FREELIKE_BLOCK(piece(8), 0);
    VALGRIND_FREELIKE_BLOCK(piece(8), 0);
    VALGRIND_RESIZEINPLACE_BLOCK(piece(9), 10, 20, 0);
}

/* A malloc block that holds declared blocks is their ground, no block. */
static void inside_malloc(void)
{
    char *outer = calloc(1, 2000);
    VALGRIND_MALLOCLIKE_BLOCK(outer + 64, 1000, 16, 1);
    VALGRIND_MALLOCLIKE_BLOCK(outer + 1200, 99, 0, 0);
    *(void **)(outer + 64) = outer + 1200;
    held[2] = outer;
}

int main(void)
{
    ground = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(ground != MAP_FAILED);
    in_a_mapping();
    resized();
    released();
    released_wrongly();
    inside_malloc();
    return 0;
}
