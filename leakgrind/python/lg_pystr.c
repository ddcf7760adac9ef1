/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pystr.c: strings.  See lg_pystr.h. */

#include "lg_pystr.h"

#include "../base/lg_utf8.h"

/* Bits of PyASCIIObject.state. */
#define STATE_INTERNED(s) ((s) & 3)
#define STATE_KIND(s)    (((s) >> 2) & 7) /* bytes of a character: 1, 2, 4 */
#define STATE_COMPACT(s) (((s) >> 5) & 1)
#define STATE_ASCII(s)   (((s) >> 6) & 1)

/* A bit of tp_flags. */
#define TPFLAGS_UNICODE_SUBCLASS (1ULL << 28)

/* Longer strings are not plausible. */
#define MAX_LENGTH ((Addr)1 << 32)

/* A character that cannot be shown: a control character (C0, C1), half of a
   surrogate pair, or outside Unicode. */
static Bool is_unprintable(UInt c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c < 0xE000) ||
           c > 0x10FFFF;
}

/* Appends a character as UTF-8; returns the new length, or the old one if the
   character does not fit before `end`. */
static UInt append_char(HChar* buf, UInt n, UInt end, UInt c)
{
    UChar u[4];
    UInt  len;

    if (is_unprintable(c))
        c = '?';
    if (c < 0x80) {
        len = 1;
        u[0] = (UChar)c;
    } else if (c < 0x800) {
        len = 2;
        u[0] = (UChar)(0xC0 | c >> 6);
    } else if (c < 0x10000) {
        len = 3;
        u[0] = (UChar)(0xE0 | c >> 12);
    } else {
        len = 4;
        u[0] = (UChar)(0xF0 | c >> 18);
    }
    for (UInt i = 1; i < len; i++)
        u[i] = (UChar)(0x80 | ((c >> (6 * (len - 1 - i))) & 0x3F));
    if (n + len > end)
        return n;
    for (UInt i = 0; i < len; i++)
        buf[n + i] = (HChar)u[i];
    return n + len;
}

static UInt read_char(const UChar* data, UInt kind, UInt i)
{
    UShort two;
    UInt   four;

    if (kind == 1)
        return data[i];
    if (kind == 2) {
        memcpy(&two, data + 2 * i, 2);
        return two;
    }
    memcpy(&four, data + 4 * (SizeT)i, 4);
    return four;
}

Bool lg_pystr_is(const LgPyMem* mem, const LgPyLayout* layout, Addr obj)
{
    Addr type, flags;

    return lg_py_word(mem, obj + layout->ob_type, &type) &&
           lg_py_word(mem, type + layout->tp_flags, &flags) &&
           (flags & TPFLAGS_UNICODE_SUBCLASS) != 0;
}

Bool lg_pystr_is_interned(const LgPyMem* mem, const LgPyLayout* layout,
                          Addr obj)
{
    UInt state;
    return lg_pystr_is(mem, layout, obj) &&
           lg_py_read(mem, obj + layout->unicode_state, &state,
                      sizeof state) &&
           STATE_INTERNED(state) != 0;
}

Bool lg_pystr_read(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                   HChar* buf, UInt bufSzB)
{
    Addr length;
    UInt state;

    if (bufSzB == 0 ||
        !lg_py_word(mem, obj + layout->unicode_length, &length) ||
        !lg_py_read(mem, obj + layout->unicode_state, &state, sizeof state))
        return False;
    UInt kind = STATE_KIND(state);
    if (!STATE_COMPACT(state) || (kind != 1 && kind != 2 && kind != 4) ||
        (STATE_ASCII(state) && kind != 1) || length > MAX_LENGTH)
        return False;
    Addr data = obj + (STATE_ASCII(state) ? layout->unicode_ascii_data
                                          : layout->unicode_compact_data);
    UInt n = length < bufSzB ? (UInt)length : bufSzB;
    const UChar* text = mem->at(mem->opaque, data, n > 0 ? n * kind : 1);
    if (text == NULL)
        return False;
    UInt used = 0;
    for (UInt i = 0; i < n; i++) {
        UInt now = append_char(buf, used, bufSzB - 1, read_char(text, kind, i));
        if (now == used)
            break;
        used = now;
    }
    buf[used] = 0;
    return True;
}

ULong lg_pystr_data_offsets(const LgPyLayout* layout)
{
    return 1ULL << layout->bytes_data / 8 |
           1ULL << layout->unicode_ascii_data / 8 |
           1ULL << layout->unicode_compact_data / 8;
}

static UInt add_held(const LgPyMem* mem, Addr at, Addr* out, UInt n)
{
    return lg_py_word(mem, at, &out[n]) && out[n] != 0 ? n + 1 : n;
}

UInt lg_pystr_held(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                   Addr out[LG_PY_STR_MAX_HELD])
{
    const LgPyLayout* l = layout;
    UInt              state, n = 0;

    if (!lg_py_read(mem, obj + l->unicode_state, &state, sizeof state))
        return 0;
    if (l->unicode_wstr != LG_PY_NONE)
        n = add_held(mem, obj + l->unicode_wstr, out, n);
    if (!STATE_ASCII(state) || !STATE_COMPACT(state))
        n = add_held(mem, obj + l->unicode_utf8, out, n);
    if (!STATE_COMPACT(state))
        n = add_held(mem, obj + l->unicode_data, out, n);
    return n;
}

static Bool is_utf8(const HChar* s)
{
    UInt c, szB = 1;

    while (*s != 0 && szB > 0) {
        szB = lg_utf8_read(s, &c);
        s += szB;
    }
    return *s == 0;
}

Bool lg_pystr_read_if_str(const LgPyMem* mem, const LgPyLayout* layout, Addr obj,
                          HChar* buf, UInt bufSzB)
{
    return obj != 0 && lg_pystr_is(mem, layout, obj) &&
           lg_pystr_read(mem, layout, obj, buf, bufSzB);
}

Bool lg_pystr_read_c(const LgPyMem* mem, Addr a, HChar* buf, UInt bufSzB)
{
    UInt n = 0;

    if (bufSzB == 0)
        return False;
    for (; n + 1 < bufSzB; n++) {
        const HChar* c = mem->at(mem->opaque, a + n, 1);
        if (c == NULL)
            return False;
        if (*c == 0)
            break;
        if ((UChar)*c < 0x20 || *c == 0x7F)
            return False;
        buf[n] = *c;
    }
    /* Not in the middle of a character. */
    const HChar* next = mem->at(mem->opaque, a + n, 1);
    if (next != NULL && lg_utf8_continues(*next)) {
        while (n > 0 && lg_utf8_continues(buf[n - 1]))
            n--;
        if (n > 0)
            n--;
    }
    buf[n] = 0;
    return is_utf8(buf);
}
