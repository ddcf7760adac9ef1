/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heuristics.c: interior pointers that C++, Python, Rust and others keep
   instead of start pointers.

   How to add one: a value in LgHeuristic (lg_vocab.h), a function here, a line
   in lg_heuristic_of.  If several apply, the first in the order of LgHeuristic
   is the answer, so that reports do not depend on the order of the search. */

#include "lg_mark_priv.h"

#define PAGE_SZB ((Addr)4096)

/* Reads a word of block b.  False if it must not be read. */
static Bool read_word(const LgMark* m, const LgSnapBlock* b, Addr a,
                      Addr* word)
{
    SizeT szB = lg_sb_searchSzB(b);
    if (a < b->start || a - b->start >= szB ||
        szB - (a - b->start) < LG_WORD_SZB)
        return False;
    if (!lg_word_is_allowed(m, a))
        return False;
    *word = *(const Addr*)a;
    return True;
}

/* A string of libstdc++ from before 2015: {length, capacity, references}, then
   the characters, to which the pointer points. */
static Bool is_stdstring(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr length, capacity;
    if (ptr - b->start != 3 * LG_WORD_SZB)
        return False;
    if (!read_word(m, b, b->start + LG_WORD_SZB, &capacity) ||
        lg_sb_szB(b) - 3 * LG_WORD_SZB - 1 != capacity)
        return False;
    return read_word(m, b, b->start, &length) && length <= capacity;
}

/* A length of 8 bytes before the data, as in sqlite. */
static Bool is_length64(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr length;
    if (ptr - b->start != 8 || !read_word(m, b, b->start, &length))
        return False;
    return length > 0 && lg_sb_szB(b) - 8 == length;
}

/* new[] of a class with a destructor: a count before the elements.  A pointer
   one past the end comes here only if the count is known to be 0. */
static Bool is_newarray(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr count;
    if (ptr - b->start == lg_sb_szB(b))
        return True;
    if (ptr - b->start != LG_WORD_SZB || !read_word(m, b, b->start, &count))
        return False;
    return count > 0 && (lg_sb_szB(b) - LG_WORD_SZB) % count == 0;
}

/* ---- Multiple inheritance ----------------------------------------------- */

static Addr mapping_end(LgMark* m, Addr a)
{
    LgPageAnswer* c = &m->mappingEnds[(a / PAGE_SZB) % LG_PAGE_CACHE];
    if (m->host.file_mapping_end == NULL)
        return 0;
    if (c->page != a / PAGE_SZB) {
        c->answer = m->host.file_mapping_end(m->host.opaque, a);
        c->page = a / PAGE_SZB;
    }
    return c->answer;
}

static Bool is_code_address(LgMark* m, Addr a)
{
    LgPageAnswer* c = &m->codePages[(a / PAGE_SZB) % LG_PAGE_CACHE];
    if (m->host.is_code == NULL || a < PAGE_SZB)
        return False;
    if (c->page != a / PAGE_SZB) {
        c->answer = m->host.is_code(m->host.opaque, a);
        c->page = a / PAGE_SZB;
    }
    return c->answer != 0;
}

/* A table in a file mapping whose first words are NULL or point to code, at
   least two of them to code. */
static Bool is_vtable(LgMark* m, Addr table)
{
    enum { MAX_WORDS = 21, WANTED = 2 };
    UInt nCode = 0;

    if (table % LG_WORD_SZB != 0 || table < PAGE_SZB)
        return False;
    Addr end = mapping_end(m, table);
    for (UInt k = 0; k < MAX_WORDS; k++, table += LG_WORD_SZB) {
        if (table >= end || end - table < LG_WORD_SZB ||
            !lg_word_is_allowed(m, table))
            return False;
        Addr fn = *(const Addr*)table;
        if (fn == 0)
            continue;
        if (!is_code_address(m, fn))
            return False;
        if (++nCode == WANTED)
            return True;
    }
    return False;
}

/* An object whose class has several bases: the pointer is that to a base, and
   both the object and the base begin with the address of a vtable. */
static Bool is_inheritance(LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr inner, first;
    return read_word(m, b, ptr, &inner) && read_word(m, b, b->start, &first) &&
           is_vtable(m, inner) && is_vtable(m, first);
}

/* ---- Python -------------------------------------------------------------- */

static Bool is_at_base(const LgSnapBlock* b, Addr ptr)
{
    return (b->bits & LG_SB_OBJ_OFF) && ptr == lg_sb_base(b);
}

/* The values of a split dictionary.  The byte before them says how many bytes
   of the same memory come before them.  CPython 3.12 points to that byte, where
   the values of an instance take the place of a dict. */
static Bool is_dict_values(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr before, off;

    ptr += ptr & 1;
    off = ptr - lg_sb_base(b);

    return lg_sb_pymem(b) && off >= LG_WORD_SZB && off <= 255 &&
           off % LG_WORD_SZB == 0 &&
           read_word(m, b, ptr - LG_WORD_SZB, &before) &&
           ((const UChar*)&before)[LG_WORD_SZB - 1] == off;
}

/* The items of a list, in a build without the GIL: their capacity comes before
   them. */
static Bool is_list_items(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr room;

    return lg_sb_pymem(b) && ptr - lg_sb_base(b) == LG_WORD_SZB &&
           read_word(m, b, lg_sb_base(b), &room) &&
           room < lg_sb_szB(b) &&
           lg_sb_base(b) + (room + 1) * LG_WORD_SZB ==
               b->start + lg_sb_szB(b);
}

/* The arguments of a running call, including those with names: CPython passes
   them as an array that begins one word into the memory, which leaves room for
   the object of a bound method.  Only the caller knows its length. */
