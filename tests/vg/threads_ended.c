/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C library's blocks for a thread: not lost while the thread is alive, nor
   when it has ended and was joined or detached.  If it was neither, they are lost,
   and the report says so.

   Argument: "check" for leak checks in between, "exit" for the one at the end,
   while threads are alive; "known" for exit code 0 if leakgrind can
   distinguish these ended threads with this C library. */

#include "vgt.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <valgrind/memcheck.h>

static int gate[2];

typedef struct {
    pthread_t thread;
    volatile pid_t tid;
    char out; /* by what it is let out */
} Worker;

/* Waits for a byte, or that there will be none. */
static void *work(void *arg)
{
    Worker *w = arg;
    char c;
    w->tid = (pid_t)syscall(SYS_gettid);
    if (w->out)
        NEED(read(gate[0], &c, 1) == 1);
    return NULL;
}

static void await_start(const Worker *w)
{
    while (w->tid == 0)
        sched_yield();
}

static void await_end(const Worker *w)
{
    await_start(w);
    while (syscall(SYS_tgkill, getpid(), w->tid, 0) == 0)
        usleep(1000);
    NEED(errno == ESRCH);
}

static void start(Worker *w, const pthread_attr_t *attr, int stays)
{
    w->tid = 0;
    w->out = (char)stays;
    NEED(pthread_create(&w->thread, attr, work, w) == 0);
}

/* Functions of their own, so that each has a record of its own. */
DISTINCT static void two(Worker w[2], int stays)
{
    for (int i = 0; i < 2; i++)
        start(&w[i], NULL, stays);
}

DISTINCT static void detached(Worker *w, int stays)
{
    start(w, NULL, stays);
    NEED(pthread_detach(w->thread) == 0);
}

DISTINCT static void on_own_stack(Worker *w, int stays)
{
    enum { SZB = 256 * 1024 };
    pthread_attr_t attr;
    void *stack = mmap(NULL, SZB, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(stack != MAP_FAILED);
    pthread_attr_init(&attr);
    NEED(pthread_attr_setstack(&attr, stack, SZB) == 0);
    start(w, &attr, stays);
    pthread_attr_destroy(&attr);
}

static Worker joinable[2], by_itself, own;

static void start_all(int stay)
{
    two(joinable, stay);
    detached(&by_itself, stay);
    on_own_stack(&own, stay);
}

static void for_all(void (*fn)(const Worker *w))
{
    fn(&joinable[0]);
    fn(&joinable[1]);
    fn(&by_itself);
    fn(&own);
}

static void check(const char *when)
{
    say("-- %s\n", when);
    VALGRIND_DO_LEAK_CHECK;
}

int main(int argc, char **argv)
{
    NEED(argc == 2 && pipe(gate) == 0);
    if (strcmp(argv[1], "known") == 0)
        return __GLIBC_PREREQ(2, 34) ? 0 : 1;
    if (strcmp(argv[1], "check") == 0) {
        start_all(1);
        for_all(await_start);
        check("alive");
        NEED(write(gate[1], "xxxx", 4) == 4);
        for_all(await_end);
        check("ended");
        pthread_join(joinable[0].thread, NULL);
        pthread_detach(joinable[1].thread);
        pthread_join(own.thread, NULL);
        check("joined or detached");
        start_all(1); /* on the same stacks */
        for_all(await_start);
        check("alive again");
        NEED(write(gate[1], "xxxx", 4) == 4);
        for_all(await_end);
    } else {
        start_all(0);
        for_all(await_end);
        start_all(1);
        for_all(await_start);
    }
    say("-- at the end\n");
    return 0;
}
