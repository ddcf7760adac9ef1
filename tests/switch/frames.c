/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frames.c: functions with all kinds of frames.  Before it returns, each checks
   the data in its frame.  See switch.h. */

#include "switch.h"

#include <alloca.h>

/* So much is left for whatever else a frame may call. */
#define RESERVE_SZB 4096

typedef struct {
    World* world;
    int    depth;
    void (*inner)(World*, int);
    int level;
} Rest;

static void next(const Rest* rest);

static void still(World* w, volatile uint64_t* words, size_t n)
{
    look(words, n, "a live frame", "a return");
    w->sum = w->sum * 31 + words[n - 1];
}

NOINLINE static void small(const Rest* rest, uint64_t first)
{
    volatile uint64_t words[7];
    keep(words, 7, first);
    next(rest);
    still(rest->world, words, 7);
}

NOINLINE static void medium(const Rest* rest, uint64_t first)
{
    volatile uint64_t words[130];
    keep(words, 130, first);
    next(rest);
    still(rest->world, words, 130);
}

NOINLINE static void on_request(const Rest* rest, uint64_t first)
{
    size_t             n = 1 + first % 200;
    volatile uint64_t* words = alloca(n * 8);
    keep(words, n, first);
    next(rest);
    still(rest->world, words, n);
}

NOINLINE static void in_a_loop(const Rest* rest, uint64_t first)
{
    for (size_t n = 3; n < 150; n += 70) {
        volatile uint64_t words[n];
        keep(words, n, first);
        if (n == 73)
            next(rest);
        still(rest->world, words, n);
    }
}

NOINLINE static void aligned(const Rest* rest, uint64_t first)
{
    volatile uint64_t words[16] __attribute__((aligned(256)));
    keep(words, 16, first);
    next(rest);
    still(rest->world, words, 16);
}

NOINLINE static void large(const Rest* rest, uint64_t first)
{
    volatile uint64_t words[20000];
    keep(words, 30, first);
    keep(words + 19970, 30, first);
    next(rest);
    still(rest->world, words, 30);
    still(rest->world, words + 19970, 30);
}

NOINLINE static uint64_t many(const Rest* rest, uint64_t a, uint64_t b,
                              uint64_t c, uint64_t d, uint64_t e, uint64_t f,
                              uint64_t g, uint64_t h, uint64_t i)
{
    volatile uint64_t words[3];
    keep(words, 3, a);
    next(rest);
    still(rest->world, words, 3);
    return a + b + c + d + e + f + g + h + i;
}

/* Without calls: it may use the red zone. */
NOINLINE static uint64_t leaf(uint64_t first)
{
    volatile uint64_t words[12];
    for (int i = 0; i < 12; i++)
        words[i] = first + (uint64_t)i;
    uint64_t sum = 0;
    for (int i = 0; i < 12; i++)
        sum += words[i];
    return sum - 12 * first;
}

static void next(const Rest* rest)
{
    World*   w = rest->world;
    uint64_t first = world_random(w);
    Rest     more = *rest;
    size_t   room = world_room(w);

    if (leaf(first) != 66)
        damage("the red zone", NULL, "a leaf");
    if (rest->depth == 0) {
        if (rest->inner != NULL)
            rest->inner(w, rest->level);
        return;
    }
    if (room < RESERVE_SZB + 3000)
        return;
    more.depth--;
    switch (world_choose(w, 8)) {
    case 0: small(&more, first); break;
    case 1: medium(&more, first); break;
    case 2: on_request(&more, first); break;
    case 3: in_a_loop(&more, first); break;
    case 4: aligned(&more, first); break;
    case 5:
        w->sum += many(&more, first, 1, 2, 3, 4, 5, 6, 7, 8) - first;
        break;
    case 6:
        if (room > RESERVE_SZB + 170000)
            large(&more, first);
        else
            next(&more);
        break;
    default: next(&more); break;
    }
}

void frames_recurse(World* w, int depth, void (*inner)(World*, int), int level)
{
    Rest rest = { w, depth, inner, level };
    next(&rest);
}
