/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_strmatch.c: the core's comparison of names with patterns, quickly.

   For each file of the program the core compares each of its symbols with each
   name that a preload library replaces, some hundred thousand pairs before main()
   is reached.  Nearly all of them differ in one of the first characters.  The
   linker (--wrap) leads the core's calls here; wildcards remain its own
   business. */

#include "pub_tool_basics.h"
#include "pub_tool_seqmatch.h"

Bool __real_vgPlain_string_match(const HChar* patt, const HChar* input);
Bool __wrap_vgPlain_string_match(const HChar* patt, const HChar* input);

/* As VG_(string_match). */
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
