/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_report.c: the wording of leak reports.  See lg_report.h. */

#include "lg_report.h"

#include "../lg_platform.h"

const HChar* lg_report_kind_text(LgKind k)
{
    switch (k) {
    case LgReachable: return "still reachable";
    case LgPossible:  return "possibly lost";
    case LgIndirect:  return "indirectly lost";
    default:          return "definitely lost";
    }
}

const HChar* lg_report_kind_xml(LgKind k)
{
    switch (k) {
    case LgReachable: return "Leak_StillReachable";
    case LgPossible:  return "Leak_PossiblyLost";
    case LgIndirect:  return "Leak_IndirectlyLost";
    default:          return "Leak_DefinitelyLost";
    }
}

const HChar* lg_report_kind_option(LgKind k)
{
    switch (k) {
    case LgReachable: return "reachable";
    case LgPossible:  return "possible";
    case LgIndirect:  return "indirect";
    default:          return "definite";
    }
}

const HChar* lg_report_heuristic(LgHeuristic h)
{
    switch (h) {
    case LgHeurStdString:           return "stdstring";
    case LgHeurLength64:            return "length64";
    case LgHeurNewArray:            return "newarray";
    case LgHeurMultipleInheritance: return "multipleinheritance";
    case LgHeurPyObject:            return "pyobject";
    default:                        return "none";
    }
}

/* " (+16)" or " (-8)"; nothing when no change is to be told.  A 64-bit number
   with its thousands marked has at most 26 characters. */
#define DELTA_SZB 32
static const HChar* delta(HChar buf[DELTA_SZB], SizeT now, SizeT old,
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

void lg_report_record(HChar buf[LG_REPORT_LINE_SZB], const LgLossRecord* r,
                      UInt number, UInt nRecords, LgDeltaMode mode)
{
    HChar dTotal[DELTA_SZB], dDirect[DELTA_SZB], dIndirect[DELTA_SZB],
        dBlocks[DELTA_SZB];
    delta(dDirect, r->szB, r->oldSzB, mode);
    delta(dBlocks, r->nBlocks, r->oldNBlocks, mode);
    if (r->indirectB > 0) {
        delta(dTotal, r->szB + r->indirectB, r->oldSzB + r->oldIndirectB,
              mode);
        delta(dIndirect, r->indirectB, r->oldIndirectB, mode);
        lg_plat_snprintf(
            buf, LG_REPORT_LINE_SZB,
            "%'lu%s (%'lu%s direct, %'lu%s indirect) bytes in %'u%s blocks"
            " are %s in loss record %'u of %'u",
            r->szB + r->indirectB, dTotal, r->szB, dDirect, r->indirectB,
            dIndirect, r->nBlocks, dBlocks, lg_report_kind_text(r->kind),
            number, nRecords);
    } else {
        lg_plat_snprintf(buf, LG_REPORT_LINE_SZB,
                         "%'lu%s bytes in %'u%s blocks are %s"
                         " in loss record %'u of %'u",
                         r->szB, dDirect, r->nBlocks, dBlocks,
                         lg_report_kind_text(r->kind), number, nRecords);
    }
}

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
                     label, a->szB, delta(dBytes, a->szB, a->oldSzB, w->mode),
                     a->nBlocks,
                     delta(dBlocks, a->nBlocks, a->oldNBlocks, w->mode));
    w->line(w->opaque, buf);
}

static Bool ever_seen(const LgAmount* a)
{
    return a->nBlocks > 0 || a->oldNBlocks > 0;
}

void lg_report_summary(const LgTotals* t, LgDeltaMode mode,
                       void (*line)(void* opaque, const HChar* text),
                       void* opaque)
{
    static const HChar* const heuristicLabel[LG_N_HEURISTICS] = {
        [LgHeurStdString] = "                        stdstring          ",
        [LgHeurLength64]  = "                        length64           ",
        [LgHeurNewArray]  = "                        newarray           ",
        [LgHeurMultipleInheritance] =
            "                        multipleinheritance",
        [LgHeurPyObject]  = "                        pyobject           ",
    };
    SummaryWriter w = {mode, line, opaque};
    Bool          titled = False;

    line(opaque, "LEAK SUMMARY:");
    amount_line(&w, "   definitely lost", &t->kind[LgDefinite]);
    amount_line(&w, "   indirectly lost", &t->kind[LgIndirect]);
    amount_line(&w, "     possibly lost", &t->kind[LgPossible]);
    amount_line(&w, "   still reachable", &t->kind[LgReachable]);
    for (UInt h = 1; h < LG_N_HEURISTICS; h++) {
        if (!ever_seen(&t->heuristic[h]))
            continue;
        if (!titled)
            line(opaque, "                      of which "
                         "reachable via heuristic:");
        titled = True;
        amount_line(&w, heuristicLabel[h], &t->heuristic[h]);
    }
    amount_line(&w, "        suppressed", &t->suppressed);
    if (ever_seen(&t->inherited))
        amount_line(&w, "  inherited (fork)", &t->inherited);
}
