/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that earlier functions left on the stack must not hide a leak: a
   later frame covers them, and its function writes only a part of it before the
   check.

   Argument: which of the cases. */

#include "vgt.h"
#include <alloca.h>
#include <pthread.h>
#include <ucontext.h>
#include <valgrind/memcheck.h>

#define WORDS 400

static void *lost(int size)
{
    return calloc(1, size);
}

static void check(void)
{
    CLEAR_REGISTERS();
    VALGRIND_DO_LEAK_CHECK;
}

/* Fills the part of the stack that the next function will get with pointers
   to a block that is then lost. */
static void leave_words_behind(int size)
{
    void *volatile words[WORDS + 100];
    void *p = lost(size);
    for (int i = 0; i < WORDS + 100; i++)
        words[i] = p;
    (void)words;
}

static void big_frame(void)
{
    void *volatile words[WORDS];
    words[1] = NULL;
    check();
    (void)words;
}

static void one_frame(void)
{
    leave_words_behind(100);
    big_frame();
}

static void deep(int levels)
{
    void *volatile words[WORDS / 10];
    words[1] = NULL;
    if (levels > 0)
        deep(levels - 1);
    else
        check();
    (void)words;
}

static void many_frames(void)
{
    leave_words_behind(200);
    deep(8);
}

/* Leaves words at a distance that is no less than a red zone. */
static void leave_words_below(int size)
{
    volatile char distance[200];
    distance[0] = 0;
    leave_words_behind(size);
    (void)distance;
}

/* A frame that is too large to be told from a change of stacks by its size, and
   that is given up by an addition to the stack pointer, as in optimized code:
   what it covered is dead. */
static __attribute__((noinline, optimize("O2", "omit-frame-pointer"))) void
leave_words_in_large_frame(void)
{
    void *volatile words[WORDS + 300];
    void *p = lost(1000);
    for (int i = 0; i < WORDS + 300; i++)
        words[i] = p;
    (void)words;
}

static void use_stack(int levels)
{
    volatile char frame[1000];
    frame[1] = 0;
    if (levels > 0)
        use_stack(levels - 1);
    (void)frame;
}

static void large_frame(void)
{
    use_stack(12);
    leave_words_in_large_frame();
    big_frame();
}

/* A frame whose size only the program knows. */
static void frame_of_unknown_size(void)
{
    leave_words_below(300);
    volatile int n = WORDS * sizeof(void *);
    void *volatile *words = alloca(n);
    words[1] = NULL;
    check();
}

static void *thread(void *unused)
{
    (void)unused;
    leave_words_behind(400);
    big_frame();
    return NULL;
}

static void other_thread(void)
{
    pthread_t t;
    NEED(pthread_create(&t, NULL, thread, NULL) == 0);
    pthread_join(t, NULL);
}

/* What is on another stack is no leftover, even when the program goes there
   and back: these must stay reachable. */
static ucontext_t main_context, coroutine_context;
static char coroutine_stack[64 * 1024] __attribute__((aligned(16)));

static void coroutine(void)
{
    void *volatile words[WORDS];
    words[7] = lost(500);
    CLEAR_REGISTERS();
    swapcontext(&coroutine_context, &main_context);
    words[7] = NULL;
    (void)words;
}

static void coroutines(void)
{
    getcontext(&coroutine_context);
    coroutine_context.uc_stack.ss_sp = coroutine_stack;
    coroutine_context.uc_stack.ss_size = sizeof coroutine_stack;
    coroutine_context.uc_link = NULL;
    makecontext(&coroutine_context, coroutine, 0);
    void *volatile mine = lost(600);
    swapcontext(&main_context, &coroutine_context);
    big_frame();
    mine = NULL;
    (void)mine;
}

/* What a function has in its own frame is alive, however often others come
   and go below it. */
static void live_frames(void)
{
    void *volatile words[WORDS];
    for (int i = 0; i < WORDS; i++)
        words[i] = NULL;
    words[WORDS - 1] = lost(700);
    words[0] = lost(800);
    leave_words_behind(900);
    big_frame();
    NEED(words[0] && words[WORDS - 1]);
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    const char *which = argv[1];
    if (strcmp(which, "one_frame") == 0)
        one_frame();
    else if (strcmp(which, "many_frames") == 0)
        many_frames();
    else if (strcmp(which, "large_frame") == 0)
        large_frame();
    else if (strcmp(which, "frame_of_unknown_size") == 0)
        frame_of_unknown_size();
    else if (strcmp(which, "other_thread") == 0)
        other_thread();
    else if (strcmp(which, "coroutines") == 0)
        coroutines();
    else if (strcmp(which, "live_frames") == 0)
        live_frames();
    return 0;
}
