/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_options.c: command line options.  See lg_options.h. */

#include "lg_options.h"

#include "pub_tool_clientstate.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"
#include "pub_tool_replacemalloc.h"
#include "pub_tool_xarray.h"

#include "../../base/lg_numbering.h"
#include "../../engine/lg_course.h"
#include "../../python/lg_pytraces.h"

/* What is shown and counts as an error. */
#define DEFAULT_KINDS                                                          \
    (LG_KIND_BIT(LgPossible) | LG_KIND_BIT(LgDefinite) | LG_REFERENCE_KINDS)

LgOptions lg_options = {
    .leakCheck           = LgCheckFull,
    .leakResolution      = Vg_HighRes,
    .showLeakKinds       = DEFAULT_KINDS,
    .errorsForLeakKinds  = DEFAULT_KINDS,
    .heuristics          = LG_HEUR_BIT(LgHeurStdString) |
                           LG_HEUR_BIT(LgHeurLength64) |
                           LG_HEUR_BIT(LgHeurNewArray) |
                           LG_HEUR_BIT(LgHeurMultipleInheritance) |
                           LG_HEUR_BIT(LgHeurPyObject) |
                           LG_HEUR_BIT(LgHeurHashbrown),
    .keepStacks          = LgKeepAllocAndFree,
    .xtreeLeak           = False,
    .xtreeLeakFile       = "xtleak.kcg.%p",
    .showMismatchedFrees = True,
    .showReallocSizeZero = True,
    .mallocFill          = -1,
    .freeFill            = -1,
    .cleanStack          = True,
    .roots               = (1u << LG_N_ROOT_CLASSES) - 1,
    .python              = True,
    .pyHooks             = True,
    .pyStacks            = True,
    .pyStackDepth        = 12,
    .pyRules             = (1u << LgRuleFinalized) | (1u << LgRuleCached) |
                           (1u << LgRuleImmortal),
    .pyCycles            = False,
    .pyTable             = -1,
    .pyArenas            = False,
    .pyWatchMax          = 10000,
};

/* --- Names that options take ---------------------------------------------- */

/* In the order of LgRootClass. */
static const HChar rootTokens[] = "registers,vectors,stacks,globals,mappings";

/* Room for the names of all kinds, heuristics or rules. */
enum { NAMES_SZB = 256 };

/* Appends a name, after a separator unless it is the first. */
static void add_name(HChar names[NAMES_SZB], const HChar* separator,
                     const HChar* name)
{
    if (names[0] != 0)
        VG_(strcat)(names, separator);
    VG_(strcat)(names, name);
}

const HChar* lg_options_kind_tokens(void)
{
    static HChar tokens[NAMES_SZB];

    tokens[0] = 0;
    for (UInt k = 0; k < LG_N_RECORD_KINDS; k++)
        add_name(tokens, ",", lg_report_kind_option((LgKind)k));
    return tokens;
}

const HChar* lg_options_heuristic_tokens(void)
{
    static HChar tokens[NAMES_SZB];

    VG_(strcpy)(tokens, "-"); /* stands for LgHeurNone, and cannot be chosen */
    for (UInt h = 1; h < LG_N_HEURISTICS; h++)
        add_name(tokens, ",", lg_report_heuristic((LgHeuristic)h));
    return tokens;
}

static const HChar* rule_tokens(void)
{
    static HChar tokens[NAMES_SZB];

    tokens[0] = 0;
    for (UInt r = 0; r < LG_N_RULES; r++)
        if (lg_report_rule_option((LgRule)r) != NULL)
            add_name(tokens, ",", lg_report_rule_option((LgRule)r));
    return tokens;
}

const HChar* lg_options_kind_help(void)
{
    static HChar names[NAMES_SZB];

    names[0] = 0;
    for (UInt k = LG_N_KINDS; k-- > 0;)
        add_name(names, " ", lg_report_kind_option((LgKind)k));
    for (UInt k = LG_N_KINDS; k < LG_N_RECORD_KINDS; k++)
        add_name(names, " ", lg_report_kind_option((LgKind)k));
    return names;
}

const HChar* lg_options_heuristic_help(void)
{
    static HChar names[NAMES_SZB];

    names[0] = 0;
    for (UInt h = 1; h < LG_N_HEURISTICS; h++)
        add_name(names, " ", lg_report_heuristic((LgHeuristic)h));
    return names;
}

static void print_rule_help(void)
{
    for (UInt r = 0; r < LG_N_RULES; r++)
        if (lg_report_rule_option((LgRule)r) != NULL)
            VG_(printf)("          %s (%s)\n", lg_report_rule_option((LgRule)r),
                        lg_report_rule_help((LgRule)r));
}

