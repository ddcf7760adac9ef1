/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads in all states at the end of the program, and at a leak check.
   Sizes: 1xx must be reachable, 2xx lost.

   Argument: how the program ends.  "check" is for machines where Valgrind cannot
   end threads (can_end_threads.c): the process is killed from outside. */

#include "vgt.h"
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <valgrind/memcheck.h>

static pthread_barrier_t all_ready;
static volatile int never;
static __thread void *volatile in_tls;
static pthread_key_t key;
static const char *how;

static void *block(int size)
{
    return calloc(1, size);
}

/* Blocked in a system call forever. */
static void *sleeper(void *unused)
{
    (void)unused;
    void *volatile on_stack = block(101);
    in_tls = block(102);
    pthread_setspecific(key, block(103));
    CLEAR_REGISTERS();
    pthread_barrier_wait(&all_ready);
    while (!never)
        pause();
    on_stack = NULL;
    return on_stack;
}

/* Running for ever, and using its stack. */
static void *runner(void *unused)
{
    (void)unused;
    void *volatile on_stack = block(111);
    CLEAR_REGISTERS();
    pthread_barrier_wait(&all_ready);
    while (!never)
        syscall(SYS_sched_yield);
    on_stack = NULL;
    return on_stack;
}

/* Ended before the check: all its memory is freed. */
static void *finished(void *unused)
{
    (void)unused;
    void *volatile words[200];
    void *p = block(221);
    for (int i = 0; i < 200; i++)
        words[i] = p;
    in_tls = block(222);
    NEED(words[3]);
    return NULL;
}

/* In a handler on an alternate stack, the only place that has the pointer. */
static char alternate[64 * 1024];

static void in_handler(int sig)
{
    (void)sig;
    void *volatile on_stack = block(131);
    CLEAR_REGISTERS();
    pthread_barrier_wait(&all_ready);
    while (!never)
        pause();
    on_stack = NULL;
    (void)on_stack;
}

static void *on_alternate_stack(void *unused)
{
    (void)unused;
    void *volatile below = block(132); /* on the ordinary stack */
    stack_t ss = { .ss_sp = alternate, .ss_size = sizeof alternate };
    NEED(sigaltstack(&ss, NULL) == 0);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = in_handler;
    action.sa_flags = SA_ONSTACK;
    NEED(sigaction(SIGUSR1, &action, NULL) == 0);
    pthread_kill(pthread_self(), SIGUSR1);
    below = NULL;
    return below;
}

/* Blocked, with a pointer in a register and nowhere else. */
static volatile uintptr_t complement;
static volatile int is_in_register;

static void *in_register(void *unused)
{
    (void)unused;
    complement = ~(uintptr_t)block(161);
    CLEAR_REGISTERS();
#if defined(__x86_64__)
    __asm__ volatile("mov %0, %%rbx\n not %%rbx\n movl $1, %1\n"
                     "1: mov %2, %%eax\n syscall\n jmp 1b\n"
                     :
                     : "m"(complement), "m"(is_in_register), "i"(SYS_pause)
                     : "rax", "rbx", "rcx", "r11", "memory");
#elif defined(__aarch64__)
    __asm__ volatile("ldr x19, %0\n mvn x19, x19\n mov w9, #1\n str w9, %1\n"
                     "1: mov x0, #0\n mov x1, #0\n mov x2, #0\n mov x3, #0\n"
                     "mov x8, %2\n svc #0\n b 1b\n"
                     :
                     : "m"(complement), "m"(is_in_register), "i"(SYS_ppoll)
                     : "x0", "x1", "x2", "x3", "x8", "x9", "x19", "memory");
#endif
    return NULL;
}

/* A process outside of Valgrind kills us when it reads a line. */
static int to_killer;

static void start_killer(void)
{
    int ends[2];
    NEED(pipe(ends) == 0);
    to_killer = ends[1];
    pid_t child = fork();
    NEED(child >= 0);
    if (child == 0) {
        NEED(dup2(ends[0], 0) == 0);
        execl("/bin/sh", "sh", "-c", "read line; kill -KILL $PPID",
              (char *)NULL);
        _exit(1);
    }
}

/* Ends the program while the others go on. */
static void *ender(void *unused)
{
    (void)unused;
    void *volatile on_stack = block(141);
    CLEAR_REGISTERS();
    pthread_barrier_wait(&all_ready);
    if (strcmp(how, "exit_in_thread") == 0)
        exit(0);
    if (strcmp(how, "main_exits") == 0)
        while (!never)
            pause();
    if (strcmp(how, "check_then_exit") == 0) {
        VALGRIND_DO_LEAK_CHECK;
        _exit(0);
    }
    if (strcmp(how, "check") == 0) {
        VALGRIND_DO_LEAK_CHECK;
        NEED(write(to_killer, "\n", 1) == 1);
        while (!never)
            pause();
    }
    if (strcmp(how, "abort") == 0)
        abort();
    return on_stack;
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    how = argv[1];
    if (strcmp(how, "check") == 0)
        start_killer();
    void *volatile on_main_stack = block(151);
    pthread_t t;
    NEED(pthread_key_create(&key, NULL) == 0);
    NEED(pthread_create(&t, NULL, finished, NULL) == 0);
    pthread_join(t, NULL);
    NEED(pthread_create(&t, NULL, in_register, NULL) == 0);
    while (!is_in_register)
        sched_yield();
    NEED(pthread_barrier_init(&all_ready, NULL, 5) == 0);
    NEED(pthread_create(&t, NULL, sleeper, NULL) == 0);
    NEED(pthread_create(&t, NULL, runner, NULL) == 0);
    NEED(pthread_create(&t, NULL, on_alternate_stack, NULL) == 0);
    NEED(pthread_create(&t, NULL, ender, NULL) == 0);
    CLEAR_REGISTERS();
    pthread_barrier_wait(&all_ready);
    if (strcmp(how, "main_exits") == 0)
        exit(0);
    while (!never)
        pause();
    on_main_stack = NULL;
    return on_main_stack != NULL;
}
