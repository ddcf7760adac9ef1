/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_zones.h: what of each thread's stack is proven dead (engine/lg_stackzone.h).

   Translations tell of every way that the stack pointer goes
   (instrument/lg_stackclean.h); the words that a stack gains and that are dead
   are zeroed.  What an earlier function left there is not defined in the new
   frame, and a pointer among it would hide a leak. */

#ifndef LG_ZONES_H
#define LG_ZONES_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"
#include "../host/lg_arch.h"

/* The running thread's stack pointer goes to an unknown place, maybe on another
   stack; isComputed: from the old one. */
typedef void (*LgZonesOnJump)(Addr newSP, Addr oldSP, Bool isComputed);

/* Before the program starts; onJump is called for every jump. */
void lg_zones_init(LgZonesOnJump onJump);

void lg_zones_on_thread_start(ThreadId tid);
void lg_zones_on_signal(ThreadId tid, Bool altStack);
/* A handler has returned, to wherever it wanted. */
void lg_zones_on_signal_done(ThreadId tid);

/* [a, a + len) has been mapped, unmapped, or protected otherwise. */
void lg_zones_on_map(Addr a, SizeT len);

/* What right below `hi`, which is the stack pointer of `tid` or below, is
   proven dead. */
LgRange lg_zones_dead(ThreadId tid, Addr hi);

/* So many bytes below the stack pointer of `tid` may be in use. */
SizeT lg_zones_red_zone(ThreadId tid);

/* The alternate signal stack of a live thread; empty if it has none. */
LgRange lg_zones_alternate_stack(ThreadId tid);

/* --- Called from translations ---------------------------------------------- */

/* Where it is kept whether the current function has been returned to: in the
   shadow copy of the guest state, which follows that.  The core saves and
   restores it around signal handlers. */
#define LG_OFFSET_RETURNED ((Int)(LG_OFFSET_SP + sizeof(VexGuestArchState)))

/* The stack pointer is going to be `newSP`, szB bytes lower than before; by
   LG_MAX_FRAME_SZB or more. */
void lg_zones_grown(Addr newSP, UWord szB);
void lg_zones_grown_much(Addr newSP, UWord szB);
/* It has gone up by szB, which is more than a frame. */
void lg_zones_risen(Addr newSP, UWord szB);
/* It has been computed with / is set to an unknown value. */
void lg_zones_moved(Addr newSP, Addr oldSP);
void lg_zones_jumped(Addr newSP, Addr oldSP);
/* The running function has copied its stack pointer, which it has brought down by
   pushedB bytes. */
void lg_zones_marked(Addr sp, UWord pushedB, UWord isEntry);

#if LG_CALLS_PUSH
/* lg_zones_grown at the start of a translation, whose first change it is: there
   the guest state has the stack pointer. */
void lg_zones_grown_at_start(const UChar* gst, UWord szB);
/* A function is called; the stack pointer is as it finds it.  It has come down
   by pushedB bytes, and is going to take szB bytes more first of all. */
void lg_zones_called_for(UChar* gst, UWord pushedB, UWord szB);
/* The same for the usual case, that nothing is known of the callee. */
void lg_zones_called(UChar* gst, UWord pushedB);
#endif

#endif
