/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycontainers.c: see lg_pycontainers.h.  Offsets are from the end of the
   PyObject at the start of each object.  They are the same in 3.9 to 3.14,
   unless a comment says otherwise. */

#include "lg_pycontainers.h"

#include "../base/lg_text.h"
#include "lg_pyframes.h"
#include "lg_pystr.h"

#define WORD ((Addr)sizeof(Addr))

/* Longer containers are taken for nonsense. */
#define MAX_LENGTH ((Addr)1 << 40)

/* A container that is being looked at. */
typedef struct {
    const LgPyMem*           mem;
    const LgPyLayout*        l;
    const LgPyContainerHost* host;
    Addr                     obj, end;
    Addr                     fields; /* behind its PyObject */
} Look;

static Bool read_field(const Look* k, UInt offset, Addr* out)
{
    return k->fields + offset + WORD <= k->end &&
           lg_py_word(k->mem, k->fields + offset, out);
}

static SizeT block_szB(const Look* k, Addr a)
{
    return k->host->block(k->host->opaque, a);
}

static void tell_dead(const Look* k, Addr lo, Addr hi)
{
    if (lo < hi)
        k->host->dead(k->host->opaque, lo, hi);
}

static void tell_dead_field(const Look* k, UInt offset)
{
    tell_dead(k, k->fields + offset, k->fields + offset + WORD);
}

/* A number: it matters only if it looks like an address. */
static void tell_number(const Look* k, Addr at)
{
    Addr word;
    if (lg_py_word(k->mem, at, &word) && word % WORD == 0 && word >= 4096 &&
        word < (Addr)1 << 56)
        tell_dead(k, at, at + WORD);
}

/* Reports the bytes of the block at `a`, if it has at least so many. */
static void tell_bytes(const Look* k, Addr a, SizeT atLeast)
{
    SizeT szB = block_szB(k, a);
    if (szB > 0 && szB >= atLeast)
        k->host->bytes(k->host->opaque, a, a + szB);
}

/* --- Lists ---------------------------------------------------------------- */

/* An array of which `size` elements are in use.  `room`: bytes of the block
   from the first element on. */
static void tell_array(const Look* k, Addr items, Addr size, Addr allocated,
                  SizeT room)
{
    if (size <= allocated && allocated < MAX_LENGTH &&
        allocated * WORD <= room)
        tell_dead(k, items + size * WORD, items + room);
}

/* While a list is sorted it has no items. */
static void look_at_list(const Look* k)
{
    enum { SIZE = 0, ITEMS = 8, ALLOCATED = 16 };
    /* Without the GIL, the array begins with its length. */
    Addr headB = k->l->isFreeThreaded ? WORD : 0;
    Addr size, items, allocated;

    if (!read_field(k, SIZE, &size) || !read_field(k, ITEMS, &items) ||
        items == 0 || !read_field(k, ALLOCATED, &allocated))
        return;
    SizeT szB = block_szB(k, items - headB);
    if (szB > headB)
        tell_array(k, items, size, allocated, szB - headB);
}

/* A tuple that was made shorter may still be as long in memory. */
static void look_at_tuple(const Look* k)
{
    /* From 3.14 on there is a hash before the items. */
    Addr items = k->fields + (k->l->version >= 0x030E ? 16 : 8), size;
    if (read_field(k, 0, &size) && items <= k->end)
        tell_array(k, items, size, size, k->end - items);
}

static void look_at_pickle_stack(const Look* k)
{
    enum { SIZE = 0, DATA = 8, ALLOCATED = 32 };
    Addr size, data, allocated;

    if (read_field(k, SIZE, &size) && read_field(k, DATA, &data) &&
        read_field(k, ALLOCATED, &allocated))
        tell_array(k, data, size, allocated, block_szB(k, data));
}

