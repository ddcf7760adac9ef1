/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyforeign.c: objects that extension modules have made.

   Objects of CPython's own types hold a reference to all that they point at,
   and the collector sees it.  The C structure of an extension's type may hold
   anything: references that its tp_traverse reports or does not, and borrowed
   pointers, e.g. to the object itself.  A type is an extension's if its
   tp_dealloc, or that of a base type, is outside of CPython's code: classes of
   Python have CPython's. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_debuginfo.h"

#include "../process/lg_python.h"

enum {
    MAX_BASES = 64,
    /* No more of an object's own memory is examined. */
    MAX_OWN_BLOCKS = 64
};

/* Offsets in the objects of a type. */
typedef struct {
    UInt from, end; /* equal: nothing is foreign */
} Part;

/* Is it in CPython, or in our preload library, which replaces some
   deallocators? */
static Bool is_cpythons_code(Addr a)
{
    const LgPython*  py = lg_python();
    DiEpoch          ep = VG_(current_DiEpoch)();
    const DebugInfo* di = VG_(find_DebugInfo)(ep, a);
    Addr             its;

    return lg_py_word(lg_python_mem(),
                      py->pyTypeType + py->layout->tp_dealloc, &its) &&
           (di == VG_(find_DebugInfo)(ep, its) ||
            di == VG_(find_DebugInfo)(ep, lg_python_guest_hooks()->note));
}

/* The foreign part of the type's objects, up to that of CPython's base. */
static Part part_of(Addr type)
{
    const LgPyLayout* l = lg_python()->layout;
    const LgPyMem*    mem = lg_python_mem();
    Part              part = {0, 0};
    Addr              dealloc, szB;

    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        if (!lg_py_word(mem, type + l->tp_dealloc, &dealloc) ||
            !lg_py_word(mem, type + l->tp_basicsize, &szB))
            return (Part){0, 0};
        if (!is_cpythons_code(dealloc)) {
            if (part.end == 0)
                part.end = (UInt)szB;
        } else if (part.end != 0) {
            part.from = (UInt)szB;
            return part.from < part.end ? part : (Part){0, 0};
        }
        if (!lg_py_word(mem, type + l->tp_base, &type))
            return (Part){0, 0};
    }
    return (Part){0, 0};
}

Bool lg_pyforeign_part(const LgPySnapshot* c, UInt i, LgRange* out)
{
    const LgPython*    py = lg_python();
    const LgSnapBlock* b = lg_pysnap_block(c, i);
    Addr               base = lg_sb_base(b), type;
    Part               part;

    if (c->type[i] == 0 || py->layout == NULL || py->pyTypeType == 0 ||
        lg_pytypes_is_builtin(lg_python_types(), c->type[i]) ||
        !lg_py_word(lg_python_mem(), base + py->layout->ob_type, &type))
        return False;
    part = part_of(type);
    out->lo = base + part.from;
    out->hi = base + part.end;
    if (out->hi > b->start + lg_sb_szB(b))
        out->hi = b->start + lg_sb_szB(b);
    return out->lo < out->hi;
}

/* Memory that hangs from an object, and that only C code knows. */
typedef struct {
    const LgPySnapshot* c;
    Addr                object;
    UInt                blocks[MAX_OWN_BLOCKS];
    UInt                nBlocks;
    UInt                nPointers;
} OwnMemory;

static void add_own_block(OwnMemory* own, UInt k)
{
    for (UInt n = 0; n < own->nBlocks; n++)
        if (own->blocks[n] == k)
            return;
    if (own->nBlocks < MAX_OWN_BLOCKS)
        own->blocks[own->nBlocks++] = k;
}

static void look_into(OwnMemory* own, Addr lo, Addr hi)
{
    const LgPyMem* mem = lg_python_mem();
    Addr           word;

    for (Addr a = (lo + 7) & ~(Addr)7; a + sizeof a <= hi; a += sizeof a) {
        if (!lg_py_word(mem, a, &word))
            return;
        if (word == own->object) {
            own->nPointers++;
            continue;
        }
        Int hit = lg_snap_find(own->c->snap, word);
        if (hit >= 0 && own->c->type[hit] == 0 &&
            lg_pysnap_is_unreached(own->c, (UInt)hit))
            add_own_block(own, (UInt)hit);
    }
}

UInt lg_pyforeign_own_pointers(const LgPySnapshot* c, UInt i)
{
    OwnMemory own = {.c = c, .object = lg_sb_base(lg_pysnap_block(c, i))};
    LgRange   part;

    if (!lg_pyforeign_part(c, i, &part))
        return 0;
    look_into(&own, part.lo, part.hi);
    for (UInt n = 0; n < own.nBlocks; n++) {
        const LgSnapBlock* b = lg_pysnap_block(c, own.blocks[n]);
        look_into(&own, b->start, b->start + lg_sb_szB(b));
    }
    return own.nPointers;
}
