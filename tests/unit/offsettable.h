/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offsettable.h: a table of offsets as CPython has it, from 3.13 on; and what may
   not be in a layout that comes of such a table, however it was changed. */

#ifndef LG_TESTS_OFFSETTABLE_H
#define LG_TESTS_OFFSETTABLE_H

#include <string.h>

#include "../../leakgrind/python/lg_pydebugoffsets.h"

enum { OFFSETTABLE_WORDS = LG_PY_DEBUG_OFFSETS_SZB / 8 };

/* A field of a layout, its size, and the words that tell of it in 3.13 and
   3.14, as the headers have them; 0: none. */
typedef struct {
    unsigned value, word313, word314;
} Field;

/* What a process of that row would say. */
static inline void offsettable_make(const LgPyLayout* l, ULong* words)
{
    const Field all[] = {
        {0x50000, 3, 3},  {l->runtime_finalizing, 4, 4},
        {l->runtime_interpreters_head, 5, 5},
        {0x40000, 6, 6},  {l->interp_next, 8, 8},
        {l->interp_threads_head, 9, 9}, {l->interp_gc, 10, 11},
        {l->interp_gil, 15, 16},
        {0x140, 19, 22},  {l->tstate_next, 21, 24},
        {l->tstate_interp, 22, 25}, {l->tstate_frame, 23, 26},
        {l->tstate_thread_id, 24, 27},
        {l->tstate_datastack_chunk, 26, 29},
        {0x58, 28, 31},   {l->frame_previous, 29, 32},
        {l->frame_code, 30, 33}, {l->frame_instr, 31, 34},
        {l->frame_owner, 33, 36},
        {0x100, 34, 39},   {l->co_filename, 35, 40}, {l->co_name, 36, 41},
        {l->co_qualname, 37, 42}, {l->co_linetable, 38, 43},
        {l->co_firstlineno, 39, 44}, {l->co_code_adaptive, 43, 48},
        {l->sizeof_PyObject, 44, 50}, {l->ob_type, 45, 51},
        {l->sizeof_PyTypeObject, 46, 52}, {l->tp_name, 47, 53},
        {l->tp_flags, 49, 55},
        {0x48, 56, 66},   {l->ma_keys, 57, 67}, {l->ma_values, 58, 68},
        {0x38, 64, 74},   {l->ob_size, 65, 75}, {l->bytes_data, 66, 76},
        {0x40, 67, 77},   {l->unicode_state, 68, 78},
        {l->unicode_length, 69, 79}, {l->unicode_ascii_data, 70, 80},
        {l->sizeof_gc, 71, 81}};

    memset(words, 0, LG_PY_DEBUG_OFFSETS_SZB);
    memcpy(words, "xdebugpy", 8);
    words[1] = (ULong)l->version << 16 | 0x05F0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        words[l->version == 0x030D ? all[i].word313 : all[i].word314] =
            all[i].value;
}

/* The first condition that does not hold: each offset lies in its structure, or
   is none.  NULL: all do. */
static inline const char* offsettable_wrong(const LgPyLayout* l)
{
    enum { SMALL_SZB = 0x10000, RUNTIME_SZB = 0x400000, INTERP_SZB = 0x1000000 };
#define WANT(condition)                                                       \
    if (!(condition))                                                         \
    return #condition
#define IN(field, szB) WANT(l->field + 8 <= szB && l->field % 8 == 0)
#define IN_OR_NONE(field, szB)                                                \
    WANT(l->field == LG_PY_NONE || (l->field + 8 <= szB && l->field % 8 == 0))

    IN(runtime_finalizing, RUNTIME_SZB);
    IN(runtime_interpreters_head, RUNTIME_SZB);
    IN(interp_next, INTERP_SZB);
    IN(interp_threads_head, INTERP_SZB);
    IN(interp_gc, INTERP_SZB);
    IN(interp_gil, INTERP_SZB);
    IN(tstate_next, SMALL_SZB);
    IN(tstate_interp, SMALL_SZB);
    IN(tstate_frame, SMALL_SZB);
    IN(tstate_thread_id, SMALL_SZB);
    IN_OR_NONE(tstate_datastack_chunk, SMALL_SZB);
    IN_OR_NONE(tstate_datastack_top, SMALL_SZB);
    IN(frame_previous, SMALL_SZB);
    IN(frame_code, SMALL_SZB);
    IN(frame_instr, SMALL_SZB);
    WANT(l->frame_owner < SMALL_SZB);
    IN_OR_NONE(frame_localsplus, SMALL_SZB);
    IN(co_filename, SMALL_SZB);
    IN(co_name, SMALL_SZB);
    IN(co_qualname, SMALL_SZB);
    IN(co_linetable, SMALL_SZB);
    WANT(l->co_firstlineno + 4 <= SMALL_SZB);
    WANT(l->co_code_adaptive < SMALL_SZB);
    IN(ob_type, l->sizeof_PyObject);
    IN(tp_name, l->sizeof_PyTypeObject);
    IN(tp_flags, l->sizeof_PyTypeObject);
    IN(tp_dealloc, l->sizeof_PyTypeObject);
    IN(tp_weaklistoffset, l->sizeof_PyTypeObject);
    IN(ma_keys, SMALL_SZB);
    IN(ma_values, SMALL_SZB);
    IN(ob_size, SMALL_SZB);
    WANT(l->bytes_data < SMALL_SZB);
    IN(unicode_length, l->unicode_ascii_data);
    WANT(l->unicode_state < l->unicode_ascii_data);
    WANT(l->unicode_ascii_data <= l->unicode_compact_data);
    for (int i = 0; i < LG_PY_MAX_BORROWED; i++)
        WANT(l->borrowed[i].n == 0 || l->borrowed[i].at < INTERP_SZB);
    for (int i = 0; i < LG_PY_MAX_FREE_LIST_COUNTS; i++)
        WANT(l->freeListCounts[i].n == 0 ||
             l->freeListCounts[i].at < INTERP_SZB);
    return NULL;
#undef WANT
#undef IN
#undef IN_OR_NONE
}

#endif
