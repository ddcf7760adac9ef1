/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is mapped but cannot be read, in two ways: pages without access
   (SIGSEGV), and pages behind the end of a file (SIGBUS).  A leak check reads many
   of both, in any order; after it, signals must be blocked and handled as they were
   before. */

#include "vgt.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <valgrind/memcheck.h>

#define PAGE 4096
#define N_EACH 4

static volatile char *no_access[N_EACH];
static volatile char *no_file[N_EACH];

static char *truncated_mapping(size_t size)
{
    char name[] = "unreadable-XXXXXX";
    int fd = mkstemp(name);
    NEED(fd >= 0 && unlink(name) == 0 && ftruncate(fd, size) == 0);
    char *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    NEED(m != MAP_FAILED);
    m[0] = 1;
    NEED(ftruncate(fd, 2 * PAGE) == 0 && close(fd) == 0);
    return m;
}

static void make_memory(void)
{
    for (int i = 0; i < N_EACH; i++) {
        no_access[i] = aligned_alloc(PAGE, 4 * PAGE);
        NEED(mprotect((char *)no_access[i] + PAGE, PAGE, PROT_NONE) == 0);
        no_file[i] = truncated_mapping(4 * PAGE);
    }
}

static sigjmp_buf back;
static volatile char sink; /* a load whose value is not used is left out */
static volatile sig_atomic_t caught;

static void handler(int signal)
{
    caught = signal;
    siglongjmp(back, 1);
}

static void set_handlers(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

static void expect_caught(const char *what)
{
    say("%s: %s\n", what, caught != 0 ? "handled" : "not handled");
    caught = 0;
}

/* The program's own faults find their handlers. */
static void faults(void)
{
    if (sigsetjmp(back, 1) == 0)
        sink = no_access[0][PAGE];
    expect_caught("SIGSEGV");
    if (sigsetjmp(back, 1) == 0)
        sink = no_file[0][3 * PAGE];
    expect_caught("SIGBUS");
    if (sigsetjmp(back, 1) == 0)
        __builtin_trap();
    expect_caught("trap");
}

static void blocked(const char *when)
{
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int s = 1; s < 32; s++)
        if (sigismember(&mask, s))
            say("%s: signal %d is blocked\n", when, s);
}

static void signals(void)
{
    sigset_t mask;
    char command[100];

    make_memory();
    set_handlers();
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    blocked("before");
    for (int i = 0; i < 3; i++) {
        VALGRIND_DO_QUICK_LEAK_CHECK;
        faults();
    }
    blocked("after checks");
    /* Reads all blocks, and asks for heuristics of one meanwhile. */
    char *volatile inside = calloc(1, 100);
    inside += 16;
    snprintf(command, sizeof command, "who_points_at %p 100",
             (void *)(inside - 16));
    VALGRIND_MONITOR_COMMAND(command);
    faults();
    blocked("after who_points_at");
}

/* Mappings as large as arenas of Python's. */
static void arenas(void)
{
    truncated_mapping(256 * 1024);
    truncated_mapping(1024 * 1024);
}

/* Guard pages in memory that can be read otherwise, where the kernel has
   them. */
static void guards(void)
{
    enum { GUARD_INSTALL = 102 };
    char *m = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(m != MAP_FAILED);
    m[0] = 1;
    m[3 * PAGE] = 1;
    madvise(m + PAGE, PAGE, GUARD_INSTALL);
    /* What could be a Python object of a type that lies in the guard. */
    void *volatile *object = calloc(1, 32);
    object[0] = (void *)1;
    object[1] = m + PAGE;
    VALGRIND_DO_QUICK_LEAK_CHECK;
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    if (strcmp(argv[1], "signals") == 0)
        signals();
    else if (strcmp(argv[1], "arenas") == 0)
        arenas();
    else if (strcmp(argv[1], "guards") == 0)
        guards();
    else
        NEED(0);
    say("end\n");
    return 0;
}
