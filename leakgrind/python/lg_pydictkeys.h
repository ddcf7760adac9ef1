/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydictkeys.h: PyDictKeysObject, the table behind a dict: a header, an
   index, then entries.  It is allocated as objects are, but is none; from 3.13
   on it comes from the MEM domain. */

#ifndef LG_PYDICTKEYS_H
#define LG_PYDICTKEYS_H

#include "lg_pylayout.h"
#include "lg_pymem.h"

typedef struct {
    Addr  entries;
    UInt  entrySzB;
    Addr  nEntries; /* in use, of which some may have been deleted */
    Bool  hasHashes; /* an entry begins with the hash of its key */
    SizeT szB;       /* of it all */
} LgPyDictKeys;

/* False when there is no readable table at `keys`. */
Bool lg_pydictkeys_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr keys, LgPyDictKeys* out);

/* Is the block a table of keys?  It tells its own size, to the byte; `szB` may
   be that of the slot, up to 15 bytes larger. */
Bool lg_pydictkeys_fit(const LgPyMem* mem, const LgPyLayout* layout, Addr start,
                       SizeT szB, LgPyDictKeys* out);

/* Does the table, which fits, wait in a free list?  What stands in it holds
   nothing then. */
Bool lg_pydictkeys_is_parked(const LgPyMem* mem, const LgPyLayout* layout,
                             Addr keys);

/* Key and value of entry i; *key is 0 where it was deleted. */
Bool lg_pydictkeys_entry(const LgPyMem* mem, const LgPyDictKeys* k, Addr i,
                         Addr* key, Addr* value);

#endif
