/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_whopoints.c: the monitor command who_points_at.  See lg_whopoints.h. */

#include "lg_whopoints.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_vki.h"

#include "../../engine/lg_mark.h"
#include "../../lg_platform.h"
#include "../heap/lg_describe.h"
#include "../memory/lg_pages.h"
#include "lg_heapsearch.h"
#include "lg_roots.h"

/* No more places than these are printed: a command should end some time. */
enum { MAX_TOLD = 1000 };

typedef struct {
    Addr at, word;
} Hit;

typedef struct {
    Addr    start;
    SizeT   szB;
    LgMark* mark; /* for its heuristics; NULL: no block there */
    UInt    block;
    Addr    lo, hi; /* the range that is being read */
    Hit     found[64]; /* and not printed yet */
    UInt    nFound;
    UInt    nTold;
} Search;

static Bool is_hit(const Search* s, Addr word)
{
    return word - s->start < s->szB;
}

/* Were enough places printed?  Prints so once. */
static Bool is_enough(Search* s)
{
    if (s->nTold == MAX_TOLD) {
        VG_(umsg)("... and more places, which are not shown\n");
        s->nTold++;
    }
    return s->nTold > MAX_TOLD;
}

static void print_hit(Search* s, Addr at, Addr word)
{
    if (is_enough(s))
        return;
    s->nTold++;
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
    while (s->lo < s->hi && s->nTold <= MAX_TOLD) {
        if (!lg_plat_guarded(read_words, s, &fault)) {
            /* An odd address faults without saying where. */
            Addr next = VG_PGROUNDDN(fault) + VKI_PAGE_SIZE;
            s->lo = next >= s->lo ? next
                                  : VG_PGROUNDDN(s->lo) + VKI_PAGE_SIZE;
        }
        for (UInt i = 0; i < s->nFound; i++)
            print_hit(s, s->found[i].at, s->found[i].word);
        s->nFound = 0;
    }
}

static void on_word(void* opaque, ThreadId tid, const HChar* reg, UWord value)
{
    Search* s = opaque;
    value &= LG_ADDRESS_BITS;
    if (!is_hit(s, value) || is_enough(s))
        return;
    s->nTold++;
    if (value == s->start)
        VG_(umsg)("tid %u register %s pointing at %#lx\n", tid, reg, s->start);
    else
        VG_(umsg)("tid %u register %s interior pointing %lu bytes inside "
                  "%#lx\n",
                  tid, reg, value - s->start, s->start);
}

void lg_whopoints_print(Addr start, SizeT szB)
{
    /* Not beyond the address space. */
    if (szB > ~(SizeT)0 - start)
        szB = ~(SizeT)0 - start;
    Search        s = {.start = start, .szB = szB};
    LgRootVisitor v = {&s, on_word, on_range};
    LgMarkHost    host = lg_heapsearch_mark_host();
    LgSnapshot*   snap = lg_heapsearch_snapshot();

    if (szB == 1)
        VG_(umsg)("Searching for pointers to %#lx\n", start);
    else
        VG_(umsg)("Searching for pointers pointing in %lu bytes from %#lx\n",
                  szB, start);

    /* An interior pointer to a block may count by a heuristic. */
    Int block = snap != NULL ? lg_snap_find(snap, start) : -1;
    if (block >= 0 && lg_sb_start(&lg_snap_blocks(snap)[block]) == start) {
        s.block = (UInt)block;
        s.mark  = lg_mark_new(snap, 0, &host, NULL, 0);
    }
    lg_roots_visit(&v, LgAnywhere);
    for (UInt i = 0; snap != NULL && i < lg_snap_count(snap); i++) {
        const LgSnapBlock* b = &lg_snap_blocks(snap)[i];
        lg_pages_apply_used(lg_sb_start(b), lg_sb_start(b) + lg_sb_szB(b),
                            on_range, &s);
    }
    if (s.mark != NULL)
        lg_mark_delete(s.mark);
    if (snap != NULL)
        lg_snap_delete(snap);
}
