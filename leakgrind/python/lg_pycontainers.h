/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycontainers.h: CPython's containers, and which of their words hold
   references.

   A container has room for more than it holds, and what was taken from it often
   still stands there: behind the length of a list, outside the ends of a deque,
   in the table inside of a set that has outgrown it, above the stack pointer
   of a suspended generator.  Other words are references that nobody counts
   (the value that a ContextVar has met last), numbers that may be addresses
   (hashes), or bytes.

   Guarantees: what is told holds no reference that counts.  A container whose
   words do not fit together, as those of one that is being changed, is left
   alone: then all its words may be references. */

#ifndef LG_PYCONTAINERS_H
#define LG_PYCONTAINERS_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef enum {
    LgPyNoContainer, /* or one of which nothing is known */
    LgPyList,
    LgPyTuple,
    LgPySet, /* set and frozenset */
    LgPyDeque,
    LgPyDequeIterator,
    LgPyOrderedDict,
    LgPyGenerator, /* coroutines and asynchronous generators, too */
    LgPyContextVar,
    LgPyMemoryView,
    LgPyByteArray,
    LgPyArray, /* array.array */
    LgPyBuffered, /* io.BufferedReader and its kin */
    LgPyElement, /* of xml.etree */
    LgPyPickleStack,
    LgPyLruLink, /* of functools.lru_cache, and the cache itself */
    LgPyPattern /* of re */
} LgPyContainer;

/* What instances of the type at `type` are, itself or one of its bases. */
LgPyContainer lg_pycontainers_of(const LgPyMem* mem, const LgPyLayout* layout,
                                 Addr type);

/* Who is told. */
typedef struct {
    void* opaque;
    /* How many bytes from `a` on are those of a block whose data begin there;
       0: of none. */
    SizeT (*block)(void* opaque, Addr a);
    /* [lo, hi) holds no reference, and no pointer. */
    void (*dead)(void* opaque, Addr lo, Addr hi);
    /* [lo, hi) holds bytes: no reference to an object, but perhaps a pointer
       to memory of C's. */
    void (*bytes)(void* opaque, Addr lo, Addr hi);
    /* [lo, hi) holds no reference, unless somebody is at work on the object
       at `obj`, and is giving them back one by one. */
    void (*cleared)(void* opaque, Addr obj, Addr lo, Addr hi);
} LgPyContainerHost;

/* Tells what the container at `obj`, whose block ends at `end`, holds no
   references in. */
void lg_pycontainers_look(const LgPyMem* mem, const LgPyLayout* layout,
                          LgPyContainer container, Addr obj, Addr end,
                          const LgPyContainerHost* host);

/* Some references are no addresses of objects, but one more: writes the addresses
   to `out`, and returns how many. */
#define LG_PY_MAX_TAGGED 2
UInt lg_pycontainers_tagged(const LgPyMem* mem, const LgPyLayout* layout,
                            LgPyContainer container, Addr obj,
                            Addr out[LG_PY_MAX_TAGGED]);

/* The same as lg_pycontainers_look, of the values of attributes that, from 3.13 on, stand behind the
   object at `obj`, at `values`: they may have gone into a dict. */
void lg_pycontainers_look_at_inline(const LgPyMem* mem,
                                    const LgPyLayout* layout, Addr obj,
                                    Addr values, Addr end,
                                    const LgPyContainerHost* host);

#endif
