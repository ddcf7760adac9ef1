/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycheck.c: Python objects in a leak check.  See lg_pycheck.h. */

#include "lg_pycheck.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../engine/lg_refs.h"
#include "../lg_platform.h"
#include "../python/lg_pydelayed.h"
#include "../python/lg_pydictkeys.h"
#include "../python/lg_pystr.h"
#include "lg_options.h"
#include "lg_pyfinal.h"
#include "lg_pyinterp.h"
#include "lg_python.h"

struct LgPyCheck {
    LgSnapshot* snap;
    UInt        n;
    UInt*       type;   /* by block; 0: no object, or not recognised */
    UInt*       refcnt; /* by block, of objects; at most MAX_REFCNT */
    UInt*       excess; /* by block, of unreached objects */
    UChar*      rank;   /* by block, of unreached ones */
    UChar*      cls;    /* by block: LgLossClass, and the flags below */
    LgRange*    skips;
    UInt        nSkips, maxSkips;
};

#define MAX_REFCNT 0xFFFFFFFFu

/* In `cls`. */
enum {
    IS_HELD     = 0x80, /* some reference to the object stands where the
                           collector does not look; so it takes the object
                           for one that is in use */
    IS_CACHED   = 0x40, /* it waits in a free list */
    IS_IMMORTAL = 0x20,
    CLASS_FLAGS = IS_HELD | IS_CACHED | IS_IMMORTAL
};

/* What a debug allocator puts around the data: the size (big-endian), the
   domain, 7 bytes of FORBIDDEN; behind it 8 more, at times a serial number. */
enum {
    PREFIX_SZB = 16,
    DEBUG_SZB  = 24,
    SERIAL_SZB = 8,
    FORBIDDEN  = 0xFD
};

/* --- Before the search --------------------------------------------------- */

static void skip_range(LgPyCheck* c, LgRange r)
{
    if (c->nSkips == c->maxSkips) {
        c->maxSkips = c->maxSkips ? 2 * c->maxSkips : 256;
        c->skips = lg_plat_realloc("lg.pycheck.skips", c->skips,
                                   c->maxSkips * sizeof(LgRange));
    }
    c->skips[c->nSkips++] = r;
}

static void skip_word(LgPyCheck* c, Addr a)
{
    skip_range(c, (LgRange){a, a + sizeof(Addr)});
}

/* The dict of interned strings has each as key and as value, and counts neither
   reference: what only it leads to is lost. */
static Bool is_interned_table(const LgPyMem* mem, const LgPyDictKeys* keys)
{
    enum { MIN_ENTRIES = 256 };
    Addr key, value;

    if (keys->nEntries < MIN_ENTRIES)
        return False;
    for (Addr i = 0; i < keys->nEntries; i++)
        if (!lg_pydictkeys_entry(mem, keys, i, &key, &value) ||
            (key != 0 && value != 0 && key != value))
            return False;
    return True;
}

/* The table of a dict's keys.  It holds nothing while it waits in a free list;
   and the hash of an int is its value, which of an id() is an address: the
   dicts of a type's subclasses have such keys. */
static void look_at_keys(LgPyCheck* c, LgSnapBlock* b, Addr start, SizeT szB)
{
    const LgPyMem*    mem = lg_python_mem();
    const LgPyLayout* l = lg_python()->layout;
    LgPyDictKeys      keys;
    Addr              word;

    if (!lg_pydictkeys_fit(mem, l, start, szB, &keys))
        return;
    if (lg_pydictkeys_is_parked(mem, l, start) ||
        is_interned_table(mem, &keys))
        lg_sb_set_unsearched(b);
    for (Addr i = 0; keys.hasHashes && i < keys.nEntries; i++) {
        Addr at = keys.entries + i * keys.entrySzB;
        if (lg_py_word(mem, at, &word) && lg_snap_find(c->snap, word) >= 0)
            skip_word(c, at);
    }
}

/* An entry of tracemalloc's tables, {next, hash, key, value}: its key is the
   address of a block that it only keeps account of. */
