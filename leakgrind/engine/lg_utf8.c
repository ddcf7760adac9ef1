/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_utf8.c: see lg_utf8.h.  UTF-8 is that of RFC 3629: the shortest form, no
   surrogates, nothing above U+10FFFF. */

#include "lg_utf8.h"

/* Control characters other than these have no place in XML. */
static Bool is_xml_control(UInt c)
{
    return c == '\t' || c == '\n' || c == '\r';
}

static Bool is_xml_character(UInt c)
{
    return c < 0x20 ? is_xml_control(c)
                    : c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) ||
                          (c >= 0x10000 && c < 0x110000);
}

/* How many bytes the character at s has, which XML may hold; 0 if there is
   none. */
static UInt character_szB(const HChar* s)
{
    static const struct {
        UChar mask, lead, szB;
        UInt  least; /* the smallest character of this length */
    } forms[] = {{0x80, 0x00, 1, 0},
                 {0xE0, 0xC0, 2, 0x80},
                 {0xF0, 0xE0, 3, 0x800},
                 {0xF8, 0xF0, 4, 0x10000}};
    UChar first = (UChar)s[0];

    for (UInt f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        if ((first & forms[f].mask) != forms[f].lead)
            continue;
        UInt c = first & (UChar)~forms[f].mask;
        for (UInt i = 1; i < forms[f].szB; i++) {
            if (((UChar)s[i] & 0xC0) != 0x80)
                return 0;
            c = c << 6 | ((UChar)s[i] & 0x3F);
        }
        return c >= forms[f].least && is_xml_character(c) ? forms[f].szB : 0;
    }
    return 0;
}

Bool lg_utf8_is_xml(const HChar* s)
{
    while (*s != 0) {
        UInt szB = character_szB(s);
        if (szB == 0)
            return False;
        s += szB;
    }
    return True;
}

void lg_utf8_make_xml(HChar* s)
{
    while (*s != 0) {
        UInt szB = character_szB(s);
        if (szB == 0)
            *s++ = '_';
        else
            s += szB;
    }
}
