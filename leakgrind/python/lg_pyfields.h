/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfields.h: what the references in an object of a C type are called.

   The names are those that Python code has for them: most types tell them as
   members (tp_members); those of a few of CPython's own are known. */

#ifndef LG_PYFIELDS_H
#define LG_PYFIELDS_H

#include "lg_pyframes.h"

/* The name of the reference `off` bytes behind the start of an instance of the
   type at `type`.  False: it has none. */
Bool lg_pyfields_name(const LgPyMem* mem, const LgPyLayout* layout, Addr type,
                      Addr off, HChar* out, UInt outSzB);

/* The frame that the object at `obj` has: a frame object, or from 3.11 on a
   generator or a coroutine.  False: it has none. */
Bool lg_pyfields_frame(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                       LgPyFrame* out);

/* The name of element i of the closure of the function at `function`, a tuple of
   n cells. */
Bool lg_pyfields_closure_name(const LgPyMem* mem, const LgPyLayout* layout,
                              Addr function, Addr n, Addr i,
                              HChar name[LG_PY_NAME_SZB]);

#endif