/* Up to four children are in the same block as the attributes. */
static void look_at_element(const Look* k)
{
    enum { EXTRA = 24, LENGTH = 8, ALLOCATED = 16, CHILDREN = 24,
           INLINE = 32, N_INLINE = 4, SZB = INLINE + N_INLINE * 8 };
    Addr extra, length, allocated, children;

    if (!read_field(k, EXTRA, &extra) || block_szB(k, extra) < SZB ||
        !lg_py_word(k->mem, extra + LENGTH, &length) ||
        !lg_py_word(k->mem, extra + ALLOCATED, &allocated) ||
        !lg_py_word(k->mem, extra + CHILDREN, &children))
        return;
    if (children == extra + INLINE) {
        tell_array(k, children, length, N_INLINE, N_INLINE * WORD);
    } else if (block_szB(k, children) > 0) {
        tell_dead(k, extra + INLINE, extra + SZB);
        tell_array(k, children, length, allocated, block_szB(k, children));
    }
}

/* The reference to a list of which the text or the tail will be joined is
   tagged. */
UInt lg_pycontainers_tagged(const LgPyMem* mem, const LgPyLayout* layout,
                            LgPyContainer container, Addr obj,
                            Addr out[LG_PY_MAX_TAGGED])
{
    enum { TEXT = 8 }; /* and behind it the tail */
    Addr words[LG_PY_MAX_TAGGED];
    UInt n = 0;

    if (container != LgPyElement ||
        !lg_py_read(mem, obj + layout->sizeof_PyObject + TEXT, words,
                    sizeof words))
        return 0;
    for (UInt i = 0; i < LG_PY_MAX_TAGGED; i++)
        if (words[i] & 1)
            out[n++] = words[i] & ~(Addr)1;
    return n;
}

/* --- Sets ----------------------------------------------------------------- */

static void look_at_set(const Look* k)
{
    enum { MASK = 16, TABLE = 24, SMALL = 48, SMALL_MASK = 7, ENTRY = 16 };
    Addr small = k->fields + SMALL, smallEnd = small + (SMALL_MASK + 1) * ENTRY;
    Addr mask, table;

    if (!read_field(k, MASK, &mask) || !read_field(k, TABLE, &table) ||
        mask >= MAX_LENGTH || (mask & (mask + 1)) != 0 || smallEnd > k->end)
        return;
    if (table == small) {
        if (mask != SMALL_MASK)
            return;
    } else {
        if (block_szB(k, table) < (mask + 1) * ENTRY)
            return;
        tell_dead(k, small, smallEnd);
    }
    /* A key, or a placeholder, and its hash. */
    for (Addr i = 0; i <= mask; i++)
        tell_number(k, table + i * ENTRY + WORD);
}

/* --- Deques --------------------------------------------------------------- */

/* A block: a link to the left one, items, a link to the right one. */
enum {
    BLOCK_LEN   = 64,
    BLOCK_DATA  = 8,
    BLOCK_RIGHT = BLOCK_DATA + BLOCK_LEN * 8,
    BLOCK_SZB   = BLOCK_RIGHT + 8
};

typedef struct {
    Addr size, left, right, leftIndex, rightIndex;
} Deque;

/* Do the ends fit the length, and do the blocks lead from one end to the
   other? */
static Bool is_sound(const Look* k, const Deque* d)
{
    Addr n, b = d->left, next, back;

    if (d->leftIndex > BLOCK_LEN || d->size >= MAX_LENGTH)
        return False;
    n = d->size == 0 ? 1 : (d->leftIndex + d->size - 1) / BLOCK_LEN + 1;
    if (d->rightIndex !=
        d->leftIndex + d->size - 1 - (n - 1) * BLOCK_LEN)
        return False;
    for (; n > 1; n--) {
        if (block_szB(k, b) < BLOCK_SZB ||
            !lg_py_word(k->mem, b + BLOCK_RIGHT, &next) ||
            block_szB(k, next) < BLOCK_SZB ||
            !lg_py_word(k->mem, next, &back) || back != b)
            return False;
        b = next;
    }
    return b == d->right && block_szB(k, b) >= BLOCK_SZB;
}

