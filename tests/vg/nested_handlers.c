/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A handler on the alternate signal stack is interrupted by another one on the
   same stack.  When the inner one has returned, the outer one's frame must be
   unchanged; when both have returned, what they left is no root. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char stack[64 * 1024];
static char *volatile kept;
static volatile int failures;

__attribute__((noinline)) static void inner(int sig)
{
    char dirt[1024];
    memset(dirt, sig, sizeof dirt);
    __asm__ __volatile__("" ::"r"(dirt) : "memory");
}

__attribute__((noinline)) static void outer(int sig)
{
    char *volatile lost = malloc(24);
    volatile int words[200];

    for (int i = 0; i < 200; i++)
        words[i] = i * sig;
    raise(SIGUSR2);
    for (int i = 0; i < 200; i++)
        failures += words[i] != i * sig;
    failures += lost == NULL;
}

int main(void)
{
    stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_flags = SA_ONSTACK;
    sigaltstack(&alternate, NULL);
    action.sa_handler = outer;
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = inner;
    sigaction(SIGUSR2, &action, NULL);

    kept = malloc(100);
    raise(SIGUSR1);
    printf("words that changed: %d\n", failures);
    return 0;
}
