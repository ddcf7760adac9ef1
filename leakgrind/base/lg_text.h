/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_text.h: what the pure modules need of string.h. */

#ifndef LG_TEXT_H
#define LG_TEXT_H

#include "../lg_platform.h"

/* Without the terminating 0. */
static inline SizeT lg_text_length(const HChar* s)
{
    SizeT n = 0;
    while (s[n] != 0)
        n++;
    return n;
}

static inline Bool lg_text_equal(const HChar* a, const HChar* b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* What follows `prefix` in `text`; NULL if the text does not begin with it. */
static inline const HChar* lg_text_after(const HChar* text,
                                         const HChar* prefix)
{
    for (; *prefix != 0; text++, prefix++)
        if (*text != *prefix)
            return NULL;
    return text;
}

static inline Bool lg_text_has(const HChar* s, HChar c)
{
    while (*s != 0 && *s != c)
        s++;
    return *s == c;
}

/* A copy of the first n characters, terminated; free it with lg_plat_free. */
static inline HChar* lg_text_copy(const HChar* who, const HChar* s, SizeT n)
{
    HChar* c = lg_plat_alloc(who, n + 1);
    memcpy(c, s, n);
    c[n] = 0;
    return c;
}

#endif
