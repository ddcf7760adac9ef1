/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrong uses of free and realloc. */

#include "vgt.h"

static char global_array[40];

static void *make(int size)
{
    return malloc(size);
}

static void release(void *p)
{
    free(p);
}

static void free_twice(void)
{
    say("-- freed twice: where it was freed first, and allocated\n");
    void *volatile p = make(10);
    release(p);
    free(p);
}

static void free_inside(void)
{
    say("-- free of an address inside a block\n");
    char *volatile p = make(20);
    free(p + 5);
    free(p);
}

static void free_before(void)
{
    say("-- free of an address just before a block\n");
    char *volatile p = make(30);
    free(p - 8);
    free(p);
}

static void free_after(void)
{
    say("-- free of an address just behind a block\n");
    char *volatile p = make(48);
    free(p + 48);
    free(p);
}

static void free_stack(void)
{
    say("-- free of a local variable\n");
    char local[40];
    free(local);
}

static void free_global(void)
{
    say("-- free of a global variable\n");
    free(global_array);
}

static void free_nonsense(void)
{
    say("-- free of an address with nothing there\n");
    free((void *)16);
}

static void realloc_freed(void)
{
    say("-- realloc of a freed block\n");
    void *volatile p = make(50);
    free(p);
    void *volatile q = realloc(p, 100);
    say("result: %s\n", q ? "a block" : "NULL");
}

static void realloc_inside(void)
{
    say("-- realloc of an address inside a block\n");
    char *volatile p = make(60);
    void *volatile q = realloc(p + 1, 100);
    say("result: %s\n", q ? "a block" : "NULL");
    free(p);
}

static void free_null(void)
{
    say("-- free of NULL is fine\n");
    free(NULL);
}

int main(void)
{
    free_twice();
    free_inside();
    free_before();
    free_after();
    free_stack();
    free_global();
    free_nonsense();
    realloc_freed();
    realloc_inside();
    free_null();
    return 0;
}
