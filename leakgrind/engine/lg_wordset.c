/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_wordset.c: sets of words.  See lg_wordset.h.

   A tree over the numbers of words (the address divided by 8).  A leaf is a
   bitmap of 8192 words (64 KiB of memory), and a node has 256 children.  A
   child all of whose words are in the set, or none, is a special pointer, so
   that a range of gigabytes takes a few pointers. */

#include "lg_wordset.h"

#include "../lg_platform.h"

enum {
    WORD_SHIFT = 3,
    LEAF_BITS  = 13,
    LEAF_WORDS = 1 << LEAF_BITS,
    NODE_BITS  = 8,
    N_CHILDREN = 1 << NODE_BITS,
    ALL_BITS   = 64 - WORD_SHIFT /* of the root: six nodes and a leaf */
};

typedef struct {
    UInt  nWords; /* bits set */
    ULong bits[LEAF_WORDS / 64];
} Leaf;

/* NULL: no word; FULL: all words; else a node, or a leaf in the lowest
   nodes. */
typedef void* Tree;

static const UChar full;
#define FULL ((Tree)&full)

typedef struct {
    Tree child[N_CHILDREN];
} Node;

struct LgWordSet {
    Tree  root;
    ULong nWords;
    Leaf* spare; /* an empty one; may be NULL */
};

/* Words [lo, hi) of a tree that has words [0, 1 << bits). */
typedef struct {
    UWord lo, hi;
} Span;

LgWordSet* lg_ws_new(void)
{
    LgWordSet* ws = lg_plat_alloc("lg.ws", sizeof *ws);
    memset(ws, 0, sizeof *ws);
    return ws;
}

static Bool is_uniform(Tree t)
{
    return t == NULL || t == FULL;
}

static UWord words_in(UInt bits)
{
    return (UWord)1 << bits;
}

/* The bits of a node's children. */
static UInt child_bits(UInt bits)
{
    return bits - NODE_BITS;
}

/* The part of a span that lies in child c. */
static Span in_child(Span s, UWord c, UInt bits)
{
    UWord first = c << bits, n = words_in(bits);
    Span  part = {s.lo > first ? s.lo - first : 0,
                  s.hi - first < n ? s.hi - first : n};
    return part;
}

/* Frees the tree; returns how many words were in it. */
static ULong drop_tree(Tree t, UInt bits)
{
    ULong n = 0;

    if (is_uniform(t))
        return t == NULL ? 0 : words_in(bits);
    if (bits == LEAF_BITS)
        n = ((Leaf*)t)->nWords;
    else
        for (UInt c = 0; c < N_CHILDREN; c++)
            n += drop_tree(((Node*)t)->child[c], child_bits(bits));
    lg_plat_free(t);
    return n;
}

void lg_ws_delete(LgWordSet* ws)
{
    drop_tree(ws->root, ALL_BITS);
    lg_plat_free(ws->spare);
    lg_plat_free(ws);
}

/* A leaf or a node that has all words, or none. */
static Tree split_uniform(LgWordSet* ws, Tree uniform, UInt bits)
{
    Bool isFull = uniform == FULL;

    if (bits == LEAF_BITS) {
        Leaf* leaf = ws->spare;
        ws->spare = NULL;
        if (leaf == NULL || isFull) {
            if (leaf == NULL)
                leaf = lg_plat_alloc("lg.ws.leaf", sizeof *leaf);
            memset(leaf->bits, isFull ? 0xFF : 0, sizeof leaf->bits);
            leaf->nWords = isFull ? LEAF_WORDS : 0;
        }
        return leaf;
    }
    Node* node = lg_plat_alloc("lg.ws.node", sizeof *node);
    for (UInt c = 0; c < N_CHILDREN; c++)
        node->child[c] = uniform;
    return node;
}

/* Number of bits set; the compiler's own would be a call to its library. */
static UInt count_bits(ULong x)
{
    x -= (x >> 1) & 0x5555555555555555ULL;
    x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
    return (UInt)((x * 0x0101010101010101ULL) >> 56);
}

/* Sets or clears words of a leaf. */
static void change_leaf(LgWordSet* ws, Leaf* leaf, Span s, Bool set)
{
    UInt before = leaf->nWords;
    while (s.lo < s.hi) {
        UInt   bit = s.lo % 64;
        UInt   n = 64 - bit < s.hi - s.lo ? 64 - bit : (UInt)(s.hi - s.lo);
        ULong  mask = (n == 64 ? ~0ULL : (1ULL << n) - 1) << bit;
        ULong* w = &leaf->bits[s.lo / 64];
        leaf->nWords -= count_bits(*w);
        *w = set ? *w | mask : *w & ~mask;
        leaf->nWords += count_bits(*w);
        s.lo += n;
    }
    ws->nWords += leaf->nWords;
    ws->nWords -= before;
}

/* An empty leaf is kept for the next one: a program that empties memory will
   soon fill it again. */
static void give_back_if_empty(LgWordSet* ws, Tree* t)
{
    Leaf* leaf = *t;
    if (leaf->nWords != 0)
        return;
    *t = NULL;
    lg_plat_free(ws->spare);
    ws->spare = leaf;
}

/* Adds words of a tree to the set, or removes them.  Most spans lie in one
   leaf. */
