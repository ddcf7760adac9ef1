/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that returned functions have left in vector registers, or below the stack
   pointer where a leaf has its red zone, must keep no block reachable.

   Argument: vectors, copies or red_zone. */

#include "vgt.h"
#include <valgrind/memcheck.h>

static volatile uintptr_t hidden;
static uintptr_t copied[8];

DISTINCT static void make_block(int size)
{
    hidden = ~(uintptr_t)calloc(1, size);
}

/* Leaves the block's address in a vector register, computed. */
void leave_in_vector(uintptr_t complement);
/* Leaves words in vector registers, loaded. */
#if defined(__x86_64__)
__asm__(".text\n"
        "leave_in_vector:\n"
        "  not %rdi\n  movq %rdi, %xmm13\n  movq %rdi, %xmm9\n"
        "  xor %edi, %edi\n  ret\n"
        "leave_in_red_zone:\n"
        "  not %rdi\n  mov %rdi, -24(%rsp)\n  xor %edi, %edi\n  ret\n");
#define LOAD(from)                                                            \
    __asm__ volatile("movdqu (%0), %%xmm8\n movdqu 16(%0), %%xmm9\n"          \
                     "movdqu 32(%0), %%xmm10\n movdqu 48(%0), %%xmm11"        \
                     : : "r"(from) : "xmm8", "xmm9", "xmm10", "xmm11")
#elif defined(__aarch64__)
__asm__(".text\n"
        "leave_in_vector:\n"
        "  mvn x0, x0\n  fmov d29, x0\n  fmov d19, x0\n  mov x0, #0\n  ret\n"
        "leave_in_red_zone:\n"
        "  mvn x0, x0\n  str x0, [sp, #-24]\n  mov x0, #0\n  ret\n");
#define LOAD(from)                                                            \
    __asm__ volatile("ldp q16, q17, [%0]\n ldp q18, q19, [%0, #32]"           \
                     : : "r"(from) : "v16", "v17", "v18", "v19")
#endif
void leave_in_red_zone(uintptr_t complement);

static void copies(void)
{
    for (int i = 0; i < 8; i++) {
        make_block(200);
        copied[i] = ~hidden;
    }
    LOAD(copied);
    for (int i = 0; i < 8; i++)
        copied[i] = 0;
}

int main(int argc, char **argv)
{
    NEED(argc == 2);
    if (strcmp(argv[1], "vectors") == 0) {
        make_block(100);
        leave_in_vector(hidden);
    } else if (strcmp(argv[1], "copies") == 0) {
        copies();
    } else {
        make_block(300);
        leave_in_red_zone(hidden);
        *(volatile char *)1 = 0;
    }
    CLEAR_REGISTERS(); /* others than those */
    VALGRIND_DO_LEAK_CHECK;
    return 0;
}
