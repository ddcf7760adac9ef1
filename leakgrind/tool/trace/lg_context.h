/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_context.h: contexts, i.e. where blocks were allocated and freed.

   A context is a C stack and, in a Python process, a Python stack.  The engine
   and the shadow blocks know it as a number; this module gives out the numbers
   and turns them back into stacks.  0 stands for "not recorded". */

#ifndef LG_CONTEXT_H
#define LG_CONTEXT_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"

/* Records the C stack of `tid` as it is now. */
UInt lg_ctx_record(ThreadId tid);
/* The same with a Python stack; 0: without. */
UInt lg_ctx_record_with(ThreadId tid, UInt pystack);

/* The same for a thread that has just entered a function, whose own frame is
   left out. */
UInt lg_ctx_record_caller(ThreadId tid, UInt pystack);

/* The C stack of a context; Valgrind's empty one for 0. */
ExeContext* lg_ctx_execontext(UInt ctx);
/* The Python stack (a number of lg_python_traces()), or 0. */
UInt lg_ctx_pystack(UInt ctx);

/* The contexts that go through code at [lo, hi), as that is now; NULL: there are
   none.  To be freed by VG_(free). */
typedef struct LgCtxSet LgCtxSet;
LgCtxSet* lg_ctx_through(Addr lo, Addr hi);
Bool      lg_ctx_set_has(const LgCtxSet* s, UInt ctx);

/* Frames of these contexts that are in no file any more were in files that are
   known in this epoch. */
void lg_ctx_set_closed(const LgCtxSet* s, DiEpoch epoch);

/* The epoch of debug information in which a frame of a stack has its name. */
DiEpoch lg_ctx_frame_epoch(ExeContext* ec, Addr ip);

/* Contexts that are the same at a resolution (--leak-resolution) have one
   representative.  lg_ctx_resolve_begin before the first lg_ctx_resolve. */
void lg_ctx_resolve_begin(VgRes res);
UInt lg_ctx_resolve(UInt ctx);
void lg_ctx_resolve_end(void);

#endif
