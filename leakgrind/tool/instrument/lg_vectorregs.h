/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_vectorregs.h: notes in translations which vector registers are computed and
   when functions return, so that it is known which may be in use
   (threads/lg_registers.h). */

#ifndef LG_VECTORREGS_H
#define LG_VECTORREGS_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

/* The registers that sb writes to, a bit each. */
typedef struct {
    UInt computed;
    UInt loaded; /* whole, and nothing else */
} LgVectorWrites;

LgVectorWrites lg_vectorregs_written(const IRSB* sb, Int first);

/* Add that these registers are written to; and that a function returns. */
void lg_vectorregs_emit_written(IRSB* out, LgVectorWrites w);
void lg_vectorregs_emit_return(IRSB* out);

#endif
