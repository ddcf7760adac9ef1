/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff_support.h: what every generated program of tests/diff shares.

   A generated program must know all of its blocks without pointing to them.  So it
   keeps an address only as its complement (DIFF_HIDE), which is not the address of
   anything.  A place that must hold a pointer during a leak check gets it from
   DIFF_SHOW at the last moment.

   The functions in assembly put pointers into registers and nowhere else.  Their
   arguments are hidden, too.  They guarantee that no copy of a pointer stays in a
   register after they return.  But the function that diff_call_with_regs calls may
   save the registers on its stack. */

#ifndef DIFF_SUPPORT_H
#define DIFF_SUPPORT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

typedef uintptr_t Word;

#define DIFF_HIDE(p) (~(Word)(p))
#define DIFF_SHOW(h) (~(h))
#define NOINLINE __attribute__((noinline, noclone, unused))

/* The compiler must believe that memory at p is read and written here. */
#define DIFF_ESCAPE(p) __asm__ volatile("" : : "r"(p) : "memory")
/* ... and here, that p is used somehow; memory stays as it is. */
#define DIFF_TOUCH(p) __asm__ volatile("" : : "r"(p))

#define DIFF_N_SAVED 6    /* registers that a call preserves */
#define DIFF_N_SCRATCH 6  /* registers that a call may change */
#define DIFF_N_VECTOR 12  /* vector registers, two words used of each */

/* Registers' contents, hidden.  The order is known to the assembly below. */
typedef struct {
    Word saved[DIFF_N_SAVED];
    Word scratch[DIFF_N_SCRATCH];
    Word vector[DIFF_N_VECTOR][2];
    Word request[6]; /* a client request: its code and arguments */
} DiffRegs;

/* Calls fn with regs->saved in the preserved registers. */
void diff_call_with_regs(const DiffRegs* regs, void (*fn)(void));
/* Makes regs->request with all of *regs in registers. */
void diff_request_with_regs(const DiffRegs* regs);
/* Clears the registers that calls need not preserve. */
void diff_scrub_regs(void);

/* Overwrites what earlier calls left below the caller's frame. */
NOINLINE static void diff_clean_stack(void)
{
    volatile char dirt[32768];
    for (unsigned i = 0; i < sizeof dirt; i++)
        dirt[i] = 0;
    DIFF_ESCAPE(dirt);
}

/* A line of a table that lists the pointers between blocks: the word at byte
   `slot` of block `src` shall point to byte `off` of block `dst`. */
typedef struct {
    unsigned short src, slot, dst, off;
} DiffEdge;

