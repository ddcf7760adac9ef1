/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leakcheck.c: one leak check.  See lg_leakcheck.h.

   search_heap -> loss records -> suppressions -> totals -> report_records ->
   print_summary; lg_leakcheck_run has each step.  The result is kept until the
   next check, for the monitor command block_list. */

#include "lg_leakcheck_priv.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"

#include "../../lg_platform.h"
#include "../heap/lg_heap.h"
#include "../heap/lg_intercept.h"
#include "../host/lg_compat.h"
#include "../process/lg_forks.h"
#include "../report/lg_errors.h"
#include "../report/lg_xtree.h"
#include "../suppress/lg_suppress.h"
#include "../trace/lg_context.h"
#include "lg_changes.h"
#include "lg_dataout.h"
#include "lg_pytables.h"
#include "lg_references.h"
#include "lg_retained.h"
#include "lg_showpaths.h"

static LgCheckResult last;

const LgCheckResult* lg_leakcheck_last(void)
{
    return &last;
}

LgCheckParams lg_leakcheck_default_params(void)
{
    return (LgCheckParams){
        .full       = lg_options.leakCheck != LgCheckSummary,
        .show       = lg_options.showLeakKinds,
        .errors     = lg_options.errorsForLeakKinds,
        .heuristics = lg_options.heuristics,
        .delta      = LgDeltaAny,
        .maxRecords = lg_options.limit > 0 ? (UInt)lg_options.limit : LG_UNLIMITED,
    };
}

static Bool is_talkative(void)
{
    return VG_(clo_verbosity) > 1 && !VG_(clo_xml);
}

/* --- Search -------------------------------------------------------------- */

/* In a child, inherited blocks matter only if the report has reachable
   blocks. */
static LgSearchScope choose_scope(const LgCheckParams* p)
{
    return ((p->show | p->errors) & LG_KIND_BIT(LgReachable)) ||
                   p->xtreeFile != NULL || p->byMonitor ||
                   lg_options.showPaths > 0 || lg_options.retained > 0 ||
                   lg_dataout_is_open()
               ? LgSearchAll
               : LgSearchOwn;
}

static void search_heap(LgCheckResult* c, const LgCheckParams* p)
{
    UInt startMs = lg_plat_millis();

    if (!lg_heapsearch_begin(&c->search, choose_scope(p), p->heuristics,
                             p->moment, is_talkative()))
        return;
    if (p->full && lg_references_are_wanted(p->show, p->errors))
        lg_heapsearch_audit(&c->search);
    lg_heapsearch_judge(&c->search);
    lg_references_begin(&c->search);

    c->stats    = *lg_mark_stats(c->search.mark);
    c->searchMs = lg_plat_millis() - startMs;
    if (is_talkative()) {
        VG_(umsg)("Checked %'llu bytes\n", c->stats.scannedB);
        if (c->stats.skippedB > 0)
            VG_(umsg)("Skipped %'llu bytes due to read errors\n",
                      c->stats.skippedB);
        VG_(umsg)("The search took %u.%03u seconds\n", c->searchMs / 1000,
                  c->searchMs % 1000);
        VG_(umsg)("\n");
    }
}

/* --- Report -------------------------------------------------------------- */

static Bool is_to_be_printed(const LgCheckParams* p, const LgLossRecord* r)
{
    return p->full && !r->suppressed && lg_loss_delta_reports(r, p->delta) &&
           (p->show & LG_KIND_BIT(r->kind)) &&
           (r->cls != LgLossGarbage || lg_options.pyCycles);
}

static const LgLossRecord* record_at(const LgCheckResult* c, UInt i)
{
    return lg_loss_record(c->records, c->order[i]);
}

/* The first record (in report order) to print when only the maxRecords
   largest may be. */
static UInt first_to_print(const LgCheckResult* c, const LgCheckParams* p)
{
    UInt i = c->nOrdered, nPrinted = 0;
    while (i > 0 && nPrinted < p->maxRecords)
        if (is_to_be_printed(p, record_at(c, --i)))
            nPrinted++;
    return i;
}

