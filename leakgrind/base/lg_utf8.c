/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_utf8.c: see lg_utf8.h. */

#include "lg_utf8.h"

UInt lg_utf8_read(const HChar* s, UInt* c)
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
        *c = first & (UChar)~forms[f].mask;
        for (UInt i = 1; i < forms[f].szB; i++) {
            if (!lg_utf8_continues(s[i]))
                return 0;
            *c = *c << 6 | ((UChar)s[i] & 0x3F);
        }
        Bool isSurrogate = *c >= 0xD800 && *c < 0xE000;
        return *c >= forms[f].least && *c < 0x110000 && !isSurrogate
                   ? forms[f].szB
                   : 0;
    }
    return 0;
}

/* Is the character of UTF-8 one of XML? */
static Bool is_xml_character(UInt c)
{
    return c < 0x20 ? c == '\t' || c == '\n' || c == '\r'
                    : c != 0xFFFE && c != 0xFFFF;
}

static UInt xml_character_szB(const HChar* s)
{
    UInt c, szB = lg_utf8_read(s, &c);
    return szB > 0 && is_xml_character(c) ? szB : 0;
}

Bool lg_utf8_is_xml(const HChar* s)
{
    while (*s != 0) {
        UInt szB = xml_character_szB(s);
        if (szB == 0)
            return False;
        s += szB;
    }
    return True;
}

void lg_utf8_make_xml(HChar* s)
{
    while (*s != 0) {
        UInt szB = xml_character_szB(s);
        if (szB == 0)
            *s++ = '_';
        else
            s += szB;
    }
}
