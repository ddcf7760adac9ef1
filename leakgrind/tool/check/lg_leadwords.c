/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leadwords.c: see lg_leadwords.h. */

#include "lg_leadwords.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"

#include "../../lg_platform.h"
#include "../memory/lg_guestmem.h"
#include "../python/lg_pysnapshot.h"

/* --- Reading words ------------------------------------------------------------ */

/* Visits the words that can be read, until `visit` returns True. */
static void visit_words(LgRange range,
                        Bool (*visit)(void* opaque, Addr at, Addr word),
                        void* opaque)
{
    enum { N_WORDS = 512 };
    Addr words[N_WORDS];

    for (Addr at = VG_ROUNDUP(range.lo, sizeof(Addr));
         at + sizeof(Addr) <= range.hi;) {
        Addr n = (range.hi - at) / sizeof(Addr);
        n = n < N_WORDS ? n : N_WORDS;
        if (!lg_guestmem_read(words, at, n * sizeof(Addr)))
            n = lg_guestmem_read(words, at, sizeof(Addr)) ? 1 : 0;
        for (Addr k = 0; k < n; k++)
            if (visit(opaque, at + k * sizeof(Addr), words[k] & LG_ADDRESS_BITS))
                return;
        at += (n > 0 ? n : 1) * sizeof(Addr);
    }
}

static Bool is_address_of(const LgSnapBlock* b, Addr word)
{
    return word == lg_sb_base(b) || word == lg_sb_start(b);
}

/* --- To one block --------------------------------------------------------------- */

typedef struct {
    const LgSnapBlock* block;
    Addr               exact, interior;
} Wanted;

static Bool is_lead(void* opaque, Addr at, Addr word)
{
    Wanted* w = opaque;

    if (is_address_of(w->block, word))
        w->exact = at;
    else if (w->interior == 0 &&
             word - lg_sb_start(w->block) < lg_sb_searchSzB(w->block))
        w->interior = at;
    return w->exact != 0;
}

Addr lg_leadwords_find(const LgHeapSearch* s, LgRange words, UInt i)
{
    Wanted w = {&lg_snap_blocks(s->snap)[i], 0, 0};

    visit_words(words, is_lead, &w);
    return w.exact != 0 ? w.exact : w.interior;
}

/* --- To many -------------------------------------------------------------------- */

struct LgLeadWords {
    const LgHeapSearch* s;
    const LgPaths*      paths;
    UInt                nBlocks, nNodes;
    Addr*               words;  /* by block; 0: none is known */
    UChar*              isRead; /* by node: the words of this root are known */
    UInt                root;   /* that is being read */
};

static SizeT words_szB(const LgLeadWords* l)
{
    return ((SizeT)l->nBlocks + 1) * sizeof(Addr);
}

LgLeadWords* lg_leadwords_new(const LgHeapSearch* s, const LgPaths* paths,
                              UInt nNodes)
{
    LgLeadWords* l = lg_plat_alloc("lg.leadwords", sizeof *l);

    *l = (LgLeadWords){.s = s,
                       .paths = paths,
                       .nBlocks = lg_snap_count(s->snap),
                       .nNodes = nNodes};
    l->words = lg_plat_map(words_szB(l));
    l->isRead = lg_plat_map(nNodes + 1);
    return l;
}

void lg_leadwords_delete(LgLeadWords* l)
{
    lg_plat_unmap(l->words, words_szB(l));
    lg_plat_unmap(l->isRead, l->nNodes + 1);
    lg_plat_free(l);
}

/* A word with the address of a block is better than the first that points into
   it. */
static Bool note_lead(void* leads, Addr at, Addr word)
{
    LgLeadWords* l = leads;
    Int          i = lg_snap_find(l->s->snap, word);

    if (i < 0 || lg_paths_parent(l->paths, (UInt)i) != l->root)
        return False;
    const LgSnapBlock* b = &lg_snap_blocks(l->s->snap)[i];
    Addr               known = l->words[i] & ~(Addr)1;
    Bool               isExact = is_address_of(b, word);
    /* Bit 0 tells that the word has the block's address: words are aligned. */
    if (known == 0 || (isExact && !(l->words[i] & 1)))
        l->words[i] = at | isExact;
    return False;
}

Addr lg_leadwords_of_root(LgLeadWords* l, UInt root, LgRange words, UInt i)
{
    if (!l->isRead[root]) {
        l->isRead[root] = 1;
        l->root = root;
        visit_words(words, note_lead, l);
    }
    return l->words[i] & ~(Addr)1;
}
