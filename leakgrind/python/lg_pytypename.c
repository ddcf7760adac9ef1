/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytypename.c: names of types.  See lg_pytypename.h. */

#include "lg_pytypename.h"

#include "../base/lg_text.h"
#include "lg_pydictkeys.h"

/* Dictionaries of types with more entries are not searched. */
enum { MAX_ENTRIES = 65536 };

static Bool is_key(const LgPyMem* mem, const LgPyLayout* l, Addr obj,
                   const HChar* key)
{
    HChar text[32];
    Addr  n;

    return lg_py_word(mem, obj + l->unicode_length, &n) &&
           n == lg_text_length(key) && lg_pystr_is(mem, l, obj) &&
           lg_pystr_read(mem, l, obj, text, sizeof text) &&
           lg_text_equal(text, key);
}

/* The value of a str key in a dict.  If dicts share their keys, their values
   are in arrays of their own; the dictionary of a class is such a dict if it
   was made from the __dict__ of an instance. */
static Bool dict_get(const LgPyMem* mem, const LgPyLayout* l, Addr dict,
                     const HChar* name, Addr* value)
{
    LgPyDictKeys keys;
    Addr         at, values, key;

    if (!lg_py_word(mem, dict + l->ma_keys, &at) || at == 0 ||
        !lg_py_word(mem, dict + l->ma_values, &values) ||
        !lg_pydictkeys_read(mem, l, at, &keys) ||
        keys.nEntries > MAX_ENTRIES)
        return False;
    for (Addr i = 0; i < keys.nEntries; i++) {
        if (!lg_pydictkeys_entry(mem, &keys, i, &key, value))
            return False;
        if (key != 0 && is_key(mem, l, key, name))
            return (values == 0 ||
                    lg_py_word(mem,
                               values + l->dictvalues_values +
                                   i * sizeof(Addr),
                               value)) &&
                   *value != 0;
    }
    return False;
}

static Bool read_heap_type(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                           HChar name[LG_PY_TYPE_NAME_SZB], Bool* hasModule)
{
    Addr dict, module, qualname;
    UInt n = 0;

    if (l->ht_qualname == LG_PY_NONE ||
        !lg_py_word(mem, type + l->ht_qualname, &qualname))
        return False;
    *hasModule = lg_py_word(mem, type + l->tp_dict, &dict) && dict != 0 &&
                 dict_get(mem, l, dict, "__module__", &module);
    if (*hasModule && lg_pystr_is(mem, l, module) &&
        lg_pystr_read(mem, l, module, name, LG_PY_TYPE_NAME_SZB / 2) &&
        !lg_text_equal(name, "builtins")) {
        n = (UInt)lg_text_length(name);
        if (n > 0)
            name[n++] = '.';
    }
    return lg_pystr_read(mem, l, qualname, name + n, LG_PY_TYPE_NAME_SZB - n) &&
           name[n] != 0;
}

Bool lg_pytypename_read(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr type, Bool isHeapType,
                        HChar name[LG_PY_TYPE_NAME_SZB], Bool* hasModule)
{
    Addr         tp_name;
    const HChar* rest;

    if (isHeapType && read_heap_type(mem, layout, type, name, hasModule))
        return True;
    *hasModule = True;
    if (!lg_py_word(mem, type + layout->tp_name, &tp_name) ||
        !lg_pystr_read_c(mem, tp_name, name, LG_PY_TYPE_NAME_SZB) ||
        name[0] == 0)
        return False;
    rest = lg_text_after(name, "builtins.");
    if (rest != NULL)
        memmove(name, rest, lg_text_length(rest) + 1);
    return True;
}
