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

/* The context of a thread that has just entered a function of CPython's, which
   is a part of it; 0 when no stacks are kept. */
UInt lg_pyhooks_context(const VexGuestArchState* gst);

/* The block of the object at `obj`, which may stand behind what the collector, a
   preheader and a debug allocator have before it. */
Bool lg_pyhooks_find_object(Addr obj, LgBlock* b);

/* Does the object at `obj` stand in the block that came last?  To be asked when
   it is initialised: the next time it is not. */
Bool lg_pyhooks_is_fresh(Addr obj);

/* For lg_python_init. */
Bool lg_pyhooks_is_object(Addr a);
void lg_pyhooks_on_code(Addr code);

/* From lg_pyhooks_watch to lg_pyhooks_unwatch, fn is called whenever a hook tells
   of a block: then shadow blocks and pools agree.  `inHand`: the block that is being
   handed out or taken back.  A watcher may take itself out; there is room for
   two. */
typedef void (*LgPyWatcher)(Addr inHand);
void lg_pyhooks_watch(LgPyWatcher fn);
void lg_pyhooks_unwatch(LgPyWatcher fn);

#endif
