/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_monitor.c: monitor commands.  See lg_monitor.h. */

#include "lg_monitor.h"

#include "pub_tool_gdbserver.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"

#include "../check/lg_blocklist.h"
#include "../check/lg_coursechecks.h"
#include "../check/lg_dataout.h"
#include "../check/lg_holders.h"
#include "../check/lg_leakcheck.h"
#include "../check/lg_retained.h"
#include "../check/lg_whopoints.h"
#include "../check/lg_why.h"
#include "../heap/lg_heap.h"
#include "../host/lg_options.h"

static void print_help(void)
{
    VG_(gdb_printf)(
"\n"
"leakgrind monitor commands:\n"
"  leak_check [full*|summary|xtleak]\n"
"                [kinds kind1,kind2,...|reachable|possibleleak*|definiteleak]\n"
"                [heuristics heur1,heur2,...]\n"
"                [new|increased*|changed|any]\n"
"                [unlimited*|limited <max_loss_records_output>]\n"
"            * = defaults\n"
"         xtleak produces an xtree full leak result in xtleak.kcg.%%p.%%n\n"
"       where kind is one of:\n"
"         %s all none\n"
"       where heur is one of:\n"
"         %s\n"
"         all none*\n"
"       Examples: leak_check\n"
"                 leak_check summary any\n"
"                 leak_check full kinds indirect,possible\n"
"                 leak_check full reachable any limited 100\n"
"  block_list <loss_record_nr>|<loss_record_nr_from>..<loss_record_nr_to>\n"
"                [unlimited*|limited <max_blocks>]\n"
"                [heuristics heur1,heur2,...]\n"
"        after a leak search, shows the list of blocks of <loss_record_nr>\n"
"        (or of the range <loss_record_nr_from>..<loss_record_nr_to>).\n"
"        With heuristics, only shows the blocks found via heur1,heur2,...\n"
"            * = defaults\n"
"  who_points_at <addr> [<len>]\n"
"        shows places pointing inside <len> (default 1) bytes at <addr>\n"
"        (with len 1, only shows \"start pointers\" pointing exactly to <addr>,\n"
"         with len > 1, will also show \"interior pointers\")\n"
"  references <addr>|<loss_record_nr>\n"
"        shows who holds the Python object at <addr>, or each object of\n"
"        <loss_record_nr> (at most 100)\n"
"  why <addr>|<loss_record_nr>\n"
"        shows how the block at <addr>, or each block of <loss_record_nr>\n"
"        (at most 100), is reached: the shortest path from a root\n"
"  retained [<number>]\n"
"        shows the places that keep most memory in use (default 10), and of\n"
"        which types it is\n"
"  snapshot [<label>]\n"
"        makes a leak check that goes to the data file (--out-file) alone\n"
"  course\n"
"        shows the course of the heap so far (with --checks-every)\n"
"  xtmemory [<filename>]\n"
"        dump xtree memory profile in <filename> (default xtmemory.kcg.%%p.%%n)\n"
"\n",
        lg_options_kind_help(), lg_options_heuristic_help());
}

/* The next word of the command, or NULL. */
static HChar* next_word(HChar** save)
{
    return VG_(strtok_r)(NULL, " ", save);
}

/* The argument of "kinds" and "heuristics".  `what` is for the message. */
static Bool parse_set(HChar** save, const HChar* tokens, const HChar* what,
                      UInt* set)
{
    const HChar* word = next_word(save);
    if (word != NULL &&
        VG_(parse_enum_set)(tokens, /*allow_all*/ True, word, set))
        return True;
    VG_(gdb_printf)("missing or malformed %s set\n", what);
    return False;
}

/* The argument of "limited": at least 1. */
static Bool parse_limit(HChar** save, const HChar* what, UInt* limit)
{
    const HChar* word = next_word(save);
    HChar*       end;
    Long         n;

    if (word == NULL || word[0] == 0) {
        VG_(gdb_printf)("missing or malformed integer value\n");
        return False;
    }
    n = VG_(strtoll10)(word, &end);
    if (*end != 0) {
        VG_(gdb_printf)("missing or malformed integer value\n");
        return False;
    }
    if (n < 1 || n >= (Long)LG_UNLIMITED) {
        VG_(gdb_printf)("%s must be >= 1, got %lld\n", what, n);
        return False;
    }
    *limit = (UInt)n;
    return True;
}

