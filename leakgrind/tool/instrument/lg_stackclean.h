/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackclean.h: stack cleaning (--clean-stack).

   When a function takes a new stack frame, those of the words that the stack
   gains that are proven dead (engine/lg_stackzone.h) are zeroed: what an earlier
   function left there is not defined in the new one, and a pointer among it would
   hide a leak. */

#ifndef LG_STACKCLEAN_H
#define LG_STACKCLEAN_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_vocab.h"
#include "lg_sptrack.h"

/* Add what cleans.  A run's before its statement, with the base of its epoch;
   the others behind theirs.  `oldSP`: the stack pointer before the epoch.  The
   last returns the base of the new epoch. */
void    lg_stackclean_emit_run(IRSB* out, const LgSPRun* run, IRExpr* base);
void    lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint);
void    lg_stackclean_emit_rise(IRSB* out, const LgSPRise* rise, IRExpr* base);
void    lg_stackclean_emit_mark(IRSB* out, const LgSPMark* mark, IRExpr* base);
IRExpr* lg_stackclean_emit_epoch(IRSB* out, const LgSPEpoch* epoch,
                                 IRExpr* oldSP);

#endif
