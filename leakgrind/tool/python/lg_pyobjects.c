/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyobjects.c: classifies the blocks before the search of a leak check:
   which are Python objects, and which words of Python's memory look like
   references and are none.  See lg_pysnapshot.h; what follows after the search
   is in lg_pyverdict.c. */

#include "lg_pysnapshot_priv.h"

#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../python/lg_pydelayed.h"
#include "../../python/lg_pydictkeys.h"
#include "../../python/lg_pyframes.h"
#include "../../python/lg_pystr.h"
#include "../process/lg_python.h"
#include "lg_pyaside.h"
#include "lg_pyregistry.h"
#include "lg_pyreuse.h"
#include "lg_pyskips.h"
#include "lg_pystatics.h"

#define MAX_REFCNT 0xFFFFFFFFu

/* --- Tables of keys ------------------------------------------------------ */

/* May this be the dict of interned strings?  It has each as key and as
   value. */
static Bool may_be_interned(const LgPyMem* mem, const LgPyDictKeys* keys)
{
    enum { MIN_ENTRIES = 256 };
    const LgPyLayout* l = lg_python()->layout;
    Addr              key, value;

    if (keys->nEntries < MIN_ENTRIES)
        return False;
    for (Addr i = 0; i < keys->nEntries; i++)
        if (!lg_pydictkeys_entry(mem, keys, i, &key, &value) ||
            (key != 0 && value != 0 &&
             (key != value || !lg_pystr_is_interned(mem, l, key))))
            return False;
    return True;
}

/* The hash of an int is its value, which of an id() is an address: the dicts of
   a type's subclasses have such keys.  An index may look like anything. */
static void skip_numbers(LgPySnapshot* c, const LgPyDictKeys* keys, Addr index)
{
    for (Addr a = index; a < keys->entries; a += sizeof a)
        lg_pysnap_skip_number(c, a);
    for (Addr i = 0; keys->hasHashes && i < keys->nEntries; i++)
        lg_pysnap_skip_number(c, keys->entries + i * keys->entrySzB);
}

/* The table of a dict's keys.  If it is in a free list, it holds nothing; in
   most versions, the list itself is read to find that out. */
static void classify_keys(LgPySnapshot* c, UInt i, Addr start, SizeT szB)
{
    const LgPyMem*    mem = lg_python_mem();
    const LgPyLayout* l = lg_python()->layout;
    LgPyDictKeys      keys;

    if (!lg_pydictkeys_fit(mem, l, start, szB, &keys))
        return;
    if (l->interp_keys_free_list == LG_PY_NONE &&
        lg_pydictkeys_is_parked(mem, l, start))
        lg_sb_set_skipped(&lg_snap_blocks(c->snap)[i]);
    if (keys.nEntries > c->nInterned && may_be_interned(mem, &keys)) {
        c->interned = i + 1;
        c->nInterned = keys.nEntries;
    }
    skip_numbers(c, &keys, start + l->dk_entries);
}

/* The dict of interned strings has more of them than any other, and does not
   count its references: strings that only it holds are lost. */
static void set_interned_skipped(LgPySnapshot* c)
{
    if (c->interned != 0)
        lg_sb_set_skipped(&lg_snap_blocks(c->snap)[c->interned - 1]);
}

/* --- Objects, and other blocks ------------------------------------------- */

/* Skips the key in an entry of tracemalloc's tables, {next, hash, key, value}:
   the address of a block that is only accounted for. */
static void skip_traced(LgPySnapshot* c, const LgSnapBlock* b)
{
    Addr entry[4];

    if (lg_sb_szB(b) == sizeof entry && lg_sb_allocKind(b) == LgAllocMalloc &&
        lg_py_read(lg_python_mem(), b->start, entry, sizeof entry) &&
        entry[1] == (entry[2] >> 4 | entry[2] << 60))
        lg_pysnap_skip_word(c, b->start + 2 * sizeof(Addr));
}

/* Skips the words of a weak reference that hold no reference. */
static void skip_weakref(LgPySnapshot* c, Addr obj)
{
    const LgPyLayout* l = lg_python()->layout;
    lg_pysnap_skip_word(c, obj + l->wr_object);
    lg_pysnap_skip_word(c, obj + l->wr_prev);
    lg_pysnap_skip_word(c, obj + l->wr_next);
}

/* Skips what waits for a delayed free. */
static void skip_freed(LgPySnapshot* c, Addr start, SizeT szB)
{
    Addr lo, hi;
    if (!lg_pydelayed_read(lg_python_mem(), start, szB, &lo, &hi))
        return;
    lg_pysnap_skip(c, (LgRange){start + 2 * sizeof(Addr), lo}); /* but the links */
    if (hi < start + szB)
        lg_pysnap_skip(c, (LgRange){hi, start + szB});
}

