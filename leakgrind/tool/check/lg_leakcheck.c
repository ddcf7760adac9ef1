/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leakcheck.c: one leak check.  See lg_leakcheck.h.

   search_heap -> count_excused -> set_inherited_aside -> count_records ->
   ask_suppressions -> count_totals -> report_records -> print_summary.  The
   result is kept until the next check, for the monitor command block_list. */

#include "lg_leakcheck.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"

#include "../../lg_platform.h"
#include "../heap/lg_heap.h"
#include "../heap/lg_intercept.h"
#include "../host/lg_compat.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../report/lg_errors.h"
#include "../report/lg_xtree.h"
#include "../suppress/lg_suppress.h"
#include "../trace/lg_context.h"
#include "lg_changes.h"
#include "lg_pytables.h"
#include "lg_references.h"
#include "lg_roots.h"

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
        .maxRecords = LG_UNLIMITED,
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
                   p->xtreeFile != NULL || p->byMonitor
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

/* --- Loss records -------------------------------------------------------- */

static void start_amount(LgAmount* a)
{
    a->oldSzB    = a->szB;
    a->oldNBlocks = a->nBlocks;
    a->szB = a->nBlocks = 0;
}

static void add_to_amount(LgAmount* a, const LgSnapBlock* b)
{
    a->szB += lg_sb_szB(b);
    a->nBlocks++;
}

/* For LgSearchOwn. */
static void set_all_inherited_aside(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);

    for (UInt i = 0; i < lg_snap_count(c->search.snap); i++)
        if (lg_sb_inherited(&blocks[i]))
            lg_sb_set_suppressed(&blocks[i]);
    c->totals.inherited.szB = c->search.inherited.szB;
    c->totals.inherited.nBlocks = c->search.inherited.nBlocks;
}

/* A child of fork() does not report what its parent lost, nor what hangs from
   that. */
static void set_inherited_aside(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    LgAmount*    inherited = &c->totals.inherited;
    Bool         any = False;

    start_amount(inherited);
    if (c->search.changed != NULL) {
        set_all_inherited_aside(c);
        return;
    }
    for (UInt i = 0; i < n; i++) {
        if (lg_sb_inherited(&blocks[i]) &&
            lg_sb_kind(&blocks[i]) != LgReachable) {
            lg_sb_set_suppressed(&blocks[i]);
            any = True;
        }
    }
    if (!any)
        return;
    lg_mark_spread_suppressed(c->search.mark);
    for (UInt i = 0; i < n; i++)
        if (lg_sb_suppressed(&blocks[i]) &&
            lg_sb_kind(&blocks[i]) != LgReachable)
            add_to_amount(inherited, &blocks[i]);
}

/* Excused blocks are suppressed, and count as reachable. */
static void count_excused(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    LgAmount*    byRule = c->totals.byRule;

    for (UInt r = 0; r < LG_N_RULES; r++)
        start_amount(&byRule[r]);
    for (UInt i = 0; i < lg_snap_count(c->search.snap); i++)
        if (lg_sb_suppressed(&blocks[i]))
            add_to_amount(&byRule[lg_pysnap_rule(c->search.py, i)], &blocks[i]);
}

LgLossKey lg_leakcheck_key(const LgCheckResult* c, UInt i)
{
    LgLossKey key = lg_heapsearch_key(&c->search, i);
    key.ctx = lg_ctx_resolve(key.ctx);
    return key;
}

/* Sums up the blocks that are not suppressed. */
static void count_records(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    const SizeT* indirectB = lg_mark_indirectB(c->search.mark);
    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &blocks[i];
        LgLossAmount       amount = {
                  .szB = lg_sb_szB(b),
                  .nExcessRefs = lg_pysnap_excess(c->search.py, i),
                  .nCRefs = lg_pysnap_c_refs(c->search.py, i)};
        if (lg_sb_suppressed(b))
            continue;
        if (lg_sb_kind(b) != LgReachable)
            amount.name = lg_python_class_at(
                lg_pysnap_type(c->search.py, i), lg_sb_base(b));
        if (lg_sb_kind(b) == LgDefinite)
            amount.indirectB = indirectB[i];
        lg_loss_add(c->records, lg_leakcheck_key(c, i), amount);
    }
    lg_references_count(c->records);
}

