/* SPDX-License-Identifier: GPL-2.0-or-later */
/* framegen.c: made-up frames.  See framegen.h. */

#include "framegen.h"

#include <stdio.h>
#include <string.h>

#include "../../leakgrind/python/lg_pytraces.h"

enum {
    N_FRAMES   = 14,
    N_CODES    = 7,
    N_TEXTS    = 6,
    N_TABLES   = 5,
    FRAME_SZB  = 0x80,
    CODE_SZB   = 0x180,
    TEXT_SZB   = 0x80,
    TABLE_SZB  = 0x80,
    MAX_DEPTH  = 10
};

/* All of the memory there is. */
typedef struct {
    Addr  tstate[0x40];
    Addr  cframe[4];
    UChar frames[N_FRAMES][FRAME_SZB];
    UChar codes[N_CODES][CODE_SZB];
    UChar texts[N_TEXTS][TEXT_SZB];
    UChar tables[N_TABLES][TABLE_SZB];
} Image;

typedef struct {
    const unsigned char* at;
    const unsigned char* end;
} Input;

typedef struct {
    UInt  code, unit;
    Int   previous; /* -1: none */
    UChar owner, isEntry;
} ModelFrame;

typedef struct {
    Input      in;
    Image      image;
    LgPyLayout layout;
    Addr       holeLo, holeHi; /* not readable */
    Bool       isDamaged;

    ModelFrame frames[N_FRAMES];
    Int        current;
    UInt       firstTraceable[N_CODES];

    LgPyTraces*     stacks;
    UInt            depth;
    Bool            isWatched[N_CODES];
    unsigned        nReads;
    Bool            isGood;
    FrameGenCounts* counts;
} Gen;

static UInt take(Gen* g, UInt below)
{
    return below == 0 || g->in.at == g->in.end ? 0 : *g->in.at++ % below;
}

static void fail(Gen* g, const char* what)
{
    printf("framegen: %s\n", what);
    g->isGood = False;
}

static const void* at(void* opaque, Addr a, SizeT szB)
{
    Gen* g = opaque;
    Addr lo = (Addr)&g->image, hi = lo + sizeof g->image;

    g->nReads++;
    if (szB == 0)
        fail(g, "nothing was asked for");
    return a < lo || a >= hi || szB > hi - a ||
                   (a < g->holeHi && szB > 0 && a + szB > g->holeLo)
               ? NULL
               : (const void*)a;
}

/* --- Versions -------------------------------------------------------------- */

/* 3.9 to 3.14 */
enum { FIRST_VERSION = 0x0309, N_VERSIONS = 6 };

static LgPyLayout layout_of(UInt which)
{
    return *lg_pylayout_for((ULong)(FIRST_VERSION + which) << 16);
}

static void put(void* base, UInt offset, const void* from, size_t szB)
{
    memcpy((char*)base + offset, from, szB);
}

static void put_word(void* base, UInt offset, Addr w)
{
    put(base, offset, &w, sizeof w);
}

/* --- From the model to memory ---------------------------------------------- */

static void write_frame(Gen* g, UInt i)
{
    const LgPyLayout* l = &g->layout;
    const ModelFrame* f = &g->frames[i];
    UChar*            at = g->image.frames[i];
    Addr              code = (Addr)g->image.codes[f->code];

    /* With a tag, where frames have such. */
    put_word(at, l->frame_code, code | (i & l->stackrefTagMask));
    put_word(at, l->frame_previous,
             f->previous < 0 ? 0 : (Addr)g->image.frames[f->previous]);
    if (l->frame_instr == LG_PY_NONE) {
        Int lasti = (Int)f->unit * (l->lastiUnitB == 1 ? 2 : 1);
        put(at, l->frame_lasti, &lasti, sizeof lasti);
    } else
        put_word(at, l->frame_instr, code + l->co_code_adaptive + 2 * f->unit);
    if (l->frame_owner != LG_PY_NONE)
        put(at, l->frame_owner, &f->owner, 1);
    if (l->frame_is_entry != LG_PY_NONE)
        put(at, l->frame_is_entry, &f->isEntry, 1);
}