#if defined(__x86_64__)
__asm__(
    ".text\n"
    ".type diff_call_with_regs,@function\n"
    "diff_call_with_regs:\n"
    ".cfi_startproc\n"
    "pushq %rbx\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset rbx,0\n"
    "pushq %rbp\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset rbp,0\n"
    "pushq %r12\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r12,0\n"
    "pushq %r13\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r13,0\n"
    "pushq %r14\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r14,0\n"
    "pushq %r15\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r15,0\n"
    "subq $8,%rsp\n .cfi_adjust_cfa_offset 8\n"
    "movq %rsi,%rax\n"
    "movq 0(%rdi),%rbx\n notq %rbx\n"
    "movq 8(%rdi),%rbp\n notq %rbp\n"
    "movq 16(%rdi),%r12\n notq %r12\n"
    "movq 24(%rdi),%r13\n notq %r13\n"
    "movq 32(%rdi),%r14\n notq %r14\n"
    "movq 40(%rdi),%r15\n notq %r15\n"
    "call *%rax\n"
    "addq $8,%rsp\n .cfi_adjust_cfa_offset -8\n"
    "popq %r15\n .cfi_adjust_cfa_offset -8\n .cfi_restore r15\n"
    "popq %r14\n .cfi_adjust_cfa_offset -8\n .cfi_restore r14\n"
    "popq %r13\n .cfi_adjust_cfa_offset -8\n .cfi_restore r13\n"
    "popq %r12\n .cfi_adjust_cfa_offset -8\n .cfi_restore r12\n"
    "popq %rbp\n .cfi_adjust_cfa_offset -8\n .cfi_restore rbp\n"
    "popq %rbx\n .cfi_adjust_cfa_offset -8\n .cfi_restore rbx\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size diff_call_with_regs,.-diff_call_with_regs\n"

    ".macro diff_vector n\n"
    "movdqu 96+16*\\n(%rdi),%xmm\\n\n pxor %xmm15,%xmm\\n\n"
    ".endm\n"
    ".type diff_request_with_regs,@function\n"
    "diff_request_with_regs:\n"
    ".cfi_startproc\n"
    "pushq %rbx\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset rbx,0\n"
    "pushq %rbp\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset rbp,0\n"
    "pushq %r12\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r12,0\n"
    "pushq %r13\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r13,0\n"
    "pushq %r14\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r14,0\n"
    "pushq %r15\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset r15,0\n"
    "pcmpeqd %xmm15,%xmm15\n"
    "diff_vector 0\n diff_vector 1\n diff_vector 2\n diff_vector 3\n"
    "diff_vector 4\n diff_vector 5\n diff_vector 6\n diff_vector 7\n"
    "diff_vector 8\n diff_vector 9\n diff_vector 10\n diff_vector 11\n"
    "movq 0(%rdi),%rbx\n notq %rbx\n"
    "movq 8(%rdi),%rbp\n notq %rbp\n"
    "movq 16(%rdi),%r12\n notq %r12\n"
    "movq 24(%rdi),%r13\n notq %r13\n"
    "movq 32(%rdi),%r14\n notq %r14\n"
    "movq 40(%rdi),%r15\n notq %r15\n"
    "movq 48(%rdi),%rcx\n notq %rcx\n"
    "movq 56(%rdi),%rsi\n notq %rsi\n"
    "movq 64(%rdi),%r8\n notq %r8\n"
    "movq 72(%rdi),%r9\n notq %r9\n"
    "movq 80(%rdi),%r10\n notq %r10\n"
    "movq 88(%rdi),%r11\n notq %r11\n"
    "leaq 288(%rdi),%rax\n"
    "xorl %edx,%edx\n"
    "rolq $3,%rdi\n rolq $13,%rdi\n rolq $61,%rdi\n rolq $51,%rdi\n"
    "xchgq %rbx,%rbx\n"
    "popq %r15\n .cfi_adjust_cfa_offset -8\n .cfi_restore r15\n"
    "popq %r14\n .cfi_adjust_cfa_offset -8\n .cfi_restore r14\n"
    "popq %r13\n .cfi_adjust_cfa_offset -8\n .cfi_restore r13\n"
    "popq %r12\n .cfi_adjust_cfa_offset -8\n .cfi_restore r12\n"
    "popq %rbp\n .cfi_adjust_cfa_offset -8\n .cfi_restore rbp\n"
    "popq %rbx\n .cfi_adjust_cfa_offset -8\n .cfi_restore rbx\n"
    "jmp diff_scrub_baseline\n"
    ".cfi_endproc\n"
    ".size diff_request_with_regs,.-diff_request_with_regs\n"

    ".type diff_scrub_baseline,@function\n"
    "diff_scrub_baseline:\n"
    ".cfi_startproc\n"
    "xorl %eax,%eax\n xorl %ecx,%ecx\n xorl %edx,%edx\n xorl %esi,%esi\n"
    "xorl %edi,%edi\n xorl %r8d,%r8d\n xorl %r9d,%r9d\n xorl %r10d,%r10d\n"
    "xorl %r11d,%r11d\n"
    "pxor %xmm0,%xmm0\n pxor %xmm1,%xmm1\n pxor %xmm2,%xmm2\n"
    "pxor %xmm3,%xmm3\n pxor %xmm4,%xmm4\n pxor %xmm5,%xmm5\n"
    "pxor %xmm6,%xmm6\n pxor %xmm7,%xmm7\n pxor %xmm8,%xmm8\n"
    "pxor %xmm9,%xmm9\n pxor %xmm10,%xmm10\n pxor %xmm11,%xmm11\n"
    "pxor %xmm12,%xmm12\n pxor %xmm13,%xmm13\n pxor %xmm14,%xmm14\n"
    "pxor %xmm15,%xmm15\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size diff_scrub_baseline,.-diff_scrub_baseline\n"
    ".type diff_scrub_avx,@function\n"
    "diff_scrub_avx:\n"
    ".cfi_startproc\n"
    "vzeroall\n"
    "jmp diff_scrub_baseline\n"
    ".cfi_endproc\n"
    ".size diff_scrub_avx,.-diff_scrub_avx\n");

