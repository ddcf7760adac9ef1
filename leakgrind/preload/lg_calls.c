/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_calls.c: leakgrind's requests as functions, for programs that cannot use
   the macros of leakgrind.h: Python calls them through ctypes.  The preload
   library is the first in every program's scope, so they are found by name;
   a program that does not run under leakgrind does not have them. */

#include "../leakgrind.h"

/* 1; that the function is there is the answer. */
int leakgrind_running(void);
/* A leak check.  summaryOnly: without the loss records.  delta: 0 all loss
   records, 1 those that have grown since the last check, 2 those that have
   changed, 3 those that are new. */
void leakgrind_check(int summaryOnly, int delta);
/* What the last check found. */
void leakgrind_counts(LeakgrindCounts* bytes, LeakgrindCounts* blocks);
/* Watches a PyObject; whether it is watched now. */
int leakgrind_watch(void* object);
/* Writes who holds the object at the address ~notObj to the buffer: see
   lg_holders_tell.  (The address itself would be found on the stack.) */
unsigned long leakgrind_references(unsigned long notObj, char* buf,
                                   unsigned long szB);
/* The same with the path that leads to it: see lg_why_tell. */
unsigned long leakgrind_why(unsigned long notObj, char* buf,
                            unsigned long szB);
/* The same with what it retains: see lg_retained_tell. */
unsigned long leakgrind_retained(unsigned long notObj, char* buf,
                                 unsigned long szB);
/* Returns LEAKGRIND_SNAPSHOT. */
int leakgrind_snapshot(const char* label);
/* What the heap has grown by between the two: see lg_leftbehind_begin. */
unsigned long leakgrind_begin_growth(void);
unsigned long leakgrind_end_growth(unsigned long number, char* buf,
                                   unsigned long szB);

int leakgrind_running(void)
{
    return (int)LEAKGRIND_RUNNING;
}

/* A function may find anything in the vector registers, and leave anything in
   them.  What earlier ones have left is no pointer of the program's. */
static void clear_vectors(void)
{
#if defined(__x86_64__)
    __asm__ __volatile__("pxor %%xmm0, %%xmm0\n\t"
                         "pxor %%xmm1, %%xmm1\n\t"
                         "pxor %%xmm2, %%xmm2\n\t"
                         "pxor %%xmm3, %%xmm3\n\t"
                         "pxor %%xmm4, %%xmm4\n\t"
                         "pxor %%xmm5, %%xmm5\n\t"
                         "pxor %%xmm6, %%xmm6\n\t"
                         "pxor %%xmm7, %%xmm7\n\t"
                         "pxor %%xmm8, %%xmm8\n\t"
                         "pxor %%xmm9, %%xmm9\n\t"
                         "pxor %%xmm10, %%xmm10\n\t"
                         "pxor %%xmm11, %%xmm11\n\t"
                         "pxor %%xmm12, %%xmm12\n\t"
                         "pxor %%xmm13, %%xmm13\n\t"
                         "pxor %%xmm14, %%xmm14\n\t"
                         "pxor %%xmm15, %%xmm15" ::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
                               "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                               "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
#elif defined(__aarch64__)
    __asm__ __volatile__(
        "movi v0.2d, #0\n\t"
        "movi v1.2d, #0\n\t"
        "movi v2.2d, #0\n\t"
        "movi v3.2d, #0\n\t"
        "movi v4.2d, #0\n\t"
        "movi v5.2d, #0\n\t"
        "movi v6.2d, #0\n\t"
        "movi v7.2d, #0\n\t"
        "movi v16.2d, #0\n\t"
        "movi v17.2d, #0\n\t"
        "movi v18.2d, #0\n\t"
        "movi v19.2d, #0\n\t"
        "movi v20.2d, #0\n\t"
        "movi v21.2d, #0\n\t"
        "movi v22.2d, #0\n\t"
        "movi v23.2d, #0\n\t"
        "movi v24.2d, #0\n\t"
        "movi v25.2d, #0\n\t"
        "movi v26.2d, #0\n\t"
        "movi v27.2d, #0\n\t"
        "movi v28.2d, #0\n\t"
        "movi v29.2d, #0\n\t"
        "movi v30.2d, #0\n\t"
        "movi v31.2d, #0\n\t"
        /* Of these, functions must keep the lower halves. */
        "mov v8.d[1], xzr\n\t"
        "mov v9.d[1], xzr\n\t"
        "mov v10.d[1], xzr\n\t"
        "mov v11.d[1], xzr\n\t"
        "mov v12.d[1], xzr\n\t"
        "mov v13.d[1], xzr\n\t"
        "mov v14.d[1], xzr\n\t"
        "mov v15.d[1], xzr"
        ::
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17",
              "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26",
              "v27", "v28", "v29", "v30", "v31");
#endif
}

void leakgrind_check(int summaryOnly, int delta)
{
    clear_vectors();
    VALGRIND_DO_CLIENT_REQUEST_STMT(LG_USERREQ__DO_LEAK_CHECK,
                                    summaryOnly != 0, delta, 0, 0, 0);
}

void leakgrind_counts(LeakgrindCounts* bytes, LeakgrindCounts* blocks)
{
    LEAKGRIND_COUNT_LEAKS(bytes, blocks);
}

int leakgrind_snapshot(const char* label)
{
    clear_vectors();
    return (int)LEAKGRIND_SNAPSHOT(label);
}

int leakgrind_watch(void* object)
{
    return (int)LEAKGRIND_WATCH(object);
}

unsigned long leakgrind_references(unsigned long notObj, char* buf,
                                   unsigned long szB)
{
    clear_vectors();
    return VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__REFERENCES, notObj,
                                           buf, szB, 0, 0);
}

unsigned long leakgrind_why(unsigned long notObj, char* buf, unsigned long szB)
{
    clear_vectors();
    return VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__WHY, notObj, buf, szB,
                                           0, 0);
}

unsigned long leakgrind_retained(unsigned long notObj, char* buf,
                                 unsigned long szB)
{
    clear_vectors();
    return VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__RETAINED, notObj, buf,
                                           szB, 0, 0);
}

unsigned long leakgrind_begin_growth(void)
{
    clear_vectors();
    return VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__BEGIN_GROWTH, 0, 0, 0,
                                           0, 0);
}

unsigned long leakgrind_end_growth(unsigned long number, char* buf,
                                   unsigned long szB)
{
    clear_vectors();
    return VALGRIND_DO_CLIENT_REQUEST_EXPR(0, LG_USERREQ__END_GROWTH, number, buf,
                                           szB, 0, 0);
}