/* From 3.11 on each deque keeps blocks that it no longer needs; before that,
   all deques share them. */
static void look_at_free_blocks(const Look* k)
{
    enum { N = 56, BLOCKS = 64, MAX = 16 };
    Addr n, b;

    if (k->l->version < 0x030B || !read_field(k, N, &n) || n > MAX ||
        k->fields + BLOCKS + MAX * WORD > k->end)
        return;
    for (Addr i = 0; i < n; i++)
        if (read_field(k, BLOCKS + (UInt)i * 8, &b) &&
            block_szB(k, b) >= BLOCK_SZB)
            tell_dead(k, b, b + BLOCK_SZB);
    tell_dead(k, k->fields + BLOCKS + n * WORD,
              k->fields + BLOCKS + MAX * WORD);
}

static void look_at_deque(const Look* k)
{
    enum { SIZE = 0, LEFT = 8, RIGHT = 16, LEFT_INDEX = 24, RIGHT_INDEX = 32 };
    Deque d;

    if (!read_field(k, SIZE, &d.size) || !read_field(k, LEFT, &d.left) ||
        !read_field(k, RIGHT, &d.right) ||
        !read_field(k, LEFT_INDEX, &d.leftIndex) ||
        !read_field(k, RIGHT_INDEX, &d.rightIndex) || !is_sound(k, &d))
        return;
    tell_dead(k, d.left, d.left + BLOCK_DATA + d.leftIndex * WORD);
    tell_dead(k, d.right + BLOCK_DATA + (d.rightIndex + 1) * WORD,
         d.right + BLOCK_SZB);
    look_at_free_blocks(k);
}

/* --- Frames --------------------------------------------------------------- */

/* The frame of a generator that has ended holds no reference, except to its
   code. */
static void look_at_generator(const Look* k)
{
    enum { CLEARED = 4 };
    const LgPyLayout* l = k->l;
    Addr              frame, lo, hi;
    Char              state;

    if (l->gi_iframe == LG_PY_NONE ||
        !lg_py_read(k->mem, k->obj + l->gi_frame_state, &state, 1))
        return;
    frame = k->obj + l->gi_iframe;
    if (state == CLEARED && frame + l->frame_localsplus <= k->end) {
        k->host->cleared(k->host->opaque, k->obj, frame,
                         frame + l->frame_code);
        k->host->cleared(k->host->opaque, k->obj,
                         frame + l->frame_code + WORD, k->end);
    } else if (state < 0 && lg_pyframes_unused(k->mem, l, frame, &lo, &hi) &&
               hi <= k->end)
        tell_dead(k, lo, hi);
}

void lg_pycontainers_look_at_inline(const LgPyMem* mem,
                                    const LgPyLayout* layout, Addr obj,
                                    Addr values, Addr end,
                                    const LgPyContainerHost* host)
{
    enum { CAPACITY, SIZE, EMBEDDED, VALID, N_BYTES };
    UChar head[N_BYTES];

    if (!lg_py_read(mem, values, head, sizeof head) || head[EMBEDDED] != 1 ||
        head[VALID] != 0)
        return;
    Addr lo = values + layout->dictvalues_values;
    Addr hi = lo + head[CAPACITY] * WORD;
    if (hi <= end && lo < hi)
        host->cleared(host->opaque, obj, lo, hi);
}

/* --- Others --------------------------------------------------------------- */

/* It remembers for which table of keys its nodes were sorted, and the nodes
   have hashes. */
