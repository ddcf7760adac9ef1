/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyloops.c: the evaluation loop among C frames.  See lg_pyloops.h. */

#include "lg_pyloops.h"

#include "lg_pyframes.h"

enum {
    /* The chain may be circular. */
    MAX_LOOKED_AT = 4096,
    /* A larger C frame is taken to be a change of stacks.  The loop's has a few
       hundred bytes; without optimization, a few thousand. */
    MAX_C_FRAME_SZB = 256 * 1024
};

/* A chain, some links of which are anchors in C frames. */
typedef struct {
    const LgPyMem*    mem;
    const LgPyLayout* layout;
    Addr              at;
} Chain;

static Chain begin_chain(const LgPyMem* mem, const LgPyLayout* layout,
                         Addr tstate)
{
    Chain c = {mem, layout, 0};

    if (layout->firstInternalOwner != 0xFF)
        c.at = lg_pyframes_innermost(mem, layout, tstate);
    else if (layout->tstate_cframe != LG_PY_NONE)
        lg_py_word(mem, tstate + layout->tstate_cframe, &c.at);
    return c;
}

static Bool is_anchor(const Chain* c)
{
    const LgPyLayout* l = c->layout;
    UChar             owner;

    return l->firstInternalOwner == 0xFF ||
           (lg_py_read(c->mem, c->at + l->frame_owner, &owner, 1) &&
            owner >= l->firstInternalOwner);
}

static void go_on_chain(Chain* c)
{
    const LgPyLayout* l = c->layout;
    UInt previous = l->firstInternalOwner != 0xFF ? l->frame_previous
                                                  : l->cframe_previous;

    if (!lg_py_word(c->mem, c->at + previous, &c->at))
        c->at = 0;
}

static Bool frame_holds(const Addr* sps, UInt i, Addr a)
{
    return sps[i] <= a && a < sps[i + 1] &&
           sps[i + 1] - sps[i] <= MAX_C_FRAME_SZB;
}

UInt lg_pyloops_mark(const LgPyMem* mem, const LgPyLayout* layout, Addr tstate,
                     const Addr* sps, UInt n, Bool* isLoop)
{
    UInt  found = 0;
    Chain c = begin_chain(mem, layout, tstate);

    for (UInt i = 0; i < n; i++)
        isLoop[i] = False;
    /* Both anchors and C frames are innermost first: beyond the last C frame
       there are only anchors of runs that were not asked for. */
    for (UInt k = 0; c.at != 0 && k < MAX_LOOKED_AT; k++, go_on_chain(&c)) {
        if (!is_anchor(&c))
            continue;
        for (UInt i = 0; i < n; i++)
            if (!isLoop[i] && frame_holds(sps, i, c.at)) {
                isLoop[i] = True;
                found++;
            }
        if (c.at >= sps[n])
            break;
    }
    return found;
}