/* --- Reading the command line --------------------------------------------- */

/* Options of memcheck's that mean nothing to a tool that neither tracks
   definedness nor instruments memory accesses.  They are taken, so that
   existing command lines work, and named once. */
static const HChar* const ignoredOptions[] = {
    "--undef-value-errors",      "--track-origins",
    "--partial-loads-ok",        "--expensive-definedness-checks",
    "--freelist-vol",            "--freelist-big-blocks",
    "--ignore-ranges",           "--ignore-range-below-sp",
    "--workaround-gcc296-bugs",
};
enum { N_IGNORED = sizeof ignoredOptions / sizeof ignoredOptions[0] };
static Bool ignoredSeen[N_IGNORED];

static Bool process_ignored(const HChar* arg)
{
    for (UInt i = 0; i < N_IGNORED; i++) {
        SizeT len = VG_(strlen)(ignoredOptions[i]);
        if (VG_(strncmp)(arg, ignoredOptions[i], len) == 0 &&
            arg[len] == '=') {
            ignoredSeen[i] = True;
            VG_(set_Clo_Recognised)();
            return True;
        }
    }
    return False;
}

static void read_checks_every(const HChar* arg, const HChar* value)
{
    lg_options.checksEvery =
        lg_course_parse(value, &lg_options.checksAreTimed);
    if (lg_options.checksEvery == 0)
        VG_(fmsg_bad_option)(arg,
                             "expected a time (500ms, 2s, 1m, 1h) or an amount "
                             "allocated (100kB, 10MB, 1GB)\n");
}

static Bool process_reporting(const HChar* arg)
{
    Bool         yes;
    const HChar* every = NULL;

    if VG_XACT_CLOM (cloPD, arg, "--leak-check=no", lg_options.leakCheck,
                     LgCheckOff) {
    } else if VG_XACT_CLOM (cloPD, arg, "--leak-check=summary",
                            lg_options.leakCheck, LgCheckSummary) {
    } else if VG_XACT_CLOM (cloPD, arg, "--leak-check=yes",
                            lg_options.leakCheck, LgCheckFull) {
    } else if VG_XACT_CLOM (cloPD, arg, "--leak-check=full",
                            lg_options.leakCheck, LgCheckFull) {
    } else if VG_XACT_CLO (arg, "--leak-resolution=low",
                           lg_options.leakResolution, Vg_LowRes) {
    } else if VG_XACT_CLO (arg, "--leak-resolution=med",
                           lg_options.leakResolution, Vg_MedRes) {
    } else if VG_XACT_CLO (arg, "--leak-resolution=high",
                           lg_options.leakResolution, Vg_HighRes) {
    } else if VG_USET_CLOM (cloPD, arg, "--show-leak-kinds",
                            lg_options_kind_tokens(),
                            lg_options.showLeakKinds) {
    } else if VG_USET_CLOM (cloPD, arg, "--errors-for-leak-kinds",
                            lg_options_kind_tokens(),
                            lg_options.errorsForLeakKinds) {
    } else if VG_USET_CLOM (cloPD, arg, "--leak-check-heuristics",
                            lg_options_heuristic_tokens(),
                            lg_options.heuristics) {
    } else if VG_BOOL_CLOM (cloPD, arg, "--show-reachable", yes) {
        if (yes)
            lg_options.showLeakKinds = LG_ALL_KINDS;
        else
            lg_options.showLeakKinds &= ~LG_KIND_BIT(LgReachable);
    } else if VG_BOOL_CLOM (cloPD, arg, "--show-possibly-lost", yes) {
        if (yes)
            lg_options.showLeakKinds |= LG_KIND_BIT(LgPossible);
        else
            lg_options.showLeakKinds &= ~LG_KIND_BIT(LgPossible);
    } else if VG_BINT_CLOM (cloPD, arg, "--limit", lg_options.limit, 1,
                            1000000000) {
    } else if VG_BINT_CLOM (cloPD, arg, "--show-paths", lg_options.showPaths, 0,
                            1000000) {
    } else if VG_BINT_CLOM (cloPD, arg, "--retained", lg_options.retained, 0,
                            1000000) {
    } else if VG_STR_CLO (arg, "--checks-every", every) {
        read_checks_every(arg, every);
    } else if VG_STR_CLO (arg, "--out-file", lg_options.outFile) {
    } else if VG_BOOL_CLO (arg, "--xtree-leak", lg_options.xtreeLeak) {
    } else if VG_STR_CLO (arg, "--xtree-leak-file",
                          lg_options.xtreeLeakFile) {
    } else
        return False;
    return True;
}

