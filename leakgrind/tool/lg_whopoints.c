/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_whopoints.c: the monitor command who_points_at.  See lg_leakcheck.h.

   Looks at the same roots as a leak check, and into all blocks, whether they
   can be reached or not. */

#include "lg_leakcheck.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_vki.h"

#include "../engine/lg_mark.h"
#include "../lg_platform.h"
#include "lg_describe.h"
#include "lg_roots.h"

typedef struct {
    Addr    start;
    SizeT   szB;
    LgMark* mark; /* for its heuristics; NULL: no block there */
    UInt    block;
    Addr    lo, hi; /* what is being read */
} Search;

static Bool hits(const Search* s, Addr word)
{
    return word - s->start < s->szB;
}

static void tell(const Search* s, Addr at, Addr word)
{
    if (word == s->start)
        VG_(umsg)("*%#lx points at %#lx\n", at, s->start);
    else
        VG_(umsg)("*%#lx interior points at %lu bytes inside %#lx\n", at,
                  word - s->start, s->start);
    lg_describe_print(at);
    for (UInt h = 1; word != s->start && s->mark != NULL && h < LG_N_HEURISTICS;
         h++)
        if (lg_mark_heuristic_applies(s->mark, s->block, word,
                                      (LgHeuristic)h))
            VG_(umsg)("block at %#lx considered reachable by ptr %#lx using "
                      "%s heuristic\n",
                      s->start, word, lg_report_heuristic((LgHeuristic)h));
}

/* Goes on from s->lo, which it keeps up to date for on_range. */
static void read_words(void* arg)
{
    Search* s = arg;
    while (s->lo < s->hi) {
        Addr at = s->lo, word = *(const Addr*)at & LG_ADDRESS_BITS;
        s->lo += sizeof(Addr);
        if (hits(s, word))
            tell(s, at, word);
    }
}

static void on_range(void* opaque, Addr lo, Addr hi)
{
    Search* s = opaque;
    Addr    fault;
    s->lo = VG_ROUNDUP(lo, sizeof(Addr));
    s->hi = VG_ROUNDDN(hi, sizeof(Addr));
    while (!lg_plat_guarded(read_words, s, &fault))
        s->lo = VG_PGROUNDDN(fault) + VKI_PAGE_SIZE;
}

static void on_word(void* opaque, ThreadId tid, const HChar* reg, UWord value)
{
    const Search* s = opaque;
    value &= LG_ADDRESS_BITS;
    if (!hits(s, value))
        return;
    if (value == s->start)
        VG_(umsg)("tid %u register %s pointing at %#lx\n", tid, reg, s->start);
    else
        VG_(umsg)("tid %u register %s interior pointing %lu bytes inside "
                  "%#lx\n",
                  tid, reg, value - s->start, s->start);
}

void lg_check_who_points_at(Addr start, SizeT szB)
{
    Search        s = {start, szB, NULL, 0, 0, 0};
    LgRootVisitor v = {&s, on_word, on_range};
    LgMarkHost    host = lg_search_mark_host();
    LgPyBlockStats stats;
    LgSnapshot*   snap = lg_search_snapshot(&stats);

    if (szB == 1)
        VG_(umsg)("Searching for pointers to %#lx\n", start);
    else
        VG_(umsg)("Searching for pointers pointing in %lu bytes from %#lx\n",
                  szB, start);

    /* For a block, an interior pointer may count by a heuristic. */
    Int block = snap != NULL ? lg_snap_find(snap, start) : -1;
    if (block >= 0 && lg_sb_start(&lg_snap_blocks(snap)[block]) == start) {
        s.block = (UInt)block;
        s.mark  = lg_mark_new(snap, 0, &host, NULL, 0);
    }
    lg_roots_visit(&v, LgAnywhere);
    for (UInt i = 0; snap != NULL && i < lg_snap_count(snap); i++) {
        const LgSnapBlock* b = &lg_snap_blocks(snap)[i];
        on_range(&s, lg_sb_start(b), lg_sb_start(b) + lg_sb_szB(b));
    }
    if (s.mark != NULL)
        lg_mark_delete(s.mark);
    if (snap != NULL)
        lg_snap_delete(snap);
}
