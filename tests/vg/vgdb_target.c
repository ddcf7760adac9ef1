/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loses blocks, creates a file named "ready", and waits until a file named "go"
   appears, so that vgdb can send commands in the meantime. */

#include "vgt.h"
#include <fcntl.h>
#include <time.h>

char *volatile possible;
void *volatile reachable;

static void make_blocks(void)
{
    void **leader = calloc(1, 100);
    leader[0] = calloc(1, 20);
    possible = (char *)calloc(1, 30) + 8;
    reachable = calloc(1, 40);
}

int main(void)
{
    make_blocks();
    CLEAR_REGISTERS();
    if (close(open("ready", O_CREAT | O_WRONLY, 0600)) != 0)
        return 1;
    /* At most a minute. */
    for (int i = 0; i < 6000 && access("go", F_OK) != 0; i++) {
        struct timespec ten_ms = { 0, 10 * 1000 * 1000 };
        nanosleep(&ten_ms, NULL);
    }
    say("the program ends\n");
    return 0;
}