/* Skips the version number of a dict, which is before the pointer to its keys.
   From 3.12 on it grows in steps of 4096, and soon looks like the address of a
   malloc block. */
static void skip_dict_version(LgPySnapshot* c, Addr obj)
{
    lg_pysnap_skip_number(c, obj + lg_python()->layout->ma_keys - sizeof(Addr));
}

/* Did a debug allocator allocate this malloc block?  Blocks of the RAW domain
   have no hooks. */
static Bool has_debug_prefix(const LgSnapBlock* b)
{
    enum { SERIAL_SZB = 8, FORBIDDEN = 0xFD };
    SizeT        szB = lg_sb_szB(b);
    const UChar* p;
    ULong        size = 0;

    if (lg_sb_allocKind(b) != LgAllocMalloc || szB < LG_PY_DEBUG_SZB)
        return False;
    p = lg_python_mem()->at(lg_python_mem()->opaque, b->start, LG_PY_PREFIX_SZB);
    if (p == NULL || (p[8] != 'r' && p[8] != 'm' && p[8] != 'o'))
        return False;
    for (UInt i = 9; i < LG_PY_PREFIX_SZB; i++)
        if (p[i] != FORBIDDEN)
            return False;
    for (UInt i = 0; i < 8; i++)
        size = size << 8 | p[i];
    return size == szB - LG_PY_DEBUG_SZB || size == szB - LG_PY_DEBUG_SZB - SERIAL_SZB;
}

/* May the block, which is no object, be a table of keys? */
static Bool may_be_keys(UInt flags)
{
    const LgPyLayout* l = lg_python()->layout;
    return l != NULL &&
           (flags & (l->keysInMem ? LG_BF_PY_MEM : LG_BF_PY_OBJ)) != 0;
}

/* Skips the caches of a code object, which have values that its instructions
   have met: between the instructions (3.11 and later), or in a block of their
   own. */
static void skip_in_code(LgPySnapshot* c, Addr code, const LgSnapBlock* b)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              cache;
    Int               hit;

    if (l->co_code_adaptive != LG_PY_NONE)
        lg_pysnap_skip(c, (LgRange){code + l->co_code_adaptive,
                                b->start + lg_sb_szB(b)});
    if (l->co_opcache == LG_PY_NONE ||
        !lg_py_word(lg_python_mem(), code + l->co_opcache, &cache) ||
        cache == 0)
        return;
    hit = lg_snap_find(c->snap, cache);
    if (hit >= 0)
        lg_sb_set_skipped(&lg_snap_blocks(c->snap)[hit]);
}

static void skip_in_frame(LgPySnapshot* c, Addr frame, Addr blockEnd)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr stackEnd = lg_pyframes_stack_end(lg_python_mem(), l, frame);

    if (l->frame_gen != LG_PY_NONE)
        lg_pysnap_skip_word(c, frame + l->frame_gen);
    if (stackEnd != 0 && stackEnd < blockEnd)
        lg_pysnap_skip(c, (LgRange){stackEnd, blockEnd});
}

/* The flag of a dead object.  If CPython keeps it in a free list, it holds
   nothing.  In the free list of an extension it may still have memory of its
   own.  Without the GIL, CPython delays frees. */
static UChar dead_flag(UInt type)
{
    return lg_python()->isFreeThreaded ||
                   lg_pytypes_is_parked(lg_python_types(), type)
               ? IS_CACHED
               : IS_DEAD;
}

/* A malloc block that no hook has reported. */
static void classify_malloc_block(LgPySnapshot* c, LgSnapBlock* b)
{
    if (has_debug_prefix(b))
        lg_sb_set_object(b, LG_PY_PREFIX_SZB, False);
    skip_traced(c, b);
}

/* A block of Python's allocators that is no object; its data are
   [start, start + szB). */
static void classify_plain_memory(LgPySnapshot* c, UInt i, Addr start,
                                  SizeT szB)
{
    LgSnapBlock* b = lg_pysnap_block(c, i);
    UInt         flags = lg_snap_flags(c->snap, i);

    lg_sb_set_object(b, (UInt)(start - b->start), False);
    lg_sb_set_pymem(b);
    if (lg_python()->isFreeThreaded && (flags & LG_BF_PY_MEM))
        skip_freed(c, start, szB);
    if (may_be_keys(flags))
        classify_keys(c, i, start, szB);
}

/* Notes type, reference count and flags of object o in block i. */
static void record_object(LgPySnapshot* c, UInt i, const LgPyObject* o)
{
    c->type[i] = o->type;
    c->refcnt[i] = o->refcnt < MAX_REFCNT ? (UInt)o->refcnt : MAX_REFCNT;
    if ((lg_snap_flags(c->snap, i) & LG_BF_PY_KEPT) && c->refcnt[i] > 0)
        c->refcnt[i]--; /* that of the collector */
    c->cls[i] = (UChar)((o->isDead ? dead_flag(o->type) : 0) |
                        (o->isImmortal ? IS_IMMORTAL : 0) |
                        (o->isOwnType ? IS_OWN_TYPE : 0));
}

