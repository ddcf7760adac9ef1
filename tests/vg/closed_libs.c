/* SPDX-License-Identifier: GPL-2.0-or-later */
/* closed_libs.c LIBRARY TIMES: opens a library, lets it lose blocks, and closes it,
   TIMES times. */

#include <dlfcn.h>
#include <stdlib.h>

static void* call(void* library, const char* function)
{
    void* volatile result = ((void* (*)(void))dlsym(library, function))();
    return result;
}

int main(int argc, char** argv)
{
    for (int i = 0; argc > 2 && i < atoi(argv[2]); i++) {
        void* volatile library = dlopen(argv[1], RTLD_NOW);
        if (library == NULL)
            return 1;
        call(library, "plugin_clean");
        call(library, "plugin_start");
        void* volatile name = call(library, "plugin_name");
        name = NULL;
        (void)name;
        dlclose(library);
        library = NULL;
    }
    return 0;
}