static void skip_traced(LgPyCheck* c, const LgSnapBlock* b)
{
    Addr entry[4];

    if (lg_sb_szB(b) == sizeof entry && lg_sb_allocKind(b) == LgAllocMalloc &&
        lg_py_read(lg_python_mem(), b->start, entry, sizeof entry) &&
        entry[1] == (entry[2] >> 4 | entry[2] << 60))
        skip_word(c, b->start + 2 * sizeof(Addr));
}

static Int compare_ranges(const void* va, const void* vb)
{
    const LgRange* a = va;
    const LgRange* b = vb;
    return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* --- The free list of tables of keys in 3.9 -------------------------------

   It is a static variable, and nobody knows where.  But whatever leads from
   CPython's own data to such a table is in that list, or was. */

enum { MAX_STATIC_KEYS = 256 };

typedef struct {
    UInt block[MAX_STATIC_KEYS];
    Bool isUsed[MAX_STATIC_KEYS];
    UInt n;
} StaticKeys;

static Bool is_table_of_keys(const LgPyCheck* c, Int i)
{
    const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i < 0 ? 0 : i];
    UInt               flags = i < 0 ? 0 : lg_snap_flags(c->snap, (UInt)i);
    SizeT        prefixB = flags & LG_BF_PY_PREFIX ? PREFIX_SZB : 0;
    LgPyDictKeys keys;

    return (flags & LG_BF_PY_OBJ) && c->type[i] == 0 &&
           lg_sb_szB(b) > DEBUG_SZB &&
           lg_pydictkeys_fit(lg_python_mem(), lg_python()->layout,
                             b->start + prefixB,
                             lg_sb_szB(b) - (prefixB ? DEBUG_SZB : 0), &keys);
}

/* After this, what leads there is no reference. */
static void find_static_keys(LgPyCheck* c, StaticKeys* found, LgRange data)
{
    Addr word;

    for (Addr a = data.lo; a < data.hi && found->n < MAX_STATIC_KEYS;
         a += sizeof word) {
        Int hit = lg_py_word(lg_python_mem(), a, &word)
                      ? lg_snap_find(c->snap, word)
                      : -1;
        if (hit < 0 || !is_table_of_keys(c, hit))
            continue;
        skip_word(c, a);
        found->block[found->n++] = (UInt)hit;
    }
}

static void note_use(const LgPyCheck* c, StaticKeys* found, Addr at)
{
    Addr word;
    Int  hit = lg_py_word(lg_python_mem(), at, &word)
                   ? lg_snap_find(c->snap, word)
                   : -1;
    for (UInt k = 0; hit >= 0 && k < found->n; k++)
        if (found->block[k] == (UInt)hit)
            found->isUsed[k] = True;
}

/* Dicts lead to the tables that are in use, and types to those that instances
   share; the others are parked. */
static void look_at_static_keys(LgPyCheck* c)
{
    const LgPyLayout* l = lg_python()->layout;
    StaticKeys        found;
    LgRange           data;

    if (l == NULL || l->keysInMem || l->interp_keys_free_list != LG_PY_NONE ||
        !lg_pyinterp_data(&data))
        return;
    VG_(memset)(&found, 0, sizeof found);
    find_static_keys(c, &found, data);
    for (UInt i = 0; i < c->n && found.n > 0; i++) {
        const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
        Addr               end = b->start + lg_sb_szB(b);
        if (c->type[i] == 0 || (c->cls[i] & IS_CACHED))
            continue;
        if (lg_sb_szB(b) >= l->ht_qualname)
            for (Addr a = lg_sb_base(b); a + sizeof(Addr) <= end;
                 a += sizeof(Addr))
                note_use(c, &found, a);
        else if (lg_sb_base(b) + l->ma_keys + sizeof(Addr) <= end)
            note_use(c, &found, lg_sb_base(b) + l->ma_keys);
    }
    for (UInt k = 0; k < found.n; k++)
        if (!found.isUsed[k]) {
            lg_sb_set_unsearched(&lg_snap_blocks(c->snap)[found.block[k]]);
            c->cls[found.block[k]] |= IS_CACHED;
        }
}

