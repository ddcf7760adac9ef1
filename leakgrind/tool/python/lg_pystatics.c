/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystatics.c: see lg_pystatics.h. */

#include "lg_pystatics.h"


#include "../../python/lg_pydictkeys.h"
#include "../process/lg_python.h"
#include "lg_pyinterp.h"

/* --- Blocks to which static variables lead --------------------------------- */

static void add_static(LgPyStatics* found, UInt block)
{
    if (found->n < LG_PY_MAX_STATICS) {
        found->isUsed[found->n] = False;
        found->block[found->n++] = block;
    }
}

static void note_use(LgPyStatics* found, UInt block)
{
    for (UInt k = 0; k < found->n; k++)
        if (found->block[k] == block)
            found->isUsed[k] = True;
}

static void set_unused_skipped(LgPySnapshot* c, const LgPyStatics* found)
{
    for (UInt k = 0; k < found->n; k++)
        if (!found->isUsed[k]) {
            lg_sb_set_skipped(&lg_snap_blocks(c->snap)[found->block[k]]);
            c->cls[found->block[k]] |= IS_CACHED;
        }
}

static Int block_of_word(const LgPySnapshot* c, Addr at)
{
    Addr word;
    return lg_py_word(lg_python_mem(), at, &word) && word != 0
               ? lg_snap_find(c->snap, word)
               : -1;
}

/* --- Tables of keys ------------------------------------------------------- */

static Bool has_static_keys(void)
{
    const LgPyLayout* l = lg_python()->layout;
    return l != NULL && !l->keysInMem && l->nKeysFreeList == 0;
}

static Bool is_table_of_keys(const LgPySnapshot* c, UInt i)
{
    const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
    UInt               flags = lg_snap_flags(c->snap, i);
    SizeT        prefixB = flags & LG_BF_PY_PREFIX ? LG_PY_PREFIX_SZB : 0;
    LgPyDictKeys keys;

    return (flags & LG_BF_PY_OBJ) && c->type[i] == 0 &&
           lg_sb_szB(b) > LG_PY_DEBUG_SZB &&
           lg_pydictkeys_fit(lg_python_mem(), lg_python()->layout,
                             b->start + prefixB,
                             lg_sb_szB(b) - (prefixB ? LG_PY_DEBUG_SZB : 0), &keys);
}

/* Dicts point at tables that are in use, and types at those that instances
   share. */
static void note_keys_of(const LgPySnapshot* c, LgPyStatics* found, UInt i)
{
    const LgPyLayout*  l = lg_python()->layout;
    const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
    Addr               at, end = b->start + lg_sb_szB(b);
    Int                hit;

    if (lg_sb_szB(b) >= l->ht_qualname) {
        for (at = lg_sb_base(b); at + sizeof(Addr) <= end; at += sizeof(Addr))
            if ((hit = block_of_word(c, at)) >= 0)
                note_use(found, (UInt)hit);
    } else if (lg_sb_base(b) + l->ma_keys + sizeof(Addr) <= end &&
               (hit = block_of_word(c, lg_sb_base(b) + l->ma_keys)) >= 0)
        note_use(found, (UInt)hit);
}

/* No word of static data that points at a table is a reference. */
static void skip_keys_of_statics(LgPySnapshot* c, LgRange data)
{
    LgPyStatics found = {.n = 0};

    for (Addr a = data.lo; a < data.hi; a += sizeof a) {
        Int hit = block_of_word(c, a);
        if (hit < 0 || !is_table_of_keys(c, (UInt)hit))
            continue;
        lg_pysnap_skip_word(c, a);
        add_static(&found, (UInt)hit);
    }
    for (UInt i = 0; i < c->n && found.n > 0; i++)
        if (c->type[i] != 0 && !(c->cls[i] & IS_CACHED))
            note_keys_of(c, &found, i);
    set_unused_skipped(c, &found);
}

/* --- Blocks of deques ----------------------------------------------------- */

static Bool has_static_deque_blocks(void)
{
    const LgPyLayout* l = lg_python()->layout;
    return l != NULL && l->version < 0x030B;
}

