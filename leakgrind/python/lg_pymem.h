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

/* Words that were asked for before, and can still be read where they are.  By
   address, each in a place of its own; all zero at first, and when anything was
   unmapped. */
enum { LG_PY_KNOWN_WORDS = 256 }; /* a power of two */
typedef Addr LgPyKnown[LG_PY_KNOWN_WORDS];

typedef struct {
    void* opaque;
    /* The `szB` bytes at `a`, or NULL when not all of them can be read.  They
       are good until the program runs again. */
    const void* (*at)(void* opaque, Addr a, SizeT szB);
    LgPyKnown* known; /* NULL: memory is not where its addresses say */
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

/* The same of a word that is read again and again. */
static inline Bool lg_py_known_word(const LgPyMem* mem, Addr a, Addr* out)
{
    Addr* known;

    if (mem->known == NULL)
        return lg_py_word(mem, a, out);
    known = &(*mem->known)[(a / sizeof a ^ a >> 12) % LG_PY_KNOWN_WORDS];
    if (UNLIKELY(*known != a)) {
        if (mem->at(mem->opaque, a, sizeof a) == NULL)
            return False;
        *known = a;
    }
    lg_copy(out, (const void*)a, sizeof *out);
    return True;
}

#endif
