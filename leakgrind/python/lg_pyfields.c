/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfields.c: see lg_pyfields.h. */

#include "lg_pyfields.h"

#include "../base/lg_text.h"
#include "lg_pylocals.h"
#include "lg_pystr.h"

#define WORD ((Addr)sizeof(Addr))

enum { MAX_BASES = 64, MAX_MEMBERS = 256, MAX_TYPE_NAME = 48 };

/* Of tp_flags. */
#define FLAG_BASE_EXC_SUBCLASS (1ULL << 30)

/* --- What is known --------------------------------------------------------------- */

/* A word of a C structure, counted from ob_type on, from one version to another. */
typedef struct {
    const HChar* type;
    UInt         from, to, word;
    const HChar* name;
} Field;

static const Field fields[] = {
    {"function", 0x0309, 0x0309, 3, "__defaults__"},
    {"function", 0x0309, 0x0309, 4, "__kwdefaults__"},
    {"function", 0x0309, 0x0309, 1, "__code__"},
    {"function", 0x0309, 0x0309, 8, "__dict__"},
    {"function", 0x0309, 0x0309, 11, "__annotations__"},
    {"function", 0x030A, 0xFFFF, 5, "__code__"},
    {"function", 0x030A, 0xFFFF, 6, "__defaults__"},
    {"function", 0x030A, 0xFFFF, 7, "__kwdefaults__"},
    {"function", 0x030A, 0xFFFF, 10, "__dict__"},
    {"function", 0x030A, 0xFFFF, 13, "__annotations__"},
    {"traceback", 0x0309, 0xFFFF, 1, "tb_next"},
    {"frame", 0x0309, 0x030A, 2, "f_back"},
    {"frame", 0x030B, 0xFFFF, 1, "f_back"},
    {"generator", 0x0309, 0x030A, 1, "gi_frame"},
    {"coroutine", 0x0309, 0x030A, 1, "cr_frame"},
    {"async_generator", 0x0309, 0x030A, 1, "ag_frame"},
    {"builtin_function_or_method", 0x0309, 0xFFFF, 2, "__self__"},
    {"mappingproxy", 0x0309, 0xFFFF, 1, "mapping"},
    {"weakref", 0x0309, 0xFFFF, 2, "__callback__"},
    {"weakref.ReferenceType", 0x0309, 0xFFFF, 2, "__callback__"},
    {"functools._lru_cache_wrapper", 0x0309, 0xFFFF, 8, "cache"},
    {"functools._lru_list_elem", 0x0309, 0xFFFF, 4, "key"},
    {"functools._lru_list_elem", 0x0309, 0xFFFF, 5, "result"},
};

/* Of every exception. */
static const Field exceptionFields[] = {
    {"", 0x0309, 0xFFFF, 1, "__dict__"},
    {"", 0x0309, 0xFFFF, 2, "args"},
    {"", 0x0309, 0x030A, 3, "__traceback__"},
    {"", 0x0309, 0x030A, 4, "__context__"},
    {"", 0x0309, 0x030A, 5, "__cause__"},
    {"", 0x030B, 0xFFFF, 3, "__notes__"},
    {"", 0x030B, 0xFFFF, 4, "__traceback__"},
    {"", 0x030B, 0xFFFF, 5, "__context__"},
    {"", 0x030B, 0xFFFF, 6, "__cause__"},
};

static Bool copy_name(const HChar* name, HChar* out, UInt outSzB)
{
    lg_plat_snprintf(out, outSzB, "%s", name);
    return True;
}

static Bool is_at(const LgPyLayout* l, const Field* f, Addr off)
{
    return l->version >= f->from && l->version <= f->to &&
           off == l->ob_type + f->word * WORD;
}

static Bool read_type_name(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                           HChar name[MAX_TYPE_NAME])
{
    Addr at;
    return lg_py_word(mem, type + l->tp_name, &at) &&
           lg_pystr_read_c(mem, at, name, MAX_TYPE_NAME);
}