static void write_current(Gen* g)
{
    Addr frame = g->current < 0 ? 0 : (Addr)g->image.frames[g->current];

    if (g->layout.cframe_current_frame == LG_PY_NONE)
        put_word(g->image.tstate, g->layout.tstate_frame, frame);
    else {
        put_word(g->image.tstate, g->layout.tstate_frame,
                 (Addr)g->image.cframe);
        put_word(g->image.cframe, g->layout.cframe_current_frame, frame);
    }
}

static void make_code(Gen* g, UInt i)
{
    const LgPyLayout* l = &g->layout;
    UChar*            code = g->image.codes[i];
    Int               first = (Int)take(g, 256);
    Int               traceable = (Int)take(g, 4);

    put_word(code, l->co_name, (Addr)g->image.texts[take(g, N_TEXTS)]);
    if (l->co_qualname != LG_PY_NONE)
        put_word(code, l->co_qualname, (Addr)g->image.texts[take(g, N_TEXTS)]);
    put_word(code, l->co_filename, (Addr)g->image.texts[take(g, N_TEXTS)]);
    put_word(code, l->co_linetable, (Addr)g->image.tables[take(g, N_TABLES)]);
    put(code, l->co_firstlineno, &first, sizeof first);
    if (l->co_firsttraceable != LG_PY_NONE)
        put(code, l->co_firsttraceable, &traceable, sizeof traceable);
    else
        traceable = 0;
    g->firstTraceable[i] = (UInt)traceable;
}

static void make_text(Gen* g, UInt i)
{
    UChar* t = g->image.texts[i];
    UInt   n = 1 + take(g, 12);
    UInt   kind = take(g, 8) == 0 ? 2 : 1;
    UInt   state = kind << 2 | 1 << 5 | (kind == 1 ? 1 << 6 : 0);

    put_word(t, g->layout.unicode_length, n);
    put(t, g->layout.unicode_state, &state, sizeof state);
    for (UInt k = 0; k < n * kind; k++)
        t[(kind == 1 ? g->layout.unicode_ascii_data
                     : g->layout.unicode_compact_data) + k] =
            (UChar)(kind == 1 ? 'a' + (i + k) % 26 : take(g, 256));
}

static void make_table(Gen* g, UInt i)
{
    UChar* t = g->image.tables[i];
    UInt   n = take(g, TABLE_SZB - 0x20);

    put_word(t, g->layout.ob_size, n);
    for (UInt k = 0; k < n; k++)
        t[g->layout.bytes_data + k] =
            (UChar)(take(g, 256) | (k % 2 == 0 ? 0x80 : 0));
}

/* An earlier frame, mostly the next, so that chains end. */
static Int take_previous(Gen* g, UInt i)
{
    return take(g, 4) > 0 ? (Int)i - 1 : (Int)take(g, i + 1) - 1;
}

static void make_frame(Gen* g, UInt i)
{
    ModelFrame* f = &g->frames[i];

    f->code = take(g, N_CODES);
    f->unit = take(g, 40);
    f->previous = take_previous(g, i);
    f->owner = (UChar)take(g, 5);
    f->isEntry = take(g, 3) == 0;
    write_frame(g, i);
}

static void make_all(Gen* g)
{
    g->layout = layout_of(take(g, N_VERSIONS));
    g->depth = 1 + take(g, MAX_DEPTH);
    for (UInt i = 0; i < N_TEXTS; i++)
        make_text(g, i);
    for (UInt i = 0; i < N_TABLES; i++)
        make_table(g, i);
    for (UInt i = 0; i < N_CODES; i++)
        make_code(g, i);
    for (UInt i = 0; i < N_FRAMES; i++)
        make_frame(g, i);
    g->current = N_FRAMES - 1;
    write_current(g);
    if (take(g, 16) == 1) {
        g->isDamaged = True;
        g->holeLo = (Addr)&g->image + take(g, 256) * sizeof g->image / 256;
        g->holeHi = g->holeLo + 1 + take(g, 256);
    }
}

