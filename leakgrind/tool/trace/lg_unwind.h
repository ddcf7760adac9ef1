/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_unwind.h: fast unwinding of a thread's stack.

   A program allocates and frees from the same few places again and again, and
   unwinding the stack is half of the cost of that under leakgrind.  So this
   module caches the last stacks, each with the addresses in memory of its
   return addresses.  If the same instruction is reached with the same stack
   pointer, and all return addresses are still in their places, the stack is
   the same.

   That is sound because of stack cleaning (lg_stackclean.h): a return address
   that an earlier call left in the frame of a later one has been zeroed.  When
   a stack grows over memory that is not known to be dead, and return addresses
   of cached stacks may be in there, the cache is emptied.  Without
   --clean-stack=yes, and where return addresses are not right below a frame,
   every stack is unwound. */

#ifndef LG_UNWIND_H
#define LG_UNWIND_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"

typedef struct {
    ExeContext* ec;
    UInt        ctx; /* 0 at first; the caller may store here what follows from
                        the stack and the salt */
} LgUnwound;

/* Like VG_(record_ExeContext).  The result is valid until the next call.  A
   different `salt` for stacks that differ only in a return address further up
   makes it likelier that both stay in the cache. */
LgUnwound* lg_unwind(ThreadId tid, UWord salt);

/* The same for a thread that has just entered a function: without the frame of
   that function. */
LgUnwound* lg_unwind_caller(ThreadId tid, UWord salt);

/* To be called when the address space has changed: empties the cache, whose
   addresses must not be read any more. */
void lg_unwind_forget(void);

/* To be called when a stack may have anything below `hi`, including what it had
   there earlier: forgets the stacks that this concerns. */
void lg_unwind_forget_below(Addr hi);

#endif
