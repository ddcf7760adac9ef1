/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyrefcnt.c: see lg_pyrefcnt.h. */

#include "lg_pyrefcnt.h"

/* More references do not fit into memory. */
#define MAX_COUNT ((ULong)1 << 40)

static LgPyRefcntKind mortal_or_dead(ULong count)
{
    return count == 0 ? LgPyRefcntDead : LgPyRefcntMortal;
}

/* 32 bits; if the highest is set, the object is immortal. */
static LgPyRefcntKind read_low32(ULong word, ULong* count)
{
    if ((Int)(UInt)word < 0)
        return LgPyRefcntImmortal;
    *count = (UInt)word;
    return mortal_or_dead(*count);
}

/* Above the count are 16 bits that are always 0, and 16 bits of flags.  A link
   to 4 GiB or above has a bit set in the former, and no flags; the last link is
   0. */
static LgPyRefcntKind read_flags(ULong word, ULong* count)
{
    UInt overflow = (UInt)(word >> 32) & 0xFFFF;
    UInt flags = (UInt)(word >> 48);

    if (overflow != 0)
        return flags == 0 && word % 16 == 0 ? LgPyRefcntDead
                                            : LgPyRefcntNonsense;
    return flags != 0 && (UInt)word == 0 ? LgPyRefcntNonsense
                                         : read_low32(word, count);
}

LgPyRefcntKind lg_pyrefcnt_read(const LgPyLayout* layout, ULong word,
                                ULong* count)
{
    *count = 0;
    switch (layout->refcntFormat) {
    case LgPyRefcntPlain:
        if (word >= MAX_COUNT)
            return LgPyRefcntNonsense;
        *count = word;
        return mortal_or_dead(word);
    case LgPyRefcntLow32:
        return word >> 32 != 0 ? LgPyRefcntNonsense : read_low32(word, count);
    case LgPyRefcntFlags:
        return read_flags(word, count);
    case LgPyRefcntSplit: break; /* not a single word */
    }
    return LgPyRefcntNonsense;
}

LgPyRefcntKind lg_pyrefcnt_of_split(const LgPyMem* mem,
                                    const LgPyLayout* layout, Addr obj,
                                    ULong* count)
{
    enum { STATE_BITS = 2, GC_DEFERRED = 64 };
    Long  shared;
    UInt  local;
    UChar gcBits;

    *count = 0;
    if (!lg_py_read(mem, obj + layout->ob_refcnt, &local, sizeof local) ||
        !lg_py_read(mem, obj + layout->ob_ref_shared, &shared,
                    sizeof shared) ||
        !lg_py_read(mem, obj + layout->ob_gc_bits, &gcBits, 1))
        return LgPyRefcntNonsense;
    if (local == ~0u)
        return LgPyRefcntImmortal;
    Long sum = (Long)local + (shared >> STATE_BITS);
    /* The collector holds a reference to an object that only it may free. */
    if (gcBits & GC_DEFERRED)
        sum--;
    if (sum < 0 || sum >= (Long)MAX_COUNT)
        return LgPyRefcntNonsense;
    *count = (ULong)sum;
    return gcBits & GC_DEFERRED ? LgPyRefcntMortal : mortal_or_dead(*count);
}

Bool lg_pyrefcnt_may_be_link(const LgPyLayout* layout, ULong word)
{
    return layout->refcntFormat == LgPyRefcntFlags && word >= 4096 &&
           word >> 32 == 0 && word % 16 == 0;
}
