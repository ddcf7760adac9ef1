/* SPDX-License-Identifier: GPL-2.0-or-later */
/* closed_libs_plugin.c: a library that allocates blocks and is then closed. */

#include <stdlib.h>

void* volatile plugin_cache;

/* Lost when the library is closed. */
void plugin_start(void)
{
    plugin_cache = malloc(300);
}

/* Lost by the caller. */
void* plugin_name(void)
{
    void* volatile name = malloc(20);
    return name;
}

void plugin_clean(void)
{
    free(malloc(40));
}
