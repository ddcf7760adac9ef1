/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyregistry.c: see lg_pyregistry.h. */

#include "lg_pyregistry.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_xarray.h"

#include "../../lg_platform.h"
#include "../../python/lg_pystr.h"
#include "../process/lg_python.h"

/* Limits. */
enum { MAX_BASES = 64, MAX_HELD_WORDS = 32, MAX_HOPS = 2 };
#define MAX_TABLE_SZB ((SizeT)64 << 20)

/* nanobind's maps have another form than those of the other libraries. */
typedef enum { NotAsked, NoWrapper, Wrapper, NanobindWrapper } Answer;

typedef struct {
    LgPySnapshot* c;
    UChar*        answers; /* Answer, by type */
    Addr          lo, hi;  /* where wrappers are */
    Bool          hasNanobind;
} Look;

static const LgSnapBlock* table_block(const Look* k, Int i)
{
    return &lg_snap_blocks(k->c->snap)[i];
}

/* The words of a block; NULL when they cannot be read. */
static const Addr* block_words(const LgSnapBlock* b)
{
    const LgPyMem* mem = lg_python_mem();
    return mem->at(mem->opaque, b->start, lg_sb_szB(b));
}

/* --- Wrappers ------------------------------------------------------------- */

static Bool is_base_of_wrappers(Addr tp_name)
{
    static const HChar* const names[] = {"pybind11_object", "simplewrapper",
                                         "Object"};
    static const HChar* const modules[] = {"", "sip", "Shiboken"};
    HChar        text[64], *last = text, *module = text;

    if (!lg_pystr_read_c(lg_python_mem(), tp_name, text, sizeof text))
        return False;
    for (HChar* p = text; *p != 0; p++)
        if (*p == '.') {
            *p = 0;
            module = last;
            last = p + 1;
        }
    for (UInt i = 0; i < sizeof names / sizeof names[0]; i++)
        if (VG_STREQ(last, names[i]) &&
            (modules[i][0] == 0 || VG_STREQ(module, modules[i])))
            return True;
    return False;
}

static Answer answer_for_type(UInt number, Addr type)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              tp_name;

    if (lg_pytypes_is_nanobind(lg_python_types(), number))
        return NanobindWrapper;
    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        if (lg_py_word(lg_python_mem(), type + l->tp_name, &tp_name) &&
            is_base_of_wrappers(tp_name))
            return Wrapper;
        if (!lg_py_word(lg_python_mem(), type + l->tp_base, &type))
            break;
    }
    return NoWrapper;
}

static Answer answer_for(const Look* k, Int i)
{
    UInt number = i >= 0 ? k->c->type[i] : 0;
    Addr type;

    if (number == 0)
        return NoWrapper;
    if (k->answers[number] == NotAsked)
        k->answers[number] =
            lg_py_word(lg_python_mem(),
                       lg_sb_base(table_block(k, i)) +
                           lg_python()->layout->ob_type,
                       &type)
                ? answer_for_type(number, type)
                : NoWrapper;
    return k->answers[number];
}

static void find_wrappers(Look* k)
{
    for (UInt i = 0; i < k->c->n; i++)
        if (answer_for(k, (Int)i) != NoWrapper) {
            Addr base = lg_sb_base(table_block(k, (Int)i));
            if (k->lo == 0)
                k->lo = base;
            k->hi = base + 1;
            k->hasNanobind |= answer_for(k, (Int)i) == NanobindWrapper;
        }
}

/* The wrapper to which the word is a reference, or would be one; or -1. */
static Int wrapper_at(const Look* k, Addr word, Answer wanted)
{
    Int i = word - k->lo < k->hi - k->lo ? lg_snap_find(k->c->snap, word) : -1;
    return answer_for(k, i) == wanted && word == lg_sb_base(table_block(k, i))
               ? i
               : -1;
}

/* Does block i, from byte `off` on, hold the address `a`?  Or does it lead to
   the block that contains `a`, directly or through blocks that are no
   objects? */
static Bool holds_address(const Look* k, Int i, SizeT off, Addr a, UInt hops)
{
    const LgSnapBlock* b = table_block(k, i);
    const Addr*        words = block_words(b);
    SizeT              n = lg_sb_szB(b) / sizeof(Addr);
    Int                there = lg_snap_find(k->c->snap, a);

    for (SizeT w = off / sizeof(Addr), last = w + MAX_HELD_WORDS;
         words != NULL && w < n && w < last; w++) {
        if (words[w] == a)
            return True;
        Int to = lg_snap_find(k->c->snap, words[w]);
        if (to < 0 || to == i || k->c->type[to] != 0)
            continue;
        if (to == there || (hops > 0 && holds_address(k, to, 0, a, hops - 1)))
            return True;
    }
    return False;
}

