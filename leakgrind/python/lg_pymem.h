/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pymem.h: the memory of a Python process, as the modules of python/ see
   it.

   That memory is not trusted: before an address that was read from it is
   followed, the caller's function `at` is asked for it, and if that says
   "unreadable", the whole question fails.  The bytes come from the program's
   own pages in the tool, from the test's own process in unit tests, and from a
   made-up image in fuzz targets. */

#ifndef LG_PYMEM_H
#define LG_PYMEM_H

#include "pub_tool_basics.h"

#include "../lg_platform.h"

/* Addresses of words that were read before and are still readable, each at a
   place that depends on the address.  All zero at first, and after anything was
   unmapped. */
enum { LG_PY_KNOWN_WORDS = 256 }; /* a power of two */
typedef Addr LgPyKnown[LG_PY_KNOWN_WORDS];

typedef struct {
    void* opaque;
    /* The `szB` bytes at `a`, or NULL if they cannot all be read.  Valid until
       the program runs again. */
    const void* (*at)(void* opaque, Addr a, SizeT szB);
    LgPyKnown* known; /* NULL: words are not at their own addresses */
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

/* The same for a word that is read again and again. */
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
