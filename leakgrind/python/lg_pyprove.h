/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyprove.h: whether a CPython has the layout that a row describes.

   A row of lg_pylayout.c was measured on certain builds; this one may be
   configured differently (--with-pydebug, --with-trace-refs, a distributor's
   patches).  So no part of a layout is used before memory has proven it: types
   by their own names and sizes, states by their pointers to each other, and
   lists by their elements.  An empty list proves nothing.

   Options of configure move the later parts of PyInterpreterState by some
   words.  So lists and tables are looked for around the offset in the layout:
   `by` is the distance from there in bytes. */

#ifndef LG_PYPROVE_H
#define LG_PYPROVE_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

/* Type objects that CPython exports; 0: not there. */
typedef enum {
    LgPyTypeType,
    LgPyTypeTuple,
    LgPyTypeList,
    LgPyTypeDict,
    LgPyTypeFloat,
    LgPyTypeStr,
    LgPyTypeBytes,
    LgPyTypeCode,
    LG_PY_N_STATIC_TYPES
} LgPyStaticType;

typedef struct {
    const LgPyMem*    mem;
    const LgPyLayout* layout;
    Addr              types[LG_PY_N_STATIC_TYPES];
    /* Is there a block of a heap, in use, at `a`, or up to 32 bytes before? */
    Bool (*isBlock)(void* opaque, Addr a);
    void* opaque;
} LgPyProof;

typedef enum {
    LgPyWrong,  /* it is not so */
    LgPyEmpty,  /* it may be so */
    LgPyProven
} LgPyAnswer;

/* `type` is its own type and has that name; the others have their names, and
   the sizes that follow from the layout.  They need not be initialized yet. */
Bool lg_pyprove_types(const LgPyProof* p);

/* The current thread state and the runtime at `pyRuntime` lead to the same
   interpreter, and that leads to the thread state.  `thread`: the thread
   pointer of the thread that runs; 0: not known. */
Bool lg_pyprove_states(const LgPyProof* p, Addr pyRuntime, Addr tstate,
                       Addr thread);

/* Up to 3.12, the free lists of tables of keys and of floats, `by` bytes from
   their offsets.  Both have moved by the same distance.  A list with a single
   float proves little: ask with the distance that is proven for the keys. */
LgPyAnswer lg_pyprove_keys(const LgPyProof* p, Addr interp, Int by);
LgPyAnswer lg_pyprove_floats(const LgPyProof* p, Addr interp, Int by);

/* All free lists whose lengths are in the layout, in the state that has
   them. */
LgPyAnswer lg_pyprove_counts(const LgPyProof* p, Addr state, Int by);

/* A table of objects that hold no reference: layout->borrowed[k]. */
LgPyAnswer lg_pyprove_borrowed(const LgPyProof* p, UInt k, Addr interp,
                               Int by);

/* Tries the places around, the nearest first.  True: it is proven at a distance
   of *by bytes, and not at a smaller one. */
typedef LgPyAnswer (*LgPyProveAt)(const LgPyProof* p, UInt k, Addr state,
                                  Int by);
Bool lg_pyprove_search(const LgPyProof* p, LgPyProveAt at, UInt k, Addr state,
                       Int* by);

#endif
