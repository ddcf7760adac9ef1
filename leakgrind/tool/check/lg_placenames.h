/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_placenames.h: what a place that holds a pointer is called: the parts of its
   description.  The functions append to an XArray of HChar. */

#ifndef LG_PLACENAMES_H
#define LG_PLACENAMES_H

#include "pub_tool_basics.h"
#include "pub_tool_xarray.h"

#include "../../python/lg_pyframes.h"
#include "../trace/lg_traceview.h"

/* The Python frames of all threads, an XArray of LgPyFrame; empty without
   Python. */
XArray* lg_placenames_frames(void);

/* "f (app.py:12)" of one of them.  False, and nothing is appended: it cannot be
   read. */
Bool lg_placenames_python_frame(XArray* text, const LgPyFrame* frame);

/* `before`, then "f (foo.c:12)"; nothing if the function has no name. */
void lg_placenames_frame(XArray* text, const HChar* before,
                         const LgFrameView* f);

/* The same of the function that has allocated a block with this context. */
void lg_placenames_maker(XArray* text, const HChar* before, UInt ctx);

/* The same of the function that has `at` in its frame on the stack of the
   thread.  False: none has. */
Bool lg_placenames_stack(XArray* text, const HChar* before, ThreadId tid,
                         Addr at);

/* The thread to whose stack the word belongs; VG_INVALID_THREADID: to none. */
ThreadId lg_placenames_stack_owner(Addr at);

/* The file of the object that has the address in its data, without folders;
   NULL: none. */
const HChar* lg_placenames_object(Addr at);

/* The symbol that the address belongs to, as the source names it ("registry::all"),
   and how far behind its beginning that is.  The name is valid until the next one is
   asked for.  False: there is none. */
Bool lg_placenames_symbol(Addr at, const HChar** name, PtrdiffT* offset);

/* The variable of C at the address, "settings.config" or "list", and where it is
   declared, "foo.c:12".  False: debug information does not tell; it does with
   --read-var-info=yes only. */
enum { LG_VARIABLE_SZB = 256 };
Bool lg_placenames_variable(Addr at, HChar name[LG_VARIABLE_SZB],
                            HChar declared[LG_VARIABLE_SZB]);

/* Prints the lines of `text`, each after `indent`.  Changes it. */
void lg_placenames_print(XArray* text, const HChar* indent);

#endif
