/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyreuse.h: objects that extensions take out of free lists of their own.

   Code that Cython has made, gmpy2 and others park dead objects and hand them
   out again, and no allocator hears of it.  But an object that begins another
   life is initialised, by one of CPython's functions for that.  When such a
   function is entered, the block gets the stack of the new life.  And as
   nobody holds a reference to the object at this moment, a word of the
   extension's memory that has its address is a slot of the free list.  What
   stands in a slot is no reference afterwards, either: neither to a live
   object, which was taken out of it, nor to a dead one.

   Guarantees: slots belong to an array that behaves as a stack: each object of
   the type that began another life was found in one slot and nowhere else in the
   module's data, and below it none that was alive.  A single word is no array: it
   could be a variable that still had the address of what it held before.  What
   is given a reference count by hand is not noticed. */

#ifndef LG_PYREUSE_H
#define LG_PYREUSE_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_xarray.h"

/* PyObject_Init, PyObject_InitVar or _Py_NewReference is entered; the arguments
   are in the registers. */
void lg_pyreuse_on_init(const VexGuestArchState* gst);

/* A slot, and the type of the objects in it. */
typedef struct {
    Addr at;
    Addr type;
} LgPySlot;

/* Appends the slots that are still where they were. */
void lg_pyreuse_slots(XArray* slots);

#endif