static Bool process_heap(const HChar* arg)
{
    if VG_XACT_CLO (arg, "--keep-stacktraces=alloc", lg_options.keepStacks,
                    LgKeepAlloc) {
    } else if VG_XACT_CLO (arg, "--keep-stacktraces=free",
                           lg_options.keepStacks, LgKeepFree) {
    } else if VG_XACT_CLO (arg, "--keep-stacktraces=alloc-and-free",
                           lg_options.keepStacks, LgKeepAllocAndFree) {
    } else if VG_XACT_CLO (arg, "--keep-stacktraces=alloc-then-free",
                           lg_options.keepStacks, LgKeepAllocThenFree) {
    } else if VG_XACT_CLO (arg, "--keep-stacktraces=none",
                           lg_options.keepStacks, LgKeepNone) {
    } else if VG_BOOL_CLOM (cloPD, arg, "--show-mismatched-frees",
                            lg_options.showMismatchedFrees) {
    } else if VG_BOOL_CLOM (cloPD, arg, "--show-realloc-size-zero",
                            lg_options.showReallocSizeZero) {
    } else if VG_BHEX_CLO (arg, "--malloc-fill", lg_options.mallocFill, 0x00,
                           0xFF) {
    } else if VG_BHEX_CLO (arg, "--free-fill", lg_options.freeFill, 0x00,
                           0xFF) {
    } else
        return False;
    return True;
}

static Bool process_search(const HChar* arg)
{
    if VG_BOOL_CLO (arg, "--clean-stack", lg_options.cleanStack) {
    } else if VG_USET_CLOM (cloPD, arg, "--roots", rootTokens,
                            lg_options.roots) {
    } else
        return False;
    return True;
}

static void add_watch(const HChar* arg, const HChar* spec)
{
    lg_options.pyWatch = lg_array_reserve(
        "lg.options.watch", lg_options.pyWatch, lg_options.nPyWatch,
        &lg_options.maxPyWatch, sizeof(LgPyWatchSpec));
    const HChar* wrong = lg_pywatchspec_parse(
        spec, &lg_options.pyWatch[lg_options.nPyWatch]);
    if (wrong != NULL)
        VG_(fmsg_bad_option)(arg, "%s\n", wrong);
    lg_options.nPyWatch++;
}

static Bool process_python(const HChar* arg)
{
    const HChar* spec = NULL;

    if VG_BOOL_CLO (arg, "--python", lg_options.python) {
    } else if VG_BOOL_CLO (arg, "--py-stacks", lg_options.pyStacks) {
    } else if VG_BOOL_CLO (arg, "--py-hooks", lg_options.pyHooks) {
    } else if VG_USET_CLOM (cloPD, arg, "--py-rules", rule_tokens(),
                            lg_options.pyRules) {
    } else if VG_BOOL_CLOM (cloPD, arg, "--py-cycles", lg_options.pyCycles) {
    } else if VG_BINT_CLO (arg, "--py-stack-depth", lg_options.pyStackDepth, 1,
                           LG_PY_MAX_DEPTH) {
    } else if VG_BINT_CLOM (cloPD, arg, "--py-table", lg_options.pyTable, 0,
                            1000000) {
    } else if VG_BOOL_CLOM (cloPD, arg, "--py-arenas", lg_options.pyArenas) {
    } else if VG_STR_CLO (arg, "--py-watch", spec) {
        add_watch(arg, spec);
    } else if VG_BINT_CLO (arg, "--py-watch-max", lg_options.pyWatchMax, 1,
                           100000000) {
    } else
        return False;
    return True;
}

Bool lg_options_process(const HChar* arg)
{
    return process_reporting(arg) || process_heap(arg) ||
           process_search(arg) || process_python(arg) ||
           process_ignored(arg) ||
           VG_(replacement_malloc_process_cmd_line_option)(arg);
}

