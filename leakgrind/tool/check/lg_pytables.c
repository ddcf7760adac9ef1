/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytables.c: tables by type and by line.  See lg_pytables.h. */

#include "lg_pytables.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"

#include "../host/lg_options.h"
#include "../process/lg_python.h"
#include "../suppress/lg_suppress.h"
#include "../trace/lg_context.h"
#include "../trace/lg_traceview.h"

/* --- Counting ------------------------------------------------------------ */

/* Keys of the table by type: these, and type numbers after them. */
enum { NOT_PYTHONS, NO_OBJECT, FIRST_TYPE };
/* Of the table by line: this, and line numbers (from 1 on). */
enum { NO_LINE };

LgPyTables lg_pytables_new(void)
{
    return (LgPyTables){lg_pytotals_new(), lg_pytotals_new()};
}

void lg_pytables_delete(LgPyTables* t)
{
    lg_pytotals_delete(t->byType);
    lg_pytotals_delete(t->byLine);
}

static UInt type_key(const LgHeapSearch* s, UInt i)
{
    UInt type = lg_pysnap_type(s->py, i);
    if (type != 0)
        return FIRST_TYPE + type - 1;
    return lg_snap_flags(s->snap, i) & LG_BF_PY ? NO_OBJECT : NOT_PYTHONS;
}

void lg_pytables_add(LgPyTables* t, const LgHeapSearch* s, UInt i,
                     LgTallyKind kind)
{
    SizeT szB = lg_sb_szB(&lg_snap_blocks(s->snap)[i]);
    UInt  pystack = lg_ctx_pystack(lg_snap_ctx(s->snap, i));

    lg_pytotals_add(t->byType, type_key(s, i), kind, szB);
    lg_pytotals_add(t->byLine,
                    lg_pytraces_innermost(lg_python_traces(), pystack), kind,
                    szB);
}

static Bool is_reported_lost(const LgHeapSearch* s, UInt i)
{
    const LgSnapBlock* b = &lg_snap_blocks(s->snap)[i];
    return lg_sb_kind(b) != LgReachable && !lg_sb_suppressed(b) &&
           lg_pysnap_class(s->py, i) != LgLossGarbage;
}

/* Marks what suppression entries match, what a parent has lost, and what hangs
   from either, as a leak check would. */
static void leave_out_suppressed(LgHeapSearch* s)
{
    LgSnapBlock* blocks = lg_snap_blocks(s->snap);
    UInt         n = lg_snap_count(s->snap);
    LgLossTable* records = lg_loss_new();
    Bool         any = False;

    for (UInt i = 0; i < n; i++)
        if (is_reported_lost(s, i))
            lg_loss_add(records, lg_heapsearch_key(s, i),
                        (LgLossAmount){.szB = lg_sb_szB(&blocks[i])});
    for (UInt r = 0; r < lg_loss_count(records); r++)
        lg_loss_record(records, r)->suppressed =
            lg_suppress_would(lg_loss_record(records, r));
    for (UInt i = 0; i < n; i++) {
        if (!is_reported_lost(s, i))
            continue;
        Int r = lg_loss_find(records, lg_heapsearch_key(s, i));
        if (lg_sb_inherited(&blocks[i]) ||
            lg_loss_record(records, (UInt)r)->suppressed) {
            lg_sb_set_suppressed(&blocks[i]);
            any = True;
        }
    }
    if (any)
        lg_mark_spread_suppressed(s->mark);
    lg_loss_delete(records);
}

static void add_all(LgPyTables* t, const LgHeapSearch* s)
{
    const LgSnapBlock* blocks = lg_snap_blocks(s->snap);

    for (UInt i = 0; i < lg_snap_count(s->snap); i++) {
        if (lg_sb_suppressed(&blocks[i]))
            continue;
        lg_pytables_add(t, s, i,
                        lg_pysnap_class(s->py, i) == LgLossGarbage
                            ? LgTallyCycles
                        : lg_sb_kind(&blocks[i]) == LgReachable
                            ? LgTallyReachable
                            : LgTallyLost);
    }
}

/* --- Printing ------------------------------------------------------------ */

/* One of the two tables. */
typedef struct {
    const HChar* title;
    const HChar* element;
    UInt         firstKey; /* no table if only rows before it have numbers */
    void (*printName)(UInt key, HChar numbers[]);
    void (*printNameXml)(UInt key);
} Table;