/* A dead object in a free list of CPython's holds no reference but that to a type
   made at run time. */
static void skip_cached(LgPySnapshot* c, LgSnapBlock* b, UInt type, Addr obj)
{
    Addr ob_type = obj + lg_python()->layout->ob_type;

    if (lg_pytypes_is_builtin(lg_python_types(), type)) {
        lg_sb_set_skipped(b);
        return;
    }
    lg_pysnap_skip(c, (LgRange){b->start, ob_type});
    lg_pysnap_skip(c, (LgRange){ob_type + sizeof(Addr),
                                b->start + lg_sb_szB(b)});
}

/* Skips the words of object o at `obj`, in block i, that hold no references. */
static void skip_in_object(LgPySnapshot* c, UInt i, const LgPyObject* o,
                           Addr obj)
{
    LgSnapBlock* b = lg_pysnap_block(c, i);
    LgPyTypes*   types = lg_python_types();

    if (c->cls[i] & IS_CACHED)
        skip_cached(c, b, o->type, obj);
    else if (lg_pytypes_is_leaf(types, o->type)) {
        lg_sb_set_leaf(b);
        lg_sb_set_skipped(b);
    } else if (lg_pytypes_is_weakref(types, o->type))
        skip_weakref(c, obj);
    else if (lg_pytypes_is_dict(types, o->type))
        skip_dict_version(c, obj);
    else if (lg_pytypes_is_code(types, o->type))
        skip_in_code(c, obj, b);
    else if (lg_pytypes_is_frame(types, o->type))
        skip_in_frame(c, obj, b->start + lg_sb_szB(b));
}

static void classify_block(LgPySnapshot* c, UInt i)
{
    LgSnapBlock* b = lg_pysnap_block(c, i);
    UInt         flags = lg_snap_flags(c->snap, i);
    LgRange      data = lg_python_data(b->start, lg_sb_szB(b), flags);
    SizeT        szB = data.hi - data.lo;
    LgPyObject   o;

    if (!(flags & LG_BF_PY)) {
        classify_malloc_block(c, b);
        return;
    }
    if (!(flags & LG_BF_PY_OBJ) || lg_python()->layout == NULL ||
        !lg_pytypes_recognise(lg_python_types(), data.lo, szB, &o)) {
        classify_plain_memory(c, i, data.lo, szB);
        return;
    }
    Addr obj = data.lo + o.objOff;
    lg_sb_set_object(b, (UInt)(obj - b->start), o.hasGC);
    record_object(c, i, &o);
    skip_in_object(c, i, &o, obj);
    if (!o.isDead)
        lg_pyskips_container(c, &o, obj, data.hi);
}

/* Skips slots of extensions' free lists: they still have the addresses of
   objects that were taken out. */
static void skip_slots(LgPySnapshot* c)
{
    XArray* slots = VG_(newXA)(VG_(malloc), "lg.pysnapshot.slots", VG_(free),
                               sizeof(LgPySlot));
    Addr    obj, type;

    lg_pyreuse_slots(slots);
    for (Word i = 0; i < VG_(sizeXA)(slots); i++) {
        const LgPySlot* s = VG_(indexXA)(slots, i);
        Int             hit = lg_py_word(lg_python_mem(), s->at, &obj)
                                  ? lg_snap_find(c->snap, obj)
                                  : -1;
        if (hit >= 0 && c->type[hit] != 0 && c->refcnt[hit] > 0 &&
            obj == lg_sb_base(&lg_snap_blocks(c->snap)[hit]) &&
            lg_py_word(lg_python_mem(),
                       obj + lg_python()->layout->ob_type, &type) &&
            type == s->type)
            lg_pysnap_skip_word(c, s->at);
    }
    VG_(deleteXA)(slots);
}

/* --- All blocks ----------------------------------------------------------- */

void lg_pysnap_look(LgPySnapshot* c)
{
    const LgPython* py = lg_python();

    if (py->layout != NULL) {
        lg_pytypes_begin(lg_python_types(), lg_python_mem(), py->layout,
                         py->pyTypeType);
        lg_snap_set_leaf_data(c->snap, lg_pystr_data_offsets(py->layout));
    }
    c->cleared = VG_(newXA)(VG_(malloc), "lg.pyobjects.cleared", VG_(free),
                            sizeof(LgPyCleared));
    lg_pystatics_begin(c);
    for (UInt i = 0; i < c->n; i++)
        classify_block(c, i);
    lg_pystatics_finish(c);
    set_interned_skipped(c);
    if (py->layout != NULL) {
        skip_slots(c);
        lg_pyaside_look(c);
        lg_pyregistry_look(c);
    }
    lg_pyskips_finish(c);
    VG_(deleteXA)(c->cleared);
}
