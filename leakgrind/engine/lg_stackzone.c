/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackzone.c: see lg_stackzone.h. */

#include "lg_stackzone.h"

static SizeT size(LgRange r)
{
    return r.hi > r.lo ? r.hi - r.lo : 0;
}

static LgRange zone(const LgStackZone* z)
{
    return (LgRange){z->low, z->top};
}

static void set_zone(LgStackZone* z, LgRange r)
{
    z->low = r.lo;
    z->top = r.hi;
}

void lg_zone_forget(LgStackZone* z)
{
    set_zone(z, (LgRange){0, 0});
    z->limit     = 0;
    z->call      = 0;
    z->other     = (LgRange){0, 0};
    z->nMarks    = 0;
    z->firstMark = 0;
    z->nLarge    = 0;
    z->nJumps++;
}

/* Puts what is known of the zone aside, as far as there is room. */
static void put_aside(LgStackZone* z)
{
    if (size(zone(z)) > size(z->other))
        z->other = zone(z);
}

/* The functions that made the marks below `sp` have returned.  A stack that was
   left has its marks above: they are not compared with a pointer that is
   elsewhere. */
static void drop_dead_marks(LgStackZone* z, Addr sp)
{
    while (z->nMarks > 0) {
        const LgStackMark* m = lg_zone_mark_before(z, 0);
        if (m->isLeft || m->sp >= sp)
            return;
        z->call = m->call;
        z->nMarks--;
    }
}

void lg_zone_settle(LgStackZone* z, Addr oldSP)
{
    drop_dead_marks(z, oldSP);
    lg_zone_step(z, oldSP);
    if (oldSP > z->top && z->other.lo < oldSP && oldSP <= z->other.hi) {
        LgRange r = z->other;
        z->other  = zone(z);
        set_zone(z, r);
    }
    lg_zone_set_limit(z);
}

static UInt add_common(LgRange dead[2], UInt n, LgRange a, Addr lo, Addr hi)
{
    dead[n] = (LgRange){a.lo > lo ? a.lo : lo, a.hi < hi ? a.hi : hi};
    return size(dead[n]) > 0 ? n + 1 : n;
}

UInt lg_zone_dead(const LgStackZone* z, Addr lo, Addr hi, Bool byFrame,
                  LgRange dead[2])
{
    UInt n = add_common(dead, 0, zone(z), lo, hi);
    return byFrame ? add_common(dead, n, z->other, lo, hi) : n;
}

/* The zone grows downwards to `low`, and may meet the other one. */
static void extend(LgStackZone* z, Addr low)
{
    if (low >= z->low)
        return;
    if (size(z->other) > 0 && z->other.hi <= z->low && z->other.hi >= low) {
        z->low   = z->other.lo < low ? z->other.lo : low;
        z->other = (LgRange){0, 0};
    } else
        z->low = low;
}

void lg_zone_descend(LgStackZone* z, Addr oldSP, Addr newSP, Addr floor)
{
    if (floor >= oldSP)
        return;
    if (oldSP > z->top && newSP <= z->top && size(zone(z)) > 0)
        z->top = oldSP;
    else if (oldSP > z->top || oldSP < z->low) {
        put_aside(z);
        set_zone(z, (LgRange){oldSP, oldSP});
    }
    extend(z, newSP > floor ? newSP : floor);
    lg_zone_set_limit(z);
}

void lg_zone_leap(LgStackZone* z, Addr newSP)
{
    if (newSP >= z->low && newSP <= z->top)
        return;
    if (z->other.lo < newSP && newSP <= z->other.hi) {
        LgRange r = z->other;
        z->other  = zone(z);
        set_zone(z, r);
    } else {
        put_aside(z);
        set_zone(z, (LgRange){newSP, newSP});
    }
    lg_zone_set_limit(z);
}

/* The large frames below `sp` have been given up. */
static void drop_dead_large(LgStackZone* z, Addr sp)
{
    while (z->nLarge > 0 && z->large[z->nLarge - 1].lo < sp)
        z->nLarge--;
}