/* Room for the numbers of a row. */
enum { NUMBERS_SZB = LG_N_TALLIES * 64 };

static const HChar* type_name(UInt key)
{
    return key == NOT_PYTHONS ? "(not Python's)"
           : key == NO_OBJECT ? "(memory of objects)"
                              : lg_python_type_name(key - FIRST_TYPE + 1);
}

static void print_type(UInt key, HChar numbers[])
{
    VG_(umsg)("%s  %s\n", numbers, type_name(key));
}

static void print_type_xml(UInt key)
{
    VG_(printf_xml)("      <pytype>%pS</pytype>\n", type_name(key));
}

static void print_line_of_python(UInt key, HChar numbers[])
{
    if (key == NO_LINE) {
        VG_(umsg)("%s  (no line of Python)\n", numbers);
        return;
    }
    LgPyTraceFrame f = lg_pytraces_line(lg_python_traces(), key);
    if (f.line != 0)
        VG_(umsg)("%s  %s (%s:%u)\n", numbers, f.function, f.file, f.line);
    else
        VG_(umsg)("%s  %s (%s)\n", numbers, f.function, f.file);
}

static void print_line_xml(UInt key)
{
    if (key == NO_LINE)
        return;
    LgPyTraceFrame f = lg_pytraces_line(lg_python_traces(), key);
    lg_traceview_print_place_xml(f.function, f.file, f.line);
}

static const Table typeTable = {"PYTHON TYPES", "pytypes", FIRST_TYPE,
                                print_type, print_type_xml};
static const Table lineTable = {"PYTHON LINES", "pylines", NO_LINE + 1,
                                print_line_of_python, print_line_xml};

static void print_heads(const LgPyTableHeads heads)
{
    HChar line[NUMBERS_SZB];
    UInt  n = 0;

    for (UInt k = 0; k < LG_N_TALLIES; k++)
        if (heads[k] != NULL)
            n += VG_(snprintf)(line + n, (Int)(sizeof line - n),
                               "%11s bytes%10s", heads[k], "blocks");
    VG_(umsg)("%s\n", line);
}

static void print_row(const Table* table, const LgPyTotalsRow* r,
                      const LgPyTableHeads heads)
{
    HChar line[NUMBERS_SZB];
    UInt  n = 0;

    for (UInt k = 0; k < LG_N_TALLIES; k++)
        if (heads[k] != NULL)
            n += VG_(snprintf)(line + n, (Int)(sizeof line - n),
                               "%'17lu%'10lu", r->szB[k], r->nBlocks[k]);
    table->printName(r->key, line);
}

static void print_row_xml(const Table* table, const LgPyTotalsRow* r,
                          const LgPyTableHeads heads)
{
    VG_(printf_xml)("    <row>\n");
    table->printNameXml(r->key);
    for (UInt k = 0; k < LG_N_TALLIES; k++)
        if (heads[k] != NULL)
            VG_(printf_xml)("      <%sbytes>%lu</%sbytes>\n"
                            "      <%sblocks>%lu</%sblocks>\n",
                            heads[k], r->szB[k], heads[k], heads[k],
                            r->nBlocks[k], heads[k]);
    VG_(printf_xml)("    </row>\n");
}

static UInt max_rows(void)
{
    enum { DEFAULT_ROWS = 10 };
    return lg_options.pyTable < 0 ? DEFAULT_ROWS : (UInt)lg_options.pyTable;
}

static void print_table(const Table* table, LgPyTotals* tally, const HChar* of,
                        const LgPyTableHeads asked)
{
    UInt                 n, nPrinted;
    const LgPyTotalsRow* rows = lg_pytotals_sort(tally, &n);
    Bool                 isWorthIt = False, hasCycles = False;

    for (UInt i = 0; i < n; i++) {
        isWorthIt = isWorthIt || rows[i].key >= table->firstKey;
        hasCycles = hasCycles || rows[i].nBlocks[LgTallyCycles] > 0;
    }
    if (!isWorthIt)
        return;
    nPrinted = n < max_rows() ? n : max_rows();
    LgPyTableHeads heads = {asked[LgTallyLost],
                            hasCycles ? asked[LgTallyCycles] : NULL,
                            asked[LgTallyReachable]};
    if (VG_(clo_xml)) {
        VG_(printf_xml)("  <%s>\n    <total>%u</total>\n", table->element, n);
        for (UInt i = 0; i < nPrinted; i++)
            print_row_xml(table, &rows[i], heads);
        VG_(printf_xml)("  </%s>\n", table->element);
        return;
    }
    VG_(umsg)("%s%s (%'u of %'u):\n", table->title, of, nPrinted, n);
    print_heads(heads);
    for (UInt i = 0; i < nPrinted; i++)
        print_row(table, &rows[i], heads);
    VG_(umsg)("\n");
}

