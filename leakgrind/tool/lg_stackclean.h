/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackclean.h: stack cleaning (--clean-stack).

   When a function takes a new stack frame, the words that the stack gains and
   has used before are zeroed: what an earlier function left there is not
   defined in the new one, and a pointer among it would hide a leak. */

#ifndef LG_STACKCLEAN_H
#define LG_STACKCLEAN_H

#include "pub_tool_basics.h"
#include "pub_tool_tooliface.h"

#include "lg_sptrack.h"

/* Follows signals and threads; call before the program starts. */
void lg_stackclean_init(void);

/* Add what cleans.  A run's before its statement, with the base of its epoch;
   the others behind theirs.  `oldSP`: the stack pointer before the epoch. */
void lg_stackclean_emit_run(IRSB* out, const LgSPRun* run, IRExpr* base);
void lg_stackclean_emit_hint(IRSB* out, const LgSPHint* hint);
void lg_stackclean_emit_epoch(IRSB* out, const LgSPEpoch* epoch,
                              IRExpr* oldSP);
/* Where a function begins that wraps another. */
void lg_stackclean_emit_wrapper(IRSB* out);

/* The lowest address that the stack `tid` is on is known to have reached;
   everything from here to its stack pointer is dead.  0 when not known. */
Addr lg_stackclean_low(ThreadId tid);

/* So many bytes below the stack pointer of `tid` may be in use. */
SizeT lg_stackclean_red_zone(ThreadId tid);

#endif