void lg_zone_take_large(LgStackZone* z, Addr oldSP, Addr newSP)
{
    drop_dead_large(z, oldSP);
    /* It may be taken page by page. */
    if (z->nLarge > 0 && z->large[z->nLarge - 1].lo == oldSP) {
        z->large[z->nLarge - 1].lo = newSP;
        return;
    }
    if (z->nLarge == LG_MAX_LARGE_FRAMES) {
        z->nLarge--;
        for (UInt i = 0; i < z->nLarge; i++)
            z->large[i] = z->large[i + 1];
    }
    z->large[z->nLarge++] = (LgRange){newSP, oldSP};
}

/* Is what the stack pointer goes up over the last large frame, and otherwise
   less than a frame? */
static Bool gives_up_large(const LgStackZone* z, Addr oldSP, Addr newSP)
{
    if (z->nLarge == 0)
        return False;
    LgRange r = z->large[z->nLarge - 1];
    return newSP >= r.hi && newSP - r.hi <= LG_MAX_FRAME_SZB &&
           r.lo - oldSP <= LG_MAX_FRAME_SZB;
}

void lg_zone_rise(LgStackZone* z, Addr oldSP, Addr newSP)
{
    lg_zone_settle(z, oldSP);
    drop_dead_large(z, oldSP);
    if (gives_up_large(z, oldSP, newSP)) {
        z->nLarge--;
        return;
    }
    z->other = (LgRange){0, 0};
    if (newSP > z->top)
        set_zone(z, (LgRange){newSP, newSP});
    else if (newSP > z->low)
        z->low = newSP;
    lg_zone_set_limit(z);
}

/* Is newSP what the running activation has marked?  Then all is as it was
   there. */
static Bool return_to_mark(LgStackZone* z, Addr oldSP, Addr newSP)
{
    LgRange known = zone(z);
    LgRange other = z->other;

    if (z->call >= oldSP)
        return False;
    for (UInt i = 0; i < z->nMarks; i++) {
        const LgStackMark* m = lg_zone_mark_before(z, i);
        if (m->isLeft) {
            known = m->zone;
            other = (LgRange){0, 0};
        }
        if (m->lowest <= newSP && newSP <= m->sp &&
            newSP % sizeof(Addr) == 0) {
            z->call  = m->call;
            z->other = other;
            z->nMarks -= i + 1;
            set_zone(z, known);
            lg_zone_set_limit(z);
            return True;
        }
        if (m->isCallee)
            return False;
    }
    return False;
}

Bool lg_zone_jump(LgStackZone* z, Addr oldSP, Addr newSP, Bool canReturn)
{
    Bool isNear = newSP > oldSP && newSP - oldSP < LG_MAX_FRAME_SZB;

    lg_zone_settle(z, oldSP);
    if (return_to_mark(z, oldSP, newSP))
        return True;
    LgRange known = zone(z);
    if (isNear) {
        drop_dead_marks(z, newSP);
        lg_zone_step(z, newSP);
    }
    if (canReturn && z->nMarks > 0 && z->call < (isNear ? newSP : oldSP)) {
        LgStackMark* m = lg_zone_mark_before(z, 0);
        if (!m->isLeft)
            m->zone = known;
        m->isLeft = True;
        z->call   = 0;
        z->other  = (LgRange){0, 0};
    } else
        lg_zone_forget(z);
    z->nJumps++;
    set_zone(z, (LgRange){newSP, newSP});
    if (isNear && known.lo < oldSP)
        z->other = (LgRange){known.lo, known.hi < oldSP ? known.hi : oldSP};
    lg_zone_set_limit(z);
    return False;
}

static Bool overlap(LgRange r, Addr lo, Addr hi)
{
    return r.lo < hi && lo < r.hi;
}

void lg_zone_cut(LgStackZone* z, Addr lo, Addr hi)
{
    Bool isKnown = overlap(zone(z), lo, hi) || overlap(z->other, lo, hi);

    for (UInt i = 0; i < z->nMarks && !isKnown; i++) {
        const LgStackMark* m = lg_zone_mark_before(z, i);
        isKnown = m->isLeft && overlap(m->zone, lo, hi);
    }
    if (isKnown)
        lg_zone_forget(z);
}