/* The words in the interpreters that hold no reference. */
static void skip_borrowed(LgPyCheck* c)
{
    XArray* borrowed = VG_(newXA)(VG_(malloc), "lg.pycheck.borrowed",
                                  VG_(free), sizeof(LgRange));

    lg_pyinterp_borrowed(borrowed);
    for (Word i = 0; i < VG_(sizeXA)(borrowed); i++)
        skip_range(c, *(const LgRange*)VG_(indexXA)(borrowed, i));
    VG_(deleteXA)(borrowed);
    lg_plat_sort(c->skips, c->nSkips, sizeof(LgRange), compare_ranges);
}

/* The words of a weak reference that hold no reference. */
static void skip_weakref(LgPyCheck* c, Addr obj)
{
    const LgPyLayout* l = lg_python()->layout;
    skip_word(c, obj + l->wr_object);
    skip_word(c, obj + l->wr_prev);
    skip_word(c, obj + l->wr_next);
}

/* What was freed late is free. */
static void skip_freed(LgPyCheck* c, Addr start, SizeT szB)
{
    Addr lo, hi;
    if (!lg_pydelayed_read(lg_python_mem(), start, szB, &lo, &hi))
        return;
    skip_range(c, (LgRange){start + 2 * sizeof(Addr), lo}); /* but the links */
    if (hi < start + szB)
        skip_range(c, (LgRange){hi, start + szB});
}

/* What a dict counts its changes with, before the pointer to its keys: steps of
   4096 from 3.12 on, which are soon where malloc's blocks are. */
static void skip_dict_version(LgPyCheck* c, Addr obj)
{
    Addr at = obj + lg_python()->layout->ma_keys - sizeof(Addr);
    Addr version;

    if (lg_py_word(lg_python_mem(), at, &version) &&
        lg_snap_find(c->snap, version) >= 0)
        skip_word(c, at);
}

/* Was the malloc block asked for by a debug allocator?  Blocks of the RAW
   domain have no hooks. */
static Bool has_debug_prefix(const LgSnapBlock* b)
{
    SizeT        szB = lg_sb_szB(b);
    const UChar* p;
    ULong        size = 0;

    if (lg_sb_allocKind(b) != LgAllocMalloc || szB < DEBUG_SZB)
        return False;
    p = lg_python_mem()->at(lg_python_mem()->opaque, b->start, PREFIX_SZB);
    if (p == NULL || (p[8] != 'r' && p[8] != 'm' && p[8] != 'o'))
        return False;
    for (UInt i = 9; i < PREFIX_SZB; i++)
        if (p[i] != FORBIDDEN)
            return False;
    for (UInt i = 0; i < 8; i++)
        size = size << 8 | p[i];
    return size == szB - DEBUG_SZB || size == szB - DEBUG_SZB - SERIAL_SZB;
}

/* May the block, which is no object, be a table of keys? */
static Bool may_be_keys(UInt flags)
{
    const LgPyLayout* l = lg_python()->layout;
    return l != NULL &&
           (flags & (l->keysInMem ? LG_BF_PY_MEM : LG_BF_PY_OBJ)) != 0;
}

/* What a code object remembers of the values that its instructions have met:
   beside them (3.11 and later), or in a block of its own. */
static void look_at_code(LgPyCheck* c, Addr code, const LgSnapBlock* b)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              cache;
    Int               hit;

    if (l->co_code_adaptive != LG_PY_NONE)
        skip_range(c, (LgRange){code + l->co_code_adaptive,
                                b->start + lg_sb_szB(b)});
    if (l->co_opcache == LG_PY_NONE ||
        !lg_py_word(lg_python_mem(), code + l->co_opcache, &cache) ||
        cache == 0)
        return;
    hit = lg_snap_find(c->snap, cache);
    if (hit >= 0)
        lg_sb_set_unsearched(&lg_snap_blocks(c->snap)[hit]);
}

