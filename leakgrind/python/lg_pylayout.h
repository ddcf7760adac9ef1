/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylayout.h: where things are in CPython's structures.

   One row for each minor version, measured on the builds named in
   lg_pylayout.c.  Fields carry CPython's names; all are offsets in bytes unless
   the comment says otherwise.  What differs between versions in more than an
   offset has a field that says how it is done.

   From 3.13 on a process says itself where many of these things are; see
   lg_pydebugoffsets.h. */

#ifndef LG_PYLAYOUT_H
#define LG_PYLAYOUT_H

#include "pub_tool_basics.h"

/* Does not exist in this version, or its place is not known. */
#define LG_PY_NONE 0xFFFFFFFFu

typedef enum {
    LgPyLnotab,        /* 3.9: co_lnotab, (address, line) steps in bytes */
    LgPyLinetable310,  /* 3.10: co_linetable of PEP 626, byte offsets */
    LgPyLocations      /* 3.11 and later: location table of PEP 657 */
} LgPyLineFormat;

typedef enum {
    LgPyRefcntPlain, /* to 3.11: a number of 64 bits */
    LgPyRefcntLow32, /* 3.12, 3.13: of 32 bits; negative ones are immortal */
    LgPyRefcntFlags, /* 3.14: so, and above it 16 bits that are 0 and 16 of
                        flags; in a free list the word is a link */
    LgPyRefcntSplit  /* without the GIL: 32 bits that belong to a thread, where
                        all ones mean immortal, and a word for the others, in
                        the upper 62 bits */
} LgPyRefcntFormat;

/* An array in PyInterpreterState: `n` places of `szB` bytes, the first at `at`,
   each `strideB` from the one before.  Nothing where n is 0.

   Of the lengths of lists: `nSlots` pointers stand before one, of which as many
   as it says are the list; or the list is a chain, the first of which is
   `firstB` bytes from the length (and `firstStrideB` more for each place), with
   the link to the next at `link` (LG_PY_NONE: not known).  `nTuples` places from
   `firstTuples` on have chains of tuples of 1, 2, ... items. */
typedef struct {
    UInt at, n, szB, strideB, nSlots;
    Int  firstB, firstStrideB; /* 0: no chain */
    UInt link, firstTuples, nTuples;
} LgPyPlaces;

/* How many of them a layout has at most. */
enum { LG_PY_MAX_BORROWED = 4, LG_PY_MAX_FREE_LIST_COUNTS = 8 };

