/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_report.c: the words of a leak report, to the letter: programs read
   them. */

#include "../../leakgrind/engine/lg_report.h"
#include "check.h"

static void names(void)
{
    expect_str(lg_report_kind_text(LgReachable), "still reachable");
    expect_str(lg_report_kind_text(LgPossible), "possibly lost");
    expect_str(lg_report_kind_text(LgIndirect), "indirectly lost");
    expect_str(lg_report_kind_text(LgDefinite), "definitely lost");
    expect_str(lg_report_kind_xml(LgReachable), "Leak_StillReachable");
    expect_str(lg_report_kind_xml(LgPossible), "Leak_PossiblyLost");
    expect_str(lg_report_kind_xml(LgIndirect), "Leak_IndirectlyLost");
    expect_str(lg_report_kind_xml(LgDefinite), "Leak_DefinitelyLost");
    expect_str(lg_report_kind_option(LgReachable), "reachable");
    expect_str(lg_report_kind_option(LgPossible), "possible");
    expect_str(lg_report_kind_option(LgIndirect), "indirect");
    expect_str(lg_report_kind_option(LgDefinite), "definite");
    expect_str(lg_report_heuristic(LgHeurNone), "none");
    expect_str(lg_report_heuristic(LgHeurStdString), "stdstring");
    expect_str(lg_report_heuristic(LgHeurLength64), "length64");
    expect_str(lg_report_heuristic(LgHeurNewArray), "newarray");
    expect_str(lg_report_heuristic(LgHeurMultipleInheritance),
               "multipleinheritance");
}

static void expect_record(LgLossRecord r, LgDeltaMode mode, const char* want)
{
    HChar line[LG_REPORT_LINE_SZB];
    lg_report_record(line, &r, 3, 14, mode);
    expect_str(line, want);
}

static void records(void)
{
    LgLossRecord r = {.kind = LgDefinite, .nBlocks = 1, .szB = 16};
    expect_record(r, LgDeltaAny, "16 bytes in 1 blocks are definitely lost"
                                 " in loss record 3 of 14");
    r.indirectB = 8;
    r.nBlocks = 2;
    expect_record(r, LgDeltaAny,
                  "24 (16 direct, 8 indirect) bytes in 2 blocks are"
                  " definitely lost in loss record 3 of 14");
    r = (LgLossRecord){.kind = LgIndirect, .nBlocks = 1};
    expect_record(r, LgDeltaAny, "0 bytes in 1 blocks are indirectly lost"
                                 " in loss record 3 of 14");
    r.kind = LgPossible;
    expect_record(r, LgDeltaAny, "0 bytes in 1 blocks are possibly lost"
                                 " in loss record 3 of 14");
    r.kind = LgReachable;
    expect_record(r, LgDeltaAny, "0 bytes in 1 blocks are still reachable"
                                 " in loss record 3 of 14");
}

static void record_deltas(void)
{
    LgLossRecord r = {.kind = LgDefinite, .nBlocks = 3, .szB = 30,
                      .oldNBlocks = 1, .oldSzB = 40};
    expect_record(r, LgDeltaChanged,
                  "30 (-10) bytes in 3 (+2) blocks are definitely lost"
                  " in loss record 3 of 14");
    r.indirectB = 5;
    expect_record(r, LgDeltaIncreased,
                  "35 (-5) (30 (-10) direct, 5 (+5) indirect) bytes in 3 (+2)"
                  " blocks are definitely lost in loss record 3 of 14");
    r.oldSzB = 30;
    r.oldNBlocks = 3;
    expect_record(r, LgDeltaNew,
                  "35 (+5) (30 (+0) direct, 5 (+5) indirect) bytes in 3 (+0)"
                  " blocks are definitely lost in loss record 3 of 14");
    expect_record(r, LgDeltaAny,
                  "35 (30 direct, 5 indirect) bytes in 3 blocks are"
                  " definitely lost in loss record 3 of 14");
}

