/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytraces.c: Python stack traces as numbers: the cache and the interface.
   See lg_pytraces.h and lg_pytraces_priv.h. */

#include "lg_pytraces_priv.h"

/* Frames of a chain that are left out of the trace, but still read when a
   cached trace is verified.  A trace with more of them is not cached. */
enum { MAX_LEFT_OUT = 8 };

/* --- The cache ----------------------------------------------------------- */

static inline Addr cached_word(Addr a)
{
    Addr w;
    lg_copy(&w, (const void*)a, sizeof w);
    return w;
}

/* As lg_pyframes_instr, of a frame that was read before. */
static inline Addr instr_of(const LgPyLayout* l, Addr frame)
{
    Int lasti;

    if (LIKELY(l->frame_instr != LG_PY_NONE))
        return cached_word(frame + l->frame_instr);
    memcpy(&lasti, (const void*)(frame + l->frame_lasti), sizeof lasti);
    return lasti < 0 ? LG_PY_NOT_BEGUN : (Addr)lasti * l->lastiUnitB;
}

/* Is every frame of the chain what it was?  A frame is only read if the one
   before still leads to it, so all memory that is read is in use. */
static Bool still_holds(const LgPyCachedTrace* e, const LgPyLayout* l)
{
    for (UInt i = 0; i < e->n; i++) {
        const LgPyCachedFrame* f = &e->frames[i];
        /* The address of an instruction also tells the code object. */
        if (instr_of(l, f->frame) != f->instr ||
            (l->frame_instr == LG_PY_NONE &&
             cached_word(f->frame + l->frame_code) != f->code) ||
            cached_word(f->frame + l->frame_previous) != f->previous ||
            (l->frame_is_entry != LG_PY_NONE &&
             *(const UChar*)(f->frame + l->frame_is_entry) != f->isEntry))
            return False;
    }
    return True;
}

void lg_pytraces_forget_frames(LgPyTraces* s)
{
    if (++s->generation == 0)
        s->generation = 1;
}

/* --- The interface ------------------------------------------------------- */

LgPyTraces* lg_pytraces_new(UInt depth)
{
    LgPyTraces* s = lg_plat_alloc("lg.pytraces", sizeof *s);

    memset(s, 0, sizeof *s);
    s->depth = depth < 1 ? 1 : depth > LG_PY_MAX_DEPTH ? LG_PY_MAX_DEPTH
                                                       : depth;
    s->maxCached = s->depth + MAX_LEFT_OUT;
    s->generation = 1;
    s->cachedFrames =
        lg_plat_alloc("lg.pytraces.cache", (SizeT)LG_PY_CACHED_TRACES *
                                               s->maxCached *
                                               sizeof(LgPyCachedFrame));
    for (UInt i = 0; i < LG_PY_CACHED_TRACES; i++)
        s->cache[i].frames = &s->cachedFrames[(SizeT)i * s->maxCached];
    lg_pytraces_tables_init(s);
    return s;
}

void lg_pytraces_delete(LgPyTraces* s)
{
    lg_pytraces_tables_free(s);
    lg_plat_free(s->cachedFrames);
    lg_plat_free(s);
}

static UInt trace_of(LgPyTraces* s, const LgPyTraceRequest* r,
                     const LgPyFrame* frames, UInt n)
{
    UInt elements[LG_PY_MAX_DEPTH], line;
    UInt kept = 0;

    for (UInt i = 0; i < n; i++) {
        if (lg_pytraces_line_of_frame(s, r, &frames[i], &line))
            elements[kept++] = LG_PY_ELEMENT(line, frames[i].isEntry);
        else if (kept > 0 && frames[i].isEntry)
            elements[kept - 1] |= LG_PY_ELEMENT(0, True);
    }
    return kept > 0 ? lg_pytraces_intern(s, elements, kept) : 0;
}