typedef struct {
    UInt version; /* major << 8 | minor, e.g. 0x030B */
    Bool isFreeThreaded; /* built without the GIL */

    /* PyObject, PyVarObject.  Without the GIL, ob_refcnt is ob_ref_local. */
    UInt ob_refcnt, ob_type, ob_size, sizeof_PyObject;
    UInt ob_ref_shared, ob_gc_bits;
    LgPyRefcntFormat refcntFormat;
    UInt gcHeadSzB; /* before an object that the collector knows */

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
    /* Pointers to other representations: of any str, of one that is not
       ASCII, of one that is not compact */
    UInt unicode_wstr, unicode_utf8, unicode_data;
    UInt bytes_data;

    /* dict.  `dictvalues_values`: where in what ma_values points to.  In 3.9
       and 3.10 `dk_size` is the size itself, and the index has as many bytes
       as it needs to. */
    UInt ma_keys, ma_values, dictvalues_values;
    UInt dk_size, dk_log2_size, dk_log2_index_bytes, dk_kind, dk_nentries,
        dk_entries;
    Bool keysInMem; /* tables of keys come from the MEM domain */

    /* weakref: words that hold no reference of their own */
    UInt wr_object, wr_prev, wr_next;

    /* _PyRuntime, PyInterpreterState, PyThreadState */
    UInt runtime_finalizing, runtime_interpreters_head;
    UInt interp_next, interp_threads_head;
    /* From 3.13 on, to see how far things have moved: what comes behind */
    UInt interp_gc, sizeof_gc, interp_gil;
    UInt tstate_next, tstate_interp, tstate_thread_id, tstate_datastack_chunk,
        tstate_datastack_top, tstate_datastack_limit;
    /* The free list of dict keys: an array of so many, of which the first
       interp_keys_numfree (an int) are in it */
    UInt interp_keys_free_list, interp_keys_numfree, nKeysFreeList;
    /* The free list of floats: a chain through ob_type; its length (an int);
       how long it may become */
    UInt interp_float_free_list, interp_float_numfree, nFloatFreeList;
    /* Pointers to objects that hold no reference: the values of the type
       cache, and what is found by the version of a type or a function */
    LgPyPlaces borrowed[LG_PY_MAX_BORROWED];
    /* From 3.13 on: the lengths of free lists.  While a list is empty and its
       length negative, nothing is parked in it. */
    LgPyPlaces freeListCounts[LG_PY_MAX_FREE_LIST_COUNTS];
    Bool areFreeListsInTState; /* and not in PyInterpreterState; then the size
                                  of PyThreadState says for what build */
    UInt sizeof_tstate;
    UInt interp_slice_cache; /* a parked slice, or NULL; 3.10 to 3.13 */
    /* tstate->frame (3.9, 3.10), tstate->current_frame (3.13 on), or
       tstate->cframe (3.11, 3.12), in which `cframe_current_frame` leads on */
    UInt tstate_frame, cframe_current_frame;
    /* 3.10, 3.11: the CFrame of the innermost run of the evaluation loop, and
       the way to that of the run before */
    UInt tstate_cframe, cframe_previous;

    /* Frames; `frame_instr` is prev_instr or instr_ptr (an address), or where
       LG_PY_NONE, `frame_lasti` is an index of `lastiUnitB` bytes a unit. */
    UInt frame_code, frame_previous, frame_instr, frame_lasti, lastiUnitB;
    UInt frame_owner, frame_is_entry;
    UInt frame_gen; /* 3.9, 3.10: a generator, without a reference to it */
    /* Where the value stack ends (an address, 0 while it runs; to 3.9, and from
       3.14 on) or how deep it is (an int).  3.9, 3.10: where it begins; a byte
       that is 0 when it does not run, or an Int8 that is 0 while it does.  From
       3.11 on: it stands behind the local variables, and its depth, negative
       while the frame runs, counts from them. */
    UInt frame_stacktop, frame_stackdepth, frame_valuestack;
    UInt frame_executing, frame_state;
    UInt frame_localsplus;
    UInt stackrefTagMask; /* bits of a reference in a frame that are no part
                             of the address; where one is set, the reference
                             is not counted */
    UChar firstInternalOwner; /* owners from here on are no Python frames;
                                 0xFF: there are none */

    /* Generators from 3.11 on: a frame is a part of each; its state, an Int8 */
    UInt gi_frame_state, gi_iframe;

    /* Code objects */
    UInt co_filename, co_name, co_qualname, co_firstlineno, co_linetable,
        co_code_adaptive, co_firsttraceable;
    UInt co_nlocalsplus, co_stacksize; /* from 3.11 on; ints */
    UInt co_opcache; /* 3.9, 3.10: a block with values of global variables,
                        without references to them */
    LgPyLineFormat lineFormat;

    /* pymalloc, in bytes; 0: another allocator */
    UInt arenaSzB, poolSzB;
} LgPyLayout;

/* The row for a version as Py_Version has it (PY_VERSION_HEX: 0x030B02F0 is
   3.11.2), on the architecture this is compiled for.  NULL: not known. */
const LgPyLayout* lg_pylayout_for(ULong pyVersion);
/* That of a build --with-trace-refs: up to 3.12 two more words stand before each
   object.  False: it makes no difference in this version. */
Bool lg_pylayout_with_trace_refs(const LgPyLayout* row, LgPyLayout* out);
/* That of a build without the GIL. */
const LgPyLayout* lg_pylayout_without_gil(ULong pyVersion);

#endif