static void look_at_frame(LgPyCheck* c, Addr frame, Addr blockEnd)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr stackEnd = lg_pyframes_stack_end(lg_python_mem(), l, frame);

    if (l->frame_gen != LG_PY_NONE)
        skip_word(c, frame + l->frame_gen);
    if (stackEnd != 0 && stackEnd < blockEnd)
        skip_range(c, (LgRange){stackEnd, blockEnd});
}

static void look_at_block(LgPyCheck* c, UInt i)
{
    LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
    UInt         flags = lg_snap_flags(c->snap, i);
    UInt         prefixB = flags & LG_BF_PY_PREFIX ? PREFIX_SZB : 0;
    SizeT        szB = lg_sb_szB(b);
    LgPyTypes*   types = lg_python_types();
    LgPyObject   o;

    if (!(flags & LG_BF_PY)) {
        if (has_debug_prefix(b))
            lg_sb_set_object(b, PREFIX_SZB, False);
        skip_traced(c, b);
        return;
    }
    if (prefixB != 0)
        szB = szB > DEBUG_SZB ? szB - DEBUG_SZB : 0;
    if (!(flags & LG_BF_PY_OBJ) || lg_python()->layout == NULL ||
        !lg_pytypes_recognise(types, b->start + prefixB, szB, &o)) {
        lg_sb_set_object(b, prefixB, False);
        lg_sb_set_pymem(b);
        if (lg_python()->isFreeThreaded && (flags & LG_BF_PY_MEM))
            skip_freed(c, b->start + prefixB, szB);
        if (may_be_keys(flags))
            look_at_keys(c, b, b->start + prefixB, szB);
        return;
    }
    c->type[i] = o.type;
    c->refcnt[i] = o.refcnt < MAX_REFCNT ? (UInt)o.refcnt : MAX_REFCNT;
    c->cls[i] = (UChar)((o.isCached ? IS_CACHED : 0) |
                        (o.isImmortal ? IS_IMMORTAL : 0));
    lg_sb_set_object(b, prefixB + o.objOff, o.hasGC);
    Addr obj = b->start + prefixB + o.objOff;
    if (o.isCached)
        lg_sb_set_unsearched(b);
    else if (lg_pytypes_is_leaf(types, o.type)) {
        lg_sb_set_leaf(b);
        lg_sb_set_unsearched(b);
    } else if (lg_pytypes_is_weakref(types, o.type))
        skip_weakref(c, obj);
    else if (lg_pytypes_is_dict(types, o.type))
        skip_dict_version(c, obj);
    else if (lg_pytypes_is_code(types, o.type))
        look_at_code(c, obj, b);
    else if (lg_pytypes_is_frame(types, o.type))
        look_at_frame(c, obj, b->start + lg_sb_szB(b));
}

LgPyCheck* lg_pycheck_new(LgSnapshot* snap)
{
    const LgPython* py = lg_python();

    if (!py->isPresent)
        return NULL;
    LgPyCheck* c = lg_plat_alloc("lg.pycheck", sizeof *c);
    memset(c, 0, sizeof *c);
    c->snap = snap;
    c->n = lg_snap_count(snap);
    c->type = lg_plat_map(c->n * sizeof(UInt));
    c->refcnt = lg_plat_map(c->n * sizeof(UInt));
    c->excess = lg_plat_map(c->n * sizeof(UInt));
    c->rank = lg_plat_map(c->n);
    c->cls = lg_plat_map(c->n);
    if (py->layout != NULL)
        lg_pytypes_begin(lg_python_types(), lg_python_mem(), py->layout,
                         py->pyTypeType);
    for (UInt i = 0; i < c->n; i++)
        look_at_block(c, i);
    look_at_static_keys(c);
    skip_borrowed(c);
    return c;
}

void lg_pycheck_delete(LgPyCheck* c)
{
    if (c == NULL)
        return;
    lg_plat_unmap(c->type, c->n * sizeof(UInt));
    lg_plat_unmap(c->refcnt, c->n * sizeof(UInt));
    lg_plat_unmap(c->excess, c->n * sizeof(UInt));
    lg_plat_unmap(c->rank, c->n);
    lg_plat_unmap(c->cls, c->n);
    lg_plat_free(c->skips);
    lg_plat_free(c);
}

