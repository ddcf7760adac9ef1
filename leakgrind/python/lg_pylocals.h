/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylocals.h: what a word of a Python frame is: which local variable, or a
   place of its value stack. */

#ifndef LG_PYLOCALS_H
#define LG_PYLOCALS_H

#include "../base/lg_ranges.h"
#include "lg_pyframes.h"

typedef enum {
    LgPyNotInFrame,
    LgPyLocal,     /* a local variable, a cell or a free variable */
    LgPyStackSlot, /* of the value stack */
    LgPyFrameField /* the function, its globals, ... */
} LgPyFrameWord;

/* What the word at `at` is to the frame.  Of a local variable: its name. */
LgPyFrameWord lg_pylocals_find(const LgPyMem* mem, const LgPyLayout* layout,
                               const LgPyFrame* frame, Addr at,
                               HChar name[LG_PY_NAME_SZB]);

/* Where its local variables are.  False: this is not known. */
Bool lg_pylocals_range(const LgPyMem* mem, const LgPyLayout* layout,
                       const LgPyFrame* frame, LgRange* out);

/* The name of free variable i of the n of a code object.  False: it cannot be
   read. */
Bool lg_pylocals_free_name(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr code, Addr n, Addr i,
                           HChar name[LG_PY_NAME_SZB]);

#endif
