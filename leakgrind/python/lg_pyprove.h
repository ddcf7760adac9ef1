/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyprove.h: whether a CPython is laid out as a layout says.

   A row of lg_pylayout.c was measured on some builds; yours may have been
   configured otherwise (--with-pydebug, --with-trace-refs, a distributor's
   patches).  So nothing of a layout is used before what stands in memory has
   proven it: types by what they say of themselves, states by leading to each
   other, and lists by what is in them.  An empty list proves nothing.

   Options of configure move what stands late in PyInterpreterState by some
   words.  Lists and tables are therefore looked for around the place that the
   layout has for them: `by` is how many bytes from there. */

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
    LgPyWrong,  /* this cannot be */
    LgPyEmpty,  /* it may be */
    LgPyProven
} LgPyAnswer;

/* `type` is its own type, and called so; the others have their names, and the
   sizes that the layout wants.  They need not be ready yet. */
Bool lg_pyprove_types(const LgPyProof* p);

/* The thread state, which is the current one, and the runtime at `pyRuntime`
   lead to one interpreter, and that to them.  `thread`: the thread pointer of the
   thread that runs; 0: not known. */
Bool lg_pyprove_states(const LgPyProof* p, Addr pyRuntime, Addr tstate,
                       Addr thread);

/* The free lists of tables of keys and of floats up to 3.12, `by` bytes from
   where the layout has them.  They have moved by the same.  A single float proves
   little by itself: ask where the keys are proven to be. */
LgPyAnswer lg_pyprove_keys(const LgPyProof* p, Addr interp, Int by);
LgPyAnswer lg_pyprove_floats(const LgPyProof* p, Addr interp, Int by);

/* All lists of which the layout has the lengths, in the state that has them. */
LgPyAnswer lg_pyprove_counts(const LgPyProof* p, Addr state, Int by);

/* A table of objects that hold no reference: layout->borrowed[k]. */
LgPyAnswer lg_pyprove_borrowed(const LgPyProof* p, UInt k, Addr interp,
                               Int by);

/* Tries the places around, the nearest first.  True: it is proven *by bytes
   from the layout's, and nowhere nearer. */
typedef LgPyAnswer (*LgPyProveAt)(const LgPyProof* p, UInt k, Addr state,
                                  Int by);
Bool lg_pyprove_search(const LgPyProof* p, LgPyProveAt at, UInt k, Addr state,
                       Int* by);

#endif
