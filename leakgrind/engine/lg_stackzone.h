/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackzone.h: which words below a thread's stack pointer are proven dead.

   All that can be seen of a stack is how the stack pointer moves.  A word below
   the pointer is dead if the pointer has gone down over it, step by step, since
   it last came from an unknown place.  These words are the zone.  Words that
   the pointer only jumped over, or went up over (a program may read an array
   with it), may be somebody's data.  After a change to an unknown place, all
   words may be: it may be another stack, or a place on this one with live
   frames below.

   An unknown place that is less than a frame above is on the same stack, or on
   another one that never reaches down to this stack.  So the words that were
   dead below the old place are still dead when the pointer comes down there.
   (libffi leaves its caller's frame in this way.)

   The pointer comes back to a known place in two ways:
     - a step up by a constant: the zone stays as it is;
     - a value that was copied from the stack pointer earlier (a saved SP) is
       put back, as by "leave", by the same activation of the function that
       saved it: all calls that it has made have returned, so nothing below is
       alive.

   A step that is larger than a frame may also be a change to another stack,
   even to one within a frame of this stack.  Downwards, the words between are
   not added to the zone, but the zone above is kept.  Upwards, it is a step
   only if it gives up a large frame that was taken before; otherwise there may
   be live frames below.

   All addresses are byte addresses, and ranges are half-open.  Nothing here
   reads or writes the stack. */

#ifndef LG_STACKZONE_H
#define LG_STACKZONE_H

#include "lg_vocab.h"

typedef struct {
    Addr    sp;       /* the stack pointer that was copied ... */
    Addr    lowest;   /* ... and where it is after the pushes that follow */
    Addr    call;     /* LgStackZone.call before */
    Bool    isCallee; /* saved by another activation than the one before */
    Bool    isLeft;   /* then the pointer went to an unknown place; ... */
    LgRange zone;     /* ... the zone as it was then */
} LgSavedSP;

/* Older ones are dropped. */
enum {
    LG_MAX_SAVED_SPS  = 128, /* a power of two */
    LG_MAX_LARGE_FRAMES = 8
};

/* In bytes.  Two stacks are never closer than this. */
enum { LG_MAX_FRAME_SZB = 4096 };

typedef struct {
    /* The zone.  The stack pointer may be in it, below it, or above it. */
    Addr low, top;
    /* A step down from here or from below, to `low` or above, leaves the zone
       as it is. */
    Addr limit;
    /* Where the outermost call since the last saved SP has put its return
       address.  The call has returned if the stack pointer is above.  0:
       none. */
    Addr    call;
    LgRange other; /* another zone, left by a step; may be empty */
    UInt    nSaved;
    UInt    firstSaved; /* `saved` is a ring */
    UInt    nJumps;    /* at least once for each unknown change */
    LgSavedSP saved[LG_MAX_SAVED_SPS];
    LgRange     large[LG_MAX_LARGE_FRAMES]; /* the last one is the lowest */
    UInt        nLarge;
} LgStackZone;

/* Nothing is known. */
void lg_zone_forget(LgStackZone* z);

/* The stack pointer is at oldSP, where steps alone have brought it.  To be
   called before lg_zone_dead, and before the pointer goes elsewhere. */
void lg_zone_settle(LgStackZone* z, Addr oldSP);

/* Stores which parts of [lo, hi), below the stack pointer, are dead; returns
   how many ranges that are.  byFrame: the pointer goes down by a frame. */
UInt lg_zone_dead(const LgStackZone* z, Addr lo, Addr hi, Bool byFrame,
                  LgRange dead[2]);

/* The stack pointer goes down by a frame.  Memory below `floor` is not added to
   the zone. */
void lg_zone_descend(LgStackZone* z, Addr oldSP, Addr newSP, Addr floor);

/* The same by a constant that is too large for a frame. */
void lg_zone_leap(LgStackZone* z, Addr newSP);

/* The stack pointer goes down by LG_MAX_FRAME_SZB or more: to be called before
   anything else. */
void lg_zone_take_large(LgStackZone* z, Addr oldSP, Addr newSP);

/* The stack pointer has gone up by a constant that is too large for a frame. */
void lg_zone_rise(LgStackZone* z, Addr oldSP, Addr newSP);

/* The stack pointer has come from an unknown place.  canReturn: enough is known
   of the activation that it left to return there later.  True if it is back at
   a saved SP: all that was known there holds again, and that SP is dropped. */
Bool lg_zone_jump(LgStackZone* z, Addr oldSP, Addr newSP, Bool canReturn);

/* [lo, hi) is no longer a stack: forgets everything if anything is known of
   it. */
void lg_zone_cut(LgStackZone* z, Addr lo, Addr hi);

/* Would a step down from oldSP over [lo, oldSP) leave the zone as it is?  Then
   all of that is dead. */
static inline Bool lg_zone_has(const LgStackZone* z, Addr lo, Addr oldSP)
{
    return lo >= z->low && oldSP <= z->limit;
}

/* A step down from oldSP: calls that were made below have returned. */
static inline void lg_zone_step(LgStackZone* z, Addr oldSP)
{
    if (z->call < oldSP)
        z->call = 0;
}

/* The same by a call, which puts its return address at `at`. */
static inline void lg_zone_call(LgStackZone* z, Addr at, Addr oldSP)
{
    if (z->call < oldSP)
        z->call = at;
}

/* The i-th last saved SP, which must exist; 0: the last. */
static inline LgSavedSP* lg_zone_saved(LgStackZone* z, UInt i)
{
    return &z->saved[(z->firstSaved + z->nSaved - 1 - i) % LG_MAX_SAVED_SPS];
}

static inline void lg_zone_set_limit(LgStackZone* z)
{
    const LgSavedSP* m = lg_zone_saved(z, 0);
    z->limit = z->nSaved > 0 && !m->isLeft && m->sp < z->top ? m->sp : z->top;
}

/* lg_zone_jump() in the usual case: the pointer is back at the last saved SP.
   False: call lg_zone_jump(). */
static inline Bool lg_zone_return(LgStackZone* z, Addr oldSP, Addr newSP)
{
    const LgSavedSP* m = lg_zone_saved(z, 0);

    if (z->nSaved == 0 || m->isLeft || newSP > m->sp || newSP < m->lowest ||
        newSP % sizeof(Addr) != 0 || oldSP > z->limit || z->call >= oldSP)
        return False;
    z->call = m->call;
    z->nSaved--;
    lg_zone_set_limit(z);
    return True;
}

/* The stack pointer is saved; the pushes that follow take it to `lowest`.
   isEntry: a function was just entered, without a call that was seen. */
static inline void lg_zone_save(LgStackZone* z, Addr sp, Addr lowest,
                                Bool isEntry)
{
    LgSavedSP* m;

    if (sp > z->limit)
        lg_zone_settle(z, sp);
    m = lg_zone_saved(z, 0);
    if (z->nSaved > 0 && m->sp == sp && !m->isLeft && z->call < sp &&
        !isEntry) {
        if (lowest < m->lowest)
            m->lowest = lowest;
        return;
    }
    if (z->nSaved == LG_MAX_SAVED_SPS) {
        z->firstSaved = (z->firstSaved + 1) % LG_MAX_SAVED_SPS;
        z->nSaved--;
    }
    z->nSaved++;
    m           = lg_zone_saved(z, 0);
    m->sp       = sp;
    m->lowest   = lowest;
    m->call     = z->call;
    m->isCallee = isEntry || z->call >= sp;
    m->isLeft   = False;
    z->call     = 0;
    z->limit    = sp < z->top ? sp : z->top;
}

#endif
