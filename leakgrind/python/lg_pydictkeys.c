/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydictkeys.c: see lg_pydictkeys.h. */

#include "lg_pydictkeys.h"

#include "lg_pyrefcnt.h"

/* dk_kind */
enum { DICT_KEYS_GENERAL = 0, DICT_KEYS_UNICODE = 1, DICT_KEYS_SPLIT = 2 };

enum {
    GENERAL_ENTRY_SZB = 3 * sizeof(Addr), /* hash, key, value */
    UNICODE_ENTRY_SZB = 2 * sizeof(Addr), /* key, value */
    MIN_LOG2_SIZE     = 3,
    MAX_LOG2_SIZE     = 40
};

/* Size of the table and bytes of its index, as logarithms. */
typedef struct {
    UChar size, indexB, kind;
} Shape;

/* 3.9, 3.10: an element of the index has as few bytes as the number of entries
   allows, and all entries have hashes. */
static Bool shape_from_size(Addr size, Shape* s)
{
    UChar log2 = 0;

    while (log2 <= MAX_LOG2_SIZE && ((Addr)1 << log2) < size)
        log2++;
    s->size = log2;
    s->indexB = (UChar)(log2 + (size <= 0xFF         ? 0
                                : size <= 0xFFFF     ? 1
                                : size <= 0xFFFFFFFF ? 2
                                                     : 3));
    s->kind = DICT_KEYS_GENERAL;
    return size > 0 && log2 <= MAX_LOG2_SIZE && ((Addr)1 << log2) == size;
}

static Bool read_shape(const LgPyMem* mem, const LgPyLayout* l, Addr keys,
                       Shape* s)
{
    Addr size;

    if (l->dk_size != LG_PY_NONE)
        return lg_py_word(mem, keys + l->dk_size, &size) &&
               shape_from_size(size, s);
    return lg_py_read(mem, keys + l->dk_log2_size, &s->size, 1) &&
           lg_py_read(mem, keys + l->dk_log2_index_bytes, &s->indexB, 1) &&
           lg_py_read(mem, keys + l->dk_kind, &s->kind, 1) &&
           s->size <= MAX_LOG2_SIZE && s->indexB >= s->size &&
           s->indexB <= s->size + 3 && s->kind <= DICT_KEYS_SPLIT;
}

Bool lg_pydictkeys_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr keys, LgPyDictKeys* out)
{
    const LgPyLayout* l = layout;
    Shape             s;

    if (!read_shape(mem, l, keys, &s) ||
        !lg_py_word(mem, keys + l->dk_nentries, &out->nEntries))
        return False;
    SizeT nUsable = ((SizeT)2 << s.size) / 3;
    out->hasHashes = s.kind == DICT_KEYS_GENERAL;
    out->entrySzB =
        out->hasHashes ? GENERAL_ENTRY_SZB : UNICODE_ENTRY_SZB;
    out->entries = keys + l->dk_entries + ((Addr)1 << s.indexB);
    out->szB = out->entries - keys + nUsable * out->entrySzB;
    return out->nEntries <= nUsable &&
           mem->at(mem->opaque, keys, out->szB) != NULL;
}

Bool lg_pydictkeys_fit(const LgPyMem* mem, const LgPyLayout* layout, Addr start,
                       SizeT szB, LgPyDictKeys* out)
{
    Shape s;

    return szB >= layout->dk_entries && read_shape(mem, layout, start, &s) &&
           s.size >= MIN_LOG2_SIZE &&
           lg_pydictkeys_read(mem, layout, start, out) && szB >= out->szB &&
           szB - out->szB < 16;
}

Bool lg_pydictkeys_is_parked(const LgPyMem* mem, const LgPyLayout* layout,
                             Addr keys)
{
    Addr  word;
    ULong count;
    Shape s;

    if (!lg_py_word(mem, keys, &word)) /* dk_refcnt */
        return False;
    if (layout->refcntFormat != LgPyRefcntFlags || word == 0)
        return word == 0;
    /* Only the smallest tables of strings are parked. */
    if (!read_shape(mem, layout, keys, &s) || s.size != MIN_LOG2_SIZE ||
        s.kind != DICT_KEYS_UNICODE)
        return False;
    return lg_pyrefcnt_read(layout, word, &count) == LgPyRefcntDead ||
           (lg_pyrefcnt_may_be_link(layout, word) &&
            read_shape(mem, layout, word, &s) && s.size == MIN_LOG2_SIZE &&
            s.kind == DICT_KEYS_UNICODE);
}

Bool lg_pydictkeys_entry(const LgPyMem* mem, const LgPyDictKeys* k, Addr i,
                         Addr* key, Addr* value)
{
    Addr at = k->entries + i * k->entrySzB + (k->hasHashes ? sizeof(Addr) : 0);
    return i < k->nEntries && lg_py_word(mem, at, key) &&
           lg_py_word(mem, at + sizeof(Addr), value);
}