static const HChar* known_name(const LgPyMem* mem, const LgPyLayout* l,
                               Addr type, Addr off)
{
    HChar name[MAX_TYPE_NAME];
    Addr  flags;

    for (UInt i = 0; i < sizeof exceptionFields / sizeof(Field); i++)
        if (is_at(l, &exceptionFields[i], off) &&
            lg_py_word(mem, type + l->tp_flags, &flags) &&
            (flags & FLAG_BASE_EXC_SUBCLASS))
            return exceptionFields[i].name;
    if (!read_type_name(mem, l, type, name))
        return NULL;
    for (UInt i = 0; i < sizeof fields / sizeof(Field); i++)
        if (is_at(l, &fields[i], off) && lg_text_equal(name, fields[i].type))
            return fields[i].name;
    return NULL;
}

/* --- What types tell --------------------------------------------------------------- */

/* Is it a member that is a reference, at this offset? */
static Bool is_reference_at(const LgPyMem* mem, Addr member, Addr off)
{
    enum { KIND = 8, OFFSET = 16, OBJECT = 6, OBJECT_EX = 16 };
    Int  kind;
    Addr offset;

    return lg_py_read(mem, member + KIND, &kind, sizeof kind) &&
           (kind == OBJECT || kind == OBJECT_EX) &&
           lg_py_word(mem, member + OFFSET, &offset) && offset == off;
}

static Bool member_name(const LgPyMem* mem, const LgPyLayout* l, Addr type,
                        Addr off, HChar* out, UInt outSzB)
{
    enum { TP_MEMBERS = 3, MEMBER_SZB = 40 };
    Addr member, name;

    if (!lg_py_word(mem, type + l->tp_dict - TP_MEMBERS * WORD, &member) ||
        member == 0)
        return False;
    for (UInt i = 0; i < MAX_MEMBERS; i++, member += MEMBER_SZB) {
        if (!lg_py_word(mem, member, &name) || name == 0)
            return False;
        if (is_reference_at(mem, member, off))
            return lg_pystr_read_c(mem, name, out, outSzB);
    }
    return False;
}

Bool lg_pyfields_name(const LgPyMem* mem, const LgPyLayout* layout, Addr type,
                      Addr off, HChar* out, UInt outSzB)
{
    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        const HChar* known = known_name(mem, layout, type, off);
        if (known != NULL)
            return copy_name(known, out, outSzB);
        if (member_name(mem, layout, type, off, out, outSzB))
            return True;
        if (!lg_py_word(mem, type + layout->tp_base, &type))
            break;
    }
    return False;
}

/* --- Frames and closures ----------------------------------------------------------- */

static Bool has_generator_frame(const HChar* type)
{
    return lg_text_equal(type, "generator") ||
           lg_text_equal(type, "coroutine") ||
           lg_text_equal(type, "async_generator");
}

Bool lg_pyfields_frame(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                       LgPyFrame* out)
{
    enum { F_FRAME = 2 };
    const LgPyLayout* l = layout;
    HChar             name[MAX_TYPE_NAME];
    Addr              type;

    if (!lg_py_word(mem, obj + l->ob_type, &type) ||
        !read_type_name(mem, l, type, name))
        return False;
    *out = (LgPyFrame){.frame = obj};
    if (has_generator_frame(name) && l->gi_iframe != LG_PY_NONE)
        out->frame = obj + l->gi_iframe;
    else if (!lg_text_equal(name, "frame") ||
             (l->version >= 0x030B &&
              !lg_py_word(mem, obj + l->ob_type + F_FRAME * WORD, &out->frame)))
        return False;
    if (!lg_py_word(mem, out->frame + l->frame_code, &out->code))
        return False;
    out->code &= ~(Addr)l->stackrefTagMask;
    return lg_pyframes_instr(mem, l, out->frame, &out->instr);
}

Bool lg_pyfields_closure_name(const LgPyMem* mem, const LgPyLayout* layout,
                              Addr function, Addr n, Addr i,
                              HChar name[LG_PY_NAME_SZB])
{
    Addr code;
    UInt word = layout->version >= 0x030A ? 5 : 1;

    return lg_py_word(mem, function + layout->ob_type + word * WORD, &code) &&
           lg_pylocals_free_name(mem, layout, code, n, i, name);
}
