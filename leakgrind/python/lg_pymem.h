/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pymem.h: the memory of a Python process, as the modules of python/ see
   it.

   Nothing here trusts that memory: every address that was read from it is
   asked for again before it is followed, and what cannot be had ends the
   question with "unreadable".  Where the bytes come from is the caller's
   affair: in the tool they are the guest's own pages, in unit tests the test's
   own process, in fuzz targets a made-up image. */

#ifndef LG_PYMEM_H
#define LG_PYMEM_H

#include "pub_tool_basics.h"

#include "../lg_platform.h"

typedef struct {
    void* opaque;
    /* The `szB` bytes at `a`, or NULL when not all of them can be read.  They
       are good until the program runs again. */
    const void* (*at)(void* opaque, Addr a, SizeT szB);
} LgPyMem;

static inline Bool lg_py_read(const LgPyMem* mem, Addr a, void* out, SizeT szB)
{
    const void* p = mem->at(mem->opaque, a, szB);
    if (UNLIKELY(p == NULL))
        return False;
    lg_copy(out, p, szB);
    return True;
}

/* A word, which need not be aligned. */
static inline Bool lg_py_word(const LgPyMem* mem, Addr a, Addr* out)
{
    return lg_py_read(mem, a, out, sizeof *out);
}

#endif
