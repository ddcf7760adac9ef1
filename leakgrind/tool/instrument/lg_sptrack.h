/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_sptrack.h: where the stack pointer goes in a translation.

   Follows its value through VEX's intermediate code as "value at some point
   (the base of an epoch) plus a constant". */

#ifndef LG_SPTRACK_H
#define LG_SPTRACK_H

#include "pub_tool_basics.h"
#include "pub_tool_guest.h"
#include "pub_tool_tooliface.h"

#include "../host/lg_arch.h"

/* Where a value for the stack pointer came from. */
typedef enum {
    LgFromNothing,       /* not known: maybe another stack */
    LgFromSP,            /* the stack pointer plus a constant */
    LgFromSPByArithmetic /* the stack pointer, computed with otherwise */
} LgSPOrigin;

/* A sequence of decrements by constants with no way out in between, without what
   calls at its ends cover (LgSPHint). */
typedef struct {
    Int  at;       /* statement before which to zero */
    UInt epoch;    /* the stack pointer goes from base + hiDelta ... */
    Long hiDelta;
    Long loDelta;  /* ... to base + loDelta */
    Bool isFirst;  /* nothing in the translation has changed it before */
} LgSPRun;

/* A sequence of increments by constants with no way out in between, that is
   larger than a frame (LG_MAX_FRAME_SZB). */
typedef struct {
    Int  at; /* the last Put statement */
    UInt epoch;
    Long loDelta; /* the stack pointer goes from base + loDelta ... */
    Long hiDelta; /* ... to base + hiDelta */
} LgSPRise;

/* The stack pointer was set to something that is not itself plus a constant:
   a new epoch begins, whose base is the value put. */
typedef struct {
    Int        at; /* the Put statement */
    LgSPOrigin origin;
    IRExpr*    base;     /* atom; NULL: ask the guest state */
    Long       oldDelta; /* the value before: base of the epoch before + this */
} LgSPEpoch;

/* A call or return: VEX's hint there says that the red zone is dead. */
typedef struct {
    Int  at; /* the hint */
    UInt epoch;
    Long hiDelta; /* where the run begins that ends in the call, if it is no
                     longer than the red zone; it is not among the runs then */
    Long delta;   /* of the stack pointer after the call */
    Long loDelta; /* where the decrements end that begin with it: less than
                     LG_MAX_FRAME_SZB below hiDelta */
    Bool isReturn;
} LgSPHint;

/* The stack pointer is copied into a register in which compilers keep a frame's
   address, from which it may be restored. */
typedef struct {
    Int  at; /* the Put statement */
    UInt epoch;
    Long delta;   /* of the stack pointer */
    Long loDelta; /* where the pushes end that follow */
    Bool isEntry; /* it is the one for that, as whoever has been called has set
                     it up */
} LgSPMark;

typedef struct {
    LgSPRun*   runs;
    UInt       nRuns;
    LgSPRise*  rises;
    UInt       nRises;
    LgSPHint*  hints;
    UInt       nHints;
    LgSPMark*  marks;
    UInt       nMarks;
    LgSPEpoch* epochs; /* [0] is the start of the translation */
    UInt       nEpochs;
} LgSPTrack;

/* Fills *t for the statements of sb from `first` on.  The arrays are in VEX's
   memory, which goes away with the translation. */
void lg_sptrack(LgSPTrack* t, const IRSB* sb, Int first);

#endif
