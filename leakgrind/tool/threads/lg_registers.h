/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_registers.h: the registers of a thread, as far as they may be in use.

   A function that returns leaves in the vector registers what it has worked with,
   for nobody: but for the first, which may hold the result, and those that it
   must keep (LG_KEPT_VECTORS), none is in use then, until it is written to again.
   And what has been loaded from memory just so is a copy in passing, of what has
   a place elsewhere.  Such words would hide leaks in a check in mid-run.
   Translations note in the shadow of the registers, which the core saves and
   restores around signal handlers, which are computed, and that a function has
   returned (instrument/lg_vectorregs.h). */

#ifndef LG_REGISTERS_H
#define LG_REGISTERS_H

#include "pub_tool_basics.h"

#include "../host/lg_arch.h"

/* The notes: a byte for each register in the shadow of the first ones, nonzero for
   one that may be in use; that of register 0 stands apart, so that the others are
   cleared as words. */
#define LG_VECTOR_NOTES_OFFSET \
    ((Int)(LG_VECTORS_OFFSET + sizeof(VexGuestArchState)))
static inline UInt lg_vector_note(UInt reg)
{
    return reg == 0 ? LG_N_VECTORS : reg;
}

/* The vector registers of `tid` that may be in use, a bit each. */
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

/* Saves all of a thread's, but those vector registers that are not in use. */
void lg_registers_save(ThreadId tid, LgSavedRegisters* to);

/* Saves of a thread that has just called a function those that this must keep, but
   for the stack pointer. */
void lg_registers_save_kept(ThreadId tid, const VexGuestArchState* gst,
                            LgSavedRegisters* to);

#endif
