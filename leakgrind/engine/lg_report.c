/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_report.c: the wording of leak reports.  See lg_report.h. */

#include "lg_report.h"

#include "../base/lg_utf8.h"
#include "../lg_platform.h"

/* ---- Names ---------------------------------------------------------------

   Of each kind, heuristic and rule, one row; all text about them is made of
   these. */

static const struct {
    const HChar* option;
    const HChar* text;
    const HChar* xml;
    const HChar* element; /* of the summary in XML */
} kindRows[LG_N_RECORD_KINDS] = {
    [LgReachable] = {"reachable", "still reachable", "Leak_StillReachable",
                     "still_reachable"},
    [LgPossible]  = {"possible", "possibly lost", "Leak_PossiblyLost",
                     "possibly_lost"},
    [LgIndirect]  = {"indirect", "indirectly lost", "Leak_IndirectlyLost",
                     "indirectly_lost"},
    [LgDefinite]  = {"definite", "definitely lost", "Leak_DefinitelyLost",
                     "definitely_lost"},
    [LgReference] = {"reference", "held by nobody", "Leak_Reference",
                     "unheld_references"},
    [LgOverReleased] = {"over-released", "released too often",
                        "Leak_OverReleased", "over_released"},
};

static const HChar* const heuristicRows[LG_N_HEURISTICS] = {
    [LgHeurNone]                = "none",
    [LgHeurStdString]           = "stdstring",
    [LgHeurLength64]            = "length64",
    [LgHeurNewArray]            = "newarray",
    [LgHeurMultipleInheritance] = "multipleinheritance",
    [LgHeurHashbrown]           = "hashbrown",
    [LgHeurPyObject]            = "pyobject",
};

static const struct {
    const HChar* option; /* NULL: --py-rules does not have it */
    const HChar* text;
    const HChar* help;
} ruleRows[LG_N_RULES] = {
    [LgRuleFinalized] = {"finalized", "left by finalization",
                         "left behind when the interpreter ended"},
    [LgRuleCached]    = {"freelists", "in free lists",
                         "objects that wait in a free list"},
    [LgRuleImmortal]  = {"immortal", "immortal",
                         "objects that are never freed"},
    [LgRuleFiles]     = {NULL, "leakgrind's files", NULL},
};

const HChar* lg_report_kind_option(LgKind k) { return kindRows[k].option; }
const HChar* lg_report_kind_xml(LgKind k) { return kindRows[k].xml; }

const HChar* lg_report_heuristic(LgHeuristic h) { return heuristicRows[h]; }

const HChar* lg_report_rule_option(LgRule r) { return ruleRows[r].option; }
const HChar* lg_report_rule_help(LgRule r) { return ruleRows[r].help; }

/* ---- Loss records -------------------------------------------------------- */

/* How the blocks of a record are lost. */
static const HChar* loss_text(const LgLossRecord* r)
{
    return r->cls != LgLossGarbage  ? kindRows[r->kind].text
           : r->kind == LgDefinite ? "in uncollected cycles"
                                   : "held by uncollected cycles";
}

/* " (+16)" or " (-8)"; nothing when no change is to be told.  A 64-bit number
   with its thousands marked has at most 26 characters. */
#define DELTA_SZB 32
static const HChar* delta_text(HChar buf[DELTA_SZB], SizeT now, SizeT old,
                          LgDeltaMode mode)
{
    buf[0] = 0;
    if (mode != LgDeltaAny) {
        if (now >= old)
            lg_plat_snprintf(buf, DELTA_SZB, " (+%'lu)", now - old);
        else
            lg_plat_snprintf(buf, DELTA_SZB, " (-%'lu)", old - now);
    }
    return buf;
}

/* "7 references that nobody holds to 1 object in use". */
static void report_references(HChar buf[LG_REPORT_LINE_SZB],
                              const LgLossRecord* r, UInt number,
                              UInt nRecords, LgDeltaMode mode)
{
    HChar dRefs[DELTA_SZB], dBlocks[DELTA_SZB];
    Bool  isTooFew = r->kind == LgOverReleased;

    lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                     "%'llu%s reference%s %s to %'u%s object%s in use%s in loss"
                     " record %'u of %'u",
                     r->nExcessRefs,
                     delta_text(dRefs, r->nExcessRefs, r->oldNExcessRefs, mode),
                     r->nExcessRefs == 1 ? "" : "s",
                     isTooFew ? "too few" : "that nobody holds", r->nBlocks,
                     delta_text(dBlocks, r->nBlocks, r->oldNBlocks, mode),
                     r->nBlocks == 1 ? "" : "s",
                     isTooFew ? ", which will be freed too early," : "", number,
                     nRecords);
}

