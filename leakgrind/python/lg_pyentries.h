/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyentries.h: what modules and classes have in their dicts, by name. */

#ifndef LG_PYENTRIES_H
#define LG_PYENTRIES_H

#include "lg_pydictkeys.h"

/* The table of the dict of the module at `module`, of the class at `type`.  False:
   it cannot be read. */
Bool lg_pyentries_of_module(const LgPyMem* mem, const LgPyLayout* l,
                            Addr module, LgPyDictKeys* out);
Bool lg_pyentries_of_class(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                           LgPyDictKeys* out);

/* The value of the entry whose key is the str of these n characters, which must
   be less than 256; 0: there is none. */
Addr lg_pyentries_find(const LgPyMem* mem, const LgPyLayout* l,
                       const LgPyDictKeys* keys, const HChar* name, SizeT n);

/* The str that a module has as its __name__.  False: it has none. */
Bool lg_pyentries_module_name(const LgPyMem* mem, const LgPyLayout* l,
                              Addr module, HChar* out, UInt outSzB);

#endif
