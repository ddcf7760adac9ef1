/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydictkeys.h: PyDictKeysObject, the table behind a dict: a header, an
   index, then entries.  It comes from the OBJ domain although it is not an
   object; from 3.13 on, from the MEM domain. */

#ifndef LG_PYDICTKEYS_H
#define LG_PYDICTKEYS_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef struct {
    Addr  entries;
    UInt  entrySzB;
    Addr  nEntries; /* in use; some of them may have been deleted */
    Bool  hasHashes; /* an entry begins with the hash of its key */
    SizeT szB;       /* of the whole table */
} LgPyDictKeys;

/* False if there is no table at `keys` that can be read as a whole. */
Bool lg_pydictkeys_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr keys, LgPyDictKeys* out);

/* Is the block a table of keys?  A table implies its exact size; `szB` may be
   that of the slot, which is up to 15 bytes larger. */
Bool lg_pydictkeys_fit(const LgPyMem* mem, const LgPyLayout* layout, Addr start,
                       SizeT szB, LgPyDictKeys* out);

/* Does the table, for which lg_pydictkeys_fit is True, wait in a free list?
   Then it holds no references. */
Bool lg_pydictkeys_is_parked(const LgPyMem* mem, const LgPyLayout* layout,
                             Addr keys);

/* Key and value of entry i; *key is 0 where it was deleted. */
Bool lg_pydictkeys_entry(const LgPyMem* mem, const LgPyDictKeys* k, Addr i,
                         Addr* key, Addr* value);

#endif