void lg_report_record(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r,
                      UInt number, UInt nRecords, LgDeltaMode mode)
{
    if (r->kind >= LG_N_KINDS) {
        report_references(buf, r, number, nRecords, mode);
        return;
    }
    HChar dTotal[DELTA_SZB], dDirect[DELTA_SZB], dIndirect[DELTA_SZB],
        dBlocks[DELTA_SZB];
    delta_text(dDirect, r->szB, r->oldSzB, mode);
    delta_text(dBlocks, r->nBlocks, r->oldNBlocks, mode);
    if (r->indirectB > 0) {
        delta_text(dTotal, r->szB + r->indirectB, r->oldSzB + r->oldIndirectB,
              mode);
        delta_text(dIndirect, r->indirectB, r->oldIndirectB, mode);
        lg_plat_snprintf(
            buf, LG_REPORT_LINE_SZB,
            "%'lu%s (%'lu%s direct, %'lu%s indirect) bytes in %'u%s blocks"
            " are %s in loss record %'u of %'u",
            r->szB + r->indirectB, dTotal, r->szB, dDirect, r->indirectB,
            dIndirect, r->nBlocks, dBlocks, loss_text(r),
            number, nRecords);
    } else {
        lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                         "%'lu%s bytes in %'u%s blocks are %s"
                         " in loss record %'u of %'u",
                         r->szB, dDirect, r->nBlocks, dBlocks,
                         loss_text(r), number, nRecords);
    }
}

/* As much of a name as leaves room for what is said about it; in whole
   characters of UTF-8. */
#define MAX_NAME 200
static const HChar* shorten_name(HChar buf[MAX_NAME + 4], const HChar* name)
{
    UInt n = 0;
    while (n < MAX_NAME && name[n] != 0)
        n++;
    if (name[n] == 0)
        return name;
    while (n > 0 && lg_utf8_continues(name[n]))
        n--;
    memcpy(buf, name, n);
    memcpy(buf + n, "...", 4);
    return buf;
}

/* What is said of the objects of a record; begins with ", " or is empty. */
static void say_why(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r)
{
    const HChar* each = r->nBlocks == 1 ? "" : "each ";

    buf[0] = 0;
    switch (r->cls) {
    case LgLossPlain:
        if (r->nExcessRefs > 0)
            lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                             ", %'llu reference%s that nobody holds",
                             r->nExcessRefs, r->nExcessRefs == 1 ? "" : "s");
        break;
    case LgLossCycle:
        lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                         ", %sin a reference cycle that the collector"
                         " does not free", each);
        break;
    case LgLossGarbage:
        lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                         ", %s%s an uncollected reference cycle", each,
                         r->kind == LgDefinite ? "in" : "held by");
        break;
    case LgLossDead:
        lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                         ", deallocated but not freed");
        break;
    case LgLossOwnType:
        lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                         ", %sa class that is its own type, which nobody can"
                         " free", each);
        break;
    case LgLossThread:
        break; /* no object */
    }
}

void lg_report_python(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r,
                      const HChar* typeName, const HChar* ownName)
{
    HChar name[MAX_NAME + 4], why[LG_REPORT_LINE_SZB];
    UInt  n = lg_plat_snprintf(buf, LG_REPORT_LINE_SZB, "%'u '%s' object%s",
                              r->nBlocks, shorten_name(name, typeName),
                              r->nBlocks == 1 ? "" : "s");
    if (ownName[0] != 0)
        n += lg_plat_snprintf(buf + n, LG_REPORT_LINE_SZB - n, " (%s%s)",
                              shorten_name(name, ownName),
                              r->hasOtherNames ? ", ..." : "");
    if (r->kind >= LG_N_KINDS) {
        lg_plat_snprintf(buf + n, LG_REPORT_LINE_SZB - n, ", %'lu bytes",
                         r->szB);
        return;
    }
    say_why(why, r);
    n += lg_plat_snprintf(buf + n, LG_REPORT_LINE_SZB - n, "%s", why);
    if (r->nCRefs > 0 && r->cls == LgLossPlain)
        lg_plat_snprintf(buf + n, LG_REPORT_LINE_SZB - n,
                         " (%'llu pointer%s in C memory of %s own)", r->nCRefs,
                         r->nCRefs == 1 ? "" : "s",
                         r->nBlocks == 1 ? "its" : "their");
    else if (r->nCRefs > 0)
        lg_plat_snprintf(buf + n, LG_REPORT_LINE_SZB - n,
                         " (%'llu reference%s in C memory)", r->nCRefs,
                         r->nCRefs == 1 ? "" : "s");
}

