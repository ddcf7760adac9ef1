/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytypename.h: the names of types. */

#ifndef LG_PYTYPENAME_H
#define LG_PYTYPENAME_H

#include "lg_pystr.h"

#define LG_PY_TYPE_NAME_SZB 512

/* The name of the type object at `type`: __module__ and __qualname__ of a type
   made at run time, tp_name of a static one, without "builtins.".  False if it
   cannot be read.  *hasModule: does the type still have its module?  If not,
   the name is just the qualified name. */
Bool lg_pytypename_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr type, Bool isHeapType,
                        HChar name[LG_PY_TYPE_NAME_SZB], Bool* hasModule);

#endif
