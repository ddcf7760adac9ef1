/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_unwind.h: the stack of a thread, quickly.

   A program allocates and frees from the same few places again and again,
   and unwinding the stack is half of what that costs under leakgrind.  So the
   last stacks are kept, each with the places in memory where its return
   addresses stood.  When the same instruction is reached with the same stack
   pointer, and all return addresses still stand there, the stack is the same.

   That is sound because of stack cleaning (lg_stackclean.h): an address that
   an earlier call left in the frame of a later one would have been zeroed; when a
   stack gains what is not known to be dead, and return addresses of stacks that
   are kept may stand there, all that was kept is forgotten.
   Without --clean-stack=yes, or where return addresses do not stand right
   below a frame, every stack is unwound. */

#ifndef LG_UNWIND_H
#define LG_UNWIND_H

#include "pub_tool_basics.h"
#include "pub_tool_execontext.h"

typedef struct {
    ExeContext* ec;
    UInt        ctx; /* 0 at first; for the caller to remember something that
                        follows from the stack and the salt */
} LgUnwound;

/* As VG_(record_ExeContext).  Good until the next one is asked for.  Stacks
   that look alike, but for a return address somewhere above, are more likely
   to be kept side by side if their `salt` differs. */
LgUnwound* lg_unwind(ThreadId tid, UWord salt);

/* The same for a thread that has just entered a function, whose own frame is
   left out. */
LgUnwound* lg_unwind_caller(ThreadId tid, UWord salt);

/* The address space has changed: nothing of what was kept may be read. */
void lg_unwind_forget(void);

/* What a stack has below `hi` may be anything, among it what it had earlier. */
void lg_unwind_forget_below(Addr hi);

#endif