/* --- Comparing ------------------------------------------------------------- */

static Bool is_internal(const Gen* g, Int frame)
{
    return g->layout.frame_owner != LG_PY_NONE &&
           g->frames[frame].owner >= g->layout.firstInternalOwner;
}

/* Was the evaluation loop entered with it? */
static Bool is_entry(const Gen* g, const ModelFrame* f)
{
    if (g->layout.firstInternalOwner != 0xFF)
        return f->previous >= 0 && is_internal(g, f->previous);
    return g->layout.frame_is_entry == LG_PY_NONE || f->isEntry != 0;
}

/* What lg_pyframes_walk must find. */
static UInt model_walk(const Gen* g, LgPyFrame* out, UInt max)
{
    const LgPyLayout* l = &g->layout;
    UInt              n = 0;

    for (Int i = g->current; i >= 0 && n < max; i = g->frames[i].previous) {
        const ModelFrame* f = &g->frames[i];
        Bool hasBegun = l->frame_owner == LG_PY_NONE || f->owner == 1 ||
                        f->unit >= g->firstTraceable[f->code];
        if (is_internal(g, i) || (!hasBegun && !is_entry(g, f)))
            continue;
        out[n].frame = (Addr)g->image.frames[i];
        out[n].code = (Addr)g->image.codes[f->code];
        out[n].instr = l->frame_instr == LG_PY_NONE
                           ? 2 * f->unit
                           : out[n].code + l->co_code_adaptive + 2 * f->unit;
        out[n].isEntry = is_entry(g, f);
        n++;
        /* What stands after the last one is not looked at. */
        if (n == max && hasBegun && l->firstInternalOwner != 0xFF)
            out[n - 1].isEntry = False;
    }
    return n;
}

static void on_code(void* opaque, Addr code)
{
    Gen* g = opaque;
    UInt i = (UInt)((code - (Addr)g->image.codes) / CODE_SZB);

    if (g->isDamaged)
        return;
    if (i >= N_CODES || code != (Addr)g->image.codes[i] || g->isWatched[i])
        fail(g, "told of no code object, or of one again");
    else
        g->isWatched[i] = True;
}

static void compare_walk(Gen* g, const LgPyMem* mem)
{
    LgPyFrame want[MAX_DEPTH], got[MAX_DEPTH];
    UInt      nWant = model_walk(g, want, g->depth);
    UInt n = lg_pyframes_walk(mem, &g->layout, (Addr)g->image.tstate, got,
                              g->depth);

    if (n != nWant) {
        fail(g, "the walk finds another number of frames");
        return;
    }
    for (UInt i = 0; i < n; i++)
        if (got[i].frame != want[i].frame || got[i].code != want[i].code ||
            got[i].instr != want[i].instr || got[i].isEntry != want[i].isEntry)
            fail(g, "the walk finds another frame");
}

static void compare_stack(Gen* g, const LgPyMem* mem, UInt stack)
{
    LgPyFrame    want[MAX_DEPTH];
    LgPyLocation where;
    UInt         n = model_walk(g, want, g->depth);

    if (lg_pytraces_depth(g->stacks, stack) != n || (stack == 0) != (n == 0)) {
        fail(g, "the stack has another number of frames");
        return;
    }
    for (UInt i = 0; i < n; i++) {
        LgPyTraceFrame f = lg_pytraces_frame(g->stacks, stack, i);
        if (!lg_pycode_locate(mem, &g->layout, want[i].code, want[i].instr,
                              &where))
            fail(g, "a code object cannot be read");
        else if (strcmp(f.function, where.function) != 0 ||
                 strcmp(f.file, where.file) != 0 || f.line != where.line ||
                 f.isEntry != want[i].isEntry)
            fail(g, "the stack has another line");
    }
    g->counts->nFrames += n;
}

