/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_sptrack.h: how the stack pointer changes in a translation.

   Its value is tracked through VEX's intermediate code as a base plus a
   constant.  The base is the value at the start of an epoch, and a new epoch
   starts where the stack pointer is set to an unknown value. */

#ifndef LG_SPTRACK_H
#define LG_SPTRACK_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

#include "../host/lg_arch.h"

/* Where a value for the stack pointer came from. */
typedef enum {
    LgFromNothing,       /* not known: perhaps another stack */
    LgFromSP,            /* the stack pointer plus a constant */
    LgFromSPByArithmetic /* the stack pointer, computed with otherwise */
} LgSPOrigin;

/* A sequence of decrements by constants without an exit in between, less what
   the calls at its ends cover (LgSPHint). */
typedef struct {
    Int  at;       /* statement before which to zero */
    UInt epoch;    /* the stack pointer goes from base + hiDelta ... */
    Long hiDelta;
    Long loDelta;  /* ... to base + loDelta */
    Bool isFirst;  /* nothing in the translation has changed it before */
} LgSPRun;

/* A sequence of increments by constants without an exit in between, larger
   than a frame (LG_MAX_FRAME_SZB). */
typedef struct {
    Int  at; /* the last Put statement */
    UInt epoch;
    Long loDelta; /* the stack pointer goes from base + loDelta ... */
    Long hiDelta; /* ... to base + hiDelta */
} LgSPRise;

/* The stack pointer was set to something other than itself plus a constant: a
   new epoch begins, whose base is the new value. */
typedef struct {
    Int        at; /* the Put statement */
    LgSPOrigin origin;
    IRExpr*    base;     /* atom; NULL: it must be read from the guest state */
    Long       oldDelta; /* the old value: the base of the last epoch + this */
} LgSPEpoch;

/* A call or return: VEX's hint there says that the red zone is dead. */
typedef struct {
    Int  at; /* the hint */
    UInt epoch;
    Long hiDelta; /* the start of the run that ends in the call.  Only if the
                     run is no longer than the red zone; it is then not among
                     the runs */
    Long delta;   /* of the stack pointer after the call */
    Long loDelta; /* the end of the decrements that begin with the call; less
                     than LG_MAX_FRAME_SZB below hiDelta */
    Bool isReturn;
} LgSPHint;

/* The stack pointer is copied into a register in which compilers keep the
   address of a frame, and may be restored from there. */
typedef struct {
    Int  at; /* the Put statement */
    UInt epoch;
    Long delta;   /* of the stack pointer */
    Long loDelta; /* the end of the pushes that follow */
    Bool isEntry; /* the copy shows that a function was entered: see
                     lg_arch_is_set_up_at_entry */
} LgSPMark;

typedef struct {
    LgSPRun*   runs;
    UInt       nRuns;
    LgSPRise*  rises;
    UInt       nRises;
    LgSPHint*  hints;
    UInt       nHints;
    LgSPMark*  marks;
    UInt       nSaved;
    LgSPEpoch* epochs; /* [0] is the start of the translation */
    UInt       nEpochs;
} LgSPTrack;

/* Fills *t for the statements of sb from `first` on.  The arrays are in memory
   that VEX frees after the translation. */
void lg_sptrack(LgSPTrack* t, const IRSB* sb, Int first);

#endif
