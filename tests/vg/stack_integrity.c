/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zeroing what functions leave on the stack must never change what is alive.
   Every function here checks at its end that its frame is unchanged, while
   others are called below it in all ways that move the stack pointer.

   This program is optimised as CFLAGS say: leaf functions keep their variables
   below the stack pointer. */

#define VGT_OPTIMISED
#include "vgt.h"
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>

#define NOINLINE __attribute__((noinline))

static volatile long damage;
static volatile int signals;

static void check(const volatile long *words, int n, long first)
{
    for (int i = 0; i < n; i++)
        if (words[i] != first + i)
            damage++;
}

static void fill(volatile long *words, int n, long first)
{
    for (int i = 0; i < n; i++)
        words[i] = first + i;
}

/* A leaf: no calls, so that it may use the red zone. */
NOINLINE static long leaf(long a, long b)
{
    volatile long words[14];
    for (int i = 0; i < 14; i++)
        words[i] = a + i;
    long sum = 0;
    for (int round = 0; round < 20; round++)
        for (int i = 0; i < 14; i++)
            sum += words[i] == a + i ? b : 1000000;
    return sum;
}

NOINLINE static long recurse(int depth, long seed)
{
    volatile long words[23];
    fill(words, 23, seed);
    long sum = leaf(seed, 1);
    if (sum != 14 * 20)
        damage++;
    if (depth > 0)
        recurse(depth - 1, seed + 7);
    if (depth % 3 == 0 && depth > 0)
        recurse(depth / 8, seed + 11);
    check(words, 23, seed);
    return words[0];
}

/* Frames of a size that only the program knows, in a loop. */
NOINLINE static void unknown_sizes(int n)
{
    volatile long *parts[20];
    for (int i = 0; i < 20; i++) {
        parts[i] = alloca((n + i) * sizeof(long));
        fill(parts[i], n + i, i);
        leaf(i, 1);
        recurse(2, i);
    }
    for (int i = 0; i < 20; i++)
        check(parts[i], n + i, i);
}

NOINLINE static void variable_length(int n)
{
    for (int round = 1; round < n; round += 17) {
        volatile long words[round];
        fill(words, round, round);
        recurse(3, round);
        check(words, round, round);
    }
}

/* Frames that are larger than a page, one touched only at its far end. */
NOINLINE static void large_frame(int depth)
{
    volatile long words[3000];
    fill(words + 2900, 100, depth);
    if (depth > 0)
        large_frame(depth - 1);
    fill(words, 100, depth);
    recurse(4, depth);
    check(words, 100, depth);
    check(words + 2900, 100, depth);
}

/* Many arguments: they are pushed, or stored below the frame. */
NOINLINE static long many_arguments(long a, long b, long c, long d, long e,
                                    long f, long g, long h, long i, long j,
                                    long k, long l)
{
    volatile long words[5];
    fill(words, 5, l);
    leaf(a, b);
    check(words, 5, l);
    return a + b + c + d + e + f + g + h + i + j + k + l;
}

static jmp_buf target;

NOINLINE static void jump_out(int depth)
{
    volatile long words[31];
    fill(words, 31, depth);
    if (depth == 0 && damage >= 0)
        longjmp(target, 1);
    if (depth > 0)
        jump_out(depth - 1);
    check(words, 31, depth);
}

NOINLINE static void jumps(void)
{
    volatile long words[40];
    fill(words, 40, 5);
    for (volatile int i = 0; i < 50; i++) {
        if (setjmp(target) == 0)
            jump_out(i % 20);
        recurse(5, i);
    }
    check(words, 40, 5);
}

/* Coroutines: their stacks are arrays, on the heap, and in a frame. */
static ucontext_t here, there;
static volatile int rounds;

static void coroutine(void)
{
    volatile long words[50];
    fill(words, 50, 77);
    while (1) {
        recurse(6, rounds);
        check(words, 50, 77);
        swapcontext(&there, &here);
    }
}

NOINLINE static void switch_stacks(char *stack, size_t size)
{
    volatile long words[50];
    fill(words, 50, 99);
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = size;
    there.uc_link = NULL;
    makecontext(&there, coroutine, 0);
    for (rounds = 0; rounds < 20; rounds++) {
        swapcontext(&here, &there);
        recurse(7, rounds);
    }
    check(words, 50, 99);
}

NOINLINE static void stack_in_a_frame(void)
{
    char stack[65536] __attribute__((aligned(16)));
    switch_stacks(stack, sizeof stack);
}

static char in_bss[65536] __attribute__((aligned(16)));

static void all_stacks(void)
{
    switch_stacks(in_bss, sizeof in_bss);
    stack_in_a_frame();
    char *on_heap = malloc(65536);
    switch_stacks(on_heap, 65536);
    free(on_heap);
}

/* Signals that come at any time, also in the middle of leaf(). */
static void handler(int sig)
{
    (void)sig;
    volatile long words[60];
    fill(words, 60, 3);
    recurse(3, 1);
    check(words, 60, 3);
    signals++;
}

static void interrupted(void)
{
    static char alternate[65536];
    stack_t ss = { .ss_sp = alternate, .ss_size = sizeof alternate };
    NEED(sigaltstack(&ss, NULL) == 0);
    for (int on_alternate = 0; on_alternate < 2; on_alternate++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = handler;
        action.sa_flags = on_alternate ? SA_ONSTACK : 0;
        NEED(sigaction(SIGALRM, &action, NULL) == 0);
        struct itimerval timer = { { 0, 1000 }, { 0, 1000 } };
        NEED(setitimer(ITIMER_REAL, &timer, NULL) == 0);
        int until = signals + 15;
        for (long i = 0; signals < until; i++) {
            if (leaf(i, 1) != 14 * 20)
                damage++;
            recurse(3, i);
        }
        memset(&timer, 0, sizeof timer);
        setitimer(ITIMER_REAL, &timer, NULL);
    }
}

static void *thread(void *unused)
{
    for (int i = 0; i < 20; i++)
        recurse(30, i);
    large_frame(5);
    return unused;
}

static void threads(void)
{
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        NEED(pthread_create(&t[i], NULL, thread, NULL) == 0);
    thread(NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
}

static void part(const char *name)
{
    say("%s: %s\n", name, damage == 0 ? "intact" : "DAMAGED");
}

int main(void)
{
    recurse(200, 1);
    part("recursion");
    unknown_sizes(10);
    part("unknown sizes");
    variable_length(300);
    part("variable length");
    large_frame(40);
    part("large frames");
    for (int i = 0; i < 100; i++)
        if (many_arguments(i, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) != i + 11)
            damage++;
    part("many arguments");
    jumps();
    part("jumps");
    all_stacks();
    part("other stacks");
    interrupted();
    part("signals");
    threads();
    part("threads");
    return damage != 0;
}