void lg_pytables_print_both(LgPyTables* t, const HChar* of,
                            const LgPyTableHeads heads)
{
    if (lg_options.pyTable == 0)
        return;
    print_table(&typeTable, t->byType, of, heads);
    print_table(&lineTable, t->byLine, of, heads);
}

/* --- Tables of one search ------------------------------------------------------- */

typedef struct {
    LgPyTables      blocks;
    LgPyArenaTable* arenas; /* NULL: not asked for */
    UInt            nWaiting, nUnhooked;
} Tables;

static Tables* tables_of(const LgHeapSearch* s)
{
    Tables* t = VG_(calloc)("lg.pytables", 1, sizeof *t);

    t->blocks = lg_pytables_new();
    add_all(&t->blocks, s);
    if (lg_options.pyArenas)
        t->arenas = lg_pyarenatable_new(s);
    t->nUnhooked = s->nUnhooked;
    for (UInt i = 0; i < lg_snap_count(s->snap); i++)
        if (lg_pysnap_class(s->py, i) == LgLossGarbage &&
            lg_pysnap_type(s->py, i) != 0)
            t->nWaiting++;
    return t;
}

static void delete_tables(Tables* t)
{
    lg_pytables_delete(&t->blocks);
    if (t->arenas != NULL)
        lg_pyarenatable_delete(t->arenas);
    VG_(free)(t);
}

static void print_what_moment(const Tables* t, Bool isBeforeEnd)
{
    if (VG_(clo_xml)) {
        VG_(printf_xml)("  <moment>%s</moment>\n"
                        "  <waiting>%u</waiting>\n"
                        "  <unhookedblocks>%u</unhookedblocks>\n",
                        isBeforeEnd ? "finalization" : "check", t->nWaiting,
                        t->nUnhooked);
        return;
    }
    if (isBeforeEnd)
        VG_(umsg)("When the Python interpreter was finalized:\n");
    if (isBeforeEnd && t->nWaiting > 0)
        VG_(umsg)("Note: %'u object%s, in reference cycles or held by them, "
                  "waited for the collector.\n",
                  t->nWaiting, t->nWaiting == 1 ? "" : "s");
}

static void print_all_tables(Tables* t, Bool isBeforeEnd)
{
    static const LgPyTableHeads heads = {"lost", "cycle", "reachable"};

    if (VG_(clo_xml))
        VG_(printf_xml)("<pytables>\n");
    print_what_moment(t, isBeforeEnd);
    lg_pytables_print_both(&t->blocks, "", heads);
    if (t->arenas != NULL)
        lg_pyarenatable_print(t->arenas);
    if (VG_(clo_xml))
        VG_(printf_xml)("</pytables>\n\n");
}

/* A Python that is not known has neither types nor lines. */
static Bool are_asked_for(const LgHeapSearch* s)
{
    return s->py != NULL &&
           ((lg_options.pyTable != 0 && lg_python()->layout != NULL) ||
            lg_options.pyArenas);
}

static Tables* kept; /* those of the moment before the interpreter ends */

void lg_pytables_forget(void)
{
    if (kept != NULL)
        delete_tables(kept);
    kept = NULL;
}

void lg_pytables_keep(LgHeapSearch* s)
{
    lg_pytables_forget();
    if (!are_asked_for(s))
        return;
    leave_out_suppressed(s);
    kept = tables_of(s);
}

void lg_pytables_print(const LgHeapSearch* s, LgMoment moment)
{
    if (moment == LgAtExit && kept != NULL) {
        print_all_tables(kept, True);
        lg_pytables_forget();
    } else if (are_asked_for(s)) {
        Tables* t = tables_of(s);
        print_all_tables(t, False);
        delete_tables(t);
    }
}
