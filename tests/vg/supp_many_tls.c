/* SPDX-License-Identifier: GPL-2.0-or-later */
/* supp_many_tls.c: loads so many libraries with thread-local variables that the
   C library must make its thread vector larger. */

#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
    for (int i = 1; i <= 40; i++) {
        char name[40];
        snprintf(name, sizeof name, "./many_tls_%d.so", i);
        void* lib = dlopen(name, RTLD_NOW);
        void (*touch)(void) = lib ? dlsym(lib, "touch") : NULL;
        if (touch == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        touch();
    }
    return 0;
}