/* --- Suppressions -------------------------------------------------------- */

static Bool counts_as_error(const LgCheckParams* p, const LgLossRecord* r)
{
    return p->full && r->cls != LgLossGarbage &&
           lg_loss_delta_reports(r, p->delta) &&
           (p->errors & LG_KIND_BIT(r->kind));
}

static Bool is_to_be_printed(const LgCheckParams* p, const LgLossRecord* r)
{
    return p->full && !r->suppressed && lg_loss_delta_reports(r, p->delta) &&
           (p->show & LG_KIND_BIT(r->kind)) &&
           (r->cls != LgLossGarbage || lg_options.pyCycles);
}

/* Marks (in a byte per record) the records with a block that is possibly lost
   by itself: no other suppression can remove these. */
static void mark_lasting(const LgCheckResult* c, UChar* lasting)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &blocks[i];
        if (lg_sb_suppressed(b) || !lg_sb_possible_itself(b))
            continue;
        Int r = lg_loss_find(c->records, lg_leakcheck_key(c, i));
        if (r >= 0)
            lasting[r] = 1;
    }
}

/* What is known of a record's suppression. */
enum { NotAsked, Asked, ByOurFiles };

/* Asks the error manager about those records of kind k that it was not asked
   about yet (`asked`, a byte per record), which counts errors.  `only`: a byte
   per record that may be asked about; NULL: all.  Returns whether any is
   suppressed. */
static Bool ask_for_kind(LgCheckResult* c, ThreadId tid,
                         const LgCheckParams* p, LgKind k, UChar* asked,
                         const UChar* only)
{
    Bool any = False;
    for (UInt i = 0; i < lg_loss_count(c->records); i++) {
        LgLossRecord* r = lg_loss_record(c->records, i);
        if (r->kind != k || r->nBlocks == 0 || asked[i] != NotAsked ||
            (only != NULL && !only[i]))
            continue;
        r->suppressed = lg_error_ask(tid, r, counts_as_error(p, r));
        asked[i] = r->suppressed && lg_suppress_used_ours() ? ByOurFiles
                                                            : Asked;
        any = any || r->suppressed;
    }
    return any;
}

/* Marks the blocks of kind k whose records were suppressed in this way, and
   what hangs from them.  Returns whether there are any. */
static Bool suppress_records(LgCheckResult* c, LgKind k, const UChar* asked,
                             UChar how)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    Bool         any = False;
    for (UInt i = 0; i < n; i++) {
        LgSnapBlock* b = &blocks[i];
        if (lg_sb_suppressed(b) || lg_sb_kind(b) != k)
            continue;
        Int r = lg_loss_find(c->records, lg_leakcheck_key(c, i));
        if (asked[r] == how &&
            lg_loss_record(c->records, (UInt)r)->suppressed) {
            lg_sb_set_suppressed(b);
            any = True;
        }
    }
    if (any && k != LgReachable)
        lg_mark_spread_suppressed(c->search.mark);
    return any;
}

static LgAmount all_suppressed(const LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    LgAmount     a = {0, 0, 0, 0};
    for (UInt i = 0; i < n; i++)
        if (lg_sb_suppressed(&blocks[i]))
            add_to_amount(&a, &blocks[i]);
    return a;
}

/* Suppresses the blocks of suppressed records of kind k and what hangs from
   them, and takes the latter out of the other records.  Only what no entry of
   the user suppresses counts as suppressed by our files. */
static void suppress_with_children(LgCheckResult* c, LgKind k,
                                   const UChar* asked)
{
    LgAmount* ours = &c->totals.byRule[LgRuleFiles];
    suppress_records(c, k, asked, Asked);
    LgAmount before = all_suppressed(c);
    if (suppress_records(c, k, asked, ByOurFiles)) {
        LgAmount after = all_suppressed(c);
        ours->szB += after.szB - before.szB;
        ours->nBlocks += after.nBlocks - before.nBlocks;
    }
    lg_loss_recount(c->records);
    count_records(c);
}

/* Asks about each record only once, as each question counts as an error and as
   a use of the suppression.  So records that cannot be suppressed along with
   others come first: leaders before their cliques, and blocks that are
   possibly lost by themselves before blocks that hang from these.  A
   suppressed record keeps its numbers. */
