/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vgt.h: what the test programs of this directory share.  Include it first.

   Every test program must keep its pointers exactly where the source says,
   whatever CFLAGS the build was given: optimisation is off from here on.
   (gcc still makes one function of two that do the same; where that matters,
   put DISTINCT before them.)
   Pointers that must be found are in volatile objects, because a compiler may
   drop a static variable that is only written.

   There is no printf: stdio allocates, and tests want to count every block. */

#ifndef VGT_H
#define VGT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef VGT_OPTIMISED
/* The program wants it so, and must not count on where its pointers are. */
#elif defined __clang__
#pragma clang optimize off
#else
#pragma GCC optimize("O0")
#endif

#define UNUSED __attribute__((unused))

#ifdef __clang__
#define DISTINCT
#else
#define DISTINCT __attribute__((no_icf))
#endif

/* A text to stderr, where Valgrind's own messages go, too. */
static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)))
UNUSED;
static void say(const char *fmt, ...)
{
    char buf[500];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    if (write(2, buf, len) != len)
        _exit(99);
}

/* Forgets what a finished call left in the registers that it need not have
   preserved: Valgrind takes what is in a register for alive. */
#if defined(__x86_64__)
#define CLEAR_REGISTERS()                                                    \
    __asm__ volatile("xor %%eax, %%eax; xor %%ecx, %%ecx;"                   \
                     "xor %%edx, %%edx; xor %%esi, %%esi;"                   \
                     "xor %%edi, %%edi; xor %%r8d, %%r8d;"                   \
                     "xor %%r9d, %%r9d; xor %%r10d, %%r10d;"                 \
                     "xor %%r11d, %%r11d;"                                   \
                     "pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1;"             \
                     "pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3;"             \
                     "pxor %%xmm4, %%xmm4; pxor %%xmm5, %%xmm5;"             \
                     "pxor %%xmm6, %%xmm6; pxor %%xmm7, %%xmm7"              \
                     : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9",    \
                     "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",   \
                     "xmm5", "xmm6", "xmm7", "cc", "memory")
#elif defined(__aarch64__)
#define CLEAR_REGISTERS()                                                    \
    __asm__ volatile("mov x0, #0; mov x1, #0; mov x2, #0; mov x3, #0;"       \
                     "mov x4, #0; mov x5, #0; mov x6, #0; mov x7, #0;"       \
                     "mov x8, #0; mov x9, #0; mov x10, #0; mov x11, #0;"     \
                     "mov x12, #0; mov x13, #0; mov x14, #0; mov x15, #0;"   \
                     "mov x16, #0; mov x17, #0;"                             \
                     "movi v0.2d, #0; movi v1.2d, #0; movi v2.2d, #0;"       \
                     "movi v3.2d, #0; movi v4.2d, #0; movi v5.2d, #0;"       \
                     "movi v6.2d, #0; movi v7.2d, #0"                        \
                     : : : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7",   \
                     "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",   \
                     "x16", "x17", "v0", "v1", "v2", "v3", "v4", "v5",       \
                     "v6", "v7", "memory")
#else
#error "CLEAR_REGISTERS is not written for this architecture"
#endif

/* Ends the program when the test itself cannot go on. */
#define NEED(cond)                                                           \
    do {                                                                     \
        if (!(cond)) {                                                       \
            say("%s:%d: failed: %s\n", __FILE__, __LINE__, #cond);           \
            _exit(98);                                                       \
        }                                                                    \
    } while (0)

#endif
