/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytypename.h: what a type is called. */

#ifndef LG_PYTYPENAME_H
#define LG_PYTYPENAME_H

#include "lg_pystr.h"

#define LG_PY_TYPE_NAME_SZB 512

/* The name of the type object at `type`: of one made at run time, __module__
   and __qualname__; of a static one, tp_name.  "builtins." is left out.  False
   when neither can be read.  *hasModule: whether the type still knows its
   module; if not, the name is just the qualified one. */
Bool lg_pytypename_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr type, Bool isHeapType,
                        HChar name[LG_PY_TYPE_NAME_SZB], Bool* hasModule);

#endif
