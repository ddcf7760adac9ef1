// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks released by the wrong function, one after the other for each pair
// that does not match.

#include "vgt.h"
#include <new>

#if __GNUC__ >= 11 && !defined __clang__
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

static void from_malloc()
{
    say("-- malloc\n");
    void *p = malloc(10);
    operator delete(p);
    p = malloc(10);
    operator delete[](p);
    p = malloc(10);
    free(p);
}

static void from_new()
{
    say("-- new\n");
    void *p = operator new(20);
    free(p);
    p = operator new(20);
    operator delete[](p);
    p = operator new(20);
    operator delete(p);
}

static void from_new_array()
{
    say("-- new[]\n");
    void *p = operator new[](30);
    free(p);
    p = operator new[](30);
    operator delete(p);
    p = operator new[](30);
    operator delete[](p);
}

static void from_realloc()
{
    say("-- realloc of new\n");
    void *p = operator new(40);
    p = realloc(p, 50);
    free(p);
}

static void nothrow_matches()
{
    say("-- nothrow is no other kind\n");
    void *p = operator new(60, std::nothrow);
    operator delete(p);
    p = operator new[](60, std::nothrow);
    operator delete[](p);
}

int main()
{
    from_malloc();
    from_new();
    from_new_array();
    from_realloc();
    nothrow_matches();
    return 0;
}
