/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylayout.c: the rows of lg_pylayout.h.

   3.11: from the headers of Debian's 3.11.2 (libpython3.11-dev), which
   tests/unit/test_pylayout.c compares with this row; the same in 3.11.7. */

#include "lg_pylayout.h"

static const LgPyLayout rows[] = {
    {
        .version = 0x030B,

        .ob_refcnt = 0x00,
        .ob_type = 0x08,
        .ob_size = 0x10,
        .sizeof_PyObject = 0x10,

        .tp_name = 0x18,
        .tp_basicsize = 0x20,
        .tp_itemsize = 0x28,
        .tp_flags = 0xa8,
        .tp_base = 0x100,
        .tp_dict = 0x108,
        .sizeof_PyTypeObject = 0x198,
        .ht_qualname = 0x360,
        .preheaderFlags = 1u << 4, /* Py_TPFLAGS_MANAGED_DICT */

        .unicode_length = 0x10,
        .unicode_state = 0x20,
        .unicode_ascii_data = 0x30,
        .unicode_compact_data = 0x48,
        .unicode_wstr = 0x28,
        .unicode_utf8 = 0x38,
        .unicode_data = 0x48,
        .bytes_data = 0x20,

        .ma_keys = 0x20,
        .ma_values = 0x28,
        .dk_log2_size = 0x08,
        .dk_log2_index_bytes = 0x09,
        .dk_kind = 0x0a,
        .dk_nentries = 0x18,
        .dk_entries = 0x20,

        .wr_object = 0x10,
        .wr_prev = 0x28,
        .wr_next = 0x30,

        .runtime_finalizing = 0x18,
        .runtime_interpreters_head = 0x28,
        .interp_next = 0x00,
        .interp_threads_head = 0x10,
        .tstate_next = 0x08,
        .tstate_interp = 0x10,
        .tstate_datastack_chunk = 0x128,
        .tstate_datastack_top = 0x130,
        .tstate_datastack_limit = 0x138,
        .interp_keys_free_list = 0x1430,
        .interp_keys_numfree = 0x16b0,
        .nKeysFreeList = 80,
        .interp_float_free_list = 0xe20,
        .interp_float_numfree = 0xe18,
        .nFloatFreeList = 100,
        .interp_type_cache = 0x2360,
        .nTypeCache = 4096,
        .sizeof_type_cache_entry = 0x18,
        .type_cache_value = 0x10,
        .tstate_frame = 0x38,
        .cframe_current_frame = 0x08,

        .frame_code = 0x20,
        .frame_previous = 0x30,
        .frame_instr = 0x38,
        .frame_lasti = LG_PY_NONE,
        .lastiUnitB = 0,
        .frame_owner = 0x45,
        .frame_is_entry = 0x44,
        .firstInternalOwner = 0xFF,

        .co_filename = 0x70,
        .co_name = 0x78,
        .co_qualname = 0x80,
        .co_firstlineno = 0x48,
        .co_linetable = 0x88,
        .co_code_adaptive = 0xb8,
        .co_firsttraceable = 0xa8,
        .lineFormat = LgPyLocations,

        .arenaSzB = 1024 * 1024,
        .poolSzB = 16 * 1024,
    },
};

const LgPyLayout* lg_pylayout_for(ULong pyVersion)
{
    for (UInt i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].version == (pyVersion >> 16))
            return &rows[i];
    return NULL;
}
