/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyrefcnt.c: see lg_pyrefcnt.h. */

#include "lg_pyrefcnt.h"

/* More references than memory has room for are not believed. */
#define MAX_COUNT ((ULong)1 << 40)

static LgPyRefcntKind mortal(ULong count)
{
    return count == 0 ? LgPyRefcntCached : LgPyRefcntMortal;
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
        return flags == 0 && word % 16 == 0 ? LgPyRefcntCached
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
    }
    return LgPyRefcntNonsense;
}

Bool lg_pyrefcnt_may_be_link(const LgPyLayout* layout, ULong word)
{
    return layout->refcntFormat == LgPyRefcntFlags && word >= 4096 &&
           word >> 32 == 0 && word % 16 == 0;
}
