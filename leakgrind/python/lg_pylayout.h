/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylayout.h: the layout of CPython's structures.

   There is one row for each minor version, measured on the builds that
   lg_pylayout.c names.  Fields have CPython's names, and are offsets in bytes
   unless a comment says otherwise.  Differences between versions that are more
   than an offset have a field that selects the variant.

   From 3.13 on, a process describes many of these offsets itself: see
   lg_pydebugoffsets.h. */

#ifndef LG_PYLAYOUT_H
#define LG_PYLAYOUT_H

#include "pub_tool_basics.h"

/* The field does not exist in this version, or its offset is not known. */
#define LG_PY_NONE 0xFFFFFFFFu

/* Sizes of pymalloc's arenas and of the pools in them, bytes: in 3.9, and since
   3.10 (Objects/obmalloc.c). */
enum {
    LG_PY_SMALL_ARENA_SZB = 256 * 1024,
    LG_PY_SMALL_POOL_SZB  = 4 * 1024,
    LG_PY_LARGE_ARENA_SZB = 1024 * 1024,
    LG_PY_LARGE_POOL_SZB  = 16 * 1024
};

typedef enum {
    LgPyLnotab,        /* 3.9: co_lnotab, (address, line) steps in bytes */
    LgPyLinetable310,  /* 3.10: co_linetable of PEP 626, byte offsets */
    LgPyLocations      /* 3.11 and later: location table of PEP 657 */
} LgPyLineFormat;

typedef enum {
    LgPyRefcntPlain, /* to 3.11: a number of 64 bits */
    LgPyRefcntLow32, /* 3.12, 3.13: of 32 bits; negative ones are immortal */
    LgPyRefcntFlags, /* 3.14: the same, then 16 bits that are 0 and 16 bits of
                        flags; in a free list the word is a link */
    LgPyRefcntSplit  /* without the GIL: 32 bits for the owning thread (all ones:
                        immortal), and a word for the others, which has their
                        count in its upper 62 bits */
} LgPyRefcntFormat;

/* An array in PyInterpreterState: `n` places of `szB` bytes, the first at `at`,
   and `strideB` bytes from one to the next.  n is 0 if there is no such array.

   If the places are the lengths of free lists, a list is
   - an array of `nSlots` pointers that ends at its length; the first `length`
     slots are live;
   - or else a chain.  The pointer to its first element is `firstB` bytes from
     the length (and `firstStrideB` bytes from one place to the next), and the
     link to the next element is at `link` (LG_PY_NONE: not known).  `nTuples`
     places from `firstTuples` on have chains of tuples of 1, 2, ... items. */
typedef struct {
    UInt at, n, szB, strideB, nSlots;
    Int  firstB, firstStrideB; /* 0: no chain */
    UInt link, firstTuples, nTuples;
} LgPyPlaces;

/* How many of them a layout can have. */
enum { LG_PY_MAX_BORROWED = 4, LG_PY_MAX_FREE_LIST_COUNTS = 8 };