/* What --limit or the monitor command's "limited" has left out. */
static void print_how_many_are_left_out(const LgCheckResult* c,
                                        const LgCheckParams* p, UInt first)
{
    UInt n = 0;

    for (UInt i = 0; i < first; i++)
        n += is_to_be_printed(p, record_at(c, i));
    if (n > 0 && !VG_(clo_xml) && !p->byMonitor)
        VG_(umsg)("%'u smaller loss record%s left out (--limit=%u)\n\n", n,
                  n == 1 ? " is" : "s are", p->maxRecords);
}

/* Finds the paths to the blocks of the records from number `first` on that are to
   be printed. */
static void begin_paths(LgCheckResult* c, const LgCheckParams* p,
                        UInt first)
{
    UChar* isShown;
    Bool   isAny = False;

    if (lg_options.showPaths == 0 || p->xtreeFile != NULL)
        return;
    isShown = VG_(calloc)("lg.leakcheck.paths",
                          lg_loss_count(c->records) + 1, 1);
    for (UInt i = first; i < c->nOrdered; i++) {
        isShown[c->order[i]] = is_to_be_printed(p, record_at(c, i));
        isAny = isAny || isShown[c->order[i]];
    }
    if (isAny)
        lg_showpaths_begin(&c->search, c->records, isShown);
    VG_(free)(isShown);
}

static void report_records(LgCheckResult* c, ThreadId tid,
                           const LgCheckParams* p)
{
    XTree* xt = p->xtreeFile != NULL ? lg_xtree_new() : NULL;
    UInt   first = first_to_print(c, p);

    begin_paths(c, p, first);
    for (UInt i = first; i < c->nOrdered; i++) {
        const LgLossRecord* r = record_at(c, i);
        if (!is_to_be_printed(p, r))
            continue;
        if (xt != NULL)
            lg_xtree_add(xt, r);
        else
            lg_error_print_leak(
                tid,
                &(LgErrorLeak){r, c->records, i + 1, c->nOrdered, p->delta},
                lg_leakcheck_is_error(p, r));
    }
    lg_showpaths_end();
    print_how_many_are_left_out(c, p, first);
    if (xt != NULL) {
        lg_xtree_finish(xt, p->xtreeFile);
        if (VG_(clo_verbosity) >= 1 || p->byMonitor)
            VG_(umsg)("xtree leak report: %s\n", p->xtreeFile);
    }
}

static void print_text_line(void* opaque, const HChar* text)
{
    (void)opaque;
    VG_(umsg)("%s\n", text);
}

static void print_xml_line(void* opaque, const HChar* text)
{
    (void)opaque;
    VG_(printf_xml)("%s\n", text);
}

/* Which options or arguments show more than this report does. */
static void print_hints(const LgCheckResult* c, const LgCheckParams* p)
{
    const LgTotals* t = &c->totals;
    SizeT           nShown = 0;

    for (UInt k = 0; k < LG_N_KINDS; k++)
        nShown += t->kind[k].nBlocks;
    if (!p->full && nShown > 0) {
        if (p->byMonitor)
            VG_(umsg)("To see details of leaked memory, "
                      "give 'full' arg to leak_check\n");
        else
            VG_(umsg)("Rerun with --leak-check=full to see details "
                      "of leaked memory\n");
    }
    if (p->full && t->kind[LgReachable].nBlocks > 0 &&
        !(p->show & LG_KIND_BIT(LgReachable))) {
        VG_(umsg)("Reachable blocks (those to which a pointer "
                  "was found) are not shown.\n");
        if (p->byMonitor)
            VG_(umsg)("To see them, add 'reachable any' args to leak_check\n");
        else
            VG_(umsg)("To see them, rerun with: --leak-check=full "
                      "--show-leak-kinds=all\n");
    }
    if (p->full && t->cycles.nBlocks > 0 && !lg_options.pyCycles)
        VG_(umsg)("Uncollected cycles (of Python objects, which the collector "
                  "would free) are not shown.\n"
                  "To see them, rerun with: --py-cycles=yes\n");
    if (p->full && c->search.py != NULL &&
        lg_references_are_wanted(p->show, p->errors) &&
        lg_heapsearch_audit_obstacle() != NULL)
        VG_(umsg)("References that nobody holds were not counted: %s.\n",
                  lg_heapsearch_audit_obstacle());
    if (c->search.nUnhooked > 0)
        VG_(umsg)("%'u blocks of Python's allocator have no stacks: they were "
                  "found in its pools,\nbut no hook has reported them.\n",
                  c->search.nUnhooked);
}

