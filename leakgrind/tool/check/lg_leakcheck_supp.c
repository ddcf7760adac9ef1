/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leakcheck_supp.c: which loss records a suppression entry matches, and what
   hangs from their blocks.  See lg_leakcheck_priv.h. */

#include "lg_leakcheck_priv.h"

#include "pub_tool_mallocfree.h"

#include "../report/lg_errors.h"
#include "../suppress/lg_suppress.h"

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
        r->suppressed = lg_error_ask(tid, r, lg_leakcheck_is_error(p, r));
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
            lg_amount_add(&a, &blocks[i]);
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
    lg_leakcheck_count_records(c);
}

/* Each question counts as an error and as a use of the suppression, so each
   record is asked about only once.  Those that cannot be suppressed along with
   others come first: leaders before their cliques, and blocks that are possibly
   lost by themselves before blocks that hang from these. */
void lg_leakcheck_ask_suppressions(LgCheckResult* c, ThreadId tid,
                                   const LgCheckParams* p)
{
    static const LgKind kinds[] = {LgDefinite, LgIndirect, LgPossible,
                                   LgReachable};
    UInt   n = lg_loss_count(c->records);
    UChar* asked = VG_(calloc)("lg.check.asked", n + 1, 1);
    UChar* lasting = VG_(calloc)("lg.check.lasting", n + 1, 1);

    mark_lasting(c, lasting);
    ask_for_kind(c, tid, p, LgReference, asked, NULL);
    ask_for_kind(c, tid, p, LgOverReleased, asked, NULL);
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
