/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyregistry.c: see lg_pyregistry.h. */

#include "lg_pyregistry.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"

#include "../../lg_platform.h"
#include "../../python/lg_pystr.h"
#include "../process/lg_python.h"

/* Limits of what is looked at. */
enum { MAX_BASES = 64, MAX_HELD_WORDS = 32, MAX_HOPS = 2 };
#define MAX_TABLE_SZB ((SizeT)64 << 20)

typedef enum { NotAsked, NoWrapper, Wrapper } Answer;

typedef struct {
    LgPySnapshot* c;
    UChar*        answers; /* Answer, by type */
    Addr          lo, hi;  /* where wrappers are */
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

static Bool is_wrapper_type(Addr type)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              tp_name;

    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        if (lg_py_word(lg_python_mem(), type + l->tp_name, &tp_name) &&
            is_base_of_wrappers(tp_name))
            return True;
        if (!lg_py_word(lg_python_mem(), type + l->tp_base, &type))
            return False;
    }
    return False;
}

static Bool is_wrapper(const Look* k, Int i)
{
    UInt number = i >= 0 ? k->c->type[i] : 0;
    Addr type;

    if (number == 0)
        return False;
    if (k->answers[number] == NotAsked)
        k->answers[number] =
            lg_py_word(lg_python_mem(),
                       lg_sb_base(table_block(k, i)) +
                           lg_python()->layout->ob_type,
                       &type) &&
                    is_wrapper_type(type)
                ? Wrapper
                : NoWrapper;
    return k->answers[number] == Wrapper;
}

static void find_wrappers(Look* k)
{
    for (UInt i = 0; i < k->c->n; i++)
        if (k->c->type[i] != 0 && is_wrapper(k, (Int)i)) {
            Addr base = lg_sb_base(table_block(k, (Int)i));
            if (k->lo == 0)
                k->lo = base;
            k->hi = base + 1;
        }
}

/* The wrapper that the word is a reference to, or would be; or -1. */
static Int wrapper_at(const Look* k, Addr word)
{
    Int i = word - k->lo < k->hi - k->lo ? lg_snap_find(k->c->snap, word) : -1;
    return is_wrapper(k, i) && word == lg_sb_base(table_block(k, i)) ? i : -1;
}

/* Does block i, from its byte `off` on, hold the address, or lead to the block
   that this is in, on its own or through others that are no objects? */
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

/* `entry`: an address, and the wrapper that is found under it. */
static void look_at_entry(Look* k, const Addr* entry)
{
    Int i = wrapper_at(k, entry[1]);

    if (i >= 0 && holds_address(k, i,
                                lg_sb_objOff(table_block(k, i)) +
                                    lg_python()->layout->sizeof_PyObject,
                                entry[0], MAX_HOPS))
        add_words(k, entry, 2);
}

/* `entry`: a wrapper, and a std::vector of what it keeps alive. */
static void look_at_patients(Look* k, const Addr* entry)
{
    Int         i = wrapper_at(k, entry[0]);
    const Addr* vector = entry + 1; /* begin, end, end of its memory */
    Int         items = i >= 0 ? lg_snap_find(k->c->snap, vector[0]) : -1;

    if (items < 0 || k->c->type[items] != 0 ||
        table_block(k, items)->start != vector[0] || vector[1] < vector[0] ||
        vector[1] > vector[2] ||
        vector[2] - vector[0] != lg_sb_szB(table_block(k, items)))
        return;
    LgAttached a = {(UInt)i, {(Addr)vector, (Addr)(vector + 3)}};
    VG_(addToXA)(k->c->attached, &a);
    add_words(k, entry, 4);
    /* A block that has something attached wants a word to be left out. */
    lg_pysnap_skip_word(k->c, lg_sb_base(table_block(k, i)) +
                              lg_python()->layout->ob_refcnt);
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

/* The nodes of std::unordered_map and its kin: the next one, the entry, and
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
}

static Int compare_attached(const void* va, const void* vb)
{
    const LgAttached* a = va;
    const LgAttached* b = vb;
    return a->block < b->block ? -1 : a->block > b->block;
}

void lg_pyregistry_look(LgPySnapshot* c)
{
    SizeT nTypes = (SizeT)lg_pytypes_count(lg_python_types()) + 1;
    Look  k = {c, lg_plat_alloc("lg.pyregistry", nTypes), 0, 0};

    VG_(memset)(k.answers, NotAsked, nTypes);
    find_wrappers(&k);
    for (UInt i = 0; i < c->n && k.lo != 0; i++)
        if (!(lg_snap_flags(c->snap, i) & LG_BF_PY))
            look_at_map_block(&k, table_block(&k, (Int)i));
    VG_(setCmpFnXA)(c->attached, compare_attached);
    VG_(sortXA)(c->attached);
    lg_plat_free(k.answers);
}
