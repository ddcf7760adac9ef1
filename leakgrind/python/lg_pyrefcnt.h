/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyrefcnt.h: reference counts, and what they say about an object: whether
   it is alive, immortal, or dead. */

#ifndef LG_PYREFCNT_H
#define LG_PYREFCNT_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef enum {
    LgPyRefcntNonsense, /* not the word of an object */
    LgPyRefcntMortal,
    LgPyRefcntImmortal, /* references to it are not counted */
    LgPyRefcntDead      /* deallocated, but its memory was not freed */
} LgPyRefcntKind;

/* *count: the references that the word counts; 0 where they are not counted.

   In 3.14, free lists keep a link in the word.  A link to an address below 4
   GiB looks like a count: see lg_pyrefcnt_may_be_link. */
LgPyRefcntKind lg_pyrefcnt_read(const LgPyLayout* layout, ULong word,
                                ULong* count);

/* Could the word, which was read as Mortal or Immortal, also be the address of
   the next object in a free list?  Then the caller must look whether there is
   one. */
Bool lg_pyrefcnt_may_be_link(const LgPyLayout* layout, ULong word);

/* The same for the object at `obj` in a build without the GIL
   (LgPyRefcntSplit), where the owning thread and the other threads have a count
   each. */
LgPyRefcntKind lg_pyrefcnt_of_split(const LgPyMem* mem,
                                    const LgPyLayout* layout, Addr obj,
                                    ULong* count);

#endif
