/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_vectorregs.h: which vector registers may be in use.

   A function that returns leaves in the vector registers what it has worked with,
   for nobody: but for the first, which may hold the result, and on arm64 those
   that it must keep (v8 to v15), none is in use then, until it is written to
   again.  And what has been loaded from memory just so is a copy in passing, of
   what has a place elsewhere.  Such words would hide leaks in a check in mid-run.
   Translations note which registers are computed, and that a function has
   returned, in the shadow of the registers, which the core saves and restores
   around signal handlers. */

#ifndef LG_VECTORREGS_H
#define LG_VECTORREGS_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

/* In the guest state: that many registers, of that many bytes each. */
#if defined(VGA_amd64)
#define LG_VECTORS_OFFSET offsetof(VexGuestArchState, guest_YMM0)
enum { LG_N_VECTORS = 16, LG_VECTOR_SZB = 32 };
#elif defined(VGA_arm64)
#define LG_VECTORS_OFFSET offsetof(VexGuestArchState, guest_Q0)
enum { LG_N_VECTORS = 32, LG_VECTOR_SZB = 16 };
#endif

/* The registers that sb writes to, a bit each. */
typedef struct {
    UInt computed;
    UInt loaded; /* whole, and nothing else */
} LgVectorWrites;

LgVectorWrites lg_vectorregs_written(const IRSB* sb, Int first);

/* Add that these registers are written to; and that a function returns. */
void lg_vectorregs_emit_written(IRSB* out, LgVectorWrites w);
void lg_vectorregs_emit_return(IRSB* out);

/* Those of `tid` that may be in use. */
UInt lg_vectorregs_in_use(ThreadId tid);

#endif
