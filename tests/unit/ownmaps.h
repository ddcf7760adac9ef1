/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ownmaps.h: the memory of the test's own process as an LgPyMem, in which an
   address is readable when /proc/self/maps says so.  The maps are read again
   when an address is in none, so what was unmapped stays known until then:
   call ownmaps_forget() after unmapping.

   Redzones and freed memory of AddressSanitizer can be read, as the tool can read
   such memory in a guest.  These reads return copies, of which only the last few
   are valid. */

#ifndef LG_TESTS_OWNMAPS_H
#define LG_TESTS_OWNMAPS_H

#include <stdio.h>
#include <stdlib.h>

#include "../../leakgrind/python/lg_pymem.h"

enum { OWNMAPS_MAX = 8192 };

static struct {
    Addr     start[OWNMAPS_MAX], endExcl[OWNMAPS_MAX];
    unsigned n;
} ownmaps;

static inline void ownmaps_forget(void)
{
    ownmaps.n = 0;
}

/* Adjacent maps become one. */
static inline void ownmaps_read(void)
{
    char  line[512], r;
    FILE* f = fopen("/proc/self/maps", "r");

    if (f == NULL)
        abort();
    ownmaps_forget();
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned long long start, endExcl;
        if (sscanf(line, "%llx-%llx %c", &start, &endExcl, &r) != 3 ||
            r != 'r' || start >= 1ULL << 47)
            continue;
        if (ownmaps.n > 0 && ownmaps.endExcl[ownmaps.n - 1] == start) {
            ownmaps.endExcl[ownmaps.n - 1] = endExcl;
            continue;
        }
        if (ownmaps.n == OWNMAPS_MAX)
            abort();
        ownmaps.start[ownmaps.n] = start;
        ownmaps.endExcl[ownmaps.n++] = endExcl;
    }
    fclose(f);
}

static inline int ownmaps_has(Addr a, SizeT szB)
{
    unsigned lo = 0, hi = ownmaps.n; /* so many maps begin at or before a */

    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (ownmaps.start[mid] <= a)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo > 0 && a < ownmaps.endExcl[lo - 1] &&
           szB <= ownmaps.endExcl[lo - 1] - a;
}

void* __asan_region_is_poisoned(void* start, size_t szB) __attribute__((weak));

enum { OWNMAPS_COPIES = 4 };

__attribute__((no_sanitize_address, noinline)) static const void*
ownmaps_copy(Addr a, SizeT szB)
{
    static unsigned char* copies[OWNMAPS_COPIES];
    static unsigned       next;

    next = (next + 1) % OWNMAPS_COPIES;
    free(copies[next]);
    copies[next] = malloc(szB);
    if (copies[next] == NULL)
        abort();
    for (SizeT i = 0; i < szB; i++)
        copies[next][i] = ((const volatile unsigned char*)a)[i];
    return copies[next];
}

/* Nonsense is asked for often: what cannot be an address is not looked for. */
static inline const void* ownmaps_at(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    if (a < 4096 || a >= (Addr)1 << 47 || szB == 0 || szB >= (Addr)1 << 47)
        return NULL;
    if (!ownmaps_has(a, szB)) {
        ownmaps_read();
        if (!ownmaps_has(a, szB))
            return NULL;
    }
    if (__asan_region_is_poisoned != NULL &&
        __asan_region_is_poisoned((void*)a, szB) != NULL)
        return ownmaps_copy(a, szB);
    return (const void*)a;
}

static const LgPyMem ownmaps_mem = {NULL, ownmaps_at, NULL};

#endif
