/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackzone.h: what of the stack that a thread runs on is proven dead.

   All that can be seen of a stack is how its pointer moves.  Dead are the words
   below the pointer that it has gone down over before, step by step, since it
   last came from an unknown place: the zone.  Whatever the pointer only jumped
   over, or went up over (a program may use it to read an array), may be
   somebody's data, and so may everything after an unknown change: another
   stack, or a place on this one with live frames below.

   An unknown place a little above, less than a frame, is on the same stack, or on
   another that never goes down to this one: what was dead below the old place is
   so, when the pointer comes down there.  (libffi leaves its caller's frame so.)

   Two things take the pointer back to a place that is known:
     - a step by a constant, up: the zone stays as it is;
     - a value that was copied from the stack pointer, a mark ("leave"), put back
       by the very activation of a function that copied it: all calls that it has
       made are over, so nothing below lives.

   Steps larger than a frame may be a change of stacks, too, even to one within a
   frame of this one.  Downwards: what lies between is not counted in, but the
   zone above is kept.  Upwards: it is proven only if it gives up a large frame
   that has been taken; else frames may live below.

   All addresses are byte addresses, ranges half-open.  Nothing here reads or
   writes the stack. */

#ifndef LG_STACKZONE_H
#define LG_STACKZONE_H

#include "lg_vocab.h"

typedef struct {
    Addr    sp;       /* the stack pointer that was copied ... */
    Addr    lowest;   /* ... and where the pushes right behind it end */
    Addr    call;     /* LgStackZone.call before */
    Bool    isCallee; /* not of the activation that made the mark before */
    Bool    isLeft;   /* from here the pointer went to an unknown place; ... */
    LgRange zone;     /* ... then, the zone as it was */
} LgStackMark;

/* Older ones are dropped. */
enum {
    LG_MAX_STACK_MARKS  = 128, /* a power of two */
    LG_MAX_LARGE_FRAMES = 8
};

/* In bytes; two stacks are never closer than that. */
enum { LG_MAX_FRAME_SZB = 4096 };

typedef struct {
    /* The zone.  The stack pointer may stand within, below, and above. */
    Addr low, top;
    /* A step down from here or from below, to `low` or above, changes nothing
       but what is zeroed. */
    Addr limit;
    /* Where the outermost call since the last mark has put its return address;
       it is over if the stack pointer is above.  0: none. */
    Addr    call;
    LgRange other; /* another zone, left by a step; may be empty */
    UInt    nMarks;
    UInt    firstMark; /* marks is a ring */
    UInt    nJumps;    /* how often it came from an unknown place, or more */
    LgStackMark marks[LG_MAX_STACK_MARKS];
    LgRange     large[LG_MAX_LARGE_FRAMES]; /* the last one is the lowest */
    UInt        nLarge;
} LgStackZone;

/* Nothing is known. */
void lg_zone_forget(LgStackZone* z);

/* The stack pointer is at oldSP, by steps only: to be called before it is asked
   what is dead, and before it goes elsewhere. */
void lg_zone_settle(LgStackZone* z, Addr oldSP);

/* What of [lo, hi), below the stack pointer, is dead: the number of ranges
   put into dead[].  byFrame: the pointer goes down by a frame. */
UInt lg_zone_dead(const LgStackZone* z, Addr lo, Addr hi, Bool byFrame,
                  LgRange dead[2]);

/* The stack pointer goes down by a frame.  Memory below `floor` is not counted
   in. */
void lg_zone_descend(LgStackZone* z, Addr oldSP, Addr newSP, Addr floor);

/* The same by a constant that is too large for a frame. */
void lg_zone_leap(LgStackZone* z, Addr newSP);

/* The stack pointer goes down by LG_MAX_FRAME_SZB or more: to be called before
   anything else. */
void lg_zone_take_large(LgStackZone* z, Addr oldSP, Addr newSP);

/* The stack pointer has gone up by a constant that is too large for a frame. */
void lg_zone_rise(LgStackZone* z, Addr oldSP, Addr newSP);

/* The stack pointer comes from elsewhere; canReturn: its old activation is
   known well enough to be returned to.  Returns if it is back at a mark: all
   that was known there holds again, and the mark is gone. */
Bool lg_zone_jump(LgStackZone* z, Addr oldSP, Addr newSP, Bool canReturn);

/* [lo, hi) is no stack any more: forget all if something is known of it. */
void lg_zone_cut(LgStackZone* z, Addr lo, Addr hi);

/* Does a step down from oldSP that needs all of [lo, oldSP) leave the zone as it
   is?  Then all of it is dead. */
static inline Bool lg_zone_has(const LgStackZone* z, Addr lo, Addr oldSP)
{
    return lo >= z->low && oldSP <= z->limit;
}

/* A step down from oldSP: a call below has returned. */
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

/* The last mark but i, which must exist. */
static inline LgStackMark* lg_zone_mark_before(LgStackZone* z, UInt i)
{
    return &z->marks[(z->firstMark + z->nMarks - 1 - i) % LG_MAX_STACK_MARKS];
}

static inline void lg_zone_set_limit(LgStackZone* z)
{
    const LgStackMark* m = lg_zone_mark_before(z, 0);
    z->limit = z->nMarks > 0 && !m->isLeft && m->sp < z->top ? m->sp : z->top;
}

/* lg_zone_jump() in the usual case, that it is back at the last mark; False: it
   may be another. */
static inline Bool lg_zone_return(LgStackZone* z, Addr oldSP, Addr newSP)
{
    const LgStackMark* m = lg_zone_mark_before(z, 0);

    if (z->nMarks == 0 || m->isLeft || newSP > m->sp || newSP < m->lowest ||
        newSP % sizeof(Addr) != 0 || oldSP > z->limit || z->call >= oldSP)
        return False;
    z->call = m->call;
    z->nMarks--;
    lg_zone_set_limit(z);
    return True;
}

/* The stack pointer is copied; the pushes that follow take it to `lowest`.
   isEntry: a function has just been entered, though no call was told of. */
static inline void lg_zone_mark(LgStackZone* z, Addr sp, Addr lowest,
                                Bool isEntry)
{
    LgStackMark* m;

    if (sp > z->limit)
        lg_zone_settle(z, sp);
    m = lg_zone_mark_before(z, 0);
    if (z->nMarks > 0 && m->sp == sp && !m->isLeft && z->call < sp && !isEntry) {
        if (lowest < m->lowest)
            m->lowest = lowest;
        return;
    }
    if (z->nMarks == LG_MAX_STACK_MARKS) {
        z->firstMark = (z->firstMark + 1) % LG_MAX_STACK_MARKS;
        z->nMarks--;
    }
    z->nMarks++;
    m           = lg_zone_mark_before(z, 0);
    m->sp       = sp;
    m->lowest   = lowest;
    m->call     = z->call;
    m->isCallee = isEntry || z->call >= sp;
    m->isLeft   = False;
    z->call     = 0;
    z->limit    = sp < z->top ? sp : z->top;
}

#endif
