/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystacks.h: Python stacks as small numbers.

   A program allocates from the same Python lines again and again; each
   distinct stack is stored once, and what a line means (function, file) is
   looked up once, when it is first met, while its code object is alive.
   Numbers are from 1 on and hold for the life of the program; 0 stands for
   "no Python stack". */

#ifndef LG_PYSTACKS_H
#define LG_PYSTACKS_H

#include "lg_pyframes.h"

typedef struct LgPyStacks LgPyStacks;

/* At most so many frames a stack. */
#define LG_PY_MAX_DEPTH 100

/* `depth`: frames kept of each stack, the innermost, 1..LG_PY_MAX_DEPTH. */
LgPyStacks* lg_pystacks_new(UInt depth);
void        lg_pystacks_delete(LgPyStacks* s);

/* The stack of the thread now.  0 when there is none or it cannot be read.
   Fast when the thread was seen in the same place before.

   on_code (may be NULL) is called for each code object that is met for the
   first time: somebody must tell when its memory is freed. */
UInt lg_pystacks_record(LgPyStacks* s, const LgPyMem* mem,
                        const LgPyLayout* layout, Addr tstate,
                        void (*on_code)(void* opaque, Addr code),
                        void* opaque);

/* The code object at `code` is freed: another may come to its place. */
void lg_pystacks_forget_code(LgPyStacks* s, Addr code);
/* Mappings have changed: no remembered address may be read again. */
void lg_pystacks_forget_frames(LgPyStacks* s);

typedef struct {
    const HChar* function;
    const HChar* file;
    UInt         line;    /* 0: not known */
    Bool         isEntry; /* see LgPyFrame */
} LgPyStackFrame;

UInt           lg_pystacks_depth(const LgPyStacks* s, UInt stack);
/* Frame i of a stack, 0 being the innermost. */
LgPyStackFrame lg_pystacks_frame(const LgPyStacks* s, UInt stack, UInt i);

/* The line that the innermost frame of a stack is on, as a number: from 1 on,
   and the same for the same function, file and line.  0 for stack 0. */
UInt lg_pystacks_innermost(const LgPyStacks* s, UInt stack);
/* What that number stands for; isEntry means nothing here. */
LgPyStackFrame lg_pystacks_line(const LgPyStacks* s, UInt line);

#endif
