/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_zones.h: what of each thread's stack is proven dead
   (engine/lg_stackzone.h).

   Translations report each change of the stack pointer
   (instrument/lg_stackclean.h).  When a stack grows, the words that it gains
   are zeroed if they are proven dead: what an earlier function left there is
   undefined in the new frame, and a stale pointer would hide a leak. */

#ifndef LG_ZONES_H
#define LG_ZONES_H

#include "pub_tool_basics.h"

#include "../../engine/lg_vocab.h"
#include "../host/lg_arch.h"

/* The running thread's stack pointer is set to an unknown value, perhaps on
   another stack.  isComputed: the value was computed from the old one. */
typedef void (*LgZonesOnJump)(Addr newSP, Addr oldSP, Bool isComputed);

/* To be called before the program starts.  onJump is called for every jump. */
void lg_zones_init(LgZonesOnJump onJump);

void lg_zones_on_thread_start(ThreadId tid);
void lg_zones_on_signal(ThreadId tid, Bool altStack);
/* To be called when a signal handler has returned, whatever it returned to. */
void lg_zones_on_signal_done(ThreadId tid);

/* To be called when [a, a + len) was mapped or unmapped, or its protection was
   changed. */
void lg_zones_on_map(Addr a, SizeT len);

/* The proven dead range that ends at `hi`, which is the stack pointer of `tid`
   or lower. */
LgRange lg_zones_dead(ThreadId tid, Addr hi);

/* How many bytes below the stack pointer of `tid` may be in use. */
SizeT lg_zones_red_zone(ThreadId tid);

/* The alternate signal stack of a live thread; empty if it has none. */
LgRange lg_zones_alternate_stack(ThreadId tid);

/* --- Called from translations ---------------------------------------------- */

/* The offset of a word that says whether the current function has been
   returned to.  It is in the shadow copy of the guest state, which follows
   that; the core saves and restores it around signal handlers. */
#define LG_OFFSET_RETURNED ((Int)(LG_OFFSET_SP + sizeof(VexGuestArchState)))

/* The stack pointer is about to become `newSP`, szB bytes lower; in the second,
   by LG_MAX_FRAME_SZB or more. */
void lg_zones_grown(Addr newSP, UWord szB);
void lg_zones_grown_much(Addr newSP, UWord szB);
/* It has been raised by szB, which is more than a frame. */
void lg_zones_risen(Addr newSP, UWord szB);
/* It was set to a value computed from it; to any other unknown value. */
void lg_zones_moved(Addr newSP, Addr oldSP);
void lg_zones_jumped(Addr newSP, Addr oldSP);
/* The running function has lowered its stack pointer by pushedB bytes, and
   copied it to a register. */
void lg_zones_marked(Addr sp, UWord pushedB, UWord isEntry);

#if LG_CALLS_PUSH
/* lg_zones_grown for the first change in a translation, where the guest state
   still has the stack pointer. */
void lg_zones_grown_at_start(const UChar* gst, UWord szB);
/* A function is called, and the stack pointer is as at its entry: it was
   lowered by pushedB bytes for the call, and the function will first lower it
   by szB. */
void lg_zones_called_for(UChar* gst, UWord pushedB, UWord szB);
/* The same if nothing is known about the callee, which is the usual case. */
void lg_zones_called(UChar* gst, UWord pushedB);
#endif

#endif
