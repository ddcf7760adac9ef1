/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_arch.h: what leakgrind must know about the guest's processor: where VEX
   keeps its registers, how functions and system calls are called, and which
   registers a function must preserve.

   lg_arch_amd64.h and lg_arch_arm64.h hold the facts; this file derives what
   is the same for both.  Offsets are in bytes within VexGuestArchState, and
   refer to 64-bit words unless a comment says otherwise. */

#ifndef LG_ARCH_H
#define LG_ARCH_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

/* A general register that functions must preserve. */
typedef struct {
    const HChar* name; /* that of VG_(apply_to_GP_regs), in lower case */
    UShort       offset;
} LgKeptRegister;

#if defined(VGA_amd64)
#include "lg_arch_amd64.h"
#elif defined(VGA_arm64)
#include "lg_arch_arm64.h"
#else
#error "leakgrind: unknown architecture"
#endif

enum {
    LG_N_KEPT_REGISTERS =
        sizeof lg_arch_kept_registers / sizeof lg_arch_kept_registers[0]
};

/* A word of a guest state. */
static inline UWord lg_arch_word(const volatile VexGuestArchState* gst,
                                 SizeT offset)
{
    return *(const volatile UWord*)((const volatile UChar*)gst + offset);
}

/* Argument i (from 0) of a function that has just been entered.  Only the first
   six, which are passed in registers. */
static inline UWord lg_arch_argument(const volatile VexGuestArchState* gst,
                                     UInt i)
{
    return lg_arch_word(gst, lg_arch_arguments[i]);
}

/* Must functions preserve the lower 64 bits of this vector register? */
static inline Bool lg_arch_keeps_vector(UInt reg)
{
    return LG_KEPT_VECTORS >> reg & 1;
}

#endif