static void visit_leaf(const LgPyCheck* c, LgMark* m, const LgSnapBlock* b)
{
    SizeT        n = lg_sb_szB(b) / sizeof(Addr);
    const LgPyMem* mem = lg_python_mem();
    const Addr*  words = mem->at(mem->opaque, b->start, n * sizeof(Addr));

    for (SizeT i = 0; words != NULL && i < n; i++) {
        Int hit = lg_snap_find(c->snap, words[i]);
        if (hit >= 0 && !(lg_snap_flags(c->snap, (UInt)hit) & LG_BF_PY))
            lg_mark_word(m, words[i]);
    }
}

/* What a str holds besides its characters. */
static void visit_str(LgMark* m, Addr obj)
{
    Addr held[LG_PY_STR_MAX_HELD];
    UInt n = lg_pystr_held(lg_python_mem(), lg_python()->layout, obj, held);
    for (UInt i = 0; i < n; i++)
        lg_mark_word(m, held[i]);
}

/* CPython's runtime knows its interpreters.  From 3.14 on the state of one stands
   at an aligned address in its block, and nothing else leads there. */
static void visit_interpreters(const LgPyCheck* c, LgMark* m)
{
    XArray* states = VG_(newXA)(VG_(malloc), "lg.pycheck.states", VG_(free),
                                sizeof(LgRange));

    lg_pyinterp_states(states);
    for (Word i = 0; i < VG_(sizeXA)(states); i++) {
        Addr interp = ((const LgRange*)VG_(indexXA)(states, i))->lo;
        Int  hit = lg_snap_find(c->snap, interp);
        if (hit >= 0)
            lg_mark_word(m, lg_sb_base(&lg_snap_blocks(c->snap)[hit]));
    }
    VG_(deleteXA)(states);
}

/* References in frames have tags.  A word with one is no pointer for the search
   until the tag is taken away. */
static void visit_tagged(LgMark* m, Addr lo, Addr hi)
{
    const LgPyMem* mem = lg_python_mem();
    Addr           mask = lg_python()->layout->stackrefTagMask;

    for (Addr a = lo; a + sizeof a <= hi; a += sizeof a) {
        Addr word;
        if (lg_py_word(mem, a, &word) && (word & mask) != 0)
            lg_mark_word(m, word & ~mask);
    }
}

static void visit_data_stacks(LgMark* m)
{
    XArray* live = VG_(newXA)(VG_(malloc), "lg.pycheck.live", VG_(free),
                              sizeof(LgRange));

    lg_pyinterp_live_data_stacks(live);
    for (Word i = 0; i < VG_(sizeXA)(live); i++) {
        const LgRange* r = VG_(indexXA)(live, i);
        visit_tagged(m, r->lo, r->hi);
    }
    VG_(deleteXA)(live);
}

void lg_pycheck_visit_roots(const LgPyCheck* c, LgMark* m)
{
    const LgPyTypes* types = lg_python_types();

    visit_interpreters(c, m);
    for (UInt i = 0; i < c->n; i++) {
        const LgSnapBlock* b = &lg_snap_blocks(c->snap)[i];
        if (c->type[i] == 0 || !lg_pytypes_is_leaf(types, c->type[i]))
            continue;
        visit_leaf(c, m, b);
        if (lg_pytypes_is_str(types, c->type[i]))
            visit_str(m, lg_sb_base(b));
    }
    if (lg_python()->layout != NULL && lg_python()->isFreeThreaded)
        visit_data_stacks(m);
}

const LgRange* lg_pycheck_skips(const LgPyCheck* c, UInt* n)
{
    *n = c != NULL ? c->nSkips : 0;
    return c != NULL ? c->skips : NULL;
}

/* --- After it ------------------------------------------------------------ */