static void print_summary(const LgCheckResult* c, const LgCheckParams* p)
{
    if (VG_(clo_verbosity) == 0)
        return;
    if (VG_(clo_xml)) {
        if (lg_compat_xml_has_summary()) {
            lg_report_summary_xml(&c->totals, p->delta, print_xml_line, NULL);
            VG_(printf_xml)("\n");
        }
        return;
    }
    lg_report_summary(&c->totals, p->delta, print_text_line, NULL);
    print_hints(c, p);
    VG_(umsg)("\n");
}

/* At the end of a run in which nothing is lost, nobody wants to see tables without
   having asked for them. */
static Bool are_tables_wanted(const LgCheckResult* c, const LgCheckParams* p)
{
    const LgTotals* t = &c->totals;

    if (!p->full || p->xtreeFile != NULL)
        return False;
    if (VG_(clo_xml) || VG_(clo_verbosity) > 1)
        return True;
    return VG_(clo_verbosity) == 1 &&
           (p->moment != LgAtExit || lg_options.pyTable >= 0 ||
            lg_options.pyArenas || t->kind[LgDefinite].nBlocks > 0 ||
            t->kind[LgPossible].nBlocks > 0 || t->cycles.nBlocks > 0);
}

static void print_tables(LgCheckResult* c, const LgCheckParams* p)
{
    if (are_tables_wanted(c, p))
        lg_pytables_print(&c->search, p->moment);
    if (p->full && p->xtreeFile == NULL && !VG_(clo_xml))
        lg_retained_print(&c->search, p->moment);
}

/* In XML, each check begins with this. */
static void print_whether_all_is_freed(const LgCheckResult* c)
{
    if (VG_(clo_xml) && VG_(clo_verbosity) >= 1 && lg_compat_xml_has_summary())
        VG_(printf_xml)(
            "<all_heap_blocks_freed>%s</all_heap_blocks_freed>\n\n",
            c->search.snap == NULL && lg_intercept_is_complete() ? "true"
                                                                 : "false");
}

static void report_no_blocks(LgCheckResult* c, const LgCheckParams* p)
{
    if (c->records != NULL) {
        lg_loss_delete(c->records);
        c->records = NULL;
    }
    if (VG_(clo_verbosity) == 0 || VG_(clo_xml))
        return;
    if (lg_intercept_is_complete())
        VG_(umsg)("All heap blocks were freed -- no leaks are possible\n\n");
    else if (p->moment != LgAtExit) /* at exit, finish_run does it */
        lg_intercept_explain();
}

static void write_data(LgCheckResult* c, const LgCheckParams* p)
{
    lg_dataout_check(&(LgDataCheck){
        .moment   = p->moment == LgAtExit ? "exit"
                    : p->byMonitor        ? "monitor"
                                          : "request",
        .label    = p->label,
        .search   = &c->search,
        .records  = c->records,
        .order    = c->order,
        .nOrdered = c->nOrdered,
        .totals   = &c->totals});
}

