/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pylayout.c: the rows of lg_pylayout.h.

   All are measured: tests/unit/test_pylayout.c compares the row of the Python
   that is installed with its own internal headers.  It was run with those of
   Debian's 3.9.2, 3.11.2, 3.13.5 and 3.14.8, and with those of 3.9.18, 3.10.13,
   3.11.7, 3.12.1 and 3.13.0 as released; for arm64 with the same headers and a
   cross compiler.  For tables of keys in 3.9 and 3.10, and for the sizes of
   arenas and pools, there is no header; they come from a running CPython. */

#include "lg_pylayout.h"

/* What comes late in PyInterpreterState from 3.12 on stands behind two mutexes
   of pthreads, which arm64 has larger ones of. */
#if defined(VGA_arm64)
#define LATE(offset) ((offset) + 0x10)
#else
#define LATE(offset) (offset)
#endif

/* --- What more than one version has --------------------------------------- */

#define OBJECTS                                                               \
    .ob_refcnt = 0x00, .ob_type = 0x08, .ob_size = 0x10,                      \
    .ob_ref_shared = LG_PY_NONE, .ob_gc_bits = LG_PY_NONE, .gcHeadSzB = 16,   \
    .sizeof_PyObject = 0x10, .tp_name = 0x18, .tp_basicsize = 0x20,           \
    .tp_itemsize = 0x28, .tp_dealloc = 0x30, .tp_flags = 0xa8,                \
    .tp_weaklistoffset = 0xd0, .tp_base = 0x100, .tp_dict = 0x108,             \
    .bytes_data = 0x20, .ma_keys = 0x20, .ma_values = 0x28,                   \
    .wr_object = 0x10, .wr_prev = 0x28, .wr_next = 0x30,                      \
    .tstate_next = 0x08, .tstate_interp = 0x10

#define STRINGS_TO_3_11                                                       \
    .unicode_length = 0x10, .unicode_state = 0x20,                            \
    .unicode_ascii_data = 0x30, .unicode_compact_data = 0x48,                 \
    .unicode_wstr = 0x28, .unicode_utf8 = 0x38, .unicode_data = 0x48
#define STRINGS_FROM_3_12                                                     \
    .unicode_length = 0x10, .unicode_state = 0x20,                            \
    .unicode_ascii_data = 0x28, .unicode_compact_data = 0x38,                 \
    .unicode_wstr = LG_PY_NONE, .unicode_utf8 = 0x30, .unicode_data = 0x38

#define KEYS_TO_3_10                                                          \
    .dk_size = 0x08, .dk_log2_size = LG_PY_NONE,                              \
    .dk_log2_index_bytes = LG_PY_NONE, .dk_kind = LG_PY_NONE,                 \
    .dk_nentries = 0x20, .dk_entries = 0x28
#define KEYS_FROM_3_11                                                        \
    .dk_size = LG_PY_NONE, .dk_log2_size = 0x08,                              \
    .dk_log2_index_bytes = 0x09, .dk_kind = 0x0a, .dk_nentries = 0x18,        \
    .dk_entries = 0x20

#define NO_DATA_STACK                                                         \
    .tstate_datastack_chunk = LG_PY_NONE, .tstate_datastack_top = LG_PY_NONE
#define NO_FREE_LISTS_OF_KEYS_AND_FLOATS                                      \
    .interp_keys_free_list = LG_PY_NONE, .interp_keys_numfree = LG_PY_NONE,   \
    .nKeysFreeList = 0, .interp_float_free_list = LG_PY_NONE,                 \
    .interp_float_numfree = LG_PY_NONE, .nFloatFreeList = 0

#define TYPE_CACHE(offset)                                                    \
    {.at = offset, .n = 4096, .szB = 8, .strideB = 0x18}
#define VERSION_CACHE(offset, count)                                          \
    {.at = offset, .n = count, .szB = 8, .strideB = 8}
#define COUNT_OF(offset, slots)                                               \
    {.at = offset, .n = 1, .szB = 4, .strideB = 4, .nSlots = slots}
/* Of 3.13: chains of floats, of tuples of 1 to 20, and of contexts. */
#define COUNT_OF_FLOATS(offset, typeOffset)                                   \
    {.at = offset, .n = 1, .szB = 4, .strideB = 4, .firstB = 8,               \
     .link = typeOffset}