static inline LgSnapBlock* block(const LgPyCheck* c, UInt i)
{
    return &lg_snap_blocks(c->snap)[i];
}

static inline Bool is_unreached(const LgPyCheck* c, UInt i)
{
    return lg_sb_kind(block(c, i)) == LgDefinite;
}

static Bool applies(LgRule rule)
{
    return (lg_options.pyRules >> rule) & 1;
}

/* Is the block, to which nothing leads, excused?  What was reachable when the
   interpreter was finalized is no leak, nor is what hangs from it. */
static Bool is_excused(const LgPyCheck* c, UInt i)
{
    return (applies(LgRuleFinalized) &&
            (lg_snap_flags(c->snap, i) & LG_BF_PY_LEFT)) ||
           (applies(LgRuleCached) && (c->cls[i] & IS_CACHED)) ||
           (applies(LgRuleImmortal) && (c->cls[i] & IS_IMMORTAL));
}

static void excuse(LgPyCheck* c, LgMark* m)
{
    Bool any = False;

    for (UInt i = 0; i < c->n; i++) {
        LgSnapBlock* b = block(c, i);
        if (lg_sb_kind(b) == LgReachable)
            continue;
        if (is_excused(c, i)) {
            lg_sb_set_suppressed(b);
            any = True;
        }
    }
    if (any)
        lg_mark_excuse(m);
}

/* Order in which blocks are tried as leaders. */
enum {
    RANK_CLASS = LG_RANK_ALONE + 1, /* instances of classes that are not
                                       CPython's: the best name for a cycle */
    RANK_OBJECT,
    RANK_OTHER
};

static void count_excess(LgPyCheck* c, LgMark* m)
{
    UInt* refs = lg_refs_count(m);

    for (UInt i = 0; i < c->n; i++) {
        if (!is_unreached(c, i))
            continue;
        if (c->type[i] == 0) {
            c->rank[i] = RANK_OTHER;
            continue;
        }
        if (c->refcnt[i] > refs[i])
            c->excess[i] = c->refcnt[i] - refs[i];
        c->rank[i] = c->excess[i] > 0 ? LG_RANK_ALONE
                     : lg_pytypes_is_builtin(lg_python_types(), c->type[i])
                         ? RANK_OBJECT
                         : RANK_CLASS;
    }
    if (refs != NULL)
        lg_refs_delete(m, refs);
}

/* Can the collector see the references in this block?  It asks the objects
   that it tracks, and they answer for the memory that they have made. */
static Bool is_seen_by_collector(const LgPyCheck* c, UInt i)
{
    if (!(lg_snap_flags(c->snap, i) & LG_BF_PY))
        return False;
    return c->type[i] == 0 || lg_pytypes_has_gc(lg_python_types(), c->type[i]);
}

/* Does the collector judge the object at all?  A tuple that it finds in use, as
   those of a code object's constants, hardly ever leads back into a cycle. */
static Bool is_judged_by_collector(const LgPyCheck* c, UInt i)
{
    const LgPyTypes* types = lg_python_types();
    return c->type[i] != 0 && lg_pytypes_has_gc(types, c->type[i]) &&
           !(lg_pytypes_is_builtin(types, c->type[i]) &&
             VG_STREQ(lg_pytypes_name(types, c->type[i]), "tuple"));
}

/* Counts once more, without the blocks that the collector does not see. */
static void find_held(LgPyCheck* c, LgMark* m)
{
    ULong* saved = lg_plat_map((SizeT)c->n * sizeof(ULong));

    for (UInt i = 0; i < c->n; i++) {
        saved[i] = block(c, i)->bits;
        if (is_unreached(c, i) && !is_seen_by_collector(c, i))
            lg_sb_set_unsearched(block(c, i));
    }
    UInt* refs = lg_refs_count(m);
    for (UInt i = 0; i < c->n; i++) {
        block(c, i)->bits = saved[i];
        if (is_unreached(c, i) && is_judged_by_collector(c, i) &&
            c->refcnt[i] > refs[i])
            c->cls[i] |= IS_HELD;
    }
    lg_refs_delete(m, refs);
    lg_plat_unmap(saved, (SizeT)c->n * sizeof(ULong));
}

