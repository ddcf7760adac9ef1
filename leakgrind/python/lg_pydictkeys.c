/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydictkeys.c: see lg_pydictkeys.h. */

#include "lg_pydictkeys.h"

/* dk_kind */
enum { DICT_KEYS_GENERAL = 0, DICT_KEYS_SPLIT = 2 };

enum {
    GENERAL_ENTRY_SZB = 3 * sizeof(Addr), /* hash, key, value */
    UNICODE_ENTRY_SZB = 2 * sizeof(Addr), /* key, value */
    MIN_LOG2_SIZE     = 3,
    MAX_LOG2_SIZE     = 40
};

Bool lg_pydictkeys_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr keys, LgPyDictKeys* out)
{
    const LgPyLayout* l = layout;
    UChar             log2Size, log2IndexB, kind;

    if (!lg_py_read(mem, keys + l->dk_log2_size, &log2Size, 1) ||
        !lg_py_read(mem, keys + l->dk_log2_index_bytes, &log2IndexB, 1) ||
        !lg_py_read(mem, keys + l->dk_kind, &kind, 1) ||
        !lg_py_word(mem, keys + l->dk_nentries, &out->nEntries) ||
        log2Size > MAX_LOG2_SIZE || log2IndexB < log2Size ||
        log2IndexB > log2Size + 3 || kind > DICT_KEYS_SPLIT)
        return False;
    SizeT nUsable = ((SizeT)2 << log2Size) / 3;
    out->hasHashes = kind == DICT_KEYS_GENERAL;
    out->entrySzB =
        out->hasHashes ? GENERAL_ENTRY_SZB : UNICODE_ENTRY_SZB;
    out->entries = keys + l->dk_entries + ((Addr)1 << log2IndexB);
    out->szB = out->entries - keys + nUsable * out->entrySzB;
    return out->nEntries <= nUsable;
}

Bool lg_pydictkeys_fit(const LgPyMem* mem, const LgPyLayout* layout, Addr start,
                       SizeT szB, LgPyDictKeys* out)
{
    UChar log2Size;

    return szB >= layout->dk_entries &&
           lg_py_read(mem, start + layout->dk_log2_size, &log2Size, 1) &&
           log2Size >= MIN_LOG2_SIZE &&
           lg_pydictkeys_read(mem, layout, start, out) && szB >= out->szB &&
           szB - out->szB < 16;
}

Bool lg_pydictkeys_entry(const LgPyMem* mem, const LgPyDictKeys* k, Addr i,
                         Addr* key, Addr* value)
{
    Addr at = k->entries + i * k->entrySzB + (k->hasHashes ? sizeof(Addr) : 0);
    return i < k->nEntries && lg_py_word(mem, at, key) &&
           lg_py_word(mem, at + sizeof(Addr), value);
}
