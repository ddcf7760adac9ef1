/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_arch_amd64.h: amd64 with the System V calling convention.  See
   lg_arch.h. */

#ifndef LG_ARCH_AMD64_H
#define LG_ARCH_AMD64_H

#define LG_ARCH_NAME "amd64"

#define LG_OFFSET_OF(reg) offsetof(VexGuestArchState, guest_##reg)

#define LG_OFFSET_SP             LG_OFFSET_OF(RSP)
#define LG_OFFSET_IP             LG_OFFSET_OF(RIP)
#define LG_OFFSET_THREAD_POINTER LG_OFFSET_OF(FS_CONST)

/* Of a system call. */
#define LG_OFFSET_SYSCALL_NUMBER   LG_OFFSET_OF(RAX)
#define LG_OFFSET_SYSCALL_ARGUMENT LG_OFFSET_OF(RDI) /* the first */

static const UShort lg_arch_arguments[] = {
    LG_OFFSET_OF(RDI), LG_OFFSET_OF(RSI), LG_OFFSET_OF(RDX),
    LG_OFFSET_OF(RCX), LG_OFFSET_OF(R8),  LG_OFFSET_OF(R9)};

static const LgKeptRegister lg_arch_kept_registers[] = {
    {"rbx", LG_OFFSET_OF(RBX)}, {"rsp", LG_OFFSET_OF(RSP)},
    {"rbp", LG_OFFSET_OF(RBP)}, {"r12", LG_OFFSET_OF(R12)},
    {"r13", LG_OFFSET_OF(R13)}, {"r14", LG_OFFSET_OF(R14)},
    {"r15", LG_OFFSET_OF(R15)}};

/* The general registers, RAX to R15, are adjacent; this is the first. */
#define LG_OFFSET_REGISTERS LG_OFFSET_OF(RAX)
enum { LG_N_REGISTERS = 16 };

/* A helper that reads registers at a call reads within these bounds. */
#define LG_OFFSET_AT_CALL     LG_OFFSET_OF(RAX)
#define LG_OFFSET_AT_CALL_END (LG_OFFSET_OF(RIP) + sizeof(ULong))

/* The number of vector registers, and their size.  Functions preserve none. */
#define LG_VECTORS_OFFSET LG_OFFSET_OF(YMM0)
enum { LG_N_VECTORS = 16, LG_VECTOR_SZB = 32 };
#define LG_KEPT_VECTORS 0u

/* A call pushes the return address: at the entry of a function, the stack
   pointer points at it. */
#define LG_CALLS_PUSH 1
/* VEX can pass a helper the address of the guest state. */
#define LG_HELPERS_GET_STATE 1

/* --- Registers that hold the address of a frame --------------------------- */

/* May compilers or the dynamic linker keep the address of a frame in this
   register?  They use those that functions preserve, and R10, from which gcc
   restores the stack pointer of a frame that it has aligned. */
static inline Bool lg_arch_holds_frame(UInt offset)
{
#define LG_BIT_OF(reg) (1ULL << LG_OFFSET_OF(reg) / 8)
    return (offset < 64 * 8) &
           (((LG_BIT_OF(RBP) | LG_BIT_OF(RBX) | LG_BIT_OF(R10) |
              LG_BIT_OF(R12) | LG_BIT_OF(R13) | LG_BIT_OF(R14) |
              LG_BIT_OF(R15)) >>
             offset / 8 % 64) &
            1);
#undef LG_BIT_OF
}

/* May this register hold the stack pointer plus `distance`, in order to
   restore the stack pointer later?  gcc's register for an aligned frame points
   behind the return address. */
static inline Bool lg_arch_is_frame(UInt offset, Long distance)
{
    return distance == 0 ||
           (distance == 8 &&
            (offset == LG_OFFSET_OF(R10) || offset == LG_OFFSET_OF(R13)));
}

/* Does setting up this register show that a function has been entered?  On
   amd64 calls show it. */
static inline Bool lg_arch_is_set_up_at_entry(UInt offset)
{
    (void)offset;
    return False;
}

#endif
