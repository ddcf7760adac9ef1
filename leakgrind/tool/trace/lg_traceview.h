/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_traceview.h: a context as the user sees it: its C and its Python frames
   in one row.

   Python frames stand where the evaluation loop stands (lg_evalloop.h): a C
   frame of it gives way to the Python frames that it serves.  Where the C stack
   is cut off before them (--num-callers), they come last. */

#ifndef LG_TRACEVIEW_H
#define LG_TRACEVIEW_H

#include "pub_tool_basics.h"
#include "pub_tool_debuginfo.h"

typedef struct {
    Bool    isPython;
    DiEpoch epoch;
    Addr    ip; /* of a Python frame: that of the evaluation loop; 0: cut off */
    /* Of a Python frame. */
    const HChar* function;
    const HChar* file;
    UInt         line; /* 0: not known */
} LgFrameView;

/* The frames of a context, innermost first, at most `max`; returns how many.
   What is below main() is left out, as Valgrind does.  Inlined C calls share
   one frame. */
UInt lg_traceview_frames(UInt ctx, LgFrameView* out, UInt max);

/* Room for the frames of any context. */
UInt lg_traceview_max_frames(void);

/* Prints a context, as text or (with --xml=yes) as a <stack> element. */
void lg_traceview_print(UInt ctx);

/* Elements fn, dir, file and line of a place in Python; line 0: not known. */
void lg_traceview_print_place_xml(const HChar* function, const HChar* file,
                                  UInt line);

#endif
