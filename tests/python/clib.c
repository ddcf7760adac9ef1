/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A C library that Python uses through ctypes. */

#include <stdlib.h>

void  lose_some(int count, int size, int every);
void* get_block(int size);
void  give_back(void* block);

/* Allocates `count` blocks; of each `every` it forgets one, 0: none. */
void lose_some(int count, int size, int every)
{
    for (int i = 0; i < count; i++) {
        void* volatile block = malloc(size);
        if (every == 0 || i % every != 0)
            free(block);
    }
}

void* get_block(int size)
{
    return malloc(size);
}

void give_back(void* block)
{
    free(block);
}