static void record(Gen* g)
{
    LgPyMem   mem = {g, at, NULL};
    LgPyFrame frames[MAX_DEPTH];

    if (!g->isDamaged)
        compare_walk(g, &mem);
    g->nReads = 0;
    UInt stack = lg_pytraces_record(g->stacks, &mem, &g->layout,
                                    (Addr)g->image.tstate, on_code, g);
    if (!g->isDamaged) {
        g->counts->nRecords++;
        g->counts->nFromCache += g->nReads <= 3 && stack != 0;
        compare_stack(g, &mem, stack);
        return;
    }
    g->counts->nDamaged++;
    if (lg_pytraces_depth(g->stacks, stack) > g->depth ||
        lg_pyframes_walk(&mem, &g->layout, (Addr)g->image.tstate, frames,
                         g->depth) > g->depth)
        fail(g, "more frames than were asked for");
    for (UInt i = 0; i < lg_pytraces_depth(g->stacks, stack); i++)
        if (lg_pytraces_frame(g->stacks, stack, i).file == NULL)
            fail(g, "a frame without a file");
}

/* --- A history -------------------------------------------------------------- */

static void replace_code(Gen* g, UInt i)
{
    if (g->isWatched[i])
        lg_pytraces_forget_code(g->stacks, (Addr)g->image.codes[i]);
    g->isWatched[i] = False;
    make_code(g, i);
    for (UInt k = 0; k < N_FRAMES; k++)
        if (g->frames[k].code == i)
            write_frame(g, k);
}

/* A pointer or number that has no business there. */
static void damage(Gen* g)
{
    UInt  where = (take(g, 256) << 8 | take(g, 256)) %
                  (UInt)(sizeof g->image - sizeof(Addr));
    UInt  what = take(g, 256) << 8 | take(g, 256);
    Addr  w = what & 1 ? (Addr)&g->image + what % sizeof g->image
                       : (Addr)what << (take(g, 8) * 8);

    g->isDamaged = True;
    if (take(g, 4) > 0) { /* a field of something that is looked at */
        UInt fields[] = {g->layout.frame_previous, g->layout.frame_code};
        put_word(g->image.frames[where % N_FRAMES], fields[what / 2 % 2], w);
    } else
        put_word(&g->image, where, w);
}

static void step(Gen* g)
{
    UInt i = take(g, N_FRAMES);

    switch (take(g, 12)) {
    case 0: /* a call, or a return */
        g->current = (Int)take(g, N_FRAMES + 1) - 1;
        write_current(g);
        break;
    case 1:
        make_frame(g, i);
        /* Of the owner alone the cache would know nothing. */
        lg_pytraces_forget_frames(g->stacks);
        break;
    case 2:
        replace_code(g, i % N_CODES);
        break;
    case 3:
        lg_pytraces_forget_frames(g->stacks);
        break;
    case 4:
        g->frames[i].previous = take_previous(g, i);
        write_frame(g, i);
        break;
    case 5:
        g->frames[i].isEntry ^= 1;
        write_frame(g, i);
        break;
    case 6:
        g->frames[i].code = take(g, N_CODES);
        write_frame(g, i);
        break;
    case 7:
        if (take(g, 32) == 1)
            damage(g);
        break;
    default:
        g->frames[i].unit = take(g, 40);
        write_frame(g, i);
    }
    record(g);
    if (take(g, 2) == 0)
        record(g);
    lg_pytraces_check(g->stacks);
}

int framegen_run(const unsigned char* data, size_t n, FrameGenCounts* counts)
{
    static Gen gen; /* its memory stays readable, as cached stacks require */
    Gen*       g = &gen;

    memset(g, 0, sizeof *g);
    g->in = (Input){data, data + n};
    g->counts = counts;
    g->isGood = True;
    make_all(g);
    g->stacks = lg_pytraces_new(g->depth);
    record(g);
    while (g->in.at < g->in.end && g->isGood) {
        /* Memory that was damaged is written from the model again only where
           a step says so. */
        step(g);
    }
    lg_pytraces_delete(g->stacks);
    return g->isGood;
}
