/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_whopoints.c: the monitor command who_points_at.  See lg_whopoints.h. */

#include "lg_whopoints.h"

#include "pub_tool_libcprint.h"

#include "../../engine/lg_mark.h"
#include "../heap/lg_describe.h"
#include "lg_heapsearch.h"
#include "lg_pointersearch.h"

/* No more places than these are printed, so that the command ends soon. */
enum { MAX_TOLD = 1000 };

typedef struct {
    Addr    start;
    LgMark* mark; /* for its heuristics; NULL: no block there */
    UInt    block;
    UInt    nTold;
} Teller;

/* Were enough places printed?  Prints so once. */
static Bool is_enough(void* opaque)
{
    Teller* t = opaque;
    if (t->nTold == MAX_TOLD) {
        VG_(umsg)("... and more places, which are not shown\n");
        t->nTold++;
    }
    return t->nTold > MAX_TOLD;
}

static void print_pointer(void* opaque, Addr at, Addr word)
{
    Teller* t = opaque;

    if (is_enough(t))
        return;
    t->nTold++;
    if (word == t->start)
        VG_(umsg)("*%#lx points at %#lx\n", at, t->start);
    else
        VG_(umsg)("*%#lx interior points at %lu bytes inside %#lx\n", at,
                  word - t->start, t->start);
    lg_describe_print(at);
    for (UInt h = 1; word != t->start && t->mark != NULL && h < LG_N_HEURISTICS;
         h++)
        if (lg_mark_heuristic_applies(t->mark, t->block, word,
                                      (LgHeuristic)h))
            VG_(umsg)("block at %#lx considered reachable by ptr %#lx using "
                      "%s heuristic\n",
                      t->start, word, lg_report_heuristic((LgHeuristic)h));
}

static void print_register(void* opaque, ThreadId tid, const HChar* reg,
                           UWord value)
{
    Teller* t = opaque;

    t->nTold++;
    if (value == t->start)
        VG_(umsg)("tid %u register %s pointing at %#lx\n", tid, reg, t->start);
    else
        VG_(umsg)("tid %u register %s interior pointing %lu bytes inside "
                  "%#lx\n",
                  tid, reg, value - t->start, t->start);
}

void lg_whopoints_print(Addr start, SizeT szB)
{
    /* Not beyond the address space. */
    if (szB > ~(SizeT)0 - start)
        szB = ~(SizeT)0 - start;
    Teller           t = {.start = start};
    LgPointerVisitor v = {&t, print_pointer, print_register, is_enough};
    LgMarkHost       host = lg_heapsearch_mark_host();
    LgSnapshot*      snap = lg_heapsearch_snapshot();

    if (szB == 1)
        VG_(umsg)("Searching for pointers to %#lx\n", start);
    else
        VG_(umsg)("Searching for pointers pointing in %lu bytes from %#lx\n",
                  szB, start);

    /* An interior pointer to a block may count by a heuristic. */
    Int block = snap != NULL ? lg_snap_find(snap, start) : -1;
    if (block >= 0 && lg_sb_start(&lg_snap_blocks(snap)[block]) == start) {
        t.block = (UInt)block;
        t.mark  = lg_mark_new(snap, 0, &host, NULL, 0);
    }
    lg_pointersearch_run(snap, start, szB, LgAnywhere, &v);
    if (t.mark != NULL)
        lg_mark_delete(t.mark);
    if (snap != NULL)
        lg_snap_delete(snap);
}
