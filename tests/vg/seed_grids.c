/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-dimensional arrays and lists of lists, lost as a whole and in parts. */

#include "vgt.h"

#define ROWS 6

struct inner {
    struct inner *next;
    long value;
};

struct outer {
    struct outer *next;
    struct inner *first;
    long value;
};

long **volatile kept;
long *volatile column;

static long **make_grid(int columns)
{
    long **rows = malloc(ROWS * sizeof *rows);
    for (int i = 0; i < ROWS; i++)
        rows[i] = calloc(columns, sizeof(long));
    return rows;
}

/* The array of rows is lost, all rows hang from it. */
static void lose_whole_grid(void)
{
    make_grid(5);
}

/* Freed without its rows: each of them is lost by itself. */
static void free_only_the_top(void)
{
    free(make_grid(7));
}

/* One row is overwritten in a grid that is held. */
static void lose_one_row(void)
{
    kept = make_grid(9);
    kept[3] = calloc(10, sizeof(long));
}

/* One block for all: a pointer to an element is an interior pointer. */
static void flat_grid(void)
{
    long(*grid)[8] = calloc(ROWS, sizeof *grid);
    column = &grid[0][3];
}

/* 3 outer nodes with 2 inner nodes each: 1 leader, 8 that hang from it. */
static void lose_list_of_lists(void)
{
    struct outer *head = NULL;
    for (int i = 0; i < 3; i++) {
        struct outer *o = malloc(sizeof *o);
        o->next = head;
        o->first = malloc(sizeof(struct inner));
        o->first->next = malloc(sizeof(struct inner));
        o->first->next->next = NULL;
        head = o;
    }
}

int main(void)
{
    lose_whole_grid();
    free_only_the_top();
    lose_one_row();
    flat_grid();
    lose_list_of_lists();
    return 0;
}
