/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyhooks.h: makes shadow blocks of what the hooks in the program report.
   This code runs for every Python object. */

#ifndef LG_PYHOOKS_H
#define LG_PYHOOKS_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"

#include "../../engine/lg_vocab.h"

/* To be called when lg_py_note is entered, with its arguments in the
   registers. */
void lg_pyhooks_on_note(const VexGuestArchState* gst);
/* The same for lg_py_hook_free. */
void lg_pyhooks_on_free(const VexGuestArchState* gst);

/* The context of a thread that has just entered a function of CPython's, with
   the frame of that function; 0 if no stacks are kept. */
UInt lg_pyhooks_context(const VexGuestArchState* gst);

/* Finds the block of the object at `obj`.  Before the object the block may
   have the collector's header, a preheader, and the prefix of a debug
   allocator. */
Bool lg_pyhooks_find_object(Addr obj, LgBlock* b);

/* To be called when the object at `obj` is initialised: is it in the block
   that was allocated last?  If it is initialised again, the answer is no. */
Bool lg_pyhooks_is_fresh(Addr obj);

/* For lg_python_init. */
Bool lg_pyhooks_is_object(Addr a);
void lg_pyhooks_on_code(Addr code);

/* What a hook reports. */
typedef struct {
    Addr block; /* that was allocated, moved or resized; or is about to be freed */
    Addr freed; /* that is no more, or will not be: the same, or where it was
                   moved from; 0: none */
} LgPyHookEvent;

/* Between lg_pyhooks_watch and lg_pyhooks_unwatch, fn is called whenever a
   hook reports a block; at that moment shadow blocks and pools agree, but for
   that block.  fn may call lg_pyhooks_unwatch.  There can be three watchers. */
typedef void (*LgPyWatcher)(const LgPyHookEvent* e);
void lg_pyhooks_watch(LgPyWatcher fn);
void lg_pyhooks_unwatch(LgPyWatcher fn);

#endif