void diff_scrub_baseline(void);
void diff_scrub_avx(void);
void diff_scrub_regs(void)
{
    if (__builtin_cpu_supports("avx"))
        diff_scrub_avx();
    else
        diff_scrub_baseline();
}

#elif defined(__aarch64__)
__asm__(
    ".text\n"
    ".macro diff_enter\n"
    "stp x29,x30,[sp,#-96]!\n .cfi_def_cfa_offset 96\n"
    ".cfi_offset x29,-96\n .cfi_offset x30,-88\n"
    "mov x29,sp\n"
    "stp x19,x20,[sp,#16]\n .cfi_offset x19,-80\n .cfi_offset x20,-72\n"
    "stp x21,x22,[sp,#32]\n .cfi_offset x21,-64\n .cfi_offset x22,-56\n"
    "stp x23,x24,[sp,#48]\n .cfi_offset x23,-48\n .cfi_offset x24,-40\n"
    ".endm\n"
    ".macro diff_load_saved\n"
    "ldp x19,x20,[x0]\n mvn x19,x19\n mvn x20,x20\n"
    "ldp x21,x22,[x0,#16]\n mvn x21,x21\n mvn x22,x22\n"
    "ldp x23,x24,[x0,#32]\n mvn x23,x23\n mvn x24,x24\n"
    ".endm\n"
    ".macro diff_leave\n"
    "ldp x19,x20,[sp,#16]\n ldp x21,x22,[sp,#32]\n ldp x23,x24,[sp,#48]\n"
    "ldp x29,x30,[sp],#96\n"
    ".cfi_restore x19\n .cfi_restore x20\n .cfi_restore x21\n"
    ".cfi_restore x22\n .cfi_restore x23\n .cfi_restore x24\n"
    ".cfi_restore x29\n .cfi_restore x30\n .cfi_def_cfa_offset 0\n"
    ".endm\n"
    ".macro diff_vector n r\n"
    "ldr q\\r,[x0,#(96+16*\\n)]\n mvn v\\r\\().16b,v\\r\\().16b\n"
    ".endm\n"

    ".type diff_call_with_regs,%function\n"
    "diff_call_with_regs:\n"
    ".cfi_startproc\n"
    "diff_enter\n"
    "diff_load_saved\n"
    "blr x1\n"
    "diff_leave\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size diff_call_with_regs,.-diff_call_with_regs\n"

    ".type diff_request_with_regs,%function\n"
    "diff_request_with_regs:\n"
    ".cfi_startproc\n"
    "diff_enter\n"
    "diff_load_saved\n"
    "diff_vector 0 0\n diff_vector 1 1\n diff_vector 2 2\n"
    "diff_vector 3 3\n diff_vector 4 4\n diff_vector 5 5\n"
    "diff_vector 6 6\n diff_vector 7 7\n diff_vector 8 16\n"
    "diff_vector 9 17\n diff_vector 10 18\n diff_vector 11 19\n"
    "ldp x5,x6,[x0,#48]\n mvn x5,x5\n mvn x6,x6\n"
    "ldp x7,x8,[x0,#64]\n mvn x7,x7\n mvn x8,x8\n"
    "ldp x9,x10,[x0,#80]\n mvn x9,x9\n mvn x10,x10\n"
    "add x4,x0,#288\n"
    "mov x3,#0\n mov x12,#0\n"
    "ror x12,x12,#3\n ror x12,x12,#13\n ror x12,x12,#51\n ror x12,x12,#61\n"
    "orr x10,x10,x10\n"
    "diff_leave\n"
    "b diff_scrub_regs\n"
    ".cfi_endproc\n"
    ".size diff_request_with_regs,.-diff_request_with_regs\n"

    ".type diff_scrub_regs,%function\n"
    "diff_scrub_regs:\n"
    ".cfi_startproc\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n"
    "mov x\\n,#0\n"
    ".endr\n"
    ".irp n,0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    "movi v\\n\\().2d,#0\n"
    ".endr\n"
    ".irp n,8,9,10,11,12,13,14,15\n"
    "mov v\\n\\().d[1],xzr\n"
    ".endr\n"
    "ret\n"
    ".cfi_endproc\n"
    ".size diff_scrub_regs,.-diff_scrub_regs\n");
#else
#error "diff_support.h knows amd64 and arm64 only"
#endif

#endif