static Bool read_frame(const LgPyTraceRequest* r, Addr frame,
                       LgPyCachedFrame* f)
{
    const LgPyLayout* l = r->layout;

    f->frame = frame;
    return lg_py_word(r->mem, frame + l->frame_previous, &f->previous) &&
           lg_py_word(r->mem, frame + l->frame_code, &f->code) &&
           lg_pyframes_instr(r->mem, l, frame, &f->instr) &&
           (l->frame_is_entry == LG_PY_NONE ||
            lg_py_read(r->mem, frame + l->frame_is_entry, &f->isEntry, 1));
}

/* Is it not a Python frame, but one between two runs of the evaluation loop?
   Such a frame has no code. */
static Bool is_internal(const LgPyTraceRequest* r, Addr frame)
{
    const LgPyLayout* l = r->layout;
    UChar             owner;

    return l->frame_owner != LG_PY_NONE && l->firstInternalOwner != 0xFF &&
           lg_py_read(r->mem, frame + l->frame_owner, &owner, 1) &&
           owner >= l->firstInternalOwner;
}

/* Remembers the chain from `frame` to `last` (0: to its end), including the
   frames that were left out of the trace: next time they may be part of it. */
static void fill_cache(LgPyTraces* s, LgPyCachedTrace* e,
                       const LgPyTraceRequest* r, Addr frame, Addr last,
                       UInt trace)
{
    UInt n = 0, line;

    e->generation = 0;
    for (Bool isLast = False; frame != 0 && !isLast; n++) {
        LgPyCachedFrame* f = &e->frames[n];
        if (n == s->maxCached || !read_frame(r, frame, f))
            return;
        /* lg_pytraces_forget_code must know of its code. */
        LgPyFrame site = {0, f->code & ~(Addr)r->layout->stackrefTagMask,
                          f->instr, False};
        if (!is_internal(r, frame) &&
            !lg_pytraces_line_of_frame(s, r, &site, &line))
            return;
        isLast = frame == last;
        frame = f->previous;
    }
    e->n = n;
    e->trace = trace;
    e->generation = s->generation;
}

UInt lg_pytraces_record(LgPyTraces* s, const LgPyMem* mem,
                        const LgPyLayout* layout, Addr tstate,
                        void (*on_code)(void* opaque, Addr code),
                        void* opaque)
{
    LgPyFrame frames[LG_PY_MAX_DEPTH];
    Addr      instr = 0;
    Addr      current = lg_pyframes_innermost(mem, layout, tstate);

    if (current == 0 || !lg_pyframes_instr(mem, layout, current, &instr))
        return 0;
    LgPyCachedTrace* e =
        &s->cache[lg_hash_mix(lg_hash_mix(0, current), instr) &
                  (LG_PY_CACHED_TRACES - 1)];
    if (LIKELY(e->generation == s->generation &&
               e->frames[0].frame == current && still_holds(e, layout)))
        return e->trace;

    LgPyTraceRequest r = {mem, layout, on_code, opaque};
    UInt   n = lg_pyframes_walk(mem, layout, tstate, frames, s->depth);
    UInt   trace = trace_of(s, &r, frames, n);
    fill_cache(s, e, &r, current, n == s->depth ? frames[n - 1].frame : 0,
               trace);
    return trace;
}

UInt lg_pytraces_depth(const LgPyTraces* s, UInt trace)
{
    return trace > 0 && trace <= s->nTraces ? s->traces[trace - 1].n : 0;
}

LgPyTraceFrame lg_pytraces_frame(const LgPyTraces* s, UInt trace, UInt i)
{
    UInt        e = s->elements[s->traces[trace - 1].first + i];
    const LgPyLine* l = &s->lines[e >> 1];
    return (LgPyTraceFrame){l->function, l->file, l->line, e & 1};
}

UInt lg_pytraces_innermost(const LgPyTraces* s, UInt trace)
{
    return lg_pytraces_depth(s, trace) == 0
               ? 0
               : (s->elements[s->traces[trace - 1].first] >> 1) + 1;
}

LgPyTraceFrame lg_pytraces_line(const LgPyTraces* s, UInt line)
{
    const LgPyLine* l = &s->lines[line - 1];
    return (LgPyTraceFrame){l->function, l->file, l->line, False};
}