/* Reads the arguments of leak_check into *p; *xtree: whether xtleak is among
   them.  False, after a message, if one of them is wrong. */
static Bool parse_leak_check(HChar** save, LgCheckParams* p, Bool* xtree)
{
    Bool         ok = True;
    const HChar* word;

    while ((word = next_word(save)) != NULL) {
        switch (VG_(keyword_id)("full summary xtleak "
                                "kinds reachable possibleleak definiteleak "
                                "heuristics "
                                "new increased changed any "
                                "unlimited limited ",
                                word, kwd_report_all)) {
        case 0:  p->full = True; break;
        case 1:  p->full = False; break;
        case 2:  p->full = *xtree = True; break;
        case 3:  ok = parse_set(save, lg_options_kind_tokens(), "leak kinds",
                                &p->show) && ok;
                 break;
        case 4:  p->show = LG_ALL_KINDS; break;
        case 5:  p->show = LG_KIND_BIT(LgPossible) | LG_KIND_BIT(LgIndirect) |
                           LG_KIND_BIT(LgDefinite);
                 break;
        case 6:  p->show = LG_KIND_BIT(LgDefinite); break;
        case 7:  ok = parse_set(save, lg_options_heuristic_tokens(),
                                "heuristics", &p->heuristics) && ok;
                 break;
        case 8:  p->delta = LgDeltaNew; break;
        case 9:  p->delta = LgDeltaIncreased; break;
        case 10: p->delta = LgDeltaChanged; break;
        case 11: p->delta = LgDeltaAny; break;
        case 12: p->maxRecords = LG_UNLIMITED; break;
        case 13: ok = parse_limit(save, "max_loss_records_output",
                                  &p->maxRecords) && ok;
                 break;
        default: ok = False; break;
        }
    }
    return ok;
}

static void do_leak_check(ThreadId tid, HChar** save)
{
    LgCheckParams p = lg_leakcheck_default_params();
    Bool          xtree = False;

    p.full       = True;
    p.show       = LG_KIND_BIT(LgPossible) | LG_KIND_BIT(LgDefinite) |
                   LG_REFERENCE_KINDS;
    p.errors     = 0; /* looking at leaks is no error */
    /* As in memcheck, none but those named; but without this one nearly every
       Python object would be possibly lost. */
    p.heuristics &= LG_HEUR_BIT(LgHeurPyObject);
    p.delta      = LgDeltaIncreased;
    p.byMonitor  = True;
    if (!parse_leak_check(save, &p, &xtree))
        return;
    HChar* file = NULL;
    if (xtree)
        p.xtreeFile = file =
            VG_(expand_file_name)("leak_check xtleak", "xtleak.kcg.%p.%n");
    lg_leakcheck_run(tid, &p);
    if (file != NULL)
        VG_(free)(file);
}

/* "3" or "3..5"; "2 .. 4" is not understood, as the words are apart. */
static Bool parse_slice(HChar** save, UInt* from, UInt* to)
{
    const HChar* word = next_word(save);
    HChar*       end = NULL;

    if (word != NULL) {
        *from = *to = (UInt)VG_(strtoll10)(word, &end);
        if (end != word && end[0] == '.' && end[1] == '.') {
            const HChar* second = end + 2;
            *to = (UInt)VG_(strtoll10)(second, &end);
            if (end == second)
                end = (HChar*)word;
        }
    }
    if (word == NULL || end == word || *end != 0) {
        VG_(gdb_printf)("expecting a loss record number N, or N1..N2\n");
        return False;
    }
    return True;
}

static void do_block_list(HChar** save)
{
    UInt           from, to, maxBlocks = LG_UNLIMITED;
    LgHeuristicSet heuristics = 0;
    const HChar*   word;

    if (!parse_slice(save, &from, &to))
        return;
    while ((word = next_word(save)) != NULL) {
        switch (VG_(keyword_id)("unlimited limited heuristics ", word,
                                kwd_report_all)) {
        case 0: maxBlocks = LG_UNLIMITED; break;
        case 1:
            if (!parse_limit(save, "max_blocks", &maxBlocks))
                return;
            break;
        case 2:
            if (!parse_set(save, lg_options_heuristic_tokens(), "heuristics",
                           &heuristics))
                return;
            break;
        default: return;
        }
    }
    if (!lg_blocklist_print(from, to, maxBlocks, heuristics))
        VG_(gdb_printf)("invalid loss record nr\n");
}