/* The search's structures are there only now. */
static void check_structures(const LgCheckResult* c)
{
    if (lg_compat_sanity_level() < 3)
        return;
    lg_loss_check(c->records);
    if (c->search.mark != NULL) {
        lg_snap_check(c->search.snap);
        lg_mark_check(c->search.mark);
    }
}

void lg_leakcheck_run(ThreadId tid, const LgCheckParams* p)
{
    LgCheckResult* c = &last;

    lg_heapsearch_end(&c->search);
    c->nOrdered = 0;
    c->nChecks++;
    c->delta  = p->delta;
    c->nFrees = lg_heap_stats()->nFrees;
    search_heap(c, p);
    print_whether_all_is_freed(c);
    if (c->search.snap == NULL) {
        VG_(memset)(&c->totals, 0, sizeof c->totals);
        write_data(c, p);
        if (p->isQuiet)
            return;
        report_no_blocks(c, p);
        print_tables(c, p);
        return;
    }

    if (c->records == NULL)
        c->records = lg_loss_new();
    lg_loss_begin(c->records);
    lg_suppress_begin_search();
    lg_ctx_resolve_begin(lg_options.leakResolution);
    lg_leakcheck_count_excused(c);
    lg_leakcheck_set_inherited_aside(c);
    lg_leakcheck_count_records(c);
    lg_leakcheck_ask_suppressions(c, tid, p);
    lg_changes_begin(&c->search);
    lg_ctx_resolve_end();
    lg_leakcheck_count_totals(c);
    c->order = lg_loss_sort(c->records, &c->nOrdered);
    if (!p->isQuiet) {
        report_records(c, tid, p);
        print_summary(c, p);
        print_tables(c, p);
    }
    write_data(c, p);
    check_structures(c);
}

Bool lg_leakcheck_snapshot(ThreadId tid, LgCheckParams* p)
{
    p->full = p->isQuiet = True;
    p->show = LG_ALL_KINDS;
    p->errors = 0;
    if (lg_dataout_is_open())
        lg_leakcheck_run(tid, p);
    return lg_dataout_is_open();
}

void lg_leakcheck_run_at_exit(void)
{
    LgCheckParams p = lg_leakcheck_default_params();
    HChar*        file = NULL;

    if (lg_options.leakCheck == LgCheckOff || lg_forks_is_mute()) {
        if (VG_(clo_verbosity) == 1 && !VG_(clo_xml))
            VG_(umsg)("For a detailed leak analysis, rerun with:"
                      " --leak-check=full\n\n");
        return;
    }
    p.moment = LgAtExit;
    if (lg_options.xtreeLeak) {
        p.xtreeFile = file = VG_(expand_file_name)("--xtree-leak-file",
                                                   lg_options.xtreeLeakFile);
        p.full = True;
        p.show = LG_ALL_KINDS;
    }
    lg_leakcheck_run(1 /* no thread is left to blame */, &p);
    if (file != NULL)
        VG_(free)(file);
}

/* --- Statistics ---------------------------------------------------------- */

void lg_leakcheck_print_stats(void)
{
    const LgCheckResult* c = &last;
    const LgHeapStats*   h = lg_heap_stats();

    VG_(dmsg)("leakgrind: %'llu allocations, %'llu frees, %'llu bytes\n",
              h->nAllocs, h->nFrees, h->allocatedB);
    VG_(dmsg)("leakgrind: %'u live blocks, %'lu bytes of tables for them\n",
              lg_bt_count(lg_heap_blocks()),
              lg_bt_footprint(lg_heap_blocks()));
    VG_(dmsg)("leakgrind: %u leak searches; the last took %u.%03u seconds,\n",
              c->nChecks, c->searchMs / 1000, c->searchMs % 1000);
    VG_(dmsg)("leakgrind: scanned %'llu bytes, skipped %'llu unreadable,\n",
              c->stats.scannedB, c->stats.skippedB);
    VG_(dmsg)("leakgrind: looked up %'llu words, reached %'u blocks\n",
              c->stats.nCandidates, c->stats.nReached);
}