static Bool may_be_deque_block(const LgPySnapshot* c, UInt i)
{
    enum { SZB = 66 * sizeof(Addr) };
    UInt  flags = lg_snap_flags(c->snap, i);
    SizeT prefixB = flags & LG_BF_PY_PREFIX ? LG_PY_DEBUG_SZB : 0;

    return (flags & LG_BF_PY_MEM) &&
           lg_sb_szB(&lg_snap_blocks(c->snap)[i]) == SZB + prefixB;
}

void lg_pystatics_begin(LgPySnapshot* c)
{
    LgRange data;

    c->dequeBlocks.n = 0;
    if (!has_static_deque_blocks() || !lg_pyinterp_data(&data))
        return;
    for (Addr a = data.lo; a < data.hi; a += sizeof a) {
        Int hit = block_of_word(c, a);
        if (hit >= 0 && may_be_deque_block(c, (UInt)hit))
            add_static(&c->dequeBlocks, (UInt)hit);
    }
}

void lg_pystatics_on_use(LgPySnapshot* c, UInt block)
{
    note_use(&c->dequeBlocks, block);
}

void lg_pystatics_finish(LgPySnapshot* c)
{
    LgRange data;

    for (UInt k = 0; k < c->dequeBlocks.n; k++)
        if (!c->dequeBlocks.isUsed[k])
            lg_sb_set_skipped(
                &lg_snap_blocks(c->snap)[c->dequeBlocks.block[k]]);
    if (has_static_keys() && lg_pyinterp_data(&data))
        skip_keys_of_statics(c, data);
}

/* --- The type cache -------------------------------------------------------- */

/* The place of an entry in the cache follows from its version and the hash of
   its name.  False: its name is no str on the heap. */
static Bool place_of(const LgPySnapshot* c, Addr entry, UInt* place)
{
    const LgPyLayout* l = lg_python()->layout;
    Int               hit = block_of_word(c, entry + LG_PY_CACHE_NAME);
    Addr              version, hash;

    if (hit < 0 || c->type[hit] == 0 ||
        !lg_pytypes_is_str(lg_python_types(), c->type[hit]) ||
        !lg_py_word(lg_python_mem(), entry, &version) ||
        !lg_py_word(lg_python_mem(),
                    lg_sb_base(&lg_snap_blocks(c->snap)[hit]) +
                        l->unicode_length + sizeof(Addr),
                    &hash))
        return False;
    *place = (UInt)(version ^ hash) % LG_PY_CACHE_ENTRIES;
    return version >> 32 == 0;
}

/* Are all names where they belong, and some are there? */
static Bool is_type_cache(const LgPySnapshot* c, Addr base)
{
    enum { MIN_NAMES = 32 };
    UInt n = 0, place;

    for (UInt i = 0; i < LG_PY_CACHE_ENTRIES; i++) {
        Addr entry = base + (Addr)i * LG_PY_CACHE_ENTRY_B, version;
        if (!lg_py_word(lg_python_mem(), entry, &version) ||
            version >> 32 != 0)
            return False;
        if (place_of(c, entry, &place)) {
            if (place != i)
                return False;
            n++;
        }
    }
    return n >= MIN_NAMES;
}

Addr lg_pystatics_type_cache(const LgPySnapshot* c)
{
    const LgPyLayout* l = lg_python()->layout;
    const SizeT szB = (SizeT)LG_PY_CACHE_ENTRIES * LG_PY_CACHE_ENTRY_B;
    LgRange     data;
    UInt        place;

    if (l == NULL || l->version > 0x0309 || !lg_pyinterp_data(&data))
        return 0;
    for (Addr a = data.lo; a + LG_PY_CACHE_ENTRY_B <= data.hi;
         a += sizeof a) {
        Addr base;
        if (!place_of(c, a, &place))
            continue;
        base = a - (Addr)place * LG_PY_CACHE_ENTRY_B;
        if (base >= data.lo && base + szB <= data.hi && is_type_cache(c, base))
            return base;
    }
    return 0;
}