#define COUNTS_OF_TUPLES(offset, itemOffset)                                  \
    {.at = offset, .n = 20, .szB = 4, .strideB = 4, .firstB = -160,           \
     .firstStrideB = 8, .link = itemOffset, .nTuples = 20}
#define COUNT_OF_CONTEXTS(offset)                                             \
    {.at = offset, .n = 1, .szB = 4, .strideB = 4, .firstB = -8,              \
     .link = LG_PY_NONE}
/* Of 3.14: all that there are. */
#define COUNTS_OF_CHAINS(offset, count)                                       \
    {.at = offset, .n = count, .szB = 8, .strideB = 16, .firstB = -8,         \
     .firstStrideB = 16, .link = 0, .firstTuples = 2, .nTuples = 20}

#define ARENAS_TO_3_9                                                         \
    .arenaSzB = LG_PY_SMALL_ARENA_SZB, .poolSzB = LG_PY_SMALL_POOL_SZB
#define ARENAS_FROM_3_10                                                      \
    .arenaSzB = LG_PY_LARGE_ARENA_SZB, .poolSzB = LG_PY_LARGE_POOL_SZB

#define CODE_TO_3_10                                                          \
    .co_filename = 0x68, .co_name = 0x70, .co_qualname = LG_PY_NONE,          \
    .co_firstlineno = 0x28, .co_linetable = 0x78,                             \
    .co_code_adaptive = LG_PY_NONE, .co_firsttraceable = LG_PY_NONE,          \
    .co_nlocalsplus = LG_PY_NONE, .co_stacksize = LG_PY_NONE,                 \
    .co_opcache = 0xa0
#define CODE_FROM_3_12                                                        \
    .co_filename = 0x70, .co_name = 0x78, .co_qualname = 0x80,                \
    .co_firstlineno = 0x44, .co_linetable = 0x88, .co_opcache = LG_PY_NONE,   \
    .co_nlocalsplus = 0x48, .co_stacksize = 0x40,                             \
    .lineFormat = LgPyLocations

#define FUNCTIONS_FROM_3_10 .func_qualname = 0x28, .func_module = 0x68

/* Frames are objects. */
#define FRAMES_TO_3_10                                                        \
    .tstate_frame = 0x18, .cframe_current_frame = LG_PY_NONE,                 \
    .frame_code = 0x20, .frame_previous = 0x18, .frame_instr = LG_PY_NONE,    \
    .frame_owner = LG_PY_NONE, .frame_is_entry = LG_PY_NONE,                  \
    .frame_localsplus = LG_PY_NONE, .gi_frame_state = LG_PY_NONE,             \
    .gi_iframe = LG_PY_NONE, .stackrefTagMask = 0, .firstInternalOwner = 0xFF
#define FRAMES_ARE_NO_OBJECTS                                                 \
    .frame_gen = LG_PY_NONE, .frame_valuestack = LG_PY_NONE,                  \
    .frame_executing = LG_PY_NONE, .frame_state = LG_PY_NONE
#define STACK_DEPTH                                                           \
    .frame_stacktop = LG_PY_NONE, .frame_stackdepth = 0x40,                   \
    .frame_localsplus = 0x48
#define STACK_POINTER                                                         \
    .frame_stacktop = 0x40, .frame_stackdepth = LG_PY_NONE,                   \
    .frame_localsplus = 0x50
#define NO_CFRAMES                                                            \
    .tstate_cframe = LG_PY_NONE, .cframe_previous = LG_PY_NONE
#define FRAMES_FROM_3_12                                                      \
    .frame_code = 0x00, .frame_previous = 0x08, .frame_instr = 0x38,          \
    .frame_lasti = LG_PY_NONE, .lastiUnitB = 0, .frame_is_entry = LG_PY_NONE, \
    FRAMES_ARE_NO_OBJECTS, NO_CFRAMES,                                        \
    .firstInternalOwner = 3

/* --- The rows -------------------------------------------------------------- */

