/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackclean.h: stack cleaning (--clean-stack).

   When the stack grows for a new frame, the words that it gains are zeroed if
   they are proven dead (engine/lg_stackzone.h): what an earlier function left
   there is undefined in the new frame, and a stale pointer would hide a
   leak. */

#ifndef LG_STACKCLEAN_H
#define LG_STACKCLEAN_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "../../engine/lg_vocab.h"
#include "lg_sptrack.h"

/* Add the calls that clean.  The code for a run must come before its
   statement, that for all others after theirs.  `base`: the base of the epoch.
   `oldSP`: the stack pointer before the new epoch, whose base
   lg_stackclean_emit_epoch returns. */
void    lg_stackclean_emit_run(IRSB* out, const LgSPRun* run, IRExpr* base);
void    lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint);
void    lg_stackclean_emit_rise(IRSB* out, const LgSPRise* rise, IRExpr* base);
void    lg_stackclean_emit_mark(IRSB* out, const LgSPMark* mark, IRExpr* base);
IRExpr* lg_stackclean_emit_epoch(IRSB* out, const LgSPEpoch* epoch,
                                 IRExpr* oldSP);

#endif