static void change_tree(LgWordSet* ws, Tree* t, UInt bits, Span s, Bool set)
{
    Tree goal = set ? FULL : NULL;

    while (*t != goal && s.lo < s.hi) {
        if (UNLIKELY(s.lo == 0 && s.hi == words_in(bits))) {
            ws->nWords -= drop_tree(*t, bits);
            ws->nWords += set ? words_in(bits) : 0;
            *t = goal;
            return;
        }
        if (UNLIKELY(is_uniform(*t)))
            *t = split_uniform(ws, *t, bits);
        if (bits == LEAF_BITS) {
            change_leaf(ws, *t, s, set);
            give_back_if_empty(ws, t);
            return;
        }
        Node* node = *t;
        bits = child_bits(bits);
        UWord first = s.lo >> bits, last = (s.hi - 1) >> bits;
        for (UWord c = first; c < last; c++)
            change_tree(ws, &node->child[c], bits, in_child(s, c, bits), set);
        s = in_child(s, last, bits);
        t = &node->child[last];
    }
}

void lg_ws_add(LgWordSet* ws, Addr lo, Addr hi)
{
    Span s = {(lo >> WORD_SHIFT) + ((lo & 7) != 0), hi >> WORD_SHIFT};
    if (lo < hi)
        change_tree(ws, &ws->root, ALL_BITS, s, True);
}

/* The words that lie partly in [lo, hi), which is not empty. */
static Span partly_in(Addr lo, Addr hi)
{
    return (Span){lo >> WORD_SHIFT, ((hi - 1) >> WORD_SHIFT) + 1};
}

void lg_ws_remove(LgWordSet* ws, Addr lo, Addr hi)
{
    if (lo < hi)
        change_tree(ws, &ws->root, ALL_BITS, partly_in(lo, hi), False);
}

static Bool leaf_has(const Leaf* leaf, UWord w)
{
    return (leaf->bits[w / 64] >> (w % 64)) & 1;
}

static Bool has_any(Tree t, UInt bits, Span s)
{
    if (is_uniform(t))
        return t == FULL;
    if (bits == LEAF_BITS) {
        while (s.lo < s.hi && !leaf_has(t, s.lo))
            s.lo++;
        return s.lo < s.hi;
    }
    UInt below = child_bits(bits);
    for (UWord c = s.lo >> below; c <= (s.hi - 1) >> below; c++)
        if (has_any(((Node*)t)->child[c], below, in_child(s, c, below)))
            return True;
    return False;
}

Bool lg_ws_overlaps(const LgWordSet* ws, Addr lo, Addr hi)
{
    return lo < hi && has_any(ws->root, ALL_BITS, partly_in(lo, hi));
}

Bool lg_ws_contains(const LgWordSet* ws, Addr a)
{
    UWord w = a >> WORD_SHIFT;
    return has_any(ws->root, ALL_BITS, (Span){w, w + 1});
}

/* --- Ranges -------------------------------------------------------------- */

typedef struct {
    LgRange* out; /* NULL: they are only counted */
    UInt     n;
    Addr     lastHi; /* of the last range */
} Lister;

/* Appends [lo, hi), joined to the last range where they touch. */
static void append_range(Lister* l, Addr lo, Addr hi)
{
    if (l->n > 0 && l->lastHi == lo) {
        if (l->out != NULL)
            l->out[l->n - 1].hi = hi;
    } else {
        if (l->out != NULL)
            l->out[l->n] = (LgRange){lo, hi};
        l->n++;
    }
    l->lastHi = hi;
}

static void list_leaf(Lister* l, const Leaf* leaf, Addr base)
{
    for (UWord w = 0; w < LEAF_WORDS; w++) {
        ULong bits = leaf->bits[w / 64];
        if (bits == 0)
            w |= 63;
        else if (leaf_has(leaf, w))
            append_range(l, base + (w << WORD_SHIFT),
                         base + ((w + 1) << WORD_SHIFT));
    }
}

static void list_tree(Lister* l, Tree t, UInt bits, Addr base)
{
    if (t == FULL)
        append_range(l, base, base + (words_in(bits) << WORD_SHIFT));
    else if (t != NULL && bits == LEAF_BITS)
        list_leaf(l, t, base);
    else if (t != NULL) {
        UInt below = child_bits(bits);
        for (UWord c = 0; c < N_CHILDREN; c++)
            list_tree(l, ((Node*)t)->child[c], below,
                 base + (c << (below + WORD_SHIFT)));
    }
}

LgRange* lg_ws_ranges(const LgWordSet* ws, UInt* n)
{
    Lister l = {NULL, 0, 0};

    *n = 0;
    if (ws->nWords == 0)
        return NULL;
    list_tree(&l, ws->root, ALL_BITS, 0);
    l = (Lister){lg_plat_alloc("lg.ws.ranges", l.n * sizeof(LgRange)), 0, 0};
    list_tree(&l, ws->root, ALL_BITS, 0);
    *n = l.n;
    return l.out;
}

/* --- Checking ------------------------------------------------------------ */

static UInt bits_set(const Leaf* leaf)
{
    UInt n = 0;
    for (UInt i = 0; i < LEAF_WORDS / 64; i++)
        n += count_bits(leaf->bits[i]);
    return n;
}

/* Returns how many words the tree has. */
static ULong check_tree(Tree t, UInt bits)
{
    ULong n = 0;

    if (is_uniform(t))
        return t == NULL ? 0 : words_in(bits);
    if (bits == LEAF_BITS) {
        const Leaf* leaf = t;
        lg_assert(leaf->nWords == bits_set(leaf));
        lg_assert(leaf->nWords > 0); /* or else there is NULL in its place */
        return leaf->nWords;
    }
    lg_assert(bits > LEAF_BITS);
    for (UInt c = 0; c < N_CHILDREN; c++)
        n += check_tree(((Node*)t)->child[c], child_bits(bits));
    return n;
}

void lg_ws_check(const LgWordSet* ws)
{
    if (ws == NULL)
        return;
    lg_assert(check_tree(ws->root, ALL_BITS) == ws->nWords);
    lg_assert(ws->spare == NULL ||
              (ws->spare->nWords == 0 && bits_set(ws->spare) == 0));
}
