/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_registers.h: which registers of a thread may be in use.

   A function that returns leaves in the vector registers what it has worked
   with.  Nobody uses that: after a return only the first register, which may
   hold the result, and those that functions preserve (LG_KEPT_VECTORS) are in
   use, and the others only when they are written to again.  A register that
   was merely loaded from memory does not count either: it is a copy of what is
   elsewhere.  Words in unused registers would hide leaks in a check in
   mid-run.

   Translations note which registers are computed and when a function returns
   (instrument/lg_vectorregs.h).  The notes are in the shadow copy of the
   registers, which the core saves and restores around signal handlers. */

#ifndef LG_REGISTERS_H
#define LG_REGISTERS_H

#include "pub_tool_basics.h"

#include "../host/lg_arch.h"

/* The notes: a byte for each register, in the shadow copy of the first ones;
   nonzero: it may be in use.  The byte of register 0 comes last, so that the
   others can be cleared as whole words. */
#define LG_VECTOR_NOTES_OFFSET \
    ((Int)(LG_VECTORS_OFFSET + sizeof(VexGuestArchState)))
static inline UInt lg_vector_note(UInt reg)
{
    return reg == 0 ? LG_N_VECTORS : reg;
}

/* The vector registers of `tid` that may be in use: a bit for each. */
UInt lg_registers_vectors_in_use(ThreadId tid);

/* Values of registers. */
enum { LG_N_VECTOR_WORDS = LG_N_VECTORS * LG_VECTOR_SZB / 8 };
typedef struct {
    ThreadId tid;
    UInt     n;
    UWord    words[LG_N_REGISTERS];
    UInt     nVectorWords;
    UWord    vectorWords[LG_N_VECTOR_WORDS];
} LgSavedRegisters;

/* Saves the general registers of a thread, and its vector registers that may
   be in use. */
void lg_registers_save(ThreadId tid, LgSavedRegisters* to);

/* Saves, for a thread that has just called a function, the registers that the
   function must preserve, without the stack pointer. */
void lg_registers_save_kept(ThreadId tid, const VexGuestArchState* gst,
                            LgSavedRegisters* to);

#endif
