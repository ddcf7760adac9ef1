/* SPDX-License-Identifier: GPL-2.0-or-later */
/* At the end of the program, the stack below the frame that called exit() is
   dead, whatever exit handlers leave there, and the stack above it is alive.

   The arguments say how the program ends, and from where. */

#include "vgt.h"
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#define WORDS 2000

static const char *how;
static volatile uintptr_t hidden;

DISTINCT static void *lost(void) { return calloc(1, 100); }
DISTINCT static void *on_main_stack(void) { return calloc(1, 200); }
DISTINCT static void *in_calling_frame(void) { return calloc(1, 300); }
DISTINCT static void *in_handler(void) { return calloc(1, 400); }

static void leave_words_behind(void)
{
    void *volatile words[WORDS];
    void *p = (void *)~hidden;
    for (int i = 0; i < WORDS; i++)
        words[i] = p;
    (void)words;
}

static void handler(void)
{
    leave_words_behind();
}

static void handler_that_ends_it(void)
{
    /* This frame lies over the leftovers of leave_words_behind(). */
    void *volatile words[WORDS / 2];
    words[0] = in_handler();
    NEED(words[0]);
    _exit(0);
}

static void end(void)
{
    void *volatile mine = in_calling_frame();
    CLEAR_REGISTERS();
    if (strcmp(how, "exit") == 0) {
        exit(0);
    } else if (strcmp(how, "_exit") == 0) {
        _exit(0);
    } else if (strcmp(how, "syscall") == 0) {
        syscall(SYS_exit_group, 0);
    } else if (strcmp(how, "abort") == 0) {
        abort();
    } else if (strcmp(how, "segv") == 0) {
        *(volatile char *)1 = 0;
    } else if (strcmp(how, "kill") == 0) {
        kill(getpid(), SIGTERM);
    } else if (strcmp(how, "handler") == 0) {
        exit(0);
    }
    (void)mine;
}

static void on_signal(int sig)
{
    (void)sig;
    end();
}

int main(int argc, char **argv)
{
    NEED(argc >= 2);
    how = argv[1];
    int by_signal = argc > 2 && strcmp(argv[2], "signal") == 0;
    void *volatile mine = on_main_stack();
    hidden = ~(uintptr_t)lost();
    if (strcmp(how, "return") == 0) {
        atexit(handler);
        leave_words_behind();
        CLEAR_REGISTERS();
        return 0;
    }
    if (strcmp(how, "handler") == 0)
        atexit(handler_that_ends_it);
    atexit(handler);
    leave_words_behind();
    if (by_signal) {
        signal(SIGUSR1, on_signal);
        raise(SIGUSR1);
    }
    end();
    (void)mine;
}
