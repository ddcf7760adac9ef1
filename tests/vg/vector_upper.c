/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pointer in the upper half of a 32-byte vector register, and nowhere
   else.

   With an argument: exit code 0 if the processor has such registers. */

#include "vgt.h"
#include <valgrind/memcheck.h>

static volatile uintptr_t hidden;

static void make_block(void)
{
    hidden = ~(uintptr_t)calloc(1, 100);
}

static int has_such_registers(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx");
#else
    return 0;
#endif
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return has_such_registers() ? 0 : 1;
    make_block();
    CLEAR_REGISTERS();
#if defined(__x86_64__)
    __asm__ volatile("mov %0, %%rax; not %%rax; movq %%rax, %%xmm13;"
                     "vinsertf128 $1, %%xmm13, %%ymm13, %%ymm13;"
                     "vpermilpd $0, %%ymm13, %%ymm13;"
                     "xor %%eax, %%eax;"
                     "vpxor %%xmm12, %%xmm12, %%xmm12;"
                     "vinsertf128 $0, %%xmm12, %%ymm13, %%ymm13"
                     : : "m"(hidden) : "rax", "xmm12", "xmm13", "memory");
#endif
    VALGRIND_DO_LEAK_CHECK;
    return 0;
}
