/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_traceview.h: a context as the user sees it: one stack of C and Python
   frames.

   The Python frames replace the C frames of the evaluation loop that runs them
   (lg_evalloop.h).  If the C stack is cut off before these (--num-callers), the
   Python frames come last. */

#ifndef LG_TRACEVIEW_H
#define LG_TRACEVIEW_H

#include "pub_tool_basics.h"
#include "pub_tool_debuginfo.h"

typedef struct {
    Bool    isPython;
    DiEpoch epoch;
    Addr    ip; /* of a Python frame: that of its evaluation loop; 0: the C
                   stack is cut off */
    /* Of a Python frame. */
    const HChar* function;
    const HChar* file;
    UInt         line; /* 0: not known */
} LgFrameView;

/* Writes the frames of a context to `out`, innermost first, and at most `max`.
   Returns their number.  Frames below main() are left out, as Valgrind does.
   Inlined C calls share one frame. */
UInt lg_traceview_frames(UInt ctx, LgFrameView* out, UInt max);

/* The largest number of frames that a context can have. */
UInt lg_traceview_max_frames(void);

/* The offset within its file of a C frame without a name, as addr2line needs it.
   False if the frame has a name, or is in no file. */
Bool lg_traceview_nameless_offset(DiEpoch ep, Addr ip, Addr* offset);

/* Prints a context, as text or (with --xml=yes) as a <stack> element. */
void lg_traceview_print(UInt ctx);

/* Prints the elements fn, dir, file and line for a place in Python code.
   `line` 0: not known. */
void lg_traceview_print_place_xml(const HChar* function, const HChar* file,
                                  UInt line);

#endif
