/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built with -fsplit-stack: a frame that does not fit has memory elsewhere. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long deep(int n)
{
    volatile char frame[2000];
    memset((char*)frame, n, sizeof frame);
    /* A block beside the stack's own blocks. */
    char* block = malloc(3000);
    memset(block, ~n, 3000);
    long below = n > 0 ? deep(n - 1) : 0;
    for (int i = 0; i < 3000; i++)
        if (block[i] != (char)~n || frame[i % 2000] != (char)n)
            abort();
    free(block);
    return below + 1;
}

static void* thread(void* unused)
{
    long sum = 0;
    (void)unused;
    for (int i = 0; i < 60; i++)
        sum += deep(i * 5 % 83);
    return (void*)sum;
}

int main(void)
{
    pthread_t      threads[3];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], &small, thread, NULL);
    for (int i = 0; i < 3; i++) {
        void* sum;
        pthread_join(threads[i], &sum);
        printf("%ld\n", (long)sum);
    }
    printf("%ld\n", (long)thread(NULL));
    return 0;
}
