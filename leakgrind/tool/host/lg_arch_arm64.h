/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_arch_arm64.h: arm64 with the procedure call standard of the Arm
   architecture (AAPCS64).  See lg_arch.h. */

#ifndef LG_ARCH_ARM64_H
#define LG_ARCH_ARM64_H

#define LG_ARCH_NAME "arm64"

#define LG_OFFSET_OF(reg) offsetof(VexGuestArchState, guest_##reg)

#define LG_OFFSET_SP             LG_OFFSET_OF(XSP)
#define LG_OFFSET_IP             LG_OFFSET_OF(PC)
#define LG_OFFSET_THREAD_POINTER LG_OFFSET_OF(TPIDR_EL0)

/* Of a system call. */
#define LG_OFFSET_SYSCALL_NUMBER   LG_OFFSET_OF(X8)
#define LG_OFFSET_SYSCALL_ARGUMENT LG_OFFSET_OF(X0) /* the first */

static const UShort lg_arch_arguments[] = {
    LG_OFFSET_OF(X0), LG_OFFSET_OF(X1), LG_OFFSET_OF(X2),
    LG_OFFSET_OF(X3), LG_OFFSET_OF(X4), LG_OFFSET_OF(X5)};

static const LgKeptRegister lg_arch_kept_registers[] = {
    {"x19", LG_OFFSET_OF(X19)}, {"x20", LG_OFFSET_OF(X20)},
    {"x21", LG_OFFSET_OF(X21)}, {"x22", LG_OFFSET_OF(X22)},
    {"x23", LG_OFFSET_OF(X23)}, {"x24", LG_OFFSET_OF(X24)},
    {"x25", LG_OFFSET_OF(X25)}, {"x26", LG_OFFSET_OF(X26)},
    {"x27", LG_OFFSET_OF(X27)}, {"x28", LG_OFFSET_OF(X28)},
    {"x29", LG_OFFSET_OF(X29)}, {"xsp", LG_OFFSET_OF(XSP)}};

/* The general registers, X0 to X30, are adjacent; this is the first. */
#define LG_OFFSET_REGISTERS LG_OFFSET_OF(X0)
enum { LG_N_REGISTERS = 31 };

/* A helper that reads registers at a call reads within these bounds. */
#define LG_OFFSET_AT_CALL     LG_OFFSET_OF(X0)
#define LG_OFFSET_AT_CALL_END (LG_OFFSET_OF(Q15) + sizeof(U128))

/* The number of vector registers, and their size.  Functions preserve the
   lower 64 bits of V8 to V15. */
#define LG_VECTORS_OFFSET LG_OFFSET_OF(Q0)
enum { LG_N_VECTORS = 32, LG_VECTOR_SZB = 16 };
#define LG_KEPT_VECTORS 0xFF00u

/* A call leaves the return address in X30, and nothing on the stack. */
#define LG_CALLS_PUSH 0
#define LG_OFFSET_RETURN_ADDRESS LG_OFFSET_OF(X30)
/* VEX cannot pass a helper the address of the guest state. */
#define LG_HELPERS_GET_STATE 0

/* --- Registers that hold the address of a frame --------------------------- */

/* May compilers or the dynamic linker keep the address of a frame in this
   register?  They use X19 to X29, which are adjacent. */
static inline Bool lg_arch_holds_frame(UInt offset)
{
    return (offset >= LG_OFFSET_OF(X19)) & (offset <= LG_OFFSET_OF(X29));
}

/* May this register hold the stack pointer plus `distance`, in order to
   restore the stack pointer later?  The frame record, to which X29 points, may
   lie higher up in the frame. */
static inline Bool lg_arch_is_frame(UInt offset, Long distance)
{
    return distance == 0 || (distance > 0 && offset == LG_OFFSET_OF(X29));
}

/* Does setting up this register show that a function has been entered?  Calls
   leave no trace on the stack, but the called function sets up X29. */
static inline Bool lg_arch_is_set_up_at_entry(UInt offset)
{
    return offset == LG_OFFSET_OF(X29);
}

#endif
