/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyhooks.h: what the hooks in the program tell, turned into shadow
   blocks.  This is the path that every Python object takes. */

#ifndef LG_PYHOOKS_H
#define LG_PYHOOKS_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

#include "../../engine/lg_vocab.h"

/* lg_py_note is entered; its arguments are in the registers. */
void lg_pyhooks_on_note(const VexGuestArchState* gst);
/* The same for lg_py_hook_free. */
void lg_pyhooks_on_free(const VexGuestArchState* gst);

/* The Python stack of a thread that is in C code, perhaps without the GIL; 0
   when it has none. */
UInt lg_pyhooks_pystack(ThreadId tid);
/* The thread state that a thread had when it was heard of last; or 0. */
Addr lg_pyhooks_tstate(ThreadId tid);
/* An interpreter is about to begin, the first in the process. */
void lg_pyhooks_forget_tstates(void);
void lg_pyhooks_on_thread_exit(ThreadId tid);

/* The context of a thread that has just entered a function of CPython's, which
   is a part of it; 0 when no stacks are kept. */
UInt lg_pyhooks_context(const VexGuestArchState* gst);

/* The block of the object at `obj`, which may stand behind what the collector, a
   preheader and a debug allocator have before it. */
Bool lg_pyhooks_find_object(Addr obj, LgBlock* b);

/* Does the object at `obj` stand in the block that came last?  To be asked when
   it is initialised: the next time it is not. */
Bool lg_pyhooks_is_fresh(Addr obj);

/* Py_InitializeFromConfig is entered at `entry`.  Nonzero: go to the preload
   library's lg_py_at_init instead, which comes back here. */
ULong lg_pyhooks_on_init(Addr entry);

#endif