static void ask_suppressions(LgCheckResult* c, ThreadId tid,
                             const LgCheckParams* p)
{
    static const LgKind kinds[] = {LgDefinite, LgIndirect, LgPossible,
                                   LgReachable};
    UInt   n = lg_loss_count(c->records);
    UChar* asked = VG_(calloc)("lg.check.asked", n + 1, 1);
    UChar* lasting = VG_(calloc)("lg.check.lasting", n + 1, 1);

    start_amount(&c->totals.byRule[LgRuleFiles]);
    mark_lasting(c, lasting);
    ask_for_kind(c, tid, p, LgReference, asked, NULL);
    for (UInt i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i] == LgPossible &&
            ask_for_kind(c, tid, p, LgPossible, asked, lasting))
            suppress_with_children(c, LgPossible, asked);
        if (ask_for_kind(c, tid, p, kinds[i], asked, NULL))
            suppress_with_children(c, kinds[i], asked);
    }
    VG_(free)(asked);
    VG_(free)(lasting);
}

static void count_totals(LgCheckResult* c)
{
    LgSnapBlock* blocks = lg_snap_blocks(c->search.snap);
    UInt         n = lg_snap_count(c->search.snap);
    LgTotals*    t = &c->totals;

    for (UInt k = 0; k < LG_N_KINDS; k++)
        start_amount(&t->kind[k]);
    for (UInt h = 0; h < LG_N_HEURISTICS; h++)
        start_amount(&t->heuristic[h]);
    start_amount(&t->cycles);
    start_amount(&t->suppressed);
    for (UInt i = 0; i < n; i++) {
        const LgSnapBlock* b = &blocks[i];
        if (c->search.changed != NULL && lg_sb_inherited(b))
            continue;
        if (lg_sb_suppressed(b))
            add_to_amount(&t->suppressed, b);
        else if (lg_pysnap_class(c->search.py, i) == LgLossGarbage)
            add_to_amount(&t->cycles, b);
        else {
            add_to_amount(&t->kind[lg_sb_kind(b)], b);
            if (lg_sb_heuristic(b) != LgHeurNone)
                add_to_amount(&t->heuristic[lg_sb_heuristic(b)], b);
        }
    }
    lg_references_total(c->records, t);
    if (c->search.changed != NULL)
        return;
    /* Inherited blocks are marked as suppressed. */
    t->suppressed.szB -= t->inherited.szB;
    t->suppressed.nBlocks -= t->inherited.nBlocks;
}

/* --- Report -------------------------------------------------------------- */

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

static void report_records(const LgCheckResult* c, ThreadId tid,
                           const LgCheckParams* p)
{
    XTree* xt = p->xtreeFile != NULL ? lg_xtree_new() : NULL;

    for (UInt i = first_to_print(c, p); i < c->nOrdered; i++) {
        const LgLossRecord* r = record_at(c, i);
        if (!is_to_be_printed(p, r))
            continue;
        if (xt != NULL)
            lg_xtree_add(xt, r);
        else
            lg_error_print_leak(
                tid,
                &(LgErrorLeak){r, c->records, i + 1, c->nOrdered, p->delta},
                counts_as_error(p, r));
    }
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

static void print_python_tables(const LgCheckResult* c, const LgCheckParams* p)
{
    if (p->full && p->xtreeFile == NULL &&
        (VG_(clo_xml) || VG_(clo_verbosity) > 0))
        lg_pytables_print(&c->search, p->moment);
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
    else if (p->moment != LgAtExit) /* then it was printed before */
        lg_intercept_explain();
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
        report_no_blocks(c, p);
        print_python_tables(c, p);
        return;
    }

    if (c->records == NULL)
        c->records = lg_loss_new();
    lg_loss_begin(c->records);
    lg_suppress_begin_search();
    lg_ctx_resolve_begin(lg_options.leakResolution);
    count_excused(c);
    set_inherited_aside(c);
    count_records(c);
    ask_suppressions(c, tid, p);
    lg_changes_begin(&c->search);
    lg_ctx_resolve_end();
    count_totals(c);
    c->order = lg_loss_sort(c->records, &c->nOrdered);
    report_records(c, tid, p);
    print_summary(c, p);
    print_python_tables(c, p);
    check_structures(c);
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
