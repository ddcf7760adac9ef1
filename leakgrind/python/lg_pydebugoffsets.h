/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydebugoffsets.h: CPython's own description of its layout, from 3.13 on.

   _PyRuntime begins with a table of offsets for debuggers.  An offset in the
   table is right for this build, and replaces the one of the row in
   lg_pylayout.c.  Other offsets come from the row, and are moved by as much as
   the table says that earlier parts of the structure have grown.  If that is
   inconsistent, they are LG_PY_NONE.

   The table is memory of the program: impossible values in it are rejected. */

#ifndef LG_PYDEBUGOFFSETS_H
#define LG_PYDEBUGOFFSETS_H

#include "lg_pylayout.h"

/* How many bytes from _PyRuntime on are enough for every version that has the
   table.  _PyRuntime is larger than that in all of them. */
#define LG_PY_DEBUG_OFFSETS_SZB 0x2F8u

typedef enum {
    LgPyOffsetsNone,         /* no such table: before 3.13 */
    LgPyOffsetsApplied,
    LgPyOffsetsFreeThreaded, /* a build without the GIL; the row is for one with
                                it */
    LgPyOffsetsStrange       /* another version than the row's, or impossible
                                offsets */
} LgPyOffsetsAnswer;

/* `said`: the first szB bytes of _PyRuntime.  *out is filled when the answer
   is LgPyOffsetsApplied. */
LgPyOffsetsAnswer lg_pydebugoffsets_apply(const UChar* said, SizeT szB,
                                          const LgPyLayout* row,
                                          LgPyLayout* out);

#endif
