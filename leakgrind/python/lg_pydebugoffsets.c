/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pydebugoffsets.c: see lg_pydebugoffsets.h. */

#include "lg_pydebugoffsets.h"

#include "../lg_platform.h"

/* The table is one of 64-bit words: a magic word, version, whether the build
   is free-threaded; then, group by group, a size and offsets.  Each minor
   version has its own order; what follows are numbers of words. */
enum { COOKIE = 0, VERSION = 1, FREE_THREADED = 2, N_WORDS = 95 };

/* A structure: where the table has its size, and the largest possible one. */
typedef struct {
    UChar in313, in314;
    UInt  maxSzB;
} Group;

#define SMALL_SZB 0x10000u
static const Group runtime = {3, 3, 0x400000};
static const Group interp = {6, 6, 0x1000000};
static const Group thread = {19, 22, SMALL_SZB};
static const Group frame = {28, 31, SMALL_SZB};
static const Group code = {34, 39, SMALL_SZB};
static const Group object = {44, 50, SMALL_SZB};
static const Group type = {46, 52, SMALL_SZB};
static const Group dict = {56, 66, SMALL_SZB};
static const Group bytes = {64, 74, SMALL_SZB};
static const Group unicode = {67, 77, SMALL_SZB};
static const Group gc = {71, 81, SMALL_SZB};

/* An offset: of a field of `szB` bytes in its structure. */
typedef struct {
    UInt         field; /* in LgPyLayout */
    const Group* group;
    UChar        in313, in314;
    UChar        szB;
} Offset;

#define TO(member) __builtin_offsetof(LgPyLayout, member)
static const Offset offsets[] = {
    {TO(runtime_finalizing), &runtime, 4, 4, 8},
    {TO(runtime_interpreters_head), &runtime, 5, 5, 8},
    {TO(interp_next), &interp, 8, 8, 8},
    {TO(interp_threads_head), &interp, 9, 9, 8},
    {TO(interp_gc), &interp, 10, 11, 8},
    {TO(interp_gil), &interp, 15, 16, 8},
    {TO(tstate_next), &thread, 21, 24, 8},
    {TO(tstate_interp), &thread, 22, 25, 8},
    {TO(tstate_frame), &thread, 23, 26, 8},
    {TO(tstate_thread_id), &thread, 24, 27, 8},
    {TO(tstate_datastack_chunk), &thread, 26, 29, 8},
    {TO(frame_previous), &frame, 29, 32, 8},
    {TO(frame_code), &frame, 30, 33, 8},
    {TO(frame_instr), &frame, 31, 34, 8},
    {TO(frame_owner), &frame, 33, 36, 1},
    {TO(co_filename), &code, 35, 40, 8},
    {TO(co_name), &code, 36, 41, 8},
    {TO(co_qualname), &code, 37, 42, 8},
    {TO(co_linetable), &code, 38, 43, 8},
    {TO(co_firstlineno), &code, 39, 44, 4},
    {TO(co_code_adaptive), &code, 43, 48, 2},
    {TO(ob_type), &object, 45, 51, 8},
    {TO(tp_name), &type, 47, 53, 8},
    {TO(tp_flags), &type, 49, 55, 8},
    {TO(ma_keys), &dict, 57, 67, 8},
    {TO(ma_values), &dict, 58, 68, 8},
    {TO(ob_size), &bytes, 65, 75, 8},
    {TO(bytes_data), &bytes, 66, 76, 1},
    {TO(unicode_state), &unicode, 68, 78, 4},
    {TO(unicode_length), &unicode, 69, 79, 8},
};

/* The sizes that a layout has. */
static const struct {
    UInt         field;
    const Group* group;
} sizes[] = {
    {TO(sizeof_PyObject), &object},
    {TO(sizeof_PyTypeObject), &type},
    {TO(sizeof_gc), &gc},
};

typedef struct {
    ULong words[N_WORDS];
    Bool  is314;
} Said;

static Bool read_size(const Said* s, const Group* g, UInt* szB)
{
    ULong size = s->words[s->is314 ? g->in314 : g->in313];

    *szB = (UInt)size;
    return size >= sizeof(Addr) && size <= g->maxSzB;
}

static Bool read_offset(const Said* s, const Offset* o, UInt* offset)
{
    ULong at = s->words[s->is314 ? o->in314 : o->in313];
    UInt  groupSzB;

    *offset = (UInt)at;
    return read_size(s, o->group, &groupSzB) && at <= groupSzB - o->szB &&
           groupSzB >= o->szB && at % o->szB == 0;
}

static void put_offset(LgPyLayout* layout, UInt field, UInt value)
{
    memcpy((UChar*)layout + field, &value, sizeof value);
}

static Bool read_all(const Said* s, LgPyLayout* out)
{
    UInt value;

    for (UInt i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        if (!read_offset(s, &offsets[i], &value))
            return False;
        put_offset(out, offsets[i].field, value);
    }
    for (UInt i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (!read_size(s, sizes[i].group, &value))
            return False;
        put_offset(out, sizes[i].field, value);
    }
    /* PyASCIIObject ends where its data begins. */
    ULong asciiSzB = s->words[s->is314 ? 80 : 70];
    out->unicode_ascii_data = (UInt)asciiSzB;
    return asciiSzB > out->unicode_state && asciiSzB > out->unicode_length &&
           asciiSzB <= out->unicode_compact_data;
}

