/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylayout.h: where things are in CPython's structures.

   One row for each minor version and architecture, measured on the builds
   named in lg_pylayout.c.  Fields carry CPython's names; all are offsets in
   bytes unless the comment says otherwise.  What differs between versions in
   more than an offset has a field that says how it is done. */

#ifndef LG_PYLAYOUT_H
#define LG_PYLAYOUT_H

#include "pub_tool_basics.h"

/* Does not exist in this version. */
#define LG_PY_NONE 0xFFFFu

typedef enum {
    LgPyLnotab,        /* 3.9: co_lnotab, (address, line) steps in bytes */
    LgPyLinetable310,  /* 3.10: co_linetable of PEP 626, byte offsets */
    LgPyLocations      /* 3.11 and later: location table of PEP 657 */
} LgPyLineFormat;

typedef struct {
    UInt version; /* major << 8 | minor, e.g. 0x030B */

    /* PyObject, PyVarObject */
    UShort ob_refcnt, ob_type, ob_size, sizeof_PyObject;

    /* PyTypeObject, PyHeapTypeObject */
    UShort tp_name, tp_basicsize, tp_itemsize, tp_flags, tp_base, tp_dict;
    UShort sizeof_PyTypeObject;
    UShort ht_qualname;
    /* Bits of tp_flags that put a 16-byte pre-header before the GC head. */
    ULong  preheaderFlags;

    /* str, bytes, int */
    UShort unicode_length, unicode_state, unicode_ascii_data,
        unicode_compact_data;
    /* Pointers to other representations: of any str, of one that is not
       ASCII, of one that is not compact */
    UShort unicode_wstr, unicode_utf8, unicode_data;
    UShort bytes_data;

    /* dict */
    UShort ma_keys, ma_values;
    UShort dk_log2_size, dk_log2_index_bytes, dk_kind, dk_nentries, dk_entries;

    /* weakref: words that hold no reference of their own */
    UShort wr_object, wr_prev, wr_next;

    /* _PyRuntime, PyInterpreterState, PyThreadState */
    UShort runtime_finalizing, runtime_interpreters_head;
    UShort interp_next, interp_threads_head;
    UShort tstate_next, tstate_interp, tstate_datastack_chunk,
        tstate_datastack_top, tstate_datastack_limit;
    /* The free list of dict keys: an array of so many, of which the first
       interp_keys_numfree (an int) are in it */
    UShort interp_keys_free_list, interp_keys_numfree, nKeysFreeList;
    /* The free list of floats: a chain through ob_type; its length (an int);
       how long it may become */
    UShort interp_float_free_list, interp_float_numfree, nFloatFreeList;
    /* The type cache: an array of entries, of which `value` is borrowed */
    UShort interp_type_cache, nTypeCache, sizeof_type_cache_entry,
        type_cache_value;
    /* tstate->frame (3.9, 3.10), tstate->current_frame (3.13 on), or
       tstate->cframe (3.11, 3.12), in which `cframe_current_frame` leads on */
    UShort tstate_frame, cframe_current_frame;

    /* Frames; `frame_instr` is prev_instr or instr_ptr (an address), or where
       LG_PY_NONE, `frame_lasti` is an index of `lastiUnitB` bytes a unit. */
    UShort frame_code, frame_previous, frame_instr, frame_lasti, lastiUnitB;
    UShort frame_owner, frame_is_entry;
    UChar  firstInternalOwner; /* owners from here on are no Python frames;
                                  0xFF: there are none */

    /* Code objects */
    UShort co_filename, co_name, co_qualname, co_firstlineno, co_linetable,
        co_code_adaptive, co_firsttraceable;
    LgPyLineFormat lineFormat;

    /* pymalloc, in bytes; 0: another allocator */
    UInt arenaSzB, poolSzB;
} LgPyLayout;

/* The row for a version as Py_Version has it (PY_VERSION_HEX: 0x030B02F0 is
   3.11.2), on the architecture this is compiled for.  NULL: not known. */
const LgPyLayout* lg_pylayout_for(ULong pyVersion);

#endif