static const LgPyLayout rows[] = {
    {
        .version = 0x0309,
        OBJECTS,
        .refcntFormat = LgPyRefcntPlain,
        .sizeof_PyTypeObject = 0x198,
        .ht_qualname = 0x358,
        .preheaderFlags = 0,
        STRINGS_TO_3_11,
        .dictvalues_values = 0,
        KEYS_TO_3_10,
        .keysInMem = False,

        .tstate_thread_id = 0xb0,
        .runtime_finalizing = 0x10,
        .runtime_interpreters_head = 0x20,
        .interp_next = 0x00,
        .interp_threads_head = 0x08,
        .interp_gc = LG_PY_NONE,
        .interp_gil = LG_PY_NONE,
        NO_DATA_STACK,
        NO_FREE_LISTS_OF_KEYS_AND_FLOATS, /* they are static variables */

        FRAMES_TO_3_10,
        NO_CFRAMES,
        .frame_lasti = 0x68,
        .frame_gen = 0x60,
        .frame_valuestack = 0x40,
        .frame_stacktop = 0x48,
        .frame_stackdepth = LG_PY_NONE,
        .frame_executing = 0x74,
        .frame_state = LG_PY_NONE,
        .lastiUnitB = 1,
        CODE_TO_3_10,
        .lineFormat = LgPyLnotab,
        .func_qualname = 0x68,
        .func_module = 0x58,
        ARENAS_TO_3_9,
    },
    {
        .version = 0x030A,
        OBJECTS,
        .refcntFormat = LgPyRefcntPlain,
        .sizeof_PyTypeObject = 0x198,
        .ht_qualname = 0x360,
        .preheaderFlags = 0,
        STRINGS_TO_3_11,
        .dictvalues_values = 0,
        KEYS_TO_3_10,
        .keysInMem = False,

        .tstate_thread_id = 0xb0,
        .runtime_finalizing = 0x10,
        .runtime_interpreters_head = 0x20,
        .interp_next = 0x00,
        .interp_threads_head = 0x08,
        .interp_gc = LG_PY_NONE,
        .interp_gil = LG_PY_NONE,
        NO_DATA_STACK,
        .interp_keys_free_list = 0x2c48,
        .interp_keys_numfree = 0x2ec8,
        .nKeysFreeList = 80,
        .interp_float_free_list = 0x2638,
        .interp_float_numfree = 0x2630,
        .nFloatFreeList = 100,
        .borrowed = {TYPE_CACHE(0x3b80)},

        FRAMES_TO_3_10,
        .tstate_cframe = 0x30,
        .cframe_previous = 0x08,
        .frame_lasti = 0x60,
        .frame_gen = 0x58,
        .frame_valuestack = 0x40,
        .frame_stacktop = LG_PY_NONE,
        .frame_stackdepth = 0x50,
        .frame_executing = LG_PY_NONE,
        .frame_state = 0x6c,
        .lastiUnitB = 2,
        CODE_TO_3_10,
        .lineFormat = LgPyLinetable310,
        FUNCTIONS_FROM_3_10,
        ARENAS_FROM_3_10,
    },
    {
        .version = 0x030B,
        OBJECTS,
        .refcntFormat = LgPyRefcntPlain,
        .sizeof_PyTypeObject = 0x198,
        .ht_qualname = 0x360,
        .preheaderFlags = 1u << 4, /* Py_TPFLAGS_MANAGED_DICT */
        STRINGS_TO_3_11,
        .dictvalues_values = 0,
        KEYS_FROM_3_11,
        .keysInMem = False,

        .tstate_thread_id = 0x98,
        .runtime_finalizing = 0x18,
        .runtime_interpreters_head = 0x28,
        .interp_next = 0x00,
        .interp_threads_head = 0x10,
        .interp_gc = LG_PY_NONE,
        .interp_gil = LG_PY_NONE,
        .tstate_datastack_chunk = 0x128,
        .tstate_datastack_top = 0x130,
        .interp_keys_free_list = 0x1430,
        .interp_keys_numfree = 0x16b0,
        .nKeysFreeList = 80,
        .interp_float_free_list = 0xe20,
        .interp_float_numfree = 0xe18,
        .nFloatFreeList = 100,
        .borrowed = {TYPE_CACHE(0x2370)},

        .tstate_frame = 0x38,
        .cframe_current_frame = 0x08,
        .tstate_cframe = 0x38,
        .cframe_previous = 0x10,
        .frame_code = 0x20,
        .frame_previous = 0x30,
        .frame_instr = 0x38,
        .frame_lasti = LG_PY_NONE,
        .lastiUnitB = 0,
        .frame_owner = 0x45,
        .frame_is_entry = 0x44,
        FRAMES_ARE_NO_OBJECTS,
        STACK_DEPTH,
        .gi_frame_state = 0x4b,
        .gi_iframe = 0x50,
        .stackrefTagMask = 0,
        .firstInternalOwner = 0xFF,
        .co_filename = 0x70,
        .co_name = 0x78,
        .co_qualname = 0x80,
        .co_firstlineno = 0x48,
        .co_linetable = 0x88,
        .co_code_adaptive = 0xb8,
        .co_firsttraceable = 0xa8,
        .co_nlocalsplus = 0x4c,
        .co_stacksize = 0x44,
        .co_opcache = LG_PY_NONE,
        .lineFormat = LgPyLocations,
        FUNCTIONS_FROM_3_10,
        ARENAS_FROM_3_10,
    },
    {
        .version = 0x030C,
        OBJECTS,
        .refcntFormat = LgPyRefcntLow32,
        .sizeof_PyTypeObject = 0x1a0,
        .ht_qualname = 0x368,
        .preheaderFlags = 3u << 3, /* Py_TPFLAGS_PREHEADER */
        STRINGS_FROM_3_12,
        .dictvalues_values = 0,
        KEYS_FROM_3_11,
        .keysInMem = False,

        .tstate_thread_id = 0x88,
        .runtime_finalizing = 0x18,
        .runtime_interpreters_head = 0x28,
        .interp_next = 0x00,
        .interp_threads_head = 0x48,
        .interp_gc = LG_PY_NONE,
        .interp_gil = LG_PY_NONE,
        .tstate_datastack_chunk = 0xe8,
        .tstate_datastack_top = 0xf0,
        .interp_keys_free_list = LATE(0x42410),
        .interp_keys_numfree = LATE(0x42694),
        .nKeysFreeList = 80,
        .interp_float_free_list = LATE(0x41498),
        .interp_float_numfree = LATE(0x41490),
        .nFloatFreeList = 100,
        .borrowed = {TYPE_CACHE(LATE(0x433d0))},

        .tstate_frame = 0x38,
        .cframe_current_frame = 0x00,
        FRAMES_FROM_3_12,
        .frame_owner = 0x46,
        STACK_DEPTH,
        .gi_frame_state = 0x43,
        .gi_iframe = 0x48,
        .stackrefTagMask = 0,
        CODE_FROM_3_12,
        .co_code_adaptive = 0xc0,
        .co_firsttraceable = 0xb0,
        FUNCTIONS_FROM_3_10,
        ARENAS_FROM_3_10,
    },
    {
        .version = 0x030D,
        OBJECTS,
        .refcntFormat = LgPyRefcntLow32,
        .sizeof_PyTypeObject = 0x1a0,
        .ht_qualname = 0x368,
        .preheaderFlags = 3u << 3, /* Py_TPFLAGS_PREHEADER */
        STRINGS_FROM_3_12,
        .dictvalues_values = 8,
        KEYS_FROM_3_11,
        .keysInMem = True,

        .tstate_thread_id = 0x98,
        .runtime_finalizing = 0x260,
        .runtime_interpreters_head = 0x278,
        .interp_next = 0x1c60,
        .interp_threads_head = 0x1cb0,
        .interp_gc = 0x1ce8,
        .sizeof_gc = 0xf0,
        .interp_gil = 0x1e48,
        .tstate_datastack_chunk = 0xe8,
        .tstate_datastack_top = 0xf0,
        NO_FREE_LISTS_OF_KEYS_AND_FLOATS,
        .borrowed = {TYPE_CACHE(LATE(0x14ac0)),
                     VERSION_CACHE(LATE(0x4270), 2 * 4096)},
        .freeListCounts = {COUNT_OF_FLOATS(LATE(0x2ac8), 0x08),
                           COUNTS_OF_TUPLES(LATE(0x2b78), 0x18),
                           COUNT_OF(LATE(0x2e48), 80),  /* lists */
                           COUNT_OF(LATE(0x30d0), 80),  /* dicts */
                           COUNT_OF(LATE(0x3358), 80),  /* dictkeys */
                           COUNT_OF_CONTEXTS(LATE(0x3370)),
                           COUNT_OF(LATE(0x35f8), 80),  /* async_gens */
                           COUNT_OF(LATE(0x3880), 80)}, /* async_gen_asends */

        .tstate_frame = 0x48,
        .cframe_current_frame = LG_PY_NONE,
        FRAMES_FROM_3_12,
        .frame_owner = 0x46,
        STACK_DEPTH,
        .gi_frame_state = 0x43,
        .gi_iframe = 0x48,
        .stackrefTagMask = 0,
        CODE_FROM_3_12,
        .co_code_adaptive = 0xc8,
        .co_firsttraceable = 0xb8,
        FUNCTIONS_FROM_3_10,
        ARENAS_FROM_3_10,
    },
    {
        .version = 0x030E,
        OBJECTS,
        .refcntFormat = LgPyRefcntFlags,
        .sizeof_PyTypeObject = 0x1a0,
        .ht_qualname = 0x368,
        .preheaderFlags = 3u << 3, /* Py_TPFLAGS_PREHEADER */
        STRINGS_FROM_3_12,
        .dictvalues_values = 8,
        KEYS_FROM_3_11,
        .keysInMem = True,

        .tstate_thread_id = 0x98,
        .runtime_finalizing = 0x310,
        .runtime_interpreters_head = 0x328,
        .interp_next = 0x1c68,
        .interp_threads_head = 0x1cb0,
        .interp_gc = 0x1cf0,
        .sizeof_gc = 0x108, /* 0xf0 in 3.14.4 */
        .interp_gil = 0x1e68,
        .tstate_datastack_chunk = 0xe8,
        .tstate_datastack_top = 0xf0,
        NO_FREE_LISTS_OF_KEYS_AND_FLOATS,
        .borrowed = {TYPE_CACHE(LATE(0x14018)),
                     VERSION_CACHE(LATE(0x37b8), 2 * 4096),
                     VERSION_CACHE(LATE(0x2e788), 4096)},
        .freeListCounts = {COUNTS_OF_CHAINS(LATE(0x2b78), 39)},

        .tstate_frame = 0x48,
        .cframe_current_frame = LG_PY_NONE,
        FRAMES_FROM_3_12,
        .frame_owner = 0x4a,
        STACK_POINTER,
        .gi_frame_state = 0x43,
        .gi_iframe = 0x48,
        .stackrefTagMask = 3,
        CODE_FROM_3_12,
        .co_code_adaptive = 0xd0,
        .co_firsttraceable = 0xc0,
        FUNCTIONS_FROM_3_10,
        ARENAS_FROM_3_10,
    },
};

