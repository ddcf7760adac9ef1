/* SPDX-License-Identifier: GPL-2.0-or-later */
/* supp_names.c: leaks blocks from functions with the names that compilers and
   linkers give to parts and copies of functions, and from a library with a
   versioned symbol.  One block for each function. */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define NOINLINE __attribute__((noinline, noclone))

#define LEAKER(c_name, symbol)                                                \
    NOINLINE void c_name(void) __asm__(symbol);                               \
    void c_name(void)                                                         \
    {                                                                         \
        void* volatile p = malloc(10);                                        \
        (void)p;                                                              \
    }

LEAKER(part, "in_part.part.0")
LEAKER(copy, "in_copy.constprop.3.isra.0")
LEAKER(moved, "in_moved.lto_priv.0")
LEAKER(cold, "in_cold.cold")
LEAKER(plain, "in_plain")

int main(void)
{
    void* lib = dlopen("./supp_names.so", RTLD_NOW);
    void (*in_lib)(void) = lib ? dlsym(lib, "in_lib") : NULL;
    if (in_lib == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    part();
    copy();
    moved();
    cold();
    plain();
    in_lib();
    return 0;
}
