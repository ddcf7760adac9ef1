/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_report.c: the exact wording of a leak report, since programs read
   it. */

#include "../../leakgrind/engine/lg_report.h"
#include "check.h"

static void names(void)
{
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
    expect_str(lg_report_heuristic(LgHeurPyObject), "pyobject");
    expect_str(lg_report_heuristic(LgHeurHashbrown), "hashbrown");
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
    r = (LgLossRecord){.kind = LgDefinite, .cls = LgLossGarbage, .nBlocks = 1,
                       .indirectB = 8};
    expect_record(r, LgDeltaAny, "8 (0 direct, 8 indirect) bytes in 1 blocks are"
                                 " in uncollected cycles in loss record 3 of 14");
    r.indirectB = 0;
    expect_record(r, LgDeltaAny, "0 bytes in 1 blocks are in uncollected cycles"
                                 " in loss record 3 of 14");
    r.kind = LgIndirect;
    expect_record(r, LgDeltaAny, "0 bytes in 1 blocks are held by uncollected"
                                 " cycles in loss record 3 of 14");
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

static void reference_records(void)
{
    LgLossRecord r = {.kind = LgReference, .type = 1, .nBlocks = 1, .szB = 56,
                      .nExcessRefs = 7, .oldNBlocks = 1, .oldNExcessRefs = 5};
    HChar        line[LG_REPORT_LINE_SZB];

    expect_str(lg_report_kind_option(LgReference), "reference");
    expect_str(lg_report_kind_xml(LgReference), "Leak_Reference");
    expect_record(r, LgDeltaAny,
                  "7 references that nobody holds to 1 object in use"
                  " in loss record 3 of 14");
    expect_record(r, LgDeltaIncreased,
                  "7 (+2) references that nobody holds to 1 (+0) object in use"
                  " in loss record 3 of 14");
    lg_report_python(line, &r, "app.Item", "app.ITEM");
    expect_str(line, "1 'app.Item' object (app.ITEM), 56 bytes");
    r.nBlocks = 2;
    r.nExcessRefs = 1;
    expect_record(r, LgDeltaAny,
                  "1 reference that nobody holds to 2 objects in use"
                  " in loss record 3 of 14");
    lg_report_python(line, &r, "dict", "");
    expect_str(line, "2 'dict' objects, 56 bytes");
    r.kind = LgOverReleased;
    expect_str(lg_report_kind_option(LgOverReleased), "over-released");
    expect_str(lg_report_kind_xml(LgOverReleased), "Leak_OverReleased");
    expect_record(r, LgDeltaAny,
                  "1 reference too few to 2 objects in use, which will be freed"
                  " too early, in loss record 3 of 14");
    lg_report_python(line, &r, "dict", "app.CACHE, held by app.ALL[0]");
    expect_str(line, "2 'dict' objects (app.CACHE, held by app.ALL[0]),"
                     " 56 bytes");
}

static void expect_python(LgLossRecord r, const char* name, const char* want)
{
    HChar line[LG_REPORT_LINE_SZB];
    lg_report_python(line, &r, name, "");
    expect_str(line, want);
}

static void python_records(void)
{
    LgLossRecord r = {.kind = LgDefinite, .type = 1, .nBlocks = 1};
    expect_python(r, "tuple", "1 'tuple' object");
    r.nExcessRefs = 1;
    expect_python(r, "tuple",
                  "1 'tuple' object, 1 reference that nobody holds");
    r.nBlocks = 2;
    expect_python(r, "app.models.Item",
                  "2 'app.models.Item' objects, 1 reference that nobody holds");
    r.nExcessRefs = 12;
    expect_python(r, "list",
                  "2 'list' objects, 12 references that nobody holds");
    r.nExcessRefs = 0;
    r.cls = LgLossCycle;
    expect_python(r, "Node", "2 'Node' objects, each in a reference cycle that"
                             " the collector does not free");
    r.nBlocks = 1;
    expect_python(r, "Node", "1 'Node' object, in a reference cycle that"
                             " the collector does not free");
    r.cls = LgLossGarbage;
    expect_python(r, "Node",
                  "1 'Node' object, in an uncollected reference cycle");
    r.cls = LgLossDead;
    expect_python(r, "Node", "1 'Node' object, deallocated but not freed");
    r.cls = LgLossGarbage;
    r.nBlocks = 1000;
    expect_python(r, "Node",
                  "1000 'Node' objects, each in an uncollected reference cycle");
    r.kind = LgIndirect;
    expect_python(r, "list", "1000 'list' objects, each held by an uncollected"
                             " reference cycle");
    r.kind = LgDefinite;
    r.cls = LgLossOwnType;
    expect_python(r, "Meta", "1000 'Meta' objects, each a class that is its own"
                             " type, which nobody can free");
    r.nBlocks = 1;
    expect_python(r, "Meta", "1 'Meta' object, a class that is its own type,"
                             " which nobody can free");
}

static void threads(void)
{
    LgLossRecord r = {.kind = LgPossible, .cls = LgLossThread, .nBlocks = 1};
    HChar        line[LG_REPORT_LINE_SZB];

    lg_report_threads(line, &r);
    expect_str(line, "1 thread that ended and was neither joined nor detached");
    r.nBlocks = 12;
    lg_report_threads(line, &r);
    expect_str(line,
               "12 threads that ended and were neither joined nor detached");
}

static void in_c_memory(void)
{
    LgLossRecord r = {.kind = LgDefinite, .type = 1, .nBlocks = 1,
                      .nExcessRefs = 1, .nCRefs = 1};
    expect_python(r, "Handle", "1 'Handle' object, 1 reference that nobody holds"
                               " (1 pointer in C memory of its own)");
    r.nBlocks = r.nExcessRefs = r.nCRefs = 5;
    expect_python(r, "Handle", "5 'Handle' objects, 5 references that nobody"
                               " holds (5 pointers in C memory of their own)");
    r.cls = LgLossCycle;
    expect_python(r, "Node", "5 'Node' objects, each in a reference cycle that"
                             " the collector does not free (5 references in C"
                             " memory)");
    r.nBlocks = r.nCRefs = 1;
    expect_python(r, "Node", "1 'Node' object, in a reference cycle that the"
                             " collector does not free (1 reference in C"
                             " memory)");
}

static void classes(void)
{
    LgLossRecord r = {.kind = LgDefinite, .type = 1, .nBlocks = 1,
                      .nExcessRefs = 1, .name = 2};
    HChar        line[LG_REPORT_LINE_SZB], name[1000];

    lg_report_python(line, &r, "type", "app.Item");
    expect_str(line, "1 'type' object (app.Item), 1 reference that nobody holds");
    r.nBlocks = 3;
    r.hasOtherNames = True;
    lg_report_python(line, &r, "abc.ABCMeta", "app.Item");
    expect_str(line, "3 'abc.ABCMeta' objects (app.Item, ...), 1 reference that"
                     " nobody holds");
    memset(name, 'x', sizeof name);
    name[999] = 0;
    r.nBlocks = ~0u;
    r.nExcessRefs = ~0ULL;
    lg_report_python(line, &r, name, name);
    expect_true(strstr(line, "xxx..., ...), ") != NULL);
    expect_true(strstr(line, " that nobody holds") != NULL);
}

/* What is said about a type does not get lost behind its name. */
static void long_type_names(void)
{
    HChar        name[1000], want[1000];
    LgLossRecord r = {.type = 1, .nBlocks = 3, .nExcessRefs = 4};
    memset(name, 'x', sizeof name);
    for (UInt n = 0; n < sizeof name; n += n == 0 || n == 198 ? 1 : 99) {
        name[n] = 0;
        snprintf(want, sizeof want,
                 "3 '%.200s%s' objects, 4 references that nobody holds", name,
                 n > 200 ? "..." : "");
        expect_python(r, name, want);
        name[n] = 'x';
    }
    name[300] = 0;
    memcpy(name + 198, "\xE2\x82\xAC", 3); /* a character of three bytes */
    snprintf(want, sizeof want,
             "3 '%.198s...' objects, 4 references that nobody holds", name);
    expect_python(r, name, want);
    name[300] = 'x';
    r = (LgLossRecord){.type = 1, .nBlocks = ~0u, .nExcessRefs = ~0ULL};
    HChar line[LG_REPORT_LINE_SZB];
    name[999] = 0;
    lg_report_python(line, &r, name, "");
    expect_true(strstr(line, " that nobody holds") != NULL);
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

static void references_in_summaries(void)
{
    LgTotals t;
    memset(&t, 0, sizeof t);
    t.refs[LgReference - LG_N_KINDS] = (LgRefAmount){100, 0, 2, 0};
    expect_summary(&t, LgDeltaAny,
                   "LEAK SUMMARY:\n"
                   "   definitely lost: 0 bytes in 0 blocks\n"
                   "   indirectly lost: 0 bytes in 0 blocks\n"
                   "     possibly lost: 0 bytes in 0 blocks\n"
                   "   still reachable: 0 bytes in 0 blocks\n"
                   "    held by nobody: 100 references to 2 objects in use\n"
                   "        suppressed: 0 bytes in 0 blocks\n");
    t.refs[LgReference - LG_N_KINDS] = (LgRefAmount){100, 97, 2, 3};
    t.refs[LgOverReleased - LG_N_KINDS] = (LgRefAmount){1, 0, 1, 0};
    expect_summary(&t, LgDeltaIncreased,
                   "LEAK SUMMARY:\n"
                   "   definitely lost: 0 (+0) bytes in 0 (+0) blocks\n"
                   "   indirectly lost: 0 (+0) bytes in 0 (+0) blocks\n"
                   "     possibly lost: 0 (+0) bytes in 0 (+0) blocks\n"
                   "   still reachable: 0 (+0) bytes in 0 (+0) blocks\n"
                   "    held by nobody: 100 (+3) references to 2 (-1) objects"
                   " in use\n"
                   "released too often: 1 (+1) reference to 1 (+1) object in"
                   " use\n"
                   "        suppressed: 0 (+0) bytes in 0 (+0) blocks\n");
    summary[0] = 0;
    lg_report_summary_xml(&t, LgDeltaAny, add_line, summary);
    expect_true(strstr(summary, "  <unheld_references><references>100"
                                "</references><objects>2</objects>"
                                "</unheld_references>\n"
                                "  <over_released><references>1</references>"
                                "<objects>1</objects></over_released>\n") !=
                NULL);
}

static void xml_summary(void)
{
    LgTotals t;
    memset(&t, 0, sizeof t);
    t.kind[LgDefinite] = (LgAmount){48, 3, 16, 1};
    t.kind[LgReachable] = (LgAmount){700, 7, 0, 0};
    t.heuristic[LgHeurNewArray] = (LgAmount){102, 3, 0, 0};
    t.cycles = (LgAmount){32, 2, 0, 0};
    t.inherited = (LgAmount){0, 0, 64, 2};
    summary[0] = 0;
    lg_report_summary_xml(&t, LgDeltaIncreased, add_line, summary);
    expect_str(summary,
               "<leak_summary>\n"
               "  <definitely_lost>\n"
               "    <bytes>48 (+32)</bytes>\n"
               "    <blocks>3 (+2)</blocks>\n"
               "  </definitely_lost>\n"
               "  <indirectly_lost>\n"
               "    <bytes>0 (+0)</bytes>\n"
               "    <blocks>0 (+0)</blocks>\n"
               "  </indirectly_lost>\n"
               "  <possibly_lost>\n"
               "    <bytes>0 (+0)</bytes>\n"
               "    <blocks>0 (+0)</blocks>\n"
               "  </possibly_lost>\n"
               "  <still_reachable>\n"
               "    <bytes>700 (+700)</bytes>\n"
               "    <blocks>7 (+7)</blocks>\n"
               "    <reachable_heuristic>\n"
               "      <kind>newarray</kind>\n"
               "      <bytes>102 (+102)</bytes>\n"
               "      <blocks>3 (+3)</blocks>\n"
               "    </reachable_heuristic>\n"
               "  </still_reachable>\n"
               "  <uncollected_cycles>\n"
               "    <bytes>32 (+32)</bytes>\n"
               "    <blocks>2 (+2)</blocks>\n"
               "  </uncollected_cycles>\n"
               "  <suppressed>\n"
               "    <bytes>0 (+0)</bytes>\n"
               "    <blocks>0 (+0)</blocks>\n"
               "  </suppressed>\n"
               "  <inherited>\n"
               "    <bytes>0 (-64)</bytes>\n"
               "    <blocks>0 (-2)</blocks>\n"
               "  </inherited>\n"
               "</leak_summary>\n");
}

static void python_in_summaries(void)
{
    LgTotals t;
    memset(&t, 0, sizeof t);
    t.kind[LgDefinite] = (LgAmount){48, 3, 0, 0};
    t.kind[LgReachable] = (LgAmount){700, 7, 0, 0};
    t.heuristic[LgHeurPyObject] = (LgAmount){600, 6, 0, 0};
    t.cycles = (LgAmount){32, 2, 0, 0};
    t.suppressed = (LgAmount){500, 40, 0, 0};
    t.byRule[LgRuleFinalized] = (LgAmount){300, 30, 0, 0};
    t.byRule[LgRuleCached] = (LgAmount){100, 10, 0, 0};
    expect_summary(
        &t, LgDeltaAny,
        "LEAK SUMMARY:\n"
        "   definitely lost: 48 bytes in 3 blocks\n"
        "   indirectly lost: 0 bytes in 0 blocks\n"
        "     possibly lost: 0 bytes in 0 blocks\n"
        "   still reachable: 700 bytes in 7 blocks\n"
        "                      of which reachable via heuristic:\n"
        "                        pyobject           : 600 bytes in 6 blocks\n"
        "uncollected cycles: 32 bytes in 2 blocks\n"
        "        suppressed: 500 bytes in 40 blocks\n"
        "                      of which by rule:\n"
        "                        left by finalization: 300 bytes in 30 blocks\n"
        "                        in free lists       : 100 bytes in 10 blocks"
        "\n");
    t.heuristic[LgHeurPyObject] = (LgAmount){0, 0, 0, 0};
    t.cycles = (LgAmount){0, 0, 32, 2};
    t.byRule[LgRuleFinalized] = (LgAmount){0, 0, 0, 0};
    expect_summary(
        &t, LgDeltaChanged,
        "LEAK SUMMARY:\n"
        "   definitely lost: 48 (+48) bytes in 3 (+3) blocks\n"
        "   indirectly lost: 0 (+0) bytes in 0 (+0) blocks\n"
        "     possibly lost: 0 (+0) bytes in 0 (+0) blocks\n"
        "   still reachable: 700 (+700) bytes in 7 (+7) blocks\n"
        "uncollected cycles: 0 (-32) bytes in 0 (-2) blocks\n"
        "        suppressed: 500 (+500) bytes in 40 (+40) blocks\n"
        "                      of which by rule:\n"
        "                        in free lists       : 100 (+100) bytes in 10"
        " (+10) blocks\n");
}

int main(void)
{
    check_run(names);
    check_run(records);
    check_run(record_deltas);
    check_run(reference_records);
    check_run(python_records);
    check_run(classes);
    check_run(threads);
    check_run(in_c_memory);
    check_run(long_type_names);
    check_run(large_numbers);
    check_run(summaries);
    check_run(references_in_summaries);
    check_run(xml_summary);
    check_run(python_in_summaries);
    return check_done();
}
