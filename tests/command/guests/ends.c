// SPDX-License-Identifier: GPL-2.0-or-later
// ends HOW [BLOCKS]: loses blocks of 100 bytes, and ends in one of several ways.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void* volatile last;

__attribute__((noinline)) static void lose(int n)
{
    for (int i = 0; i < n; i++)
        last = malloc(100);
    last = NULL;
}

static void on_term(int s)
{
    (void)s;
    if (write(1, "TERM\n", 5) == 5)
        _exit(7);
}

int main(int argc, char** argv)
{
    const char* how = argv[1];

    lose(argc > 2 ? atoi(argv[2]) : 0);
    if (strcmp(how, "killed") == 0)
        raise(SIGKILL);
    if (strcmp(how, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(how, "free") == 0) {
        char* volatile inside = (char*)malloc(10) + 1;
        free(inside);
        free(inside - 1);
        return 0;
    }
    if (strcmp(how, "wait") == 0) {
        signal(SIGTERM, on_term);
        printf("ready\n");
        fflush(stdout);
        for (;;)
            pause();
    }
    return atoi(how);
}
