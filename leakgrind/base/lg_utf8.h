/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_utf8.h: characters of UTF-8, and which of them XML allows.

   A file may have any bytes for a name; an XML document may not. */

#ifndef LG_UTF8_H
#define LG_UTF8_H

#include "pub_tool_basics.h"

/* How many bytes the character at s has, and the character itself; 0 if the
   bytes there are no UTF-8 (RFC 3629: the shortest form, no surrogates,
   nothing above U+10FFFF). */
UInt lg_utf8_read(const HChar* s, UInt* c);

/* Can `byte` only continue a character? */
static inline Bool lg_utf8_continues(HChar byte)
{
    return ((UChar)byte & 0xC0) == 0x80;
}

/* Is the whole of s characters of XML 1.0 (section 2.2) in UTF-8? */
Bool lg_utf8_is_xml(const HChar* s);

/* Replaces each byte of s that belongs to no such character with '_', as
   Valgrind's core does in its messages. */
void lg_utf8_make_xml(HChar* s);

#endif