static Bool move_offset(UInt* at, UInt by, UInt szB, UInt limit)
{
    *at += by;
    return szB <= limit && *at <= limit - szB;
}

static Bool move_places(LgPyPlaces* p, UInt by, UInt limit)
{
    return p->n == 0 ||
           move_offset(&p->at, by, (p->n - 1) * p->strideB + p->szB, limit);
}

/* The table does not describe the later parts of the interpreter's state.
   Between the releases of a minor version, they and the GIL have moved by as
   much as the collector's state before them has grown.  False: their places are
   not known. */
static Bool move_late(const Said* s, const LgPyLayout* row, LgPyLayout* out)
{
    UInt by = out->interp_gil - row->interp_gil, limit;

    if (out->interp_gc != row->interp_gc ||
        out->sizeof_gc - row->sizeof_gc != by ||
        !read_size(s, &interp, &limit))
        return False;
    for (UInt i = 0; i < LG_PY_MAX_BORROWED; i++)
        if (!move_places(&out->borrowed[i], by, limit))
            return False;
    for (UInt i = 0;
         i < LG_PY_MAX_FREE_LIST_COUNTS && !out->areFreeListsInTState; i++)
        if (!move_places(&out->freeListCounts[i], by, limit))
            return False;
    return True;
}

static void forget_late(LgPyLayout* out)
{
    memset(out->borrowed, 0, sizeof out->borrowed);
    memset(out->freeListCounts, 0, sizeof out->freeListCounts);
}

/* In a thread state the lists come after the part whose size the table has.
   That part has grown by a word after 3.13.5.  With any other size the places
   of the lists are not known, and nothing may be written there. */
static Bool move_lists_in_tstate(UInt by, LgPyLayout* out)
{
    if (by != 0 && by != 0u - (UInt)sizeof(Addr))
        return False;
    for (UInt i = 0; i < LG_PY_MAX_FREE_LIST_COUNTS; i++)
        out->freeListCounts[i].at += by;
    return True;
}

/* Fields beside those that the table describes. */
static void settle_neighbours(const Said* s, const LgPyLayout* row,
                              LgPyLayout* out)
{
    UInt by = out->tstate_datastack_chunk - row->tstate_datastack_chunk, limit;

    if (!read_size(s, &thread, &limit))
        limit = 0;
    if (limit == 0 ||
        !move_offset(&out->tstate_datastack_top, by, sizeof(Addr), limit))
        out->tstate_datastack_chunk = out->tstate_datastack_top = LG_PY_NONE;
    if (out->areFreeListsInTState &&
        (by != 0 || !move_lists_in_tstate(limit - row->sizeof_tstate, out)))
        memset(out->freeListCounts, 0, sizeof out->freeListCounts);
    if (out->co_code_adaptive != row->co_code_adaptive)
        out->co_firsttraceable = LG_PY_NONE;
    if (out->frame_instr != row->frame_instr ||
        out->frame_owner != row->frame_owner ||
        out->co_firstlineno != row->co_firstlineno ||
        out->sizeof_PyObject != row->sizeof_PyObject)
        out->frame_localsplus = out->gi_iframe = LG_PY_NONE;
}

/* What stands before and behind tp_flags; False if that is outside the type. */
static Bool move_in_type(UInt by, LgPyLayout* out)
{
    return move_offset(&out->tp_dealloc, by, sizeof(Addr),
                       out->sizeof_PyTypeObject) &&
           move_offset(&out->tp_weaklistoffset, by, sizeof(Addr),
                       out->sizeof_PyTypeObject);
}

LgPyOffsetsAnswer lg_pydebugoffsets_apply(const UChar* said, SizeT szB,
                                          const LgPyLayout* row,
                                          LgPyLayout* out)
{
    static const UChar cookie[] = {'x', 'd', 'e', 'b', 'u', 'g', 'p', 'y'};
    Said               s;
    ULong              wanted;

    if (szB < sizeof s.words)
        return LgPyOffsetsNone;
    memcpy(s.words, said, sizeof s.words);
    memcpy(&wanted, cookie, sizeof wanted);
    if (s.words[COOKIE] != wanted)
        return LgPyOffsetsNone;
    if (s.words[VERSION] >> 16 != row->version || row->version < 0x030D ||
        row->version > 0x030E)
        return LgPyOffsetsStrange;
    if (s.words[FREE_THREADED] != 0 && !row->isFreeThreaded)
        return LgPyOffsetsFreeThreaded;
    if (s.words[FREE_THREADED] == 0 && row->isFreeThreaded)
        return LgPyOffsetsStrange;
    s.is314 = row->version == 0x030E;
    *out = *row;
    if (!read_all(&s, out) ||
        !move_in_type(out->tp_flags - row->tp_flags, out))
        return LgPyOffsetsStrange;
    if (!move_late(&s, row, out))
        forget_late(out);
    settle_neighbours(&s, row, out);
    return LgPyOffsetsApplied;
}
