/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylocals.c: see lg_pylocals.h. */

#include "lg_pylocals.h"

#include "lg_pystr.h"

#define WORD ((Addr)sizeof(Addr))

enum { MAX_LOCALS = 1 << 16 };

/* The names in one of a code object's tuples. */
typedef struct {
    Addr items, n;
} Names;

static Bool read_names(const LgPyMem* mem, const LgPyLayout* l, Addr at,
                       Names* out)
{
    Addr tuple;

    if (!lg_py_word(mem, at, &tuple) ||
        !lg_py_word(mem, tuple + l->ob_size, &out->n) || out->n > MAX_LOCALS)
        return False;
    /* From 3.14 on there is a hash before the items. */
    out->items =
        tuple + l->ob_size + (l->version >= 0x030E ? 2 * WORD : WORD);
    return True;
}

/* In the order of the locals of a frame.  Returns how many tuples. */
static UInt read_all_names(const LgPyMem* mem, const LgPyLayout* l, Addr code,
                           Names out[3])
{
    Addr filename = code + l->co_filename;

    if (l->frame_localsplus != LG_PY_NONE) /* co_localsplusnames */
        return read_names(mem, l, filename - 2 * WORD, &out[0]) ? 1 : 0;
    /* co_varnames, co_freevars, co_cellvars */
    return read_names(mem, l, filename - 4 * WORD, &out[0]) &&
                   read_names(mem, l, filename - 3 * WORD, &out[2]) &&
                   read_names(mem, l, filename - 2 * WORD, &out[1])
               ? 3
               : 0;
}

static Bool read_name(const LgPyMem* mem, const LgPyLayout* l,
                      const Names* names, UInt nTuples, Addr index,
                      HChar name[LG_PY_NAME_SZB])
{
    Addr str;

    for (UInt t = 0; t < nTuples; t++) {
        if (index < names[t].n)
            return lg_py_word(mem, names[t].items + index * WORD, &str) &&
                   lg_pystr_is(mem, l, str) &&
                   lg_pystr_read(mem, l, str, name, LG_PY_NAME_SZB);
        index -= names[t].n;
    }
    return False;
}

/* The local variables of a frame, with the tuples of their names (at most 3). */
static UInt find_locals(const LgPyMem* mem, const LgPyLayout* l,
                        const LgPyFrame* frame, Names names[3], LgRange* words)
{
    Addr locals, n = 0;
    UInt nTuples = read_all_names(mem, l, frame->code, names);

    for (UInt t = 0; t < nTuples; t++)
        n += names[t].n;
    if (l->frame_localsplus != LG_PY_NONE)
        locals = frame->frame + l->frame_localsplus;
    else if (lg_py_word(mem, frame->frame + l->frame_valuestack, &locals))
        locals -= n * WORD;
    else
        return 0;
    *words = (LgRange){locals, locals + n * WORD};
    return nTuples;
}

Bool lg_pylocals_range(const LgPyMem* mem, const LgPyLayout* layout,
                       const LgPyFrame* frame, LgRange* out)
{
    Names names[3];
    return find_locals(mem, layout, frame, names, out) > 0;
}

LgPyFrameWord lg_pylocals_find(const LgPyMem* mem, const LgPyLayout* layout,
                               const LgPyFrame* frame, Addr at,
                               HChar name[LG_PY_NAME_SZB])
{
    const LgPyLayout* l = layout;
    Names             names[3];
    LgRange           locals;
    Int               stackSize;
    UInt nTuples = find_locals(mem, l, frame, names, &locals);

    if (nTuples == 0 || at < frame->frame)
        return LgPyNotInFrame;
    if (at < locals.lo)
        return LgPyFrameField;
    if (at < locals.hi)
        return read_name(mem, l, names, nTuples, (at - locals.lo) / WORD, name)
                   ? LgPyLocal
                   : LgPyFrameField;
    /* co_stacksize; before 3.11, five words before co_filename's tuples */
    Addr sizeAt = frame->code + (l->co_stacksize != LG_PY_NONE ? l->co_stacksize
                                                               : 0x20);
    return lg_py_read(mem, sizeAt, &stackSize, sizeof stackSize) &&
                   stackSize >= 0 && stackSize <= MAX_LOCALS &&
                   at < locals.hi + (Addr)stackSize * WORD
               ? LgPyStackSlot
               : LgPyNotInFrame;
}

Bool lg_pylocals_free_name(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr code, Addr n, Addr i,
                           HChar name[LG_PY_NAME_SZB])
{
    Names names[3];
    UInt  nTuples = read_all_names(mem, layout, code, names);
    Addr  nAll = 0;

    for (UInt t = 0; t < nTuples; t++)
        nAll += names[t].n;
    return nTuples > 0 && i < n && n <= nAll &&
           read_name(mem, layout, names, nTuples, nAll - n + i, name);
}
