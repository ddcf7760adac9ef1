/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keep_libs.c: loads a library that needs another one, which keeps a block.  Then a
   thread ends in such a way that the C library loads a library itself.  When that is
   closed at the end, the library that keeps the block must not be closed, too. */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static void *run(void *arg)
{
    pthread_exit(arg);
}

int main(void)
{
    void *lib = dlopen("./keep_libs_outer.so", RTLD_NOW);
    void (*keep)(void) = lib ? (void (*)(void))dlsym(lib, "outer_keep") : NULL;
    pthread_t thread;

    if (keep == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    keep();
    if (pthread_create(&thread, NULL, run, NULL) != 0 ||
        pthread_join(thread, NULL) != 0)
        return 1;
    return 0;
}
