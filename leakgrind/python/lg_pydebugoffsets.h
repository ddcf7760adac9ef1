/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydebugoffsets.h: what CPython says of itself, from 3.13 on.

   _PyRuntime begins with a table of offsets for debuggers.  Where it has an
   offset, it is right for this very build, and the row of lg_pylayout.c is
   not asked.  What it does not have comes from the row, moved by as much as
   the table says that things before it have grown; where that does not add up,
   it is absent.

   The table is memory of the program as any other: nothing in it is believed
   that cannot be. */

#ifndef LG_PYDEBUGOFFSETS_H
#define LG_PYDEBUGOFFSETS_H

#include "lg_pylayout.h"

/* So many bytes from _PyRuntime on are enough for every version that has the
   table; it is larger than that in all of them. */
#define LG_PY_DEBUG_OFFSETS_SZB 0x2F8u

typedef enum {
    LgPyOffsetsNone,         /* no such table: before 3.13 */
    LgPyOffsetsApplied,
    LgPyOffsetsFreeThreaded, /* a build without the GIL, which the row is not
                                for */
    LgPyOffsetsStrange       /* another version than the row's, or offsets
                                that cannot be */
} LgPyOffsetsAnswer;

/* `said`: the first szB bytes of _PyRuntime.  *out is filled when the answer
   is LgPyOffsetsApplied. */
LgPyOffsetsAnswer lg_pydebugoffsets_apply(const UChar* said, SizeT szB,
                                          const LgPyLayout* row,
                                          LgPyLayout* out);

#endif
