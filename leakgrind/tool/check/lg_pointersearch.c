/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pointersearch.c: see lg_pointersearch.h. */

#include "lg_pointersearch.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_vki.h"

#include "../../engine/lg_mark.h"
#include "../../lg_platform.h"
#include "../memory/lg_pages.h"

typedef struct {
    Addr at, word;
} Hit;

typedef struct {
    Addr                    start;
    SizeT                   szB;
    const LgPointerVisitor* v;
    Addr                    lo, hi; /* the range that is being read */
    Hit                     found[64]; /* that nobody was told of yet */
    UInt                    nFound;
} Search;

static Bool is_hit(const Search* s, Addr word)
{
    return word - s->start < s->szB;
}

/* Continues at s->lo, which it advances, until there is no room for hits. */
static void read_words(void* arg)
{
    Search* s = arg;
    while (s->lo < s->hi &&
           s->nFound < sizeof s->found / sizeof s->found[0]) {
        Addr at = s->lo, word = *(const Addr*)at & LG_ADDRESS_BITS;
        s->lo += sizeof(Addr);
        if (is_hit(s, word))
            s->found[s->nFound++] = (Hit){at, word};
    }
}

static void on_range(void* opaque, Addr lo, Addr hi)
{
    Search* s = opaque;
    Addr    fault;
    s->lo = VG_ROUNDUP(lo, sizeof(Addr));
    s->hi = VG_ROUNDDN(hi, sizeof(Addr));
    while (s->lo < s->hi && !s->v->isEnough(s->v->opaque)) {
        if (!lg_plat_guarded(read_words, s, &fault)) {
            /* An odd address faults without saying where. */
            Addr next = VG_PGROUNDDN(fault) + VKI_PAGE_SIZE;
            s->lo = next >= s->lo ? next
                                  : VG_PGROUNDDN(s->lo) + VKI_PAGE_SIZE;
        }
        for (UInt i = 0; i < s->nFound; i++)
            s->v->place(s->v->opaque, s->found[i].at, s->found[i].word);
        s->nFound = 0;
    }
}

static void on_word(void* opaque, ThreadId tid, const HChar* reg, UWord value)
{
    Search* s = opaque;
    value &= LG_ADDRESS_BITS;
    if (is_hit(s, value) && !s->v->isEnough(s->v->opaque))
        s->v->reg(s->v->opaque, tid, reg, value);
}

void lg_pointersearch_run(const LgSnapshot* snap, Addr start, SizeT szB,
                          LgMoment moment, const LgPointerVisitor* v)
{
    Search        s = {.start = start, .szB = szB, .v = v};
    LgRootVisitor roots = {&s, on_word, on_range};

    lg_roots_visit(&roots, moment);
    for (UInt i = 0; snap != NULL && i < lg_snap_count(snap); i++) {
        const LgSnapBlock* b = &lg_snap_blocks(snap)[i];
        lg_pages_apply_used(lg_sb_start(b), lg_sb_start(b) + lg_sb_szB(b),
                            on_range, &s);
    }
}
