/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_blocklist.c: the monitor command block_list.  See lg_blocklist.h. */

#include "lg_blocklist.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../heap/lg_heap.h"
#include "../python/lg_pydeficits.h"
#include "../report/lg_errors.h"
#include "../trace/lg_context.h"
#include "lg_leakcheck.h"
#include "lg_references.h"

typedef struct {
    const LgCheckResult* check;
    UInt*                numbers; /* by record: as printed, from 1; 0: not */
    /* The cliques as trees: by block, the first block that hangs from it and
       the next one that hangs from the same; LG_NO_PARENT: none.  NULL when
       nothing is lost. */
    UInt* firstChild;
    UInt* nextSibling;
    UInt  remaining; /* blocks that may still be printed */
} Lister;

static const LgSnapBlock* listed_block(const Lister* l, UInt i)
{
    return &lg_snap_blocks(l->check->search.snap)[i];
}

static UInt* new_links(UInt n)
{
    UInt* links = VG_(malloc)("lg.blocklist", (n + 1) * sizeof *links);
    VG_(memset)(links, 0xFF, (n + 1) * sizeof *links); /* LG_NO_PARENT */
    return links;
}

static void open_lister(Lister* l, UInt maxBlocks)
{
    const LgCheckResult* c = lg_leakcheck_last();
    const UInt*          parents = lg_mark_parents(c->search.mark);
    UInt                 n = lg_snap_count(c->search.snap);

    VG_(memset)(l, 0, sizeof *l);
    l->check = c;
    l->remaining = maxBlocks;
    l->numbers = VG_(calloc)("lg.blocklist.numbers",
                             lg_loss_count(c->records) + 1, sizeof(UInt));
    for (UInt i = 0; i < c->nOrdered; i++)
        l->numbers[c->order[i]] = i + 1;
    if (parents == NULL)
        return;
    l->firstChild = new_links(n);
    l->nextSibling = new_links(n);
    for (UInt i = n; i-- > 0;) { /* backwards, so that lists ascend */
        if (lg_sb_kind(listed_block(l, i)) != LgIndirect)
            continue;
        l->nextSibling[i] = l->firstChild[parents[i]];
        l->firstChild[parents[i]] = i;
    }
}

static void close_lister(Lister* l)
{
    VG_(free)(l->numbers);
    if (l->firstChild != NULL) {
        VG_(free)(l->firstChild);
        VG_(free)(l->nextSibling);
    }
}

static UInt record_number(const Lister* l, UInt i)
{
    Int r = lg_loss_find(l->check->records, lg_leakcheck_key(l->check, i));
    return r < 0 ? 0 : l->numbers[r];
}

/* Is block i in record n?  An object in use may be in two: its own, and that of
   the references to it that nobody holds, or that are too few. */
static Bool is_in_record(const Lister* l, UInt i, UInt n)
{
    const LgHeapSearch* s = &l->check->search;

    if (record_number(l, i) == n)
        return True;
    LgKind kind = lg_pydeficits_of(s->py, i) > 0 ? LgOverReleased : LgReference;
    if (kind == LgReference && lg_pysnap_unheld(s->py, i) == 0)
        return False;
    Int r = lg_loss_find(l->check->records,
                         lg_references_key(kind, lg_snap_ctx(s->snap, i),
                                           lg_pysnap_type(s->py, i)));
    return r >= 0 && l->numbers[r] == n;
}

/* Deeper levels are not indented further. */
enum { MAX_INDENT = 30 };

static void print_child(Lister* l, UInt i, UInt level)
{
    const LgSnapBlock* b = listed_block(l, i);

    for (UInt j = 0; j < level && j < MAX_INDENT; j++)
        VG_(umsg)("  ");
    VG_(umsg)("0x%lX[%lu] indirect loss record %u\n", lg_sb_start(b),
              lg_sb_szB(b), record_number(l, i));
    l->remaining--;
}

/* Prints what hangs from block `top`, depth first.  Without recursion: a list
   of a million nodes is a million levels deep. */