/* Without the GIL: what all objects begin with is larger by 16 bytes. */
static const LgPyLayout rowsWithoutGil[] = {
    {
        .version = 0x030D,
        .isFreeThreaded = True,
        .ob_refcnt = 0x0c,
        .ob_type = 0x18,
        .ob_size = 0x20,
        .sizeof_PyObject = 0x20,
        .ob_ref_shared = 0x10,
        .ob_gc_bits = 0x0b,
        .gcHeadSzB = 0,
        .refcntFormat = LgPyRefcntSplit,
        .tp_name = 0x28,
        .tp_basicsize = 0x30,
        .tp_itemsize = 0x38,
        .tp_dealloc = 0x40,
        .tp_flags = 0xb8,
        .tp_weaklistoffset = 0xe0,
        .tp_base = 0x110,
        .tp_dict = 0x118,
        .sizeof_PyTypeObject = 0x1b0,
        .ht_qualname = 0x378,
        .preheaderFlags = 3u << 3, /* Py_TPFLAGS_PREHEADER */
        .unicode_length = 0x20,
        .unicode_state = 0x30,
        .unicode_ascii_data = 0x38,
        .unicode_compact_data = 0x48,
        .unicode_wstr = LG_PY_NONE,
        .unicode_utf8 = 0x40,
        .unicode_data = 0x48,
        .bytes_data = 0x30,
        .ma_keys = 0x30,
        .ma_values = 0x38,
        .dictvalues_values = 8,
        KEYS_FROM_3_11,
        .keysInMem = True,
        .wr_object = 0x20,
        .wr_prev = 0x38,
        .wr_next = 0x40,

        .tstate_thread_id = 0x98,
        .runtime_finalizing = 0x260,
        .runtime_interpreters_head = 0x278,
        .interp_next = 0x1c60,
        .interp_threads_head = 0x1cb0,
        .interp_gc = 0x1ce8,
        .sizeof_gc = 0xf8,
        .interp_gil = 0x1e50,
        .tstate_next = 0x08,
        .tstate_interp = 0x10,
        .tstate_datastack_chunk = 0xe8,
        .tstate_datastack_top = 0xf0,
        NO_FREE_LISTS_OF_KEYS_AND_FLOATS,
        .borrowed = {TYPE_CACHE(LATE(0x156d0)),
                     VERSION_CACHE(LATE(0x4e80), 2 * 4096)},
        .areFreeListsInTState = True,
        .sizeof_tstate = 0x138, /* 0x130 in 3.13.5 */
        .freeListCounts = {COUNT_OF_FLOATS(0x37a8, 0x18),
                           COUNTS_OF_TUPLES(0x3858, 0x28),
                           COUNT_OF(0x3b28, 80),  /* lists */
                           COUNT_OF(0x3db0, 80),  /* dicts */
                           COUNT_OF(0x4038, 80),  /* dictkeys */
                           COUNT_OF_CONTEXTS(0x4050),
                           COUNT_OF(0x42d8, 80),  /* async_gens */
                           COUNT_OF(0x4560, 80)}, /* async_gen_asends */

        .tstate_frame = 0x48,
        .cframe_current_frame = LG_PY_NONE,
        FRAMES_FROM_3_12,
        .frame_owner = 0x46,
        STACK_DEPTH,
        .gi_frame_state = 0x53,
        .gi_iframe = 0x58,
        .stackrefTagMask = 1,
        .co_filename = 0x80,
        .co_name = 0x88,
        .co_qualname = 0x90,
        .co_firstlineno = 0x54,
        .co_linetable = 0x98,
        .co_code_adaptive = 0xd8,
        .co_firsttraceable = 0xc8,
        .co_nlocalsplus = 0x58,
        .co_stacksize = 0x50,
        .co_opcache = LG_PY_NONE,
        .lineFormat = LgPyLocations,
        .func_qualname = 0x38,
        .func_module = 0x78,
    },
};

