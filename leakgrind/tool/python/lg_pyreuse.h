/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyreuse.h: objects that extensions take out of free lists of their own.

   Code from Cython, gmpy2 and others keep dead objects in free lists of their
   own, and reuse them without calling an allocator.  But a reused object is
   initialised by one of a few functions of CPython's.  When such a function is
   entered, the block gets the stack of the object's new life.  At this moment
   nobody holds a reference to the object: so a word of the extension's data
   that has its address is a slot of the free list.  Later, too, what is in a
   slot is no reference, neither to a live object, which was taken from the
   slot, nor to a dead one.

   A slot is believed only if it belongs to an array that behaves like a stack:
   each reused object of the type was found in one slot and nowhere else in the
   module's data, and no object in the slots below it was alive.  A single word
   is no such array: it could be a variable that still has the address of what
   it held before.  Objects whose reference count the extension sets itself are
   not noticed. */

#ifndef LG_PYREUSE_H
#define LG_PYREUSE_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_xarray.h"

/* To be called when PyObject_Init, PyObject_InitVar or _Py_NewReference is
   entered, with the arguments in the registers. */
void lg_pyreuse_on_init(const VexGuestArchState* gst);

/* A slot, and the type of the objects in it. */
typedef struct {
    Addr at;
    Addr type;
} LgPySlot;

/* Appends the slots whose arrays still exist. */
void lg_pyreuse_slots(XArray* slots);

#endif
