/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyentries.c: see lg_pyentries.h. */

#include "lg_pyentries.h"

#include "../base/lg_text.h"
#include "lg_pystr.h"

/* `at`: where the address of the dict is. */
static Bool read_keys_at(const LgPyMem* mem, const LgPyLayout* l, Addr at,
                         LgPyDictKeys* out)
{
    Addr dict, keys;

    return lg_py_word(mem, at, &dict) &&
           lg_py_word(mem, dict + l->ma_keys, &keys) &&
           lg_pydictkeys_read(mem, l, keys, out);
}

Bool lg_pyentries_of_module(const LgPyMem* mem, const LgPyLayout* l,
                            Addr module, LgPyDictKeys* out)
{
    /* PyModuleObject begins with md_dict. */
    return read_keys_at(mem, l, module + l->ob_type + sizeof(Addr), out);
}

Bool lg_pyentries_of_class(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                           LgPyDictKeys* out)
{
    return read_keys_at(mem, l, type + l->tp_dict, out);
}

Addr lg_pyentries_find(const LgPyMem* mem, const LgPyLayout* l,
                       const LgPyDictKeys* keys, const HChar* name, SizeT n)
{
    HChar text[256];
    Addr  key, value;

    for (Addr i = 0; i < keys->nEntries; i++)
        if (lg_pydictkeys_entry(mem, keys, i, &key, &value) && key != 0 &&
            value != 0 &&
            lg_pystr_read_if_str(mem, l, key, text, sizeof text) &&
            lg_text_length(text) == n && lg_text_after(name, text) != NULL)
            return value;
    return 0;
}

Bool lg_pyentries_module_name(const LgPyMem* mem, const LgPyLayout* l,
                              Addr module, HChar* out, UInt outSzB)
{
    static const HChar key[] = "__name__";
    LgPyDictKeys keys;

    if (!lg_pyentries_of_module(mem, l, module, &keys))
        return False;
    return lg_pystr_read_if_str(
        mem, l, lg_pyentries_find(mem, l, &keys, key, sizeof key - 1), out,
        outSzB);
}