typedef struct {
    UInt version; /* major << 8 | minor, e.g. 0x030B */
    Bool isFreeThreaded; /* built without the GIL */

    /* PyObject, PyVarObject.  Without the GIL, ob_refcnt is ob_ref_local. */
    UInt ob_refcnt, ob_type, ob_size, sizeof_PyObject;
    UInt ob_ref_shared, ob_gc_bits;
    LgPyRefcntFormat refcntFormat;
    UInt gcHeadSzB; /* size of the head before an object that the collector
                       knows */

    /* PyTypeObject, PyHeapTypeObject */
    UInt tp_name, tp_basicsize, tp_itemsize, tp_dealloc, tp_flags,
        tp_weaklistoffset, tp_base, tp_dict;
    UInt sizeof_PyTypeObject;
    UInt ht_qualname;
    /* Bits of tp_flags that put a 16-byte pre-header before the GC head. */
    ULong preheaderFlags;

    /* str, bytes, int */
    UInt unicode_length, unicode_state, unicode_ascii_data,
        unicode_compact_data;
    /* Pointers to other representations: of any str; of one that is not ASCII;
       of one that is not compact */
    UInt unicode_wstr, unicode_utf8, unicode_data;
    UInt bytes_data;

    /* dict.  `dictvalues_values`: offset of the values from where ma_values
       points.  In 3.9 and 3.10 `dk_size` is the size itself, and implies that
       of the index. */
    UInt ma_keys, ma_values, dictvalues_values;
    UInt dk_size, dk_log2_size, dk_log2_index_bytes, dk_kind, dk_nentries,
        dk_entries;
    Bool keysInMem; /* tables of keys come from the MEM domain, not from OBJ */

    /* weakref: words that hold no reference of their own */
    UInt wr_object, wr_prev, wr_next;

    /* _PyRuntime, PyInterpreterState, PyThreadState */
    UInt runtime_finalizing, runtime_interpreters_head;
    UInt interp_next, interp_threads_head;
    /* From 3.13 on: by these can be seen how far later fields have moved */
    UInt interp_gc, sizeof_gc, interp_gil;
    UInt tstate_next, tstate_interp, tstate_thread_id, tstate_datastack_chunk,
        tstate_datastack_top;
    /* The free list of dict keys: an array of nKeysFreeList pointers, of which
       the first interp_keys_numfree (an int) are live */
    UInt interp_keys_free_list, interp_keys_numfree, nKeysFreeList;
    /* The free list of floats: a chain through ob_type; its length (an int);
       its maximum length */
    UInt interp_float_free_list, interp_float_numfree, nFloatFreeList;
    /* Pointers to objects that are no counted references: the values of the
       type cache, and the caches by the version of a type or a function */
    LgPyPlaces borrowed[LG_PY_MAX_BORROWED];
    /* From 3.13 on: the lengths of free lists.  CPython parks nothing in a list
       whose length is negative. */
    LgPyPlaces freeListCounts[LG_PY_MAX_FREE_LIST_COUNTS];
    Bool areFreeListsInTState; /* not in PyInterpreterState; sizeof_tstate tells
                                  for which builds the offsets are */
    UInt sizeof_tstate;
    /* tstate->frame (3.9, 3.10), tstate->current_frame (3.13 on), or
       tstate->cframe (3.11, 3.12), and in that, `cframe_current_frame` */
    UInt tstate_frame, cframe_current_frame;
    /* 3.10, 3.11: the CFrame of the innermost run of the evaluation loop, and
       in it the link to that of the run before */
    UInt tstate_cframe, cframe_previous;

    /* Frames; `frame_instr` is prev_instr or instr_ptr (an address), or where
       LG_PY_NONE, `frame_lasti` is an index of `lastiUnitB` bytes a unit. */
    UInt frame_code, frame_previous, frame_instr, frame_lasti, lastiUnitB;
    UInt frame_owner, frame_is_entry;
    UInt frame_gen; /* 3.9, 3.10: the generator; this reference is not counted */
    /* The end of the value stack (in 3.9 and from 3.14 on: an address, 0 while
       the frame runs), or its depth (an int).  3.9, 3.10: its beginning; and
       whether the frame runs: a byte that is 0 if not (frame_executing), or an
       Int8 that is 0 if so (frame_state).  From 3.11 on the stack follows the
       local variables, and its depth, which counts from their start, is
       negative while the frame runs. */
    UInt frame_stacktop, frame_stackdepth, frame_valuestack;
    UInt frame_executing, frame_state;
    UInt frame_localsplus;
    UInt stackrefTagMask; /* tag bits of a reference in a frame, not part of the
                             address; if one is set, the reference is not
                             counted */
    UChar firstInternalOwner; /* frames with this owner, or a higher one, are not
                                 Python's; 0xFF: there are none */

    /* Generators from 3.11 on: the frame in it; its state, an Int8 */
    UInt gi_frame_state, gi_iframe;

    /* Code objects */
    UInt co_filename, co_name, co_qualname, co_firstlineno, co_linetable,
        co_code_adaptive, co_firsttraceable;
    UInt co_nlocalsplus, co_stacksize; /* from 3.11 on; ints */
    UInt co_opcache; /* 3.9, 3.10: a block with the values of global variables;
                        these references are not counted */
    LgPyLineFormat lineFormat;

    /* Functions */
    UInt func_qualname, func_module;

    /* pymalloc, in bytes; 0: another allocator */
    UInt arenaSzB, poolSzB;
} LgPyLayout;

/* The row for a version as in Py_Version (PY_VERSION_HEX: 0x030B02F0 is
   3.11.2), for the architecture that this is compiled for.  NULL: not known. */
const LgPyLayout* lg_pylayout_for(ULong pyVersion);
/* The row for a build --with-trace-refs: up to 3.12 each object begins with two
   more words.  False: it makes no difference in this version. */
Bool lg_pylayout_with_trace_refs(const LgPyLayout* row, LgPyLayout* out);
/* The row for a build without the GIL; NULL: not known. */
const LgPyLayout* lg_pylayout_without_gil(ULong pyVersion);

#endif