static void do_who_points_at(HChar** save)
{
    Addr  start;
    SizeT szB = 1;

    if (!VG_(strtok_get_address_and_size)(&start, &szB, save))
        return;
    if (start == 0)
        VG_(gdb_printf)("Cannot search who points at 0x0\n");
    else
        lg_whopoints_print(start, szB);
}

enum { MAX_ASKED = 100 };

/* Reads an address, or the number of a loss record, which stands for the starts of
   its blocks: an address has more than nine digits, or begins with 0x.  Returns how
   many there are; 0, after a message, if the argument is wrong. */
static UInt parse_blocks(HChar** save, Addr starts[MAX_ASKED])
{
    enum { MAX_DIGITS = 9 };
    const HChar* word = next_word(save);
    HChar*       end = NULL;
    UInt         n = 1;
    Bool isAddr = word != NULL && (VG_(strncmp)(word, "0x", 2) == 0 ||
                                   VG_(strlen)(word) > MAX_DIGITS);

    if (word != NULL)
        starts[0] = (Addr)(isAddr && word[1] == 'x'
                               ? VG_(strtoll16)(word, &end)
                               : VG_(strtoll10)(word, &end));
    if (word == NULL || end == word || *end != 0) {
        VG_(gdb_printf)("expecting an address or a loss record number\n");
        return 0;
    }
    if (!isAddr &&
        !lg_blocklist_starts((UInt)starts[0], starts, MAX_ASKED, &n)) {
        VG_(gdb_printf)("invalid loss record nr\n");
        return 0;
    }
    return n;
}

static void do_references(HChar** save)
{
    Addr starts[MAX_ASKED];
    UInt n = parse_blocks(save, starts);

    for (UInt i = 0; i < n; i++)
        if (!lg_holders_print(starts[i]))
            VG_(gdb_printf)("No Python object at 0x%lx\n", starts[i]);
}

static void do_why(HChar** save)
{
    Addr starts[MAX_ASKED];
    UInt n = parse_blocks(save, starts);

    if (n > 0)
        lg_why_print(starts, n);
}

static void do_retained(HChar** save)
{
    enum { DEFAULT_OWNERS = 10 };
    const HChar* word = next_word(save);
    HChar*       end = NULL;
    Long n = word != NULL ? VG_(strtoll10)(word, &end) : DEFAULT_OWNERS;

    if (word != NULL && (end == word || *end != 0 || n <= 0 || n > 1000000))
        VG_(gdb_printf)("expecting a number of owners, 1 to 1000000\n");
    else
        lg_retained_print_now((UInt)n);
}

/* The label is all that is left of the command. */
static void do_snapshot(ThreadId tid, const HChar* label)
{
    LgCheckParams p = lg_leakcheck_default_params();

    p.byMonitor = True;
    p.label = label;
    if (lg_leakcheck_snapshot(tid, &p))
        VG_(gdb_printf)("Snapshot written to %s\n", lg_dataout_name());
    else
        VG_(gdb_printf)("Run the program with --out-file first\n");
}

Bool lg_monitor_handle(ThreadId tid, const HChar* command)
{
    HChar* copy = VG_(strdup)("lg.monitor", command);
    HChar* save;
    HChar* word = VG_(strtok_r)(copy, " ", &save);
    Bool   handled = True;

    switch (word == NULL
                ? -1
                : VG_(keyword_id)(
                      "help leak_check block_list who_points_at xtmemory "
                      "references why retained course snapshot",
                      word, kwd_report_duplicated_matches)) {
    case -2: break; /* ambiguous; a message was printed */
    case 0:  print_help(); break;
    case 1:  do_leak_check(tid, &save); break;
    case 2:  do_block_list(&save); break;
    case 3:  do_who_points_at(&save); break;
    case 4:  lg_heap_xtmemory_report(next_word(&save), False); break;
    case 5:  do_references(&save); break;
    case 6:  do_why(&save); break;
    case 7:  do_retained(&save); break;
    case 8:
        if (!lg_coursechecks_print_now())
            VG_(gdb_printf)("Run the program with --checks-every first\n");
        break;
    case 9: do_snapshot(tid, save); break;
    default: handled = False; break;
    }
    VG_(free)(copy);
    return handled;
}
