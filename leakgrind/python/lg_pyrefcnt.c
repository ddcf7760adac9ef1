/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyrefcnt.c: see lg_pyrefcnt.h. */

#include "lg_pyrefcnt.h"

/* More references than memory has room for are not believed. */
#define MAX_COUNT ((ULong)1 << 40)

static LgPyRefcntKind mortal(ULong count)
{
    return count == 0 ? LgPyRefcntDead : LgPyRefcntMortal;
}

/* 32 bits, of which the highest says that the object is immortal. */
static LgPyRefcntKind read_low32(ULong word, ULong* count)
{
    if ((Int)(UInt)word < 0)
        return LgPyRefcntImmortal;
    *count = (UInt)word;
    return mortal(*count);
}

/* Above the count are 16 bits that are always 0, and 16 of flags; a link to
   beyond 4 GiB has something there, and no flags; the last link is 0. */
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
        return mortal(word);
    case LgPyRefcntLow32:
        return word >> 32 != 0 ? LgPyRefcntNonsense : read_low32(word, count);
    case LgPyRefcntFlags:
        return read_flags(word, count);
    case LgPyRefcntSplit: break; /* is no word */
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
    /* The collector has a reference to what it alone may free. */
    if (gcBits & GC_DEFERRED)
        sum--;
    if (sum < 0 || sum >= (Long)MAX_COUNT)
        return LgPyRefcntNonsense;
    *count = (ULong)sum;
    return gcBits & GC_DEFERRED ? LgPyRefcntMortal : mortal(*count);
}

Bool lg_pyrefcnt_may_be_link(const LgPyLayout* layout, ULong word)
{
    return layout->refcntFormat == LgPyRefcntFlags && word >= 4096 &&
           word >> 32 == 0 && word % 16 == 0;
}
