/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytraces.h: Python stack traces as small numbers.

   A program allocates from the same Python lines again and again.  So each
   distinct trace is stored once, and the meaning of a line (its function, its
   file) is looked up once, when it is first seen and its code object is alive.
   Numbers start at 1 and stay valid for the life of the program; 0 stands for
   "no Python trace". */

#ifndef LG_PYTRACES_H
#define LG_PYTRACES_H

#include "lg_pyframes.h"

typedef struct LgPyTraces LgPyTraces;

/* The most frames that a trace can have. */
#define LG_PY_MAX_DEPTH 100

/* `depth`: how many frames of each trace are kept, the innermost ones,
   1..LG_PY_MAX_DEPTH. */
LgPyTraces* lg_pytraces_new(UInt depth);
void        lg_pytraces_delete(LgPyTraces* s);

/* The trace of the thread now.  0 if there is none or it cannot be read.  Fast
   if the thread was seen at the same place before.

   on_code (may be NULL) is called for each code object that is seen for the
   first time.  The caller must call lg_pytraces_forget_code() when that object
   is freed. */
UInt lg_pytraces_record(LgPyTraces* s, const LgPyMem* mem,
                        const LgPyLayout* layout, Addr tstate,
                        void (*on_code)(void* opaque, Addr code),
                        void* opaque);

/* The code object at `code` is freed: another may be placed there. */
void lg_pytraces_forget_code(LgPyTraces* s, Addr code);
/* Mappings have changed: remembered addresses must not be read again. */
void lg_pytraces_forget_frames(LgPyTraces* s);

typedef struct {
    const HChar* function;
    const HChar* file;
    UInt         line;    /* 0: not known */
    Bool         isEntry; /* see LgPyFrame */
} LgPyTraceFrame;

UInt           lg_pytraces_depth(const LgPyTraces* s, UInt trace);
/* Frame i of a trace, 0 being the innermost. */
LgPyTraceFrame lg_pytraces_frame(const LgPyTraces* s, UInt trace, UInt i);

/* The line that the innermost frame of a trace is on, as a number: from 1 on,
   and the same for the same function, file and line.  0 for trace 0. */
UInt lg_pytraces_innermost(const LgPyTraces* s, UInt trace);
/* What that number stands for; isEntry is not set. */
LgPyTraceFrame lg_pytraces_line(const LgPyTraces* s, UInt line);

/* Asserts every invariant.  O(size): for tests and --sanity-level only. */
void lg_pytraces_check(const LgPyTraces* s);

#endif
