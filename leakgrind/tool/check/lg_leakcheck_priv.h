/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_leakcheck_priv.h: the parts of a leak check, for the files that make it
   up:

       lg_leakcheck.c         the order of the parts; the report
       lg_leakcheck_count.c   loss records and totals
       lg_leakcheck_supp.c    suppressions */

#ifndef LG_LEAKCHECK_PRIV_H
#define LG_LEAKCHECK_PRIV_H

#include "lg_leakcheck.h"

/* Starts a new sum; the one so far is kept for the deltas.  Once per check. */
static inline void lg_amount_start(LgAmount* a)
{
    a->oldSzB    = a->szB;
    a->oldNBlocks = a->nBlocks;
    a->szB = a->nBlocks = 0;
}

static inline void lg_amount_add(LgAmount* a, const LgSnapBlock* b)
{
    a->szB += lg_sb_szB(b);
    a->nBlocks++;
}

/* Does the check count this record as an error, if it is not suppressed? */
static inline Bool lg_leakcheck_is_error(const LgCheckParams* p,
                                         const LgLossRecord*  r)
{
    return p->full && r->cls != LgLossGarbage &&
           lg_loss_delta_reports(r, p->delta) &&
           (p->errors & LG_KIND_BIT(r->kind));
}

/* Starts the sums of all rules, and adds up the blocks that are excused: these
   are suppressed, and count as reachable. */
void lg_leakcheck_count_excused(LgCheckResult* c);

/* In a child of fork(), suppresses what its parent has lost and what hangs from
   that. */
void lg_leakcheck_set_inherited_aside(LgCheckResult* c);

/* Adds the blocks that are not suppressed to the loss records. */
void lg_leakcheck_count_records(LgCheckResult* c);

/* Asks Valgrind's error manager about each record.  After this the blocks of
   suppressed records, and what hangs from them, are suppressed and counted in no
   other record; a suppressed record keeps its numbers. */
void lg_leakcheck_ask_suppressions(LgCheckResult* c, ThreadId tid,
                                   const LgCheckParams* p);

/* Adds up the totals, but for the rules.  After all that suppresses blocks. */
void lg_leakcheck_count_totals(LgCheckResult* c);

#endif
