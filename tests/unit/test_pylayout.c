/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pylayout.c: compares the row of this version of CPython in
   lg_pylayout.c with CPython's own internal headers, field by field, and checks
   that no field is left out.  With --row it prints the row that belongs to the
   headers instead, which is how a row is made (scripts/pylayout-row).

   A few values are in no header (see dicts(), pools()): tests that use them on a
   running CPython check those. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no headers of Python were found\n");
    return 77;
}

#else

/* The internal headers have a type of this name, too. */
#define ULong PyDtoaULong
#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE 1
#include <Python.h>
#include <frameobject.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>
#define MINOR (PY_VERSION_HEX >> 16 & 0xFF)
#if MINOR >= 11
#include <internal/pycore_code.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#endif
#if MINOR >= 14
#include <internal/pycore_interpframe_structs.h>
#include <internal/pycore_stackref.h>
#endif
#undef ULong
#ifdef Py_GIL_DISABLED
#define FREE_THREADED 1
#else
#define FREE_THREADED 0
#endif

#include "../../leakgrind/python/lg_pylayout.h"

static LgPyLayout left;     /* fields not yet compared; 0: compared */
static Bool       printing; /* print the row instead of comparing it */

/* Compares a field and clears it in `left`, or prints it. */
#define FIELD_AS(field, value, ...)                                           \
    do {                                                                      \
        if (printing) {                                                       \
            printf("    ." #field " = " __VA_ARGS__);                         \
            printf(",\n");                                                    \
        } else {                                                              \
            expect_eq(row->field, value);                                     \
            memset(&left.field, 0, sizeof left.field);                        \
        }                                                                     \
    } while (0)
#define FIELD(field, value)                                                   \
    FIELD_AS(field, value, "%lld", (long long)(value))
#define HEX(field, value)                                                     \
    FIELD_AS(field, value, "0x%02llx", (long long)(value))
#define NAMED(field, value)         FIELD_AS(field, value, #value)
#define OFFSET(field, type, member) HEX(field, offsetof(type, member))
#define NONE(field)                 NAMED(field, LG_PY_NONE)

/* An array of `count` places, the first at `member` of the structure. */
#define PLACES_IN(type, field, member, count, stride)                         \
    do {                                                                      \
        OFFSET(field.at, type, member);                                       \
        FIELD(field.n, count);                                                \
        FIELD(field.szB, sizeof ((type*)0)->member);                          \
        FIELD(field.strideB, stride);                                         \
    } while (0)
#define PLACES(field, member, count, stride)                                  \
    do {                                                                      \
        PLACES_IN(PyInterpreterState, field, member, count, stride);          \
        FIELD(field.nSlots, 0);                                               \
    } while (0)

static void objects(const LgPyLayout* row)
{
#ifdef Py_GIL_DISABLED
    OFFSET(ob_refcnt, PyObject, ob_ref_local);
    OFFSET(ob_ref_shared, PyObject, ob_ref_shared);
    OFFSET(ob_gc_bits, PyObject, ob_gc_bits);
    FIELD(gcHeadSzB, 0);
#else
    OFFSET(ob_refcnt, PyObject, ob_refcnt);
    NONE(ob_ref_shared);
    NONE(ob_gc_bits);
    FIELD(gcHeadSzB, 16);
#endif
    OFFSET(ob_type, PyObject, ob_type);
    OFFSET(ob_size, PyVarObject, ob_size);
    HEX(sizeof_PyObject, sizeof(PyObject));
#if FREE_THREADED
    NAMED(refcntFormat, LgPyRefcntSplit);
#elif MINOR < 12
    NAMED(refcntFormat, LgPyRefcntPlain);
#elif MINOR < 14
    NAMED(refcntFormat, LgPyRefcntLow32);
#else
    NAMED(refcntFormat, LgPyRefcntFlags);
#endif

    OFFSET(tp_name, PyTypeObject, tp_name);
    OFFSET(tp_basicsize, PyTypeObject, tp_basicsize);
    OFFSET(tp_itemsize, PyTypeObject, tp_itemsize);
    OFFSET(tp_flags, PyTypeObject, tp_flags);
    OFFSET(tp_dealloc, PyTypeObject, tp_dealloc);
    OFFSET(tp_weaklistoffset, PyTypeObject, tp_weaklistoffset);
    OFFSET(tp_base, PyTypeObject, tp_base);
    OFFSET(tp_dict, PyTypeObject, tp_dict);
    HEX(sizeof_PyTypeObject, sizeof(PyTypeObject));
    OFFSET(ht_qualname, PyHeapTypeObject, ht_qualname);
#if MINOR >= 12
    HEX(preheaderFlags, Py_TPFLAGS_PREHEADER);
#elif MINOR == 11
    HEX(preheaderFlags, Py_TPFLAGS_MANAGED_DICT);
#else
    HEX(preheaderFlags, 0);
#endif

    OFFSET(wr_object, PyWeakReference, wr_object);
    OFFSET(wr_prev, PyWeakReference, wr_prev);
    OFFSET(wr_next, PyWeakReference, wr_next);
}

static void strings(const LgPyLayout* row)
{
    OFFSET(unicode_length, PyASCIIObject, length);
    OFFSET(unicode_state, PyASCIIObject, state);
    HEX(unicode_ascii_data, sizeof(PyASCIIObject));
    HEX(unicode_compact_data, sizeof(PyCompactUnicodeObject));
#if MINOR >= 12
    NONE(unicode_wstr);
#else
    OFFSET(unicode_wstr, PyASCIIObject, wstr);
#endif
    OFFSET(unicode_utf8, PyCompactUnicodeObject, utf8);
    OFFSET(unicode_data, PyUnicodeObject, data);
    OFFSET(bytes_data, PyBytesObject, ob_sval);
}

static void dicts(const LgPyLayout* row)
{
    OFFSET(ma_keys, PyDictObject, ma_keys);
    OFFSET(ma_values, PyDictObject, ma_values);
    FIELD(keysInMem, MINOR >= 13);
#if MINOR >= 11
    OFFSET(dictvalues_values, PyDictValues, values);
    NONE(dk_size);
    OFFSET(dk_log2_size, PyDictKeysObject, dk_log2_size);
    OFFSET(dk_log2_index_bytes, PyDictKeysObject, dk_log2_index_bytes);
    OFFSET(dk_kind, PyDictKeysObject, dk_kind);
    OFFSET(dk_nentries, PyDictKeysObject, dk_nentries);
    OFFSET(dk_entries, PyDictKeysObject, dk_indices);
#else
    /* No installed header describes tables of keys;
       test_pydictkeys_cpython.c reads them. */
    FIELD(dictvalues_values, 0);
    FIELD(dk_size, 0x08);
    NONE(dk_log2_size);
    NONE(dk_log2_index_bytes);
    NONE(dk_kind);
    HEX(dk_nentries, 0x20);
    HEX(dk_entries, 0x28);
#endif
}

static void states(const LgPyLayout* row)
{
    OFFSET(runtime_finalizing, _PyRuntimeState, _finalizing);
    OFFSET(runtime_interpreters_head, _PyRuntimeState, interpreters.head);
    OFFSET(interp_next, PyInterpreterState, next);
    OFFSET(tstate_next, PyThreadState, next);
    OFFSET(tstate_interp, PyThreadState, interp);
    OFFSET(tstate_thread_id, PyThreadState, thread_id);
#if MINOR >= 13
    OFFSET(interp_gc, PyInterpreterState, gc);
    HEX(sizeof_gc, sizeof(struct _gc_runtime_state));
    OFFSET(interp_gil, PyInterpreterState, _gil);
#else
    NONE(interp_gc);
    HEX(sizeof_gc, 0);
    NONE(interp_gil);
#endif
#if MINOR >= 11
    OFFSET(interp_threads_head, PyInterpreterState, threads.head);
    OFFSET(tstate_datastack_chunk, PyThreadState, datastack_chunk);
    OFFSET(tstate_datastack_top, PyThreadState, datastack_top);
#else
    OFFSET(interp_threads_head, PyInterpreterState, tstate_head);
    NONE(tstate_datastack_chunk);
    NONE(tstate_datastack_top);
#endif
#if MINOR >= 13
    OFFSET(tstate_frame, PyThreadState, current_frame);
    NONE(cframe_current_frame);
#elif MINOR >= 11
    OFFSET(tstate_frame, PyThreadState, cframe);
    OFFSET(cframe_current_frame, _PyCFrame, current_frame);
#else
    OFFSET(tstate_frame, PyThreadState, frame);
    NONE(cframe_current_frame);
#endif
#if MINOR == 10 || MINOR == 11
    OFFSET(tstate_cframe, PyThreadState, cframe);
#if MINOR == 10
    OFFSET(cframe_previous, CFrame, previous);
#else
    OFFSET(cframe_previous, _PyCFrame, previous);
#endif
#else
    NONE(tstate_cframe);
    NONE(cframe_previous);
#endif
}

#if FREE_THREADED
#define HAS_FREE_LISTS _PyThreadStateImpl
#define FREE_LISTS     freelists
#else
#define HAS_FREE_LISTS PyInterpreterState
#define FREE_LISTS     object_state.freelists
#endif

static void free_lists(const LgPyLayout* row)
{
    FIELD(areFreeListsInTState, FREE_THREADED);
    FIELD(sizeof_tstate, FREE_THREADED ? sizeof(PyThreadState) : 0);
#if MINOR >= 10 && MINOR < 13
    OFFSET(interp_keys_free_list, PyInterpreterState,
           dict_state.keys_free_list);
    OFFSET(interp_keys_numfree, PyInterpreterState, dict_state.keys_numfree);
    FIELD(nKeysFreeList, PyDict_MAXFREELIST);
    OFFSET(interp_float_free_list, PyInterpreterState, float_state.free_list);
    OFFSET(interp_float_numfree, PyInterpreterState, float_state.numfree);
    FIELD(nFloatFreeList, 100);
#else
    NONE(interp_keys_free_list);
    NONE(interp_keys_numfree);
    FIELD(nKeysFreeList, 0);
    NONE(interp_float_free_list);
    NONE(interp_float_numfree);
    FIELD(nFloatFreeList, 0);
#endif
#if MINOR == 13
#define COUNT(i, list)                                                        \
    PLACES_IN(HAS_FREE_LISTS, freeListCounts[i], FREE_LISTS.list.numfree, 1, 4)
#define COUNT_OF(i, list)                                                     \
    do {                                                                      \
        COUNT(i, list);                                                       \
        FIELD(freeListCounts[i].nSlots,                                       \
              (offsetof(HAS_FREE_LISTS, FREE_LISTS.list.numfree) -            \
               offsetof(HAS_FREE_LISTS, FREE_LISTS.list.items)) /             \
                  sizeof(void*));                                             \
    } while (0)
#define CHAIN_FROM(i, list, first, stride)                                    \
    do {                                                                      \
        FIELD(freeListCounts[i].firstB,                                       \
              (int)offsetof(HAS_FREE_LISTS, FREE_LISTS.list.first) -          \
                  (int)offsetof(HAS_FREE_LISTS, FREE_LISTS.list.numfree));    \
        FIELD(freeListCounts[i].firstStrideB, stride);                        \
    } while (0)
#define CHAIN(i, list, first, stride, type, link_member)                      \
    do {                                                                      \
        CHAIN_FROM(i, list, first, stride);                                   \
        OFFSET(freeListCounts[i].link, type, link_member);                    \
    } while (0)
#define CHAIN_WITHOUT_LINK(i, list, first)                                    \
    do {                                                                      \
        CHAIN_FROM(i, list, first, 0);                                        \
        NONE(freeListCounts[i].link);                                         \
    } while (0)
    COUNT(0, floats);
    CHAIN(0, floats, items, 0, PyObject, ob_type);
    CHAIN(1, tuples, items[0], 8, PyTupleObject, ob_item);
    FIELD(freeListCounts[1].firstTuples, 0);
    FIELD(freeListCounts[1].nTuples, PyTuple_MAXSAVESIZE);
    CHAIN_WITHOUT_LINK(5, contexts, items);
    PLACES_IN(HAS_FREE_LISTS, freeListCounts[1], FREE_LISTS.tuples.numfree[0],
              PyTuple_MAXSAVESIZE, 4);
    COUNT_OF(2, lists);
    COUNT_OF(3, dicts);
    COUNT_OF(4, dictkeys);
    COUNT(5, contexts);
    COUNT_OF(6, async_gens);
    COUNT_OF(7, async_gen_asends);
#elif MINOR == 14
    PLACES(freeListCounts[0], object_state.freelists.floats.size,
           sizeof(struct _Py_freelists) / sizeof(struct _Py_freelist),
           sizeof(struct _Py_freelist));
    FIELD(freeListCounts[0].firstB,
          (int)offsetof(struct _Py_freelist, freelist) -
              (int)offsetof(struct _Py_freelist, size));
    FIELD(freeListCounts[0].firstStrideB, sizeof(struct _Py_freelist));
    FIELD(freeListCounts[0].link, 0);
    expect_eq(offsetof(struct _Py_freelists, floats), 0);
    FIELD(freeListCounts[0].firstTuples,
          offsetof(struct _Py_freelists, tuples) / sizeof(struct _Py_freelist));
    FIELD(freeListCounts[0].nTuples, PyTuple_MAXSAVESIZE);
#endif
}

static void borrowed(const LgPyLayout* row)
{
    (void)row; /* there is nothing of it in 3.9 */
#if MINOR == 10 || MINOR == 11
    PLACES(borrowed[0], type_cache.hashtable[0].value, 1 << MCACHE_SIZE_EXP,
           sizeof(struct type_cache_entry));
#elif MINOR >= 12
    PLACES(borrowed[0], types.type_cache.hashtable[0].value,
           1 << MCACHE_SIZE_EXP, sizeof(struct type_cache_entry));
#endif
#if MINOR >= 13
    PLACES(borrowed[1], func_state.func_version_cache[0].func,
           2 * FUNC_VERSION_CACHE_SIZE, sizeof(void*));
#endif
#if MINOR >= 14
    PLACES(borrowed[2], types.type_version_cache[0], TYPE_VERSION_CACHE_SIZE,
           sizeof(void*));
#endif
}

static void value_stack(const LgPyLayout* row)
{
#if MINOR < 11
    OFFSET(frame_gen, PyFrameObject, f_gen);
    OFFSET(frame_valuestack, PyFrameObject, f_valuestack);
    NONE(frame_localsplus);
    NONE(gi_frame_state);
    NONE(gi_iframe);
#else
    NONE(frame_gen);
    NONE(frame_valuestack);
    OFFSET(frame_localsplus, _PyInterpreterFrame, localsplus);
    OFFSET(gi_frame_state, PyGenObject, gi_frame_state);
    OFFSET(gi_iframe, PyGenObject, gi_iframe);
#endif
#if MINOR == 9
    OFFSET(frame_stacktop, PyFrameObject, f_stacktop);
    OFFSET(frame_executing, PyFrameObject, f_executing);
#elif MINOR >= 14
    OFFSET(frame_stacktop, _PyInterpreterFrame, stackpointer);
    NONE(frame_executing);
#else
    NONE(frame_stacktop);
    NONE(frame_executing);
#endif
#if MINOR == 10
    OFFSET(frame_stackdepth, PyFrameObject, f_stackdepth);
    OFFSET(frame_state, PyFrameObject, f_state);
#elif MINOR >= 11 && MINOR < 14
    OFFSET(frame_stackdepth, _PyInterpreterFrame, stacktop);
    NONE(frame_state);
#else
    NONE(frame_stackdepth);
    NONE(frame_state);
#endif
}

static void frames(const LgPyLayout* row)
{
#if MINOR >= 11
#if MINOR >= 13
    OFFSET(frame_code, _PyInterpreterFrame, f_executable);
    OFFSET(frame_instr, _PyInterpreterFrame, instr_ptr);
#else
    OFFSET(frame_code, _PyInterpreterFrame, f_code);
    OFFSET(frame_instr, _PyInterpreterFrame, prev_instr);
#endif
    OFFSET(frame_previous, _PyInterpreterFrame, previous);
    OFFSET(frame_owner, _PyInterpreterFrame, owner);
    NONE(frame_lasti);
    FIELD(lastiUnitB, 0);
#else
    OFFSET(frame_code, PyFrameObject, f_code);
    OFFSET(frame_previous, PyFrameObject, f_back);
    OFFSET(frame_lasti, PyFrameObject, f_lasti);
    NONE(frame_instr);
    NONE(frame_owner);
    FIELD(lastiUnitB, MINOR == 9 ? 1 : 2);
#endif
    value_stack(row);
#if MINOR == 11
    OFFSET(frame_is_entry, _PyInterpreterFrame, is_entry);
#else
    NONE(frame_is_entry);
#endif
#if MINOR == 14
    FIELD(stackrefTagMask, Py_TAG_BITS);
    FIELD(firstInternalOwner, FRAME_OWNED_BY_INTERPRETER);
#else
    FIELD(stackrefTagMask, FREE_THREADED);
    FIELD(firstInternalOwner, MINOR >= 12 ? 3 : 0xFF);
#endif
}

static void code(const LgPyLayout* row)
{
    OFFSET(co_filename, PyCodeObject, co_filename);
    OFFSET(co_name, PyCodeObject, co_name);
    OFFSET(co_firstlineno, PyCodeObject, co_firstlineno);
#if MINOR == 9
    OFFSET(co_linetable, PyCodeObject, co_lnotab);
#else
    OFFSET(co_linetable, PyCodeObject, co_linetable);
#endif
#if MINOR >= 11
    OFFSET(co_qualname, PyCodeObject, co_qualname);
    OFFSET(co_code_adaptive, PyCodeObject, co_code_adaptive);
    OFFSET(co_firsttraceable, PyCodeObject, _co_firsttraceable);
    OFFSET(co_nlocalsplus, PyCodeObject, co_nlocalsplus);
    OFFSET(co_stacksize, PyCodeObject, co_stacksize);
#else
    NONE(co_qualname);
    NONE(co_code_adaptive);
    NONE(co_firsttraceable);
    NONE(co_nlocalsplus);
    NONE(co_stacksize);
#endif
#if MINOR < 11
    OFFSET(co_opcache, PyCodeObject, co_opcache);
#else
    NONE(co_opcache);
#endif
#if MINOR == 9
    NAMED(lineFormat, LgPyLnotab);
#elif MINOR == 10
    NAMED(lineFormat, LgPyLinetable310);
#else
    NAMED(lineFormat, LgPyLocations);
#endif
}

static void functions(const LgPyLayout* row)
{
    OFFSET(func_qualname, PyFunctionObject, func_qualname);
    OFFSET(func_module, PyFunctionObject, func_module);
}

/* No header has these; test_pypools_cpython.c walks pools with them. */
static void pools(const LgPyLayout* row)
{
    FIELD(arenaSzB, FREE_THREADED ? 0 : MINOR == 9 ? 1 << 18 : 1 << 20);
    FIELD(poolSzB, FREE_THREADED ? 0 : MINOR == 9 ? 1 << 12 : 1 << 14);
}

/* Compares or prints the whole row. */
static void fields(const LgPyLayout* row)
{
    HEX(version, PY_VERSION_HEX >> 16);
    FIELD(isFreeThreaded, FREE_THREADED);
    objects(row);
    strings(row);
    dicts(row);
    states(row);
    free_lists(row);
    borrowed(row);
    frames(row);
    code(row);
    functions(row);
    pools(row);
}

static void this_row(void)
{
    const LgPyLayout* row = FREE_THREADED
                                ? lg_pylayout_without_gil(PY_VERSION_HEX)
                                : lg_pylayout_for(PY_VERSION_HEX);

    assert_true(row != NULL);
#ifdef Py_TRACE_REFS
    static LgPyLayout traced;
    if (lg_pylayout_with_trace_refs(row, &traced))
        row = &traced;
#endif
    left = *row;
    fields(row);
    for (size_t i = 0; i < sizeof left; i++)
        if (!expect_eq(((const unsigned char*)&left)[i], 0))
            printf("  a field at byte %zu was not compared\n", i);
}

static void which_row(void)
{
    const LgPyLayout* row = lg_pylayout_for(0x030B02F0);

    expect_true(row != NULL);
    expect_true(lg_pylayout_for(0x030B07F0) == row);
    expect_true(lg_pylayout_for(0x030B00A1) == row);
    for (unsigned minor = 9; minor <= 14; minor++) {
        row = lg_pylayout_for((0x0300u | minor) << 16 | 0x02F0);
        if (expect_true(row != NULL))
            expect_eq(row->version, 0x0300 | minor);
    }
    expect_true(lg_pylayout_for(0x030802F0) == NULL);
    expect_true(lg_pylayout_for(0x030F00F0) == NULL);
    expect_true(lg_pylayout_for(0) == NULL);
    expect_true(lg_pylayout_for(0x020712F0) == NULL);
    expect_true(lg_pylayout_for(~0ULL) == NULL);
    expect_true(lg_pylayout_for(0x1030B02F0) == NULL);
}

/* The row as C source, for lg_pylayout.c. */
static void print_row(void)
{
    printing = True;
    printf("{ /* the headers of %s */\n", PY_VERSION);
    fields(NULL);
    printf("},\n");
}

int main(int argc, char** argv)
{
    if (argc > 1 && strcmp(argv[1], "--row") == 0) {
        print_row();
        return 0;
    }
    printf("Python %s\n", PY_VERSION);
    check_run(this_row);
    check_run(which_row);
    return check_done();
}

#endif
