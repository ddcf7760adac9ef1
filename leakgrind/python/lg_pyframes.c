/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyframes.c: the chain of Python frames.  See lg_pyframes.h. */

#include "lg_pyframes.h"

/* The chain may be circular. */
enum { MAX_LOOKED_AT = 4096 };

/* frame->owner */
enum { FRAME_OWNED_BY_THREAD = 0, FRAME_OWNED_BY_GENERATOR = 1 };

enum { CODE_UNIT_B = 2 };

Addr lg_pyframes_innermost(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr tstate)
{
    const LgPyLayout* l = layout;
    Addr              frame;

    if (!lg_py_known_word(mem, tstate + l->tstate_frame, &frame) || frame == 0)
        return 0;
    return l->cframe_current_frame == LG_PY_NONE ||
                   lg_py_known_word(mem, frame + l->cframe_current_frame, &frame)
               ? frame
               : 0;
}

/* Has the function of this frame been called, but not reached its first line?
   (Its cells, or its generator, are made first.) */
static Bool is_incomplete(const LgPyMem* mem, const LgPyLayout* l,
                          const LgPyFrame* f, UInt owner)
{
    Int firstTraceable;

    if (l->co_firsttraceable == LG_PY_NONE ||
        owner == FRAME_OWNED_BY_GENERATOR)
        return False;
    return !lg_py_read(mem, f->code + l->co_firsttraceable, &firstTraceable,
                       sizeof firstTraceable) ||
           f->instr < f->code + l->co_code_adaptive +
                          (Addr)((Long)firstTraceable * CODE_UNIT_B);
}

Bool lg_pyframes_instr(const LgPyMem* mem, const LgPyLayout* layout,
                       Addr frame, Addr* instr)
{
    const LgPyLayout* l = layout;
    Int               lasti;

    if (l->frame_instr != LG_PY_NONE)
        return lg_py_known_word(mem, frame + l->frame_instr, instr);
    if (!lg_py_read(mem, frame + l->frame_lasti, &lasti, sizeof lasti))
        return False;
    *instr = lasti < 0 ? LG_PY_NOT_BEGUN : (Addr)lasti * l->lastiUnitB;
    return True;
}

/* 3.9, 3.10: frames are objects. */
static Addr stack_end_of_object(const LgPyMem* mem, const LgPyLayout* l,
                                Addr frame)
{
    Addr begin, top;
    Int  depth;
    Char state;

    if (l->frame_valuestack == LG_PY_NONE ||
        !lg_py_word(mem, frame + l->frame_valuestack, &begin) || begin < frame)
        return 0;
    if (l->frame_executing != LG_PY_NONE)
        return lg_py_read(mem, frame + l->frame_executing, &state, 1) &&
                       state == 0 &&
                       lg_py_word(mem, frame + l->frame_stacktop, &top)
                   ? (top >= begin ? top : begin)
                   : 0;
    return lg_py_read(mem, frame + l->frame_state, &state, 1) && state != 0 &&
                   lg_py_read(mem, frame + l->frame_stackdepth, &depth,
                              sizeof depth) &&
                   depth >= 0
               ? begin + (Addr)depth * sizeof(Addr)
               : 0;
}

Addr lg_pyframes_stack_end(const LgPyMem* mem, const LgPyLayout* layout,
                           Addr frame)
{
    const LgPyLayout* l = layout;
    Addr              top;
    Int               depth;

    if (l->frame_localsplus == LG_PY_NONE)
        return stack_end_of_object(mem, l, frame);
    if (l->frame_stacktop != LG_PY_NONE)
        return lg_py_word(mem, frame + l->frame_stacktop, &top) ? top : 0;
    return lg_py_read(mem, frame + l->frame_stackdepth, &depth, sizeof depth) &&
                   depth >= 0
               ? frame + l->frame_localsplus + (Addr)depth * sizeof(Addr)
               : 0;
}

Bool lg_pyframes_unused(const LgPyMem* mem, const LgPyLayout* layout,
                        Addr frame, Addr* lo, Addr* hi)
{
    enum { MAX_WORDS = 1 << 24 };
    const LgPyLayout* l = layout;
    Addr              code;
    Int               nLocals, stackSize;
    UChar             owner;

    if (l->frame_localsplus == LG_PY_NONE ||
        !lg_py_read(mem, frame + l->frame_owner, &owner, 1) ||
        owner >= l->firstInternalOwner ||
        !lg_py_word(mem, frame + l->frame_code, &code))
        return False;
    code &= ~(Addr)l->stackrefTagMask;
    if (!lg_py_read(mem, code + l->co_nlocalsplus, &nLocals, sizeof nLocals) ||
        !lg_py_read(mem, code + l->co_stacksize, &stackSize,
                    sizeof stackSize) ||
        nLocals < 0 || nLocals > MAX_WORDS || stackSize < 0 ||
        stackSize > MAX_WORDS)
        return False;
    Addr locals = frame + l->frame_localsplus;
    *lo = lg_pyframes_stack_end(mem, l, frame);
    *hi = locals + ((Addr)nLocals + (Addr)stackSize) * sizeof(Addr);
    return *lo >= locals + (Addr)nLocals * sizeof(Addr) && *lo <= *hi;
}

UInt lg_pyframes_walk(const LgPyMem* mem, const LgPyLayout* layout,
                      Addr tstate, LgPyFrame* out, UInt max)
{
    const LgPyLayout* l = layout;
    UInt              n = 0;
    Addr              frame = lg_pyframes_innermost(mem, l, tstate);
    LgPyFrame         leftOut;
    Bool              hasLeftOut = False; /* the frame just before */

    for (UInt i = 0; frame != 0 && n < max && i < MAX_LOOKED_AT; i++) {
        LgPyFrame f = {frame, 0, 0, True};
        UChar     owner = FRAME_OWNED_BY_THREAD, isEntry = 1;

        if (!lg_py_word(mem, frame + l->frame_previous, &frame) ||
            !lg_py_word(mem, f.frame + l->frame_code, &f.code) ||
            !lg_pyframes_instr(mem, l, f.frame, &f.instr) ||
            (l->frame_owner != LG_PY_NONE &&
             !lg_py_read(mem, f.frame + l->frame_owner, &owner, 1)) ||
            (l->frame_is_entry != LG_PY_NONE &&
             !lg_py_read(mem, f.frame + l->frame_is_entry, &isEntry, 1)))
            break;
        f.code &= ~(Addr)l->stackrefTagMask;
        if (owner >= l->firstInternalOwner) {
            /* It comes between two runs of the evaluation loop. */
            if (hasLeftOut)
                out[n++] = leftOut;
            hasLeftOut = False;
            if (n > 0)
                out[n - 1].isEntry = True;
            continue;
        }
        f.isEntry = l->firstInternalOwner == 0xFF && isEntry != 0;
        hasLeftOut = !f.isEntry && is_incomplete(mem, l, &f, owner);
        if (hasLeftOut)
            leftOut = f;
        else
            out[n++] = f;
    }
    return n;
}
