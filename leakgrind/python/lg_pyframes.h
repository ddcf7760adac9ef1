/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyframes.h: the Python frames of a thread, innermost first. */

#ifndef LG_PYFRAMES_H
#define LG_PYFRAMES_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

#define LG_PY_NOT_BEGUN (~(Addr)0)

typedef struct {
    Addr frame; /* _PyInterpreterFrame, or PyFrameObject before 3.11 */
    Addr code;  /* PyCodeObject */
    /* What runs: the address of the instruction, or (before 3.11) f_lasti in
       bytes, LG_PY_NOT_BEGUN where it is negative. */
    Addr instr;
    /* The evaluation loop was entered with this frame: the next C frame of
       the evaluation loop serves the frames after it.  Of the last of as many
       frames as were asked for, not always known. */
    Bool isEntry;
} LgPyFrame;

/* The innermost frames of a PyThreadState, at most `max`.  Frames that are not
   Python's are left out, and so are those that have not come to their first
   line, unless the evaluation loop was entered with them.  Ends where
   a frame cannot be read, or the chain leads back to where it was (at most a
   fixed number of frames is looked at).  Returns how many. */
UInt lg_pyframes_walk(const LgPyMem* mem, const LgPyLayout* layout,
                      Addr tstate, LgPyFrame* out, UInt max);

/* The innermost frame, of whatever kind; 0 when there is none or it cannot be
   read. */
Addr lg_pyframes_innermost(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr tstate);

/* Where a frame is in its code, as in LgPyFrame; False when it cannot be
   read. */
Bool lg_pyframes_instr(const LgPyMem* mem, const LgPyLayout* layout,
                       Addr frame, Addr* instr);

/* Where the live part of the value stack of the frame at `frame` ends, when it
   does not run: what is behind that are words of the past.  0: it runs, or this
   is not known.  In 3.14, the innermost frame of a thread may say where the
   stack has ended before. */
Addr lg_pyframes_stack_end(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr frame);

/* From 3.11 on: all of the value stack that is behind that.  (Before, a frame is
   an object, and its value stack is the end of that.)  False: as above. */
Bool lg_pyframes_unused(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr frame, Addr* lo, Addr* hi);

/* Where an instruction of a code object stands in the source. */
#define LG_PY_NAME_SZB 512
typedef struct {
    HChar function[LG_PY_NAME_SZB]; /* qualified where the version has it */
    HChar file[LG_PY_NAME_SZB];     /* co_filename */
    /* 0: not known.  What a function does before its first line counts as
       the line of its definition. */
    UInt line;
} LgPyLocation;

/* False when `code` cannot be read as a code object. */
Bool lg_pycode_locate(const LgPyMem* mem, const LgPyLayout* layout, Addr code,
                      Addr instr, LgPyLocation* out);

#endif
