/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_stackzone.c: see lg_stackzone.h. */

#include "lg_stackzone.h"

static SizeT range_szB(LgRange r)
{
    return r.hi > r.lo ? r.hi - r.lo : 0;
}

static LgRange current_zone(const LgStackZone* z)
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
    z->nSaved    = 0;
    z->firstSaved = 0;
    z->nLarge    = 0;
    z->nJumps++;
}

/* Keeps the zone as the other one, if it is the larger. */
static void put_aside(LgStackZone* z)
{
    if (range_szB(current_zone(z)) > range_szB(z->other))
        z->other = current_zone(z);
}

/* The functions that saved SPs below `sp` have returned.  A stack that was left
   has its saved SPs above those: they are not compared with a pointer that is
   elsewhere. */
static void drop_dead_saved(LgStackZone* z, Addr sp)
{
    while (z->nSaved > 0) {
        const LgSavedSP* m = lg_zone_saved(z, 0);
        if (m->isLeft || m->sp >= sp)
            return;
        z->call = m->call;
        z->nSaved--;
    }
}

void lg_zone_settle(LgStackZone* z, Addr oldSP)
{
    drop_dead_saved(z, oldSP);
    lg_zone_step(z, oldSP);
    if (oldSP > z->top && z->other.lo < oldSP && oldSP <= z->other.hi) {
        LgRange r = z->other;
        z->other  = current_zone(z);
        set_zone(z, r);
    }
    lg_zone_set_limit(z);
}

static UInt add_common(LgRange dead[2], UInt n, LgRange a, Addr lo, Addr hi)
{
    dead[n] = (LgRange){a.lo > lo ? a.lo : lo, a.hi < hi ? a.hi : hi};
    return range_szB(dead[n]) > 0 ? n + 1 : n;
}

UInt lg_zone_dead(const LgStackZone* z, Addr lo, Addr hi, Bool byFrame,
                  LgRange dead[2])
{
    UInt n = add_common(dead, 0, current_zone(z), lo, hi);
    return byFrame ? add_common(dead, n, z->other, lo, hi) : n;
}

/* The zone grows down to `low`, and may reach the other one. */
static void extend_zone(LgStackZone* z, Addr low)
{
    if (low >= z->low)
        return;
    if (range_szB(z->other) > 0 && z->other.hi <= z->low &&
        z->other.hi >= low) {
        z->low   = z->other.lo < low ? z->other.lo : low;
        z->other = (LgRange){0, 0};
    } else
        z->low = low;
}

void lg_zone_descend(LgStackZone* z, Addr oldSP, Addr newSP, Addr floor)
{
    if (floor >= oldSP)
        return;
    if (oldSP > z->top && newSP <= z->top && range_szB(current_zone(z)) > 0)
        z->top = oldSP;
    else if (oldSP > z->top || oldSP < z->low) {
        put_aside(z);
        set_zone(z, (LgRange){oldSP, oldSP});
    }
    extend_zone(z, newSP > floor ? newSP : floor);
    lg_zone_set_limit(z);
}

void lg_zone_leap(LgStackZone* z, Addr newSP)
{
    if (newSP >= z->low && newSP <= z->top)
        return;
    if (z->other.lo < newSP && newSP <= z->other.hi) {
        LgRange r = z->other;
        z->other  = current_zone(z);
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
    /* A large frame may be taken page by page. */
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

/* Does the stack pointer go up over the last large frame, and less than a frame
   more? */
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

/* Is newSP one that the running activation has saved?  Then all is as it was
   then. */
static Bool return_to_saved(LgStackZone* z, Addr oldSP, Addr newSP)
{
    LgRange known = current_zone(z);
    LgRange other = z->other;

    if (z->call >= oldSP)
        return False;
    for (UInt i = 0; i < z->nSaved; i++) {
        const LgSavedSP* m = lg_zone_saved(z, i);
        if (m->isLeft) {
            known = m->zone;
            other = (LgRange){0, 0};
        }
        if (m->lowest <= newSP && newSP <= m->sp &&
            newSP % sizeof(Addr) == 0) {
            z->call  = m->call;
            z->other = other;
            z->nSaved -= i + 1;
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
    if (return_to_saved(z, oldSP, newSP))
        return True;
    LgRange known = current_zone(z);
    if (isNear) {
        drop_dead_saved(z, newSP);
        lg_zone_step(z, newSP);
    }
    if (canReturn && z->nSaved > 0 && z->call < (isNear ? newSP : oldSP)) {
        LgSavedSP* m = lg_zone_saved(z, 0);
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

static Bool ranges_overlap(LgRange r, Addr lo, Addr hi)
{
    return r.lo < hi && lo < r.hi;
}

void lg_zone_cut(LgStackZone* z, Addr lo, Addr hi)
{
    Bool isKnown = ranges_overlap(current_zone(z), lo, hi) ||
                   ranges_overlap(z->other, lo, hi);

    for (UInt i = 0; i < z->nSaved && !isKnown; i++) {
        const LgSavedSP* m = lg_zone_saved(z, i);
        isKnown = m->isLeft && ranges_overlap(m->zone, lo, hi);
    }
    if (isKnown)
        lg_zone_forget(z);
}
