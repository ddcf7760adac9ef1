/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyentries.c: see lg_pyentries.h. */

#include "lg_pyentries.h"

#include "../base/lg_text.h"
#include "lg_pystr.h"

Bool lg_pyentries_of_dict(const LgPyMem* mem, const LgPyLayout* l, Addr dict,
                          LgPyDictKeys* out)
{
    Addr at;

    return lg_py_word(mem, dict + l->ma_keys, &at) &&
           lg_pydictkeys_read(mem, l, at, out);
}

Bool lg_pyentries_of_module(const LgPyMem* mem, const LgPyLayout* l,
                            Addr module, LgPyDictKeys* out)
{
    Addr dict;

    /* PyModuleObject begins with md_dict. */
    return lg_py_word(mem, module + l->ob_type + sizeof(Addr), &dict) &&
           lg_pyentries_of_dict(mem, l, dict, out);
}

Bool lg_pyentries_of_class(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                           LgPyDictKeys* out)
{
    Addr dict;

    return lg_py_word(mem, type + l->tp_dict, &dict) &&
           lg_pyentries_of_dict(mem, l, dict, out);
}

Addr lg_pyentries_find(const LgPyMem* mem, const LgPyLayout* l,
                       const LgPyDictKeys* keys, const HChar* name, SizeT n)
{
    HChar text[256];
    Addr  key, value;

    for (Addr i = 0; i < keys->nEntries; i++)
        if (lg_pydictkeys_entry(mem, keys, i, &key, &value) && key != 0 &&
            value != 0 && lg_pystr_is(mem, l, key) &&
            lg_pystr_read(mem, l, key, text, sizeof text) &&
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
    Addr name = lg_pyentries_find(mem, l, &keys, key, sizeof key - 1);
    return name != 0 && lg_pystr_is(mem, l, name) &&
           lg_pystr_read(mem, l, name, out, outSzB);
}
