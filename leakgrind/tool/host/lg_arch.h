/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_arch.h: what leakgrind must know of the guest's processor: where VEX keeps
   its registers, how functions and system calls are called, and what a function
   leaves as it finds it.

   Facts that follow from these, for both processors, stand here; the facts
   themselves in lg_arch_amd64.h and lg_arch_arm64.h.  Offsets are bytes within
   VexGuestArchState, and are those of 64-bit words unless something else is
   said. */

#ifndef LG_ARCH_H
#define LG_ARCH_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

/* A general register that functions must leave as they find it. */
typedef struct {
    const HChar* name; /* as VG_(apply_to_GP_regs) has it, in small letters */
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

/* Argument i of a function that has just been entered; from 0 on, and only those
   that are passed in registers: six of them. */
static inline UWord lg_arch_argument(const volatile VexGuestArchState* gst,
                                     UInt i)
{
    return lg_arch_word(gst, lg_arch_arguments[i]);
}

/* Must functions leave the vector register as they find it, the lower 64 bits
   of it? */
static inline Bool lg_arch_keeps_vector(UInt reg)
{
    return LG_KEPT_VECTORS >> reg & 1;
}

#endif