/* --- Maps ----------------------------------------------------------------- */

static void add_words(Look* k, const Addr* from, UInt n)
{
    lg_pysnap_skip(k->c, (LgRange){(Addr)from, (Addr)(from + n)});
}

static void attach_words(Look* k, Int wrapper, const Addr* from, UInt n)
{
    LgAttached a = {(UInt)wrapper, {(Addr)from, (Addr)(from + n)}};
    VG_(addToXA)(k->c->attached, &a);
}

/* `entry`: an address, and the wrapper that is found under it. */
static void look_at_entry(Look* k, const Addr* entry)
{
    Int i = wrapper_at(k, entry[1], Wrapper);

    if (i >= 0 && holds_address(k, i,
                                lg_sb_objOff(table_block(k, i)) +
                                    lg_python()->layout->sizeof_PyObject,
                                entry[0], MAX_HOPS))
        add_words(k, entry, 2);
}

/* `entry`: a wrapper, and a std::vector of what it keeps alive. */
static void look_at_patients(Look* k, const Addr* entry)
{
    Int         i = wrapper_at(k, entry[0], Wrapper);
    const Addr* vector = entry + 1; /* begin, end, end of its memory */
    Int         items = i >= 0 ? lg_snap_find(k->c->snap, vector[0]) : -1;

    if (items < 0 || k->c->type[items] != 0 ||
        table_block(k, items)->start != vector[0] || vector[1] < vector[0] ||
        vector[1] > vector[2] ||
        vector[2] - vector[0] != lg_sb_szB(table_block(k, items)))
        return;
    attach_words(k, i, vector, 3);
    add_words(k, entry, 4);
}