static void print_clique(Lister* l, UInt top)
{
    const UInt* parents = lg_mark_parents(l->check->search.mark);
    UInt        at = l->firstChild[top], level = 1;

    while (at != LG_NO_PARENT && l->remaining > 0) {
        print_child(l, at, level);
        if (l->firstChild[at] != LG_NO_PARENT) {
            at = l->firstChild[at];
            level++;
            continue;
        }
        while (at != top && l->nextSibling[at] == LG_NO_PARENT) {
            at = parents[at];
            level--;
        }
        at = at == top ? LG_NO_PARENT : l->nextSibling[at];
    }
}

static void print_block(Lister* l, UInt i)
{
    const LgSnapBlock* b = listed_block(l, i);
    if (lg_sb_heuristic(b) != LgHeurNone)
        VG_(umsg)("0x%lX[%lu] (found via heuristic %s)\n", lg_sb_start(b),
                  lg_sb_szB(b), lg_report_heuristic(lg_sb_heuristic(b)));
    else
        VG_(umsg)("0x%lX[%lu]\n", lg_sb_start(b), lg_sb_szB(b));
    l->remaining--;
    if (l->firstChild != NULL && lg_sb_kind(b) != LgReachable)
        print_clique(l, i);
}

static void print_title(const Lister* l, UInt n)
{
    const LgCheckResult* c = l->check;
    lg_error_print_record(
        &(LgErrorLeak){lg_loss_record(c->records, c->order[n - 1]),
                       c->records, n, c->nOrdered, c->delta});
}

/* Prints record n with its blocks.  isOnly: also if it has none to show. */
static void print_record(Lister* l, UInt n, Bool isOnly,
                         LgHeuristicSet heuristics)
{
    Bool titled = isOnly;

    if (titled)
        print_title(l, n);
    UInt nBlocks = lg_snap_count(l->check->search.snap);
    for (UInt i = 0; i < nBlocks && l->remaining > 0; i++) {
        if (!is_in_record(l, i, n) ||
            (heuristics != 0 &&
             !(heuristics & LG_HEUR_BIT(lg_sb_heuristic(listed_block(l, i))))))
            continue;
        if (!titled)
            print_title(l, n);
        titled = True;
        print_block(l, i);
    }
}

/* Is there a result that has a record n?  Prints a message if there is none. */
static Bool has_record(UInt n)
{
    const LgCheckResult* c = lg_leakcheck_last();

    if (c->search.snap == NULL || c->nOrdered == 0) {
        VG_(umsg)("Can't print block list : no valid leak search result\n");
        return False;
    }
    if (c->nFrees != lg_heap_stats()->nFrees) {
        VG_(umsg)("Can't print obsolete block list : "
                  "redo a leak search first\n");
        return False;
    }
    return n > 0 && n <= c->nOrdered;
}

Bool lg_blocklist_print(UInt from, UInt to, UInt maxBlocks,
                        LgHeuristicSet heuristics)
{
    Lister l;

    if (!has_record(from))
        return False;
    open_lister(&l, maxBlocks);
    lg_ctx_resolve_begin(lg_options.leakResolution);
    for (UInt n = from; n <= to && n <= l.check->nOrdered && l.remaining > 0;
         n++)
        print_record(&l, n, from == to, heuristics);
    lg_ctx_resolve_end();
    close_lister(&l);
    return True;
}

Bool lg_blocklist_starts(UInt n, Addr* starts, UInt max, UInt* count)
{
    Lister l;

    *count = 0;
    if (!has_record(n))
        return False;
    open_lister(&l, max);
    lg_ctx_resolve_begin(lg_options.leakResolution);
    for (UInt i = 0; i < lg_snap_count(l.check->search.snap) && *count < max;
         i++)
        if (is_in_record(&l, i, n))
            starts[(*count)++] = lg_sb_start(listed_block(&l, i));
    lg_ctx_resolve_end();
    close_lister(&l);
    return True;
}
