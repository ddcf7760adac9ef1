/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that ends by a system call, made by nobody's function: what its
   registers hold is alive, and what only exit() would have cleared is not. */

#include "vgt.h"
#include <sys/syscall.h>

static volatile uintptr_t general, vector;

DISTINCT static void *in_register(void) { return calloc(1, 100); }
DISTINCT static void *in_vector(void) { return calloc(1, 200); }
DISTINCT static void *lost(void) { return calloc(1, 300); }

int main(void)
{
    general = ~(uintptr_t)in_register();
    vector  = ~(uintptr_t)in_vector();
    NEED(lost() != NULL);
    CLEAR_REGISTERS();
#if defined(__x86_64__)
    __asm__ volatile("mov %1, %%r9\n not %%r9\n"
                     "mov %2, %%rsi\n not %%rsi\n movq %%rsi, %%xmm11\n"
                     "xor %%esi, %%esi\n xor %%edi, %%edi\n"
                     "syscall\n"
                     :
                     : "a"((long)SYS_exit_group), "m"(general), "m"(vector)
                     : "rdi", "rsi", "r9", "xmm11");
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_exit_group;
    __asm__ volatile("ldr x9, %1\n mvn x9, x9\n"
                     "ldr x1, %2\n mvn x1, x1\n fmov d20, x1\n"
                     "mov x1, #0\n mov x0, #0\n"
                     "svc #0\n"
                     :
                     : "r"(number), "m"(general), "m"(vector)
                     : "x0", "x1", "x9", "v20");
#endif
    return 1;
}