void lg_options_usage(void)
{
    VG_(printf)(
"    --leak-check=no|summary|full     search for memory leaks at exit? [full]\n"
"    --leak-resolution=low|med|high   differentiation of leak stack traces:\n"
"                                     2 frames, 4 frames, all [high]\n"
"    --show-leak-kinds=kind1,kind2,.. which leak kinds to show?\n"
"                                     [definite,possible,reference,over-released]\n"
"    --errors-for-leak-kinds=kind1,kind2,..  which leak kinds are errors?\n"
"                                     [definite,possible,reference,over-released]\n"
"        where kind is one of:\n"
"          %s all none\n"
"    --leak-check-heuristics=heur1,heur2,... which heuristics to use for\n"
"        improving leak search false positive [all]\n"
"        where heur is one of:\n"
"          %s\n"
"          all none\n"
"    --show-reachable=yes             same as --show-leak-kinds=all\n"
"    --show-possibly-lost=no|yes      take possible out of, or into,\n"
"                                     --show-leak-kinds\n"
"    --limit=<number>                 show the largest loss records only, at most\n"
"                                     that many [all]\n"
"    --show-paths=<number>            how many paths from roots to show for each\n"
"                                     loss record [0]\n"
"    --retained=<number>              show that many places that keep most memory\n"
"                                     in use [0]\n"
"    --checks-every=TIME|SIZE         check in mid-run, count only, and show the\n"
"                                     course of the heap: 500ms, 2s; or each\n"
"                                     SIZE allocated: 10MB [never]\n"
"    --out-file=<file>                write all results to this data file, for\n"
"                                     the command leakgrind; %%p: process id\n"
"    --xtree-leak=no|yes              output the leak result as an xtree? [no]\n"
"    --xtree-leak-file=<file>         xtree leak report file [xtleak.kcg.%%p]\n"
"    --keep-stacktraces=alloc|free|alloc-and-free|alloc-then-free|none\n"
"                                     stack trace(s) to keep for blocks\n"
"                                     [alloc-and-free]\n"
"    --show-mismatched-frees=no|yes   show frees that don't match the\n"
"                                     allocator? [yes]\n"
"    --show-realloc-size-zero=no|yes  show realloc with a size of zero? [yes]\n"
"    --malloc-fill=<hexnumber>        fill malloc'd areas with given value\n"
"    --free-fill=<hexnumber>          fill free'd areas with given value\n"
"    --clean-stack=no|yes             forget what earlier functions left on\n"
"                                     the stack? [yes]\n"
"    --python=no|yes                  see the blocks of Python's allocators?\n"
"                                     [yes]\n"
"    --py-stacks=no|yes               record the Python stack of blocks? [yes]\n"
"    --py-stack-depth=<number>        Python frames in a stack [12]\n"
"    --py-rules=rule1,rule2,...       what of Python's is not lost [all]\n"
"        where rule is one of:\n",
        lg_options_kind_help(), lg_options_heuristic_help());
    print_rule_help();
    VG_(printf)(
"          all none\n"
"    --py-cycles=no|yes               show reference cycles that Python's collector\n"
"                                     has yet to free? [no]\n"
"    --py-table=<rows>                rows of the tables by type and by line at\n"
"                                     the end; 0: no tables [10, where something\n"
"                                     is lost]\n"
"    --py-arenas=no|yes               show what the arenas of Python's allocator\n"
"                                     are used for? [no]\n"
"    --py-watch=NAME[@FILE[:LINE]]    record who takes and gives back references\n"
"                                     to the objects of this type, made there;\n"
"                                     or to the object of this name (repeatable)\n"
"    --py-watch-max=<number>          how many objects are watched [10000]\n");
}

void lg_options_debug_usage(void)
{
    VG_(printf)(
"    --roots=class1,class2,...        where to look for pointers [all]\n"
"        where class is one of:\n"
"          registers vectors stacks globals mappings all none\n"
"    --py-hooks=no|yes                hooks in Python's allocators; without them\n"
"                                     the pools are looked at alone [yes]\n");
}

void lg_options_settle(void)
{
    if (VG_(clo_xml))
        lg_options.leakCheck = LgCheckFull;

    if (VG_(clo_xtree_memory) == Vg_XTMemory_Full && !lg_keeps_alloc_stack())
        VG_(fmsg_bad_option)("--keep-stacktraces",
                             "To use --xtree-memory=full, you must"
                             " keep at least the alloc stacktrace\n");

    if (VG_(clo_verbosity) == 0 || VG_(clo_xml))
        return;
    for (UInt i = 0; i < N_IGNORED; i++)
        if (ignoredSeen[i])
            VG_(umsg)("Note: %s has no effect in leakgrind.\n",
                      ignoredOptions[i]);
}

Bool lg_options_core_has(const HChar* name)
{
    SizeT n = VG_(strlen)(name);

    for (Word i = 0; i < VG_(sizeXA)(VG_(args_for_valgrind)); i++) {
        const HChar* arg = *(HChar**)VG_(indexXA)(VG_(args_for_valgrind), i);
        if (VG_(strncmp)(arg, name, n) == 0)
            return True;
    }
    return False;
}