void lg_report_threads(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r)
{
    lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                     "%'u thread%s that ended and %s neither joined nor"
                     " detached",
                     r->nBlocks, r->nBlocks == 1 ? "" : "s",
                     r->nBlocks == 1 ? "was" : "were");
}

/* ---- Summary ------------------------------------------------------------- */

typedef struct {
    LgDeltaMode mode;
    void (*line)(void* opaque, const HChar* text);
    void* opaque;
} SummaryWriter;

static void amount_line(const SummaryWriter* w, const HChar* label,
                        const LgAmount* a)
{
    HChar buf[LG_REPORT_LINE_SZB], dBytes[DELTA_SZB], dBlocks[DELTA_SZB];
    lg_plat_snprintf(buf, sizeof buf, "%s: %'lu%s bytes in %'lu%s blocks",
                     label, a->szB,
                     delta_text(dBytes, a->szB, a->oldSzB, w->mode),
                     a->nBlocks,
                     delta_text(dBlocks, a->nBlocks, a->oldNBlocks, w->mode));
    w->line(w->opaque, buf);
}

static Bool ever_seen(const LgAmount* a)
{
    return a->nBlocks > 0 || a->oldNBlocks > 0;
}

/* Room for a label. */
enum { LABEL_SZB = 64 };

static UInt text_length(const HChar* s)
{
    UInt n = 0;
    while (s[n] != 0)
        n++;
    return n;
}

/* `text` after `before` spaces, and with spaces behind it up to `width`
   characters. */
static const HChar* pad_label(HChar buf[LABEL_SZB], UInt before,
                              const HChar* text,
                        UInt width)
{
    UInt n = text_length(text), end = n < width ? width : n;

    lg_assert(before + end < LABEL_SZB);
    memset(buf, ' ', before + end);
    memcpy(buf + before, text, n);
    buf[before + end] = 0;
    return buf;
}

static void kind_line(const SummaryWriter* w, const HChar* label,
                      const LgAmount* a)
{
    enum { WIDTH = 18 };
    HChar buf[LABEL_SZB];
    amount_line(w, pad_label(buf, WIDTH - text_length(label), label, 0), a);
}

/* The parts of an amount that there are or were, below a title. */
static void part_lines(const SummaryWriter* w, const HChar* title,
                       const HChar* const names[], const LgAmount* parts,
                       UInt n)
{
    enum { INDENT = 24 };
    UInt  width = 0;
    Bool  titled = False;
    HChar buf[LABEL_SZB];

    for (UInt i = 0; i < n; i++)
        if (text_length(names[i]) > width)
            width = text_length(names[i]);
    for (UInt i = 0; i < n; i++) {
        if (!ever_seen(&parts[i]))
            continue;
        if (!titled)
            w->line(w->opaque, title);
        titled = True;
        amount_line(w, pad_label(buf, INDENT, names[i], width), &parts[i]);
    }
}

static Bool ever_referenced(const LgRefAmount* a)
{
    return a->nObjects > 0 || a->oldNObjects > 0;
}

static void references_line(const SummaryWriter* w, UInt k, const LgRefAmount* a)
{
    HChar buf[LG_REPORT_LINE_SZB], dRefs[DELTA_SZB], dObjects[DELTA_SZB];

    lg_plat_snprintf(buf, sizeof buf,
                     "%18s: %'llu%s reference%s to %'u%s object%s in use",
                     kindRows[k].text, a->n,
                     delta_text(dRefs, a->n, a->oldN, w->mode),
                     a->n == 1 ? "" : "s", a->nObjects,
                     delta_text(dObjects, a->nObjects, a->oldNObjects, w->mode),
                     a->nObjects == 1 ? "" : "s");
    w->line(w->opaque, buf);
}

