/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytraces.h: Python stacks as small numbers.

   A program allocates from the same Python lines again and again; each
   distinct stack is stored once, and what a line means (function, file) is
   looked up once, when it is first met, while its code object is alive.
   Numbers are from 1 on and hold for the life of the program; 0 stands for
   "no Python stack". */

#ifndef LG_PYTRACES_H
#define LG_PYTRACES_H

#include "lg_pyframes.h"

typedef struct LgPyTraces LgPyTraces;

/* At most so many frames a stack. */
#define LG_PY_MAX_DEPTH 100

/* `depth`: frames kept of each stack, the innermost, 1..LG_PY_MAX_DEPTH. */
LgPyTraces* lg_pytraces_new(UInt depth);
void        lg_pytraces_delete(LgPyTraces* s);

/* The stack of the thread now.  0 when there is none or it cannot be read.
   Fast when the thread was seen in the same place before.

   on_code (may be NULL) is called for each code object that is met for the
   first time: somebody must tell when its memory is freed. */
UInt lg_pytraces_record(LgPyTraces* s, const LgPyMem* mem,
                        const LgPyLayout* layout, Addr tstate,
                        void (*on_code)(void* opaque, Addr code),
                        void* opaque);

/* The code object at `code` is freed: another may come to its place. */
void lg_pytraces_forget_code(LgPyTraces* s, Addr code);
/* Mappings have changed: no remembered address may be read again. */
void lg_pytraces_forget_frames(LgPyTraces* s);

typedef struct {
    const HChar* function;
    const HChar* file;
    UInt         line;    /* 0: not known */
    Bool         isEntry; /* see LgPyFrame */
} LgPyTraceFrame;

UInt           lg_pytraces_depth(const LgPyTraces* s, UInt stack);
/* Frame i of a stack, 0 being the innermost. */
LgPyTraceFrame lg_pytraces_frame(const LgPyTraces* s, UInt stack, UInt i);

/* The line that the innermost frame of a stack is on, as a number: from 1 on,
   and the same for the same function, file and line.  0 for stack 0. */
UInt lg_pytraces_innermost(const LgPyTraces* s, UInt stack);
/* What that number stands for; isEntry means nothing here. */
LgPyTraceFrame lg_pytraces_line(const LgPyTraces* s, UInt line);

#endif