static void look_at_ordered_dict(const Look* k)
{
    enum { USED = 0, FIRST = 32, SENTINEL = 64, NODE_HASH = 8, NODE_NEXT = 16,
           NODE_SZB = 32 };
    Addr node, n;

    tell_dead_field(k, SENTINEL);
    if (!read_field(k, USED, &n) || !read_field(k, FIRST, &node))
        return;
    for (; node != 0 && n > 0 && block_szB(k, node) >= NODE_SZB; n--) {
        tell_number(k, node + NODE_HASH);
        if (!lg_py_word(k->mem, node + NODE_NEXT, &node))
            return;
    }
}

/* The managed buffer holds the reference to the object; the memoryview has
   copies of its pointers. */
static void look_at_memoryview(const Look* k)
{
    enum { FLAGS = 24, RELEASED = 1, BUF = 40, BUF_OBJ = 48 };
    Addr flags;

    tell_dead_field(k, BUF_OBJ);
    if (read_field(k, FLAGS, &flags) && (flags & RELEASED))
        tell_dead_field(k, BUF);
}

static void look_at_bytearray(const Look* k)
{
    enum { ALLOC = 8, BYTES = 16 };
    Addr alloc, start;

    if (read_field(k, ALLOC, &alloc) && read_field(k, BYTES, &start))
        tell_bytes(k, start, alloc);
}

static void look_at_array(const Look* k)
{
    enum { ITEMS = 8 };
    Addr items;

    if (read_field(k, ITEMS, &items))
        tell_bytes(k, items, 0);
}

static void look_at_buffered(const Look* k)
{
    enum { BUFFER = 40, BUFFER_SIZE = 104 };
    Addr buffer, size;

    if (read_field(k, BUFFER, &buffer) && read_field(k, BUFFER_SIZE, &size))
        tell_bytes(k, buffer, size);
}

void lg_pycontainers_look(const LgPyMem* mem, const LgPyLayout* layout,
                          LgPyContainer container, Addr obj, Addr end,
                          const LgPyContainerHost* host)
{
    enum { VAR_CACHED = 16, LRU_PREV = 0, PATTERN_CODE = 72 };
    Look k = {mem, layout, host, obj, end, obj + layout->sizeof_PyObject};

    switch (container) {
    case LgPyNoContainer: break;
    case LgPyList:          look_at_list(&k); break;
    case LgPyTuple:         look_at_tuple(&k); break;
    case LgPySet:           look_at_set(&k); break;
    case LgPyDeque:         look_at_deque(&k); break;
    case LgPyDequeIterator: tell_dead_field(&k, 0); break;
    case LgPyOrderedDict:   look_at_ordered_dict(&k); break;
    case LgPyGenerator:     look_at_generator(&k); break;
    case LgPyContextVar:    tell_dead_field(&k, VAR_CACHED); break;
    case LgPyMemoryView:    look_at_memoryview(&k); break;
    case LgPyByteArray:     look_at_bytearray(&k); break;
    case LgPyArray:         look_at_array(&k); break;
    case LgPyBuffered:      look_at_buffered(&k); break;
    case LgPyElement:       look_at_element(&k); break;
    case LgPyPickleStack:   look_at_pickle_stack(&k); break;
    /* Of the links, those to the right hold references. */
    case LgPyLruLink: tell_dead_field(&k, LRU_PREV); break;
    case LgPyPattern: tell_dead(&k, k.fields + PATTERN_CODE, end); break;
    }
}

/* --- Types ---------------------------------------------------------------- */

typedef struct {
    const HChar*  name;
    SizeT         fieldsB; /* of tp_basicsize, behind PyObject; 0: any */
    LgPyContainer container;
    UShort        since, until; /* versions */
} Known;

/* A module's type may be made at run time, a builtin type is not: a class that
   is made at run time and called "list" is not the list. */