void lg_report_summary(const LgTotals* t, LgDeltaMode mode,
                       void (*line)(void* opaque, const HChar* text),
                       void* opaque)
{
    SummaryWriter w = {mode, line, opaque};
    const HChar*  rules[LG_N_RULES];

    for (UInt r = 0; r < LG_N_RULES; r++)
        rules[r] = ruleRows[r].text;
    line(opaque, "LEAK SUMMARY:");
    for (UInt k = LG_N_KINDS; k-- > 0;)
        kind_line(&w, kindRows[k].text, &t->kind[k]);
    part_lines(&w, "                      of which reachable via heuristic:",
               heuristicRows, t->heuristic, LG_N_HEURISTICS);
    if (ever_seen(&t->cycles))
        kind_line(&w, "uncollected cycles", &t->cycles);
    for (UInt k = LG_N_KINDS; k < LG_N_RECORD_KINDS; k++)
        if (ever_referenced(&t->refs[k - LG_N_KINDS]))
            references_line(&w, k, &t->refs[k - LG_N_KINDS]);
    kind_line(&w, "suppressed", &t->suppressed);
    part_lines(&w, "                      of which by rule:", rules, t->byRule,
               LG_N_RULES);
    if (ever_seen(&t->inherited))
        kind_line(&w, "inherited (fork)", &t->inherited);
}

/* "<bytes>" and "<blocks>", `indent` spaces in. */
static void amount_elements(const SummaryWriter* w, UInt indent,
                            const LgAmount* a)
{
    HChar buf[LG_REPORT_LINE_SZB], d[DELTA_SZB];
    const HChar* spaces = "      " + (6 - indent);

    lg_plat_snprintf(buf, sizeof buf, "%s<bytes>%'lu%s</bytes>", spaces, a->szB,
                     delta_text(d, a->szB, a->oldSzB, w->mode));
    w->line(w->opaque, buf);
    lg_plat_snprintf(buf, sizeof buf, "%s<blocks>%'lu%s</blocks>", spaces,
                     a->nBlocks,
                     delta_text(d, a->nBlocks, a->oldNBlocks, w->mode));
    w->line(w->opaque, buf);
}

static void tag_line(const SummaryWriter* w, const HChar* before,
                     const HChar* name, const HChar* after)
{
    HChar buf[LG_REPORT_LINE_SZB];
    lg_plat_snprintf(buf, sizeof buf, "%s%s%s", before, name, after);
    w->line(w->opaque, buf);
}

/* `heuristics`: NULL, or the parts of the amount. */
static void amount_element(const SummaryWriter* w, const HChar* name,
                           const LgAmount* a, const LgAmount* heuristics)
{
    tag_line(w, "  <", name, ">");
    amount_elements(w, 4, a);
    for (UInt h = 0; heuristics != NULL && h < LG_N_HEURISTICS; h++) {
        if (h == LgHeurNone || !ever_seen(&heuristics[h]))
            continue;
        w->line(w->opaque, "    <reachable_heuristic>");
        tag_line(w, "      <kind>", lg_report_heuristic((LgHeuristic)h),
                 "</kind>");
        amount_elements(w, 6, &heuristics[h]);
        w->line(w->opaque, "    </reachable_heuristic>");
    }
    tag_line(w, "  </", name, ">");
}

static void references_element(const SummaryWriter* w, UInt k,
                               const LgRefAmount* a)
{
    HChar buf[LG_REPORT_LINE_SZB];
    lg_plat_snprintf(buf, sizeof buf,
                     "  <%s><references>%llu</references>"
                     "<objects>%u</objects></%s>",
                     kindRows[k].element, a->n, a->nObjects,
                     kindRows[k].element);
    w->line(w->opaque, buf);
}

void lg_report_summary_xml(const LgTotals* t, LgDeltaMode mode,
                           void (*line)(void* opaque, const HChar* text),
                           void* opaque)
{
    SummaryWriter w = {mode, line, opaque};

    line(opaque, "<leak_summary>");
    for (UInt k = LG_N_KINDS; k-- > 0;)
        amount_element(&w, kindRows[k].element, &t->kind[k],
                       k == LgReachable ? t->heuristic : NULL);
    if (ever_seen(&t->cycles))
        amount_element(&w, "uncollected_cycles", &t->cycles, NULL);
    for (UInt k = LG_N_KINDS; k < LG_N_RECORD_KINDS; k++)
        if (t->refs[k - LG_N_KINDS].nObjects > 0)
            references_element(&w, k, &t->refs[k - LG_N_KINDS]);
    amount_element(&w, "suppressed", &t->suppressed, NULL);
    if (ever_seen(&t->inherited))
        amount_element(&w, "inherited", &t->inherited, NULL);
    line(opaque, "</leak_summary>");
}
