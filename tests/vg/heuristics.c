/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four blocks, each with an interior pointer that one of the heuristics treats as
   a start pointer, and one whose pointer none of them accepts.
   The layouts are those of libstdc++ before C++11, of code that keeps a length
   in front of the data, of new[] and of multiple inheritance. */

#include "vgt.h"

void *volatile roots[5];

/* size, capacity, reference count, text, zero byte */
static void stdstring(void)
{
    size_t capacity = 37;
    size_t *block = malloc(3 * sizeof(size_t) + capacity + 1);
    block[0] = 11;
    block[1] = capacity;
    block[2] = 0;
    strcpy((char *)&block[3], "some string");
    roots[0] = &block[3];
}

/* the number of the bytes that follow it */
static void length64(void)
{
    uint64_t *block = malloc(8 + 100);
    block[0] = 100;
    roots[1] = &block[1];
}

/* the number of elements, then the elements, all of one size */
static void newarray(void)
{
    size_t *block = malloc(sizeof(size_t) + 5 * 24);
    memset(block, 0, sizeof(size_t) + 5 * 24);
    block[0] = 5;
    roots[2] = &block[1];
}

/* Pointers to code, as in a table of virtual functions. */
static void method(void)
{
}

void (*const table1[3])(void) = { method, method, method };
void (*const table2[3])(void) = { method, method, method };

/* base 1 with its table, base 2 with its table; held as base 2 */
static void multipleinheritance(void)
{
    const void **block = calloc(1, 4 * sizeof(void *));
    block[0] = table1;
    block[2] = table2;
    roots[3] = &block[2];
}

static void nothing_special(void)
{
    char *block = calloc(1, 77);
    roots[4] = block + 16;
}

int main(void)
{
    stdstring();
    length64();
    newarray();
    multipleinheritance();
    nothing_special();
    return 0;
}
