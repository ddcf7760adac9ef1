/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystr.h: strings in the memory of a Python process. */

#ifndef LG_PYSTR_H
#define LG_PYSTR_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

/* Is the object at `obj` a str, by its type? */
Bool lg_pystr_is(const LgPyMem* mem, const LgPyLayout* layout, Addr obj);

/* Is the object at `obj`, a str, in the dict of interned strings? */
Bool lg_pystr_is_interned(const LgPyMem* mem, const LgPyLayout* layout,
                          Addr obj);

/* The text of the str object at `obj` as UTF-8, terminated, and cut off before
   the first character that does not fit into `bufSzB` bytes.  Control
   characters and lone surrogates become '?'.  False if it is not a readable
   compact str.  The caller must know that `obj` is a str: other objects may
   look like one. */
Bool lg_pystr_read(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                   HChar* buf, UInt bufSzB);

/* The same for any object; False if it is not a str. */
Bool lg_pystr_read_if_str(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                          HChar* buf, UInt bufSzB);

/* The same for the C string at `a`; False if it is not readable, contains a
   control character, or is not UTF-8. */
Bool lg_pystr_read_c(const LgPyMem* mem, Addr a, HChar* buf, UInt bufSzB);

/* At which offsets C code keeps pointers into objects without references: to
   the bytes of a bytes object, to the characters of a compact str.  Bit k
   stands for 8 * k bytes behind the object's address. */
ULong lg_pystr_data_offsets(const LgPyLayout* layout);

/* Stores the addresses of the other representations that the str object at
   `obj` owns; returns how many. */
#define LG_PY_STR_MAX_HELD 3
UInt lg_pystr_held(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                   Addr out[LG_PY_STR_MAX_HELD]);

#endif
