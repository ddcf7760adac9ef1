/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pylayout.c: the row of offsets for CPython 3.11 against its own internal
   headers, field by field; that no field is left out is checked, too. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no headers of Python were found\n");
    return 77;
}

#else

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if PY_VERSION_HEX >> 16 != 0x030B

int main(void)
{
    printf("skipped: the headers are those of Python %s\n", PY_VERSION);
    return 77;
}

#else

/* The internal headers define their own names for such. */
#define Py_BUILD_CORE 1
#include <internal/pycore_code.h>
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>

#include "../../leakgrind/python/lg_pylayout.h"

/* Compares a field, and takes it out of the copy in which none may be left. */
#define FIELD(field, value)                                                   \
    do {                                                                      \
        expect_eq(row->field, value);                                         \
        memset(&left.field, 0, sizeof left.field);                            \
    } while (0)
#define OFFSET(field, type, member) FIELD(field, offsetof(type, member))

static LgPyLayout left;

static void objects(const LgPyLayout* row)
{
    OFFSET(ob_refcnt, PyObject, ob_refcnt);
    OFFSET(ob_type, PyObject, ob_type);
    OFFSET(ob_size, PyVarObject, ob_size);
    FIELD(sizeof_PyObject, sizeof(PyObject));

    OFFSET(tp_name, PyTypeObject, tp_name);
    OFFSET(tp_basicsize, PyTypeObject, tp_basicsize);
    OFFSET(tp_itemsize, PyTypeObject, tp_itemsize);
    OFFSET(tp_flags, PyTypeObject, tp_flags);
    OFFSET(tp_base, PyTypeObject, tp_base);
    OFFSET(tp_dict, PyTypeObject, tp_dict);
    FIELD(sizeof_PyTypeObject, sizeof(PyTypeObject));
    OFFSET(ht_qualname, PyHeapTypeObject, ht_qualname);
    FIELD(preheaderFlags, Py_TPFLAGS_MANAGED_DICT);

    OFFSET(unicode_length, PyASCIIObject, length);
    OFFSET(unicode_state, PyASCIIObject, state);
    FIELD(unicode_ascii_data, sizeof(PyASCIIObject));
    FIELD(unicode_compact_data, sizeof(PyCompactUnicodeObject));
    OFFSET(unicode_wstr, PyASCIIObject, wstr);
    OFFSET(unicode_utf8, PyCompactUnicodeObject, utf8);
    OFFSET(unicode_data, PyUnicodeObject, data);
    OFFSET(bytes_data, PyBytesObject, ob_sval);

    OFFSET(ma_keys, PyDictObject, ma_keys);
    OFFSET(ma_values, PyDictObject, ma_values);
    OFFSET(dk_log2_size, PyDictKeysObject, dk_log2_size);
    OFFSET(dk_log2_index_bytes, PyDictKeysObject, dk_log2_index_bytes);
    OFFSET(dk_kind, PyDictKeysObject, dk_kind);
    OFFSET(dk_nentries, PyDictKeysObject, dk_nentries);
    OFFSET(dk_entries, PyDictKeysObject, dk_indices);

    OFFSET(wr_object, PyWeakReference, wr_object);
    OFFSET(wr_prev, PyWeakReference, wr_prev);
    OFFSET(wr_next, PyWeakReference, wr_next);
}

static void states(const LgPyLayout* row)
{
    OFFSET(runtime_finalizing, _PyRuntimeState, _finalizing);
    OFFSET(runtime_interpreters_head, _PyRuntimeState, interpreters.head);
    OFFSET(interp_next, PyInterpreterState, next);
    OFFSET(interp_threads_head, PyInterpreterState, threads.head);
    OFFSET(tstate_next, PyThreadState, next);
    OFFSET(tstate_interp, PyThreadState, interp);
    OFFSET(tstate_datastack_chunk, PyThreadState, datastack_chunk);
    OFFSET(tstate_datastack_top, PyThreadState, datastack_top);
    OFFSET(tstate_datastack_limit, PyThreadState, datastack_limit);
    OFFSET(interp_keys_free_list, PyInterpreterState,
           dict_state.keys_free_list);
    OFFSET(interp_keys_numfree, PyInterpreterState, dict_state.keys_numfree);
    FIELD(nKeysFreeList, PyDict_MAXFREELIST);
    OFFSET(interp_float_free_list, PyInterpreterState, float_state.free_list);
    OFFSET(interp_float_numfree, PyInterpreterState, float_state.numfree);
    FIELD(nFloatFreeList, PyFloat_MAXFREELIST);
    OFFSET(interp_type_cache, PyInterpreterState, type_cache.hashtable);
    FIELD(nTypeCache, 1 << MCACHE_SIZE_EXP);
    FIELD(sizeof_type_cache_entry, sizeof(struct type_cache_entry));
    OFFSET(type_cache_value, struct type_cache_entry, value);
    OFFSET(tstate_frame, PyThreadState, cframe);
    OFFSET(cframe_current_frame, _PyCFrame, current_frame);
}

static void code(const LgPyLayout* row)
{
    OFFSET(frame_code, _PyInterpreterFrame, f_code);
    OFFSET(frame_previous, _PyInterpreterFrame, previous);
    OFFSET(frame_instr, _PyInterpreterFrame, prev_instr);
    FIELD(frame_lasti, LG_PY_NONE);
    FIELD(lastiUnitB, 0);
    OFFSET(frame_owner, _PyInterpreterFrame, owner);
    OFFSET(frame_is_entry, _PyInterpreterFrame, is_entry);
    FIELD(firstInternalOwner, 0xFF);

    OFFSET(co_filename, PyCodeObject, co_filename);
    OFFSET(co_name, PyCodeObject, co_name);
    OFFSET(co_qualname, PyCodeObject, co_qualname);
    OFFSET(co_firstlineno, PyCodeObject, co_firstlineno);
    OFFSET(co_linetable, PyCodeObject, co_linetable);
    OFFSET(co_code_adaptive, PyCodeObject, co_code_adaptive);
    OFFSET(co_firsttraceable, PyCodeObject, _co_firsttraceable);
    FIELD(lineFormat, LgPyLocations);
}

/* No header tells these; test_pypools_cpython.c walks pools with them. */
static void pools(const LgPyLayout* row)
{
    FIELD(arenaSzB, 1 << 20);
    FIELD(poolSzB, 1 << 14);
}

static void row_3_11(void)
{
    const LgPyLayout* row = lg_pylayout_for(PY_VERSION_HEX);

    assert_true(row != NULL);
    left = *row;
    FIELD(version, PY_VERSION_HEX >> 16);
    objects(row);
    states(row);
    code(row);
    pools(row);
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
    expect_true(lg_pylayout_for(0) == NULL);
    expect_true(lg_pylayout_for(0x020712F0) == NULL);
    expect_true(lg_pylayout_for(~0ULL) == NULL);
    expect_true(lg_pylayout_for(0x1030B02F0) == NULL);
}

int main(void)
{
    check_run(row_3_11);
    check_run(which_row);
    return check_done();
}

#endif
#endif
