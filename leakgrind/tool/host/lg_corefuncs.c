/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_corefuncs.c: functions of the core, quickly.

   A good part of a program's start is spent in two small functions of the core.
   The linker (--wrap) leads the core's calls of them here; what they are to do
   is as the core's headers say.

   VG_(string_match): for each file of the program the core compares each symbol
   with each name that a preload library replaces, some hundred thousand pairs
   before main() is reached.  Nearly all of them differ in one of the first
   characters.  Wildcards remain the core's business.

   VG_(memset): blocks, tables and VEX's memory are zeroed, four bytes at a time
   by the core. */

#include "pub_tool_basics.h"
#include "pub_tool_seqmatch.h"

Bool  __real_vgPlain_string_match(const HChar* patt, const HChar* input);
Bool  __wrap_vgPlain_string_match(const HChar* patt, const HChar* input);
void* __wrap_vgPlain_memset(void* s, Int c, SizeT n);

Bool __wrap_vgPlain_string_match(const HChar* patt, const HChar* input)
{
    for (; *patt != '*' && *patt != '?'; patt++, input++) {
        if (*patt != *input)
            return False;
        if (*patt == 0)
            return True;
    }
    return __real_vgPlain_string_match(patt, input);
}

/* Wherever they stand. */
typedef ULong EightWords
    __attribute__((vector_size(64), aligned(1), may_alias));
typedef ULong OneWord __attribute__((aligned(1), may_alias));

void* __wrap_vgPlain_memset(void* s, Int c, SizeT n)
{
    UChar*     p = s;
    ULong      word = 0x0101010101010101ULL * (UChar)c;
    EightWords words = {word, word, word, word, word, word, word, word};

    for (; n >= sizeof words; p += sizeof words, n -= sizeof words)
        *(EightWords*)p = words;
    for (; n >= sizeof word; p += sizeof word, n -= sizeof word)
        *(OneWord*)p = word;
    /* Volatile, or else a compiler may make a call of memset() of it. */
    for (; n > 0; n--)
        *(volatile UChar*)p++ = (UChar)c;
    return s;
}