/* The longest line fits. */
static void large_numbers(void)
{
    HChar        line[LG_REPORT_LINE_SZB];
    LgLossRecord r = {.kind = LgDefinite, .nBlocks = ~0u,
                      .szB = ~(SizeT)0 / 2, .indirectB = ~(SizeT)0 / 2};
    lg_report_record(line, &r, ~0u, ~0u, LgDeltaChanged);
    expect_true(strstr(line, "of 4294967295") != NULL ||
                strstr(line, "of 4,294,967,295") != NULL);
}

static char summary[4096];

static void add_line(void* opaque, const HChar* text)
{
    expect_eq(opaque, summary);
    strcat(summary, text);
    strcat(summary, "\n");
}

static void expect_summary(const LgTotals* t, LgDeltaMode mode,
                           const char* want)
{
    summary[0] = 0;
    lg_report_summary(t, mode, add_line, summary);
    expect_str(summary, want);
}

static void summaries(void)
{
    LgTotals t;
    memset(&t, 0, sizeof t);
    expect_summary(&t, LgDeltaAny,
                   "LEAK SUMMARY:\n"
                   "   definitely lost: 0 bytes in 0 blocks\n"
                   "   indirectly lost: 0 bytes in 0 blocks\n"
                   "     possibly lost: 0 bytes in 0 blocks\n"
                   "   still reachable: 0 bytes in 0 blocks\n"
                   "        suppressed: 0 bytes in 0 blocks\n");
    t.kind[LgDefinite] = (LgAmount){48, 3, 16, 1};
    t.kind[LgIndirect] = (LgAmount){24, 1, 24, 1};
    t.kind[LgPossible] = (LgAmount){1, 1, 2, 2};
    t.kind[LgReachable] = (LgAmount){700, 7, 0, 0};
    t.suppressed = (LgAmount){5, 4, 0, 0};
    t.heuristic[LgHeurStdString] = (LgAmount){100, 1, 0, 0};
    t.heuristic[LgHeurLength64] = (LgAmount){101, 2, 0, 0};
    t.heuristic[LgHeurNewArray] = (LgAmount){102, 3, 0, 0};
    t.heuristic[LgHeurMultipleInheritance] = (LgAmount){0, 0, 8, 1};
    expect_summary(
        &t, LgDeltaAny,
        "LEAK SUMMARY:\n"
        "   definitely lost: 48 bytes in 3 blocks\n"
        "   indirectly lost: 24 bytes in 1 blocks\n"
        "     possibly lost: 1 bytes in 1 blocks\n"
        "   still reachable: 700 bytes in 7 blocks\n"
        "                      of which reachable via heuristic:\n"
        "                        stdstring          : 100 bytes in 1 blocks\n"
        "                        length64           : 101 bytes in 2 blocks\n"
        "                        newarray           : 102 bytes in 3 blocks\n"
        "                        multipleinheritance: 0 bytes in 0 blocks\n"
        "        suppressed: 5 bytes in 4 blocks\n");
    t.heuristic[LgHeurMultipleInheritance].oldNBlocks = 0;
    t.heuristic[LgHeurStdString].nBlocks = 0;
    t.heuristic[LgHeurLength64].nBlocks = 0;
    t.inherited = (LgAmount){64, 2, 0, 0};
    expect_summary(
        &t, LgDeltaChanged,
        "LEAK SUMMARY:\n"
        "   definitely lost: 48 (+32) bytes in 3 (+2) blocks\n"
        "   indirectly lost: 24 (+0) bytes in 1 (+0) blocks\n"
        "     possibly lost: 1 (-1) bytes in 1 (-1) blocks\n"
        "   still reachable: 700 (+700) bytes in 7 (+7) blocks\n"
        "                      of which reachable via heuristic:\n"
        "                        newarray           : 102 (+102) bytes in 3"
        " (+3) blocks\n"
        "        suppressed: 5 (+5) bytes in 4 (+4) blocks\n"
        "  inherited (fork): 64 (+64) bytes in 2 (+2) blocks\n");
}

int main(void)
{
    check_run(names);
    check_run(records);
    check_run(record_deltas);
    check_run(large_numbers);
    check_run(summaries);
    return check_done();
}