/* The sizes of SIP's table, in entries. */
static Bool is_sip_table(SizeT nEntries)
{
    static const UInt sizes[] = {
        521,     1031,     2053,     4099,     8209,      16411,
        32771,   65537,    131101,   262147,   524309,    1048583,
        2097169, 4194319,  8388617,  16777259, 33554467,  67108879,
        134217757, 268435459, 536870923, 1073741827, 2147483659u};

    for (UInt i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (nEntries == sizes[i])
            return True;
    return False;
}

/* --- nanobind's maps ------------------------------------------------------ */

/* Has the wrapper the instance at `a`?  It knows how far from itself this is,
   or a pointer to it. */
static Bool has_instance(const Look* k, Int wrapper, Addr a)
{
    const LgPyMem* mem = lg_python_mem();
    Addr           base = lg_sb_base(table_block(k, wrapper)), word;
    Int            off;

    if (!lg_py_read(mem, base + lg_python()->layout->sizeof_PyObject, &off,
                    sizeof off))
        return False;
    Addr at = base + (Addr)(Word)off;
    return at == a || (lg_snap_find(k->c->snap, at) == wrapper &&
                       lg_py_word(mem, at, &word) && word == a);
}

/* `entry`: an address, and the wrapper that is found under it.  That keeps the
   instance, to which it may have no pointer. */
static Bool look_at_instance(Look* k, const Addr* entry)
{
    Int i = wrapper_at(k, entry[1], NanobindWrapper);

    if (i < 0 || !has_instance(k, i, entry[0]))
        return False;
    attach_words(k, i, entry, 1);
    add_words(k, entry, 2);
    return True;
}

/* `entry`: an address, and a list of wrappers that are found under it, each
   node a wrapper and the next node; the list's own address is marked by bit
   0. */
static Bool look_at_instances(Look* k, const Addr* entry)
{
    enum { MAX_NODES = 64 };
    const LgPyMem* mem = lg_python_mem();
    Addr           node = entry[1] & 1 ? entry[1] - 1 : 0;
    UInt           n;

    for (n = 0; node != 0 && n < MAX_NODES; n++) {
        const Addr* words = mem->at(mem->opaque, node, 2 * sizeof(Addr));
        Int         i = words != NULL ? wrapper_at(k, words[0], NanobindWrapper)
                                      : -1;
        if (i < 0 || !has_instance(k, i, entry[0]))
            break;
        attach_words(k, i, entry, 1);
        add_words(k, words, 1);
        node = words[1];
    }
    if (n > 0)
        add_words(k, entry, 1);
    return n > 0;
}

/* `entry`: a wrapper, and the list of what it keeps alive. */
static void look_at_kept(Look* k, const Addr* entry)
{
    Int i = wrapper_at(k, entry[0], NanobindWrapper);
    Int list = i >= 0 ? lg_snap_find(k->c->snap, entry[1]) : -1;

    if (list < 0 || k->c->type[list] != 0 ||
        lg_sb_base(table_block(k, list)) != entry[1])
        return;
    attach_words(k, i, entry + 1, 1);
    add_words(k, entry, 2);
}

/* A bucket: the lower half of a hash, how far the bucket is from where the hash
   would have it, which is -1 if it is empty, whether it is the last; and an
   entry. */
enum { BUCKET = 3 };

static Short bucket_distance(const Addr* bucket)
{
    return (Short)(bucket[0] >> 32);
}

/* Is each bucket where it belongs, of which there are 2^n? */
static Bool is_table(const Addr* words, SizeT n)
{
    SizeT nBuckets = n / BUCKET;

    for (SizeT i = 0; i < nBuckets; i++) {
        const Addr* bucket = words + i * BUCKET;
        Int         d = bucket_distance(bucket);
        UInt        place = (UInt)bucket[0] + (UInt)d;
        Bool        isLast = i == nBuckets - 1;
        if ((UChar)(bucket[0] >> 48) != isLast || d < -1 ||
            (d >= 0 && (place & (nBuckets - 1)) != i))
            return False;
    }
    return True;
}

/* What was in an empty bucket is left there. */
static void look_at_table(Look* k, const Addr* words, SizeT n)
{
    for (SizeT w = 0; w < n; w += BUCKET) {
        const Addr* entry = words + w + 1;
        if (bucket_distance(words + w) < 0) {
            lg_pysnap_skip_number(k->c, (Addr)entry);
            lg_pysnap_skip_number(k->c, (Addr)(entry + 1));
        } else if (!look_at_instance(k, entry) && !look_at_instances(k, entry))
            look_at_kept(k, entry);
    }
}

static Bool may_be_table(const Look* k, SizeT n)
{
    SizeT nBuckets = n / BUCKET;
    return k->hasNanobind && nBuckets >= 2 && n % BUCKET == 0 &&
           (nBuckets & (nBuckets - 1)) == 0;
}

/* --- All blocks ----------------------------------------------------------- */

/* The nodes of std::unordered_map and similar maps: a link, the entry, and
   perhaps a hash; and SIP's tables of entries. */
static void look_at_map_block(Look* k, const LgSnapBlock* b)
{
    enum { NEXT = 1, HASH = 1, ENTRY = 2, PATIENTS = 4 };
    SizeT       n = lg_sb_szB(b) / sizeof(Addr);
    const Addr* words = NULL;

    if (lg_sb_szB(b) % sizeof(Addr) != 0 || lg_sb_szB(b) > MAX_TABLE_SZB)
        return;
    if (n == NEXT + ENTRY || n == NEXT + ENTRY + HASH) {
        if ((words = block_words(b)) != NULL)
            look_at_entry(k, words + NEXT);
    } else if (n == NEXT + PATIENTS || n == NEXT + PATIENTS + HASH) {
        if ((words = block_words(b)) != NULL)
            look_at_patients(k, words + NEXT);
    } else if (n % ENTRY == 0 && is_sip_table(n / ENTRY) &&
               (words = block_words(b)) != NULL)
        for (SizeT w = 0; w < n; w += ENTRY)
            look_at_entry(k, words + w);
    if (may_be_table(k, n) && (words = block_words(b)) != NULL &&
        is_table(words, n))
        look_at_table(k, words, n);
}

static Int compare_attached(const void* va, const void* vb)
{
    const LgAttached* a = va;
    const LgAttached* b = vb;
    return a->block < b->block ? -1 : a->block > b->block;
}

/* A block with attached memory must have a word among the skips. */
static void sort_attached(LgPySnapshot* c)
{
    UInt last = ~0u;

    VG_(setCmpFnXA)(c->attached, compare_attached);
    VG_(sortXA)(c->attached);
    for (Word n = 0; n < VG_(sizeXA)(c->attached); n++) {
        const LgAttached* a = VG_(indexXA)(c->attached, n);
        if (a->block != last)
            lg_pysnap_skip_word(c, lg_sb_base(lg_pysnap_block(c, a->block)) +
                                   lg_python()->layout->ob_refcnt);
        last = a->block;
    }
}

void lg_pyregistry_look(LgPySnapshot* c)
{
    SizeT nTypes = (SizeT)lg_pytypes_count(lg_python_types()) + 1;
    Look  k = {c, lg_plat_alloc("lg.pyregistry", nTypes), 0, 0, False};

    VG_(memset)(k.answers, NotAsked, nTypes);
    find_wrappers(&k);
    for (UInt i = 0; i < c->n && k.lo != 0; i++)
        if (!(lg_snap_flags(c->snap, i) & LG_BF_PY))
            look_at_map_block(&k, table_block(&k, (Int)i));
    sort_attached(c);
    lg_plat_free(k.answers);
}
