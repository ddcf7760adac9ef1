/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyrefcnt.h: what the words that a Python object begins with say of its
   life. */

#ifndef LG_PYREFCNT_H
#define LG_PYREFCNT_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef enum {
    LgPyRefcntNonsense, /* no object has such a word */
    LgPyRefcntMortal,
    LgPyRefcntImmortal, /* references to it are not counted */
    LgPyRefcntDead      /* it is no more, but its memory was not freed */
} LgPyRefcntKind;

/* *count: the references that the word counts; 0 where they are not counted.

   Where a free list keeps its link in the word (3.14), a link to below 4 GiB
   looks like a count: see lg_pyrefcnt_may_be_link. */
LgPyRefcntKind lg_pyrefcnt_read(const LgPyLayout* layout, ULong word,
                                ULong* count);

/* Could the word, which was read as Mortal or Immortal, be the address of the
   next object in a free list, too?  Then the caller has to look whether there
   is one. */
Bool lg_pyrefcnt_may_be_link(const LgPyLayout* layout, ULong word);

/* Of the object at `obj` in a build without the GIL (LgPyRefcntSplit), where
   its thread and the others have each a count. */
LgPyRefcntKind lg_pyrefcnt_of_split(const LgPyMem* mem,
                                    const LgPyLayout* layout, Addr obj,
                                    ULong* count);

#endif
