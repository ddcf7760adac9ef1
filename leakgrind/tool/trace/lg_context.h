/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_context.h: contexts, i.e. where blocks were allocated and freed.

   A context is a C stack and, in a Python process, a Python stack.  The engine
   and the shadow blocks store it as a number.  This module hands out the
   numbers, and finds the stacks of a number.  0 means "not recorded". */

#ifndef LG_CONTEXT_H
#define LG_CONTEXT_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"

/* Records the current C stack of `tid`. */
UInt lg_ctx_record(ThreadId tid);
/* The same with a Python stack; 0: none. */
UInt lg_ctx_record_with(ThreadId tid, UInt pystack);

/* The same for a thread that has just entered a function: without the frame of
   that function. */
UInt lg_ctx_record_caller(ThreadId tid, UInt pystack);

/* The C stack of a context; Valgrind's empty one for 0. */
ExeContext* lg_ctx_execontext(UInt ctx);
/* The Python stack (a number of lg_python_traces()), or 0. */
UInt lg_ctx_pystack(UInt ctx);

/* The contexts with a frame in the code that is now at [lo, hi); NULL: there
   are none.  To be freed with VG_(free). */
typedef struct LgCtxSet LgCtxSet;
LgCtxSet* lg_ctx_through(Addr lo, Addr hi);
Bool      lg_ctx_set_has(const LgCtxSet* s, UInt ctx);

/* To be called before a library is closed: frames of these contexts whose file
   is unmapped later get their names from this epoch. */
void lg_ctx_set_closed(const LgCtxSet* s, DiEpoch epoch);

/* The epoch of debug information in which this frame of the stack has a
   name. */
DiEpoch lg_ctx_frame_epoch(ExeContext* ec, Addr ip);

/* lg_ctx_resolve returns the same context for all contexts that are equal at
   the resolution (--leak-resolution) that was passed to lg_ctx_resolve_begin.
   To be called between begin and end. */
void lg_ctx_resolve_begin(VgRes res);
UInt lg_ctx_resolve(UInt ctx);
void lg_ctx_resolve_end(void);

#endif
