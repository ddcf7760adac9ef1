/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_vectorregs.h: makes translations note which vector registers are computed
   and when functions return.  The notes tell which registers may be in use
   (threads/lg_registers.h). */

#ifndef LG_VECTORREGS_H
#define LG_VECTORREGS_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

/* The vector registers that a translation writes to: a bit for each. */
typedef struct {
    UInt computed;
    UInt loaded; /* only loaded from memory, and as a whole */
} LgVectorWrites;

LgVectorWrites lg_vectorregs_written(const IRSB* sb, Int first);

/* Add the note that these registers are written to; that a function returns. */
void lg_vectorregs_emit_written(IRSB* out, LgVectorWrites w);
void lg_vectorregs_emit_return(IRSB* out);

#endif