void lg_pycheck_judge(LgPyCheck* c, LgMark* m)
{
    Bool any = False;

    excuse(c, m);
    count_excess(c, m);
    for (UInt i = 0; i < c->n && !any; i++)
        any = is_unreached(c, i) && c->type[i] != 0 && c->excess[i] == 0;
    if (any)
        find_held(c, m);
}

const UChar* lg_pycheck_ranks(const LgPyCheck* c)
{
    return c != NULL ? c->rank : NULL;
}

/* The leader of block i, which is lost.  `known[k]`, where not 0, is the number
   of k's leader plus 1; after this it is known for all on the way. */
static UInt leader_of(const UInt* parents, UInt* known, UInt i)
{
    UInt leader = i;

    while (known[leader] == 0 && parents[leader] != LG_NO_PARENT)
        leader = parents[leader];
    if (known[leader] != 0)
        leader = known[leader] - 1;
    while (i != leader && known[i] == 0) {
        known[i] = leader + 1;
        i = parents[i];
    }
    return leader;
}

/* An object without excess that leads is kept by what hangs from it. */
static Bool leads_cycle(const LgPyCheck* c, UInt i)
{
    return lg_sb_kind(block(c, i)) == LgDefinite && c->type[i] != 0 &&
           c->excess[i] == 0 && !lg_sb_suppressed(block(c, i));
}

/* Cycles with an object that is held are not collected; of the others, all
   that hangs from them is garbage, too. */
static void tell_garbage(LgPyCheck* c, const UInt* parents)
{
    UInt* known = lg_plat_map(c->n * sizeof(UInt));

    for (UInt i = 0; i < c->n; i++) {
        LgKind kind = lg_sb_kind(block(c, i));
        if (!(c->cls[i] & IS_HELD) ||
            (kind != LgIndirect && kind != LgDefinite))
            continue;
        UInt leader = leader_of(parents, known, i);
        if (leads_cycle(c, leader))
            c->cls[leader] = (UChar)((c->cls[leader] & CLASS_FLAGS) | LgLossCycle);
    }
    for (UInt i = 0; i < c->n; i++)
        if (lg_sb_kind(block(c, i)) == LgIndirect &&
            lg_pycheck_class(c, leader_of(parents, known, i)) == LgLossGarbage)
            c->cls[i] = (UChar)((c->cls[i] & CLASS_FLAGS) | LgLossGarbage);
    lg_plat_unmap(known, c->n * sizeof(UInt));
}

void lg_pycheck_settle(LgPyCheck* c, const LgMark* m)
{
    const UInt* parents = lg_mark_parents(m);
    /* When the interpreter is gone, so is the collector. */
    LgLossClass cls = lg_pyfinal_is_done() ? LgLossCycle : LgLossGarbage;
    Bool        any = False;

    for (UInt i = 0; parents != NULL && i < c->n; i++)
        if (leads_cycle(c, i)) {
            c->cls[i] |= (UChar)cls;
            any = True;
        }
    if (any && cls == LgLossGarbage)
        tell_garbage(c, parents);
}

UInt lg_pycheck_type(const LgPyCheck* c, UInt i)
{
    return c != NULL ? c->type[i] : 0;
}

LgRule lg_pycheck_rule(const LgPyCheck* c, UInt i)
{
    return c == NULL                 ? LgRuleFinalized
           : c->cls[i] & IS_CACHED   ? LgRuleCached
           : c->cls[i] & IS_IMMORTAL ? LgRuleImmortal
                                     : LgRuleFinalized;
}

UInt lg_pycheck_excess(const LgPyCheck* c, UInt i)
{
    return c != NULL ? c->excess[i] : 0;
}

LgLossClass lg_pycheck_class(const LgPyCheck* c, UInt i)
{
    return c != NULL ? (LgLossClass)(c->cls[i] & ~CLASS_FLAGS) : LgLossPlain;
}
