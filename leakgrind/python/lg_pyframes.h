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
    /* The address of the instruction that runs, or (before 3.11) f_lasti in
       bytes, and LG_PY_NOT_BEGUN where that is negative. */
    Addr instr;
    /* The evaluation loop was entered with this frame: the frames after it
       belong to the next C frame of the loop.  Not always known of the last of
       `max` frames. */
    Bool isEntry;
} LgPyFrame;

/* The innermost frames of a PyThreadState, at most `max`.  Leaves out frames
   that are not Python's, and those that have not reached their first line,
   unless the evaluation loop was entered with them.  Ends at a frame that
   cannot be read, or after a fixed number of frames, as the chain may be
   circular.  Returns how many. */
UInt lg_pyframes_walk(const LgPyMem* mem, const LgPyLayout* layout,
                      Addr tstate, LgPyFrame* out, UInt max);

/* The innermost frame of any kind; 0 if there is none or it cannot be read. */
Addr lg_pyframes_innermost(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr tstate);

/* The instruction of a frame, as in LgPyFrame; False if it cannot be read. */
Bool lg_pyframes_instr(const LgPyMem* mem, const LgPyLayout* layout,
                       Addr frame, Addr* instr);

/* Where the live part of the value stack of the frame at `frame` ends, while
   the frame does not run: the words after that are stale.  0: it runs, or the
   end is not known.  In 3.14, the innermost frame of a thread may have an
   earlier end of its stack. */
Addr lg_pyframes_stack_end(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr frame);

/* From 3.11 on: the part of the value stack after that end.  (Before 3.11, a
   frame is an object that ends with its value stack.)  False: it runs, or this
   is not known. */
Bool lg_pyframes_unused(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr frame, Addr* lo, Addr* hi);

/* The place of an instruction in the source. */
#define LG_PY_NAME_SZB 512
typedef struct {
    HChar function[LG_PY_NAME_SZB]; /* qualified where the version has it */
    HChar file[LG_PY_NAME_SZB];     /* co_filename */
    /* 0: not known.  Instructions before the first line of a function have the
       line of its definition. */
    UInt line;
} LgPyLocation;

/* False if `code` cannot be read as a code object. */
Bool lg_pycode_locate(const LgPyMem* mem, const LgPyLayout* layout, Addr code,
                      Addr instr, LgPyLocation* out);

#endif