static const Known known[] = {
    {"list", 24, LgPyList, 0, 0xFFFF},
    {"tuple", 8, LgPyTuple, 0, 0x030D},
    {"tuple", 16, LgPyTuple, 0x030E, 0xFFFF},
    {"set", 184, LgPySet, 0, 0xFFFF},
    {"frozenset", 184, LgPySet, 0, 0xFFFF},
    {"collections.deque", 64, LgPyDeque, 0, 0x030A},
    {"collections.deque", 200, LgPyDeque, 0x030B, 0xFFFF},
    {"_collections._deque_iterator", 40, LgPyDequeIterator, 0, 0xFFFF},
    {"_collections._deque_reverse_iterator", 40, LgPyDequeIterator, 0, 0xFFFF},
    {"collections._deque_iterator", 40, LgPyDequeIterator, 0, 0xFFFF},
    {"collections._deque_reverse_iterator", 40, LgPyDequeIterator, 0, 0xFFFF},
    {"collections.OrderedDict", 96, LgPyOrderedDict, 0, 0xFFFF},
    {"generator", 0, LgPyGenerator, 0x030B, 0xFFFF},
    {"coroutine", 0, LgPyGenerator, 0x030B, 0xFFFF},
    {"async_generator", 0, LgPyGenerator, 0x030B, 0xFFFF},
    {"ContextVar", 48, LgPyContextVar, 0, 0xFFFF},
    {"_contextvars.ContextVar", 48, LgPyContextVar, 0, 0xFFFF},
    {"memoryview", 128, LgPyMemoryView, 0, 0xFFFF},
    {"bytearray", 40, LgPyByteArray, 0, 0x030E},
    {"array.array", 48, LgPyArray, 0, 0xFFFF},
    {"_io.BufferedReader", 136, LgPyBuffered, 0, 0xFFFF},
    {"_io.BufferedWriter", 136, LgPyBuffered, 0, 0xFFFF},
    {"_io.BufferedRandom", 136, LgPyBuffered, 0, 0xFFFF},
    {"xml.etree.ElementTree.Element", 40, LgPyElement, 0, 0xFFFF},
    {"_pickle.Pdata", 40, LgPyPickleStack, 0, 0xFFFF},
    {"functools._lru_list_elem", 40, LgPyLruLink, 0, 0xFFFF},
    {"functools._lru_cache_wrapper", 0, LgPyLruLink, 0, 0xFFFF},
    {"re.Pattern", 80, LgPyPattern, 0, 0xFFFF},
};

static LgPyContainer container_named(const LgPyLayout* l, const HChar* name,
                           Bool isHeapType, Addr basicsize)
{
    for (UInt i = 0; i < sizeof known / sizeof known[0]; i++) {
        const Known* t = &known[i];
        if (l->version >= t->since && l->version <= t->until &&
            (t->fieldsB == 0 ||
             basicsize == l->sizeof_PyObject + t->fieldsB) &&
            !(isHeapType && !lg_text_has(t->name, '.')) &&
            lg_text_equal(name, t->name))
            return t->container;
    }
    return LgPyNoContainer;
}

LgPyContainer lg_pycontainers_of(const LgPyMem* mem, const LgPyLayout* layout,
                                 Addr type)
{
    enum { MAX_BASES = 64, HEAPTYPE = 1 << 9 };
    const LgPyLayout* l = layout;
    HChar             name[40];
    Addr              tp_name, basicsize, flags;

    for (UInt i = 0; i < MAX_BASES && type != 0; i++) {
        if (!lg_py_word(mem, type + l->tp_name, &tp_name) ||
            !lg_py_word(mem, type + l->tp_basicsize, &basicsize) ||
            !lg_py_word(mem, type + l->tp_flags, &flags))
            break;
        if (lg_pystr_read_c(mem, tp_name, name, sizeof name)) {
            LgPyContainer found =
                container_named(l, name, (flags & HEAPTYPE) != 0, basicsize);
            /* Subclasses of tuple may have slots behind the items. */
            if (found != LgPyNoContainer)
                return found == LgPyTuple && i > 0 ? LgPyNoContainer : found;
        }
        if (!lg_py_word(mem, type + l->tp_base, &type))
            break;
    }
    return LgPyNoContainer;
}
