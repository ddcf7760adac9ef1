/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycontainers.h: CPython's containers, and which of their words hold
   references.

   A container often has room for more than it holds, and references that were
   taken out of it are still there: behind the length of a list, outside the
   ends of a deque, in the small table of a set that has outgrown it, above the
   stack pointer of a suspended generator.  Other words are references that are
   not counted (the last value that a ContextVar has looked up), numbers that
   may look like addresses (hashes), or bytes.

   Guarantees: the reported memory holds no counted reference.  If the words of
   a container do not fit together, for example because it is being changed,
   nothing is reported, and all its words may be references. */

#ifndef LG_PYCONTAINERS_H
#define LG_PYCONTAINERS_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef enum {
    LgPyNoContainer, /* or one that is not known */
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
    LgPyLruLink, /* of functools.lru_cache, or the cache itself */
    LgPyPattern /* of re */
} LgPyContainer;

/* What instances of the type at `type` are, by the type or one of its bases. */
LgPyContainer lg_pycontainers_of(const LgPyMem* mem, const LgPyLayout* layout,
                                 Addr type);

/* The caller's functions. */
typedef struct {
    void* opaque;
    /* The size of the block whose data begin at `a`; 0: there is none. */
    SizeT (*block)(void* opaque, Addr a);
    /* [lo, hi) holds no reference, and no pointer. */
    void (*dead)(void* opaque, Addr lo, Addr hi);
    /* [lo, hi) holds bytes: no reference to an object, but perhaps pointers to
       C memory. */
    void (*bytes)(void* opaque, Addr lo, Addr hi);
    /* [lo, hi) holds no reference, unless the references of the object at `obj`
       are being given back one by one at this moment. */
    void (*cleared)(void* opaque, Addr obj, Addr lo, Addr hi);
} LgPyContainerHost;

/* Reports which memory of the container at `obj` holds no references.  Its
   block ends at `end`. */
void lg_pycontainers_look(const LgPyMem* mem, const LgPyLayout* layout,
                          LgPyContainer container, Addr obj, Addr end,
                          const LgPyContainerHost* host);

/* Some references are tagged: they hold the address of the object plus 1.
   Writes these addresses to `out`; returns how many. */
#define LG_PY_MAX_TAGGED 2
UInt lg_pycontainers_tagged(const LgPyMem* mem, const LgPyLayout* layout,
                            LgPyContainer container, Addr obj,
                            Addr out[LG_PY_MAX_TAGGED]);

/* The same for the values of attributes that, from 3.13 on, follow the object
   at `obj`, at `values`: they may have been moved to a dict. */
void lg_pycontainers_look_at_inline(const LgPyMem* mem,
                                    const LgPyLayout* layout, Addr obj,
                                    Addr values, Addr end,
                                    const LgPyContainerHost* host);

#endif