const LgPyLayout* lg_pylayout_for(ULong pyVersion)
{
    for (UInt i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].version == (pyVersion >> 16))
            return &rows[i];
    return NULL;
}

/* _ob_next and _ob_prev */
enum { TRACE_REFS_SZB = 2 * sizeof(Addr) };

static void move_field(LgPyLayout* l, UInt field)
{
    UInt* at = (UInt*)((UChar*)l + field);
    if (*at != LG_PY_NONE)
        *at += TRACE_REFS_SZB;
}

#define FIELD(name) __builtin_offsetof(LgPyLayout, name)
Bool lg_pylayout_with_trace_refs(const LgPyLayout* row, LgPyLayout* out)
{
    /* What stands in an object behind its first words. */
    static const UInt moved[] = {
        FIELD(ob_refcnt), FIELD(ob_type), FIELD(ob_size),
        FIELD(sizeof_PyObject), FIELD(tp_name), FIELD(tp_basicsize),
        FIELD(tp_itemsize), FIELD(tp_flags), FIELD(tp_base), FIELD(tp_dict),
        FIELD(sizeof_PyTypeObject), FIELD(ht_qualname), FIELD(unicode_length),
        FIELD(unicode_state), FIELD(unicode_ascii_data),
        FIELD(unicode_compact_data), FIELD(unicode_wstr), FIELD(unicode_utf8),
        FIELD(unicode_data), FIELD(bytes_data), FIELD(ma_keys),
        FIELD(ma_values), FIELD(wr_object), FIELD(wr_prev), FIELD(wr_next),
        FIELD(frame_gen), FIELD(frame_valuestack), FIELD(frame_stacktop),
        FIELD(frame_stackdepth), FIELD(frame_executing), FIELD(frame_state),
        FIELD(co_filename), FIELD(co_name), FIELD(co_qualname),
        FIELD(co_firstlineno), FIELD(co_linetable), FIELD(co_code_adaptive),
        FIELD(co_firsttraceable), FIELD(co_opcache), FIELD(func_qualname),
        FIELD(func_module)};
    /* To 3.10, frames are objects. */
    static const UInt movedTo310[] = {FIELD(frame_code), FIELD(frame_previous),
                                      FIELD(frame_lasti)};

    if (row->version > 0x030C)
        return False;
    *out = *row;
    for (UInt i = 0; i < sizeof moved / sizeof moved[0]; i++)
        move_field(out, moved[i]);
    for (UInt i = 0; i < 3 && row->version <= 0x030A; i++)
        move_field(out, movedTo310[i]);
    return True;
}

const LgPyLayout* lg_pylayout_without_gil(ULong pyVersion)
{
    enum { N = sizeof rowsWithoutGil / sizeof rowsWithoutGil[0] };

    for (UInt i = 0; i < N; i++)
        if (rowsWithoutGil[i].version == (pyVersion >> 16))
            return &rowsWithoutGil[i];
    return NULL;
}