static Bool is_call_arguments(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    Addr base = lg_sb_base(b), end = b->start + lg_sb_szB(b);
    Addr word;

    if (!lg_sb_pymem(b) || ptr - base != LG_WORD_SZB || end <= ptr ||
        (end - base) % LG_WORD_SZB != 0 || !read_word(m, b, base, &word) ||
        word % LG_WORD_SZB != 0)
        return False;
    for (Addr a = ptr; a < end; a += LG_WORD_SZB)
        if (!read_word(m, b, a, &word) || word == 0 ||
            word % LG_WORD_SZB != 0)
            return False;
    return True;
}

/* NumPy 1.20 and later remember the buffers that they have exported:
   {format, dimensions, strides, shape, next}, then the shape and the strides
   themselves.  The array holds the address of this plus 3. */
static Bool is_numpy_buffer_info(const LgMark* m, const LgSnapBlock* b,
                                 Addr ptr)
{
    enum { TAG = 3, HEAD = 5 * LG_WORD_SZB };
    Addr base = lg_sb_base(b);
    Addr nDims, strides, shape;

    if (ptr - base != TAG ||
        !read_word(m, b, base + 1 * LG_WORD_SZB, &nDims) ||
        !read_word(m, b, base + 2 * LG_WORD_SZB, &strides) ||
        !read_word(m, b, base + 3 * LG_WORD_SZB, &shape))
        return False;
    nDims &= 0xFFFFFFFF; /* an int */
    return nDims > 0 && shape == base + HEAD &&
           strides == shape + nDims * LG_WORD_SZB &&
           strides + nDims * LG_WORD_SZB == b->start + lg_sb_szB(b);
}

/* ---- Rust ---------------------------------------------------------------- */

/* How many control bytes are read at once, and repeated at the end. */
#if defined(VGA_arm64)
#define GROUP_SZB ((SizeT)8)
#else
#define GROUP_SZB ((SizeT)16)
#endif

/* Reads a byte that lies in a block. */
static Bool read_byte(const LgMark* m, Addr a, UChar* byte)
{
    if (!lg_word_is_allowed(m, a & ~(Addr)(LG_WORD_SZB - 1)))
        return False;
    *byte = *(const UChar*)a;
    return True;
}

/* The table of a HashMap or HashSet: the elements, then a control byte for each
   of n places, then a copy of the first group of control bytes.  The pointer is
   that to the control bytes.  A table has at least one place in use (7 bits of
   a hash) and one empty place, since it is never full.  If there are fewer
   places than bytes in a group, the bytes between are empty, and the copy is a
   whole group after the start. */
static Bool is_hashbrown(const LgMark* m, const LgSnapBlock* b, Addr ptr)
{
    enum { EMPTY = 0xFF, DELETED = 0x80, MIN_PLACES = 4, MAX_PADDING = 16 };
    SizeT before = ptr - b->start;
    SizeT n = lg_sb_szB(b) - before - GROUP_SZB;
    SizeT distance = n > GROUP_SZB ? n : GROUP_SZB;
    Bool  hasEmpty = False, hasUsed = False;
    UChar byte, copy;

    if (lg_sb_pymem(b) || lg_sb_szB(b) < before + GROUP_SZB || n < MIN_PLACES ||
        (n & (n - 1)) != 0 || ptr % GROUP_SZB != 0 || before < n ||
        before % n >= MAX_PADDING)
        return False;
    for (SizeT i = 0; i < n; i++) {
        if (!read_byte(m, ptr + i, &byte) ||
            (byte > DELETED && byte != EMPTY))
            return False;
        if (i < GROUP_SZB &&
            (!read_byte(m, ptr + distance + i, &copy) || copy != byte))
            return False;
        hasEmpty = hasEmpty || byte == EMPTY;
        hasUsed  = hasUsed || byte < DELETED;
    }
    for (SizeT i = n; i < GROUP_SZB; i++)
        if (!read_byte(m, ptr + i, &byte) || byte != EMPTY)
            return False;
    return hasEmpty && hasUsed;
}

/* ------------------------------------------------------------------------- */

LgHeuristic lg_heuristic_of(LgMark* m, UInt i, Addr ptr, LgHeuristicSet set)
{
    const LgSnapBlock* b = &m->snap->blocks[i];

    /* Blocks that are known need no guesses. */
    if (is_at_base(b, ptr) || lg_sb_isLeaf(b))
        return set & LG_HEUR_BIT(LgHeurPyObject) ? LgHeurPyObject : LgHeurNone;
    if ((set & LG_HEUR_BIT(LgHeurStdString)) && is_stdstring(m, b, ptr))
        return LgHeurStdString;
    if ((set & LG_HEUR_BIT(LgHeurLength64)) && is_length64(m, b, ptr))
        return LgHeurLength64;
    if ((set & LG_HEUR_BIT(LgHeurNewArray)) && is_newarray(m, b, ptr))
        return LgHeurNewArray;
    if ((set & LG_HEUR_BIT(LgHeurMultipleInheritance)) &&
        is_inheritance(m, b, ptr))
        return LgHeurMultipleInheritance;
    if ((set & LG_HEUR_BIT(LgHeurHashbrown)) && is_hashbrown(m, b, ptr))
        return LgHeurHashbrown;
    if ((set & LG_HEUR_BIT(LgHeurPyObject)) &&
        (is_dict_values(m, b, ptr) || is_list_items(m, b, ptr) ||
         is_call_arguments(m, b, ptr) || is_numpy_buffer_info(m, b, ptr)))
        return LgHeurPyObject;
    return LgHeurNone;
}
