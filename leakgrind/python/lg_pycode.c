/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pycode.c: from an instruction to a line of source.

   The table of lines is a bytes object in one of three formats: pairs of steps
   (3.9), pairs with ranges (3.10), and entries of variable length (3.11 and
   later, described in CPython's Objects/locations.md). */

#include "lg_pyframes.h"
#include "lg_pystr.h"

#define MAX_TABLE_SZB ((Addr)16 << 20)
/* With this limit the sum of the lines of a table fits into a Long. */
#define MAX_LINE 0x7FFFFFFF

typedef struct {
    const UChar* at;
    const UChar* end;
} Bytes;

static Bool table_of(const LgPyMem* mem, const LgPyLayout* l, Addr code,
                     Bytes* out)
{
    Addr bytes, szB;

    if (!lg_py_word(mem, code + l->co_linetable, &bytes) ||
        !lg_py_word(mem, bytes + l->ob_size, &szB) || szB > MAX_TABLE_SZB)
        return False;
    out->at = mem->at(mem->opaque, bytes + l->bytes_data, szB > 0 ? szB : 1);
    if (out->at == NULL)
        return False;
    out->end = out->at + szB;
    return True;
}

static UInt line_number(Long line)
{
    return line > 0 && line <= MAX_LINE ? (UInt)line : 0;
}

/* --- 3.11: the location table -------------------------------------------- */

/* A number in 6-bit groups, the least significant first; bit 6 of a byte says
   that another follows.  False at the end of the table. */
static Bool read_varint(Bytes* t, ULong* out)
{
    ULong value = 0;
    for (UInt shift = 0; t->at < t->end && shift < 64; shift += 6) {
        UChar b = *t->at++;
        value |= (ULong)(b & 0x3F) << shift;
        if (!(b & 0x40)) {
            *out = value;
            return True;
        }
    }
    return False;
}

/* The sign is in the lowest bit.  False also if it is too large a step. */
static Bool read_signed_varint(Bytes* t, Long* out)
{
    ULong u;
    if (!read_varint(t, &u) || (u >> 1) > MAX_LINE)
        return False;
    *out = u & 1 ? -(Long)(u >> 1) : (Long)(u >> 1);
    return True;
}

static Bool skip_table_bytes(Bytes* t, UInt n)
{
    if (t->end - t->at < (Long)n)
        return False;
    t->at += n;
    return True;
}

/* Codes of an entry, in bits 3..6 of its first byte. */
enum {
    CODE_ONE_LINE0 = 10, /* 10..12: the line advances by code - 10 */
    CODE_NO_COLUMNS = 13,
    CODE_LONG = 14,
    CODE_NONE = 15
};

/* Reads what follows the first byte of an entry; *delta is how far its line is
   from that of the entry before. */
static Bool read_location_entry(Bytes* t, UInt code, Long* delta)
{
    ULong ignored;

    *delta = 0;
    if (code == CODE_NONE)
        return True;
    if (code < CODE_ONE_LINE0)
        return skip_table_bytes(t, 1);
    if (code < CODE_NO_COLUMNS) {
        *delta = (Long)code - CODE_ONE_LINE0;
        return skip_table_bytes(t, 2);
    }
    if (!read_signed_varint(t, delta))
        return False;
    for (UInt i = 0; code == CODE_LONG && i < 3; i++)
        if (!read_varint(t, &ignored))
            return False;
    return True;
}

/* `unit`: number of the instruction, in code units. */
static UInt line_in_locations(Bytes t, ULong unit, Long line)
{
    ULong next = 0;
    Long  delta;

    while (t.at < t.end) {
        UInt first = *t.at++;
        UInt code = (first >> 3) & 15;
        if (!(first & 0x80) || !read_location_entry(&t, code, &delta))
            return 0;
        line += delta;
        next += (first & 7) + 1;
        if (unit < next)
            return code == CODE_NONE ? 0 : line_number(line);
    }
    return 0;
}

/* --- 3.10, 3.9 ----------------------------------------------------------- */

/* `at`: the instruction's offset in bytes. */
static UInt line_in_ranges(Bytes t, ULong at, Long line)
{
    enum { NO_LINE = -128 };
    ULong next = 0;

    for (; t.end - t.at >= 2; t.at += 2) {
        Char delta = (Char)t.at[1];
        next += t.at[0];
        if (delta != NO_LINE)
            line += delta;
        if (at < next)
            return delta == NO_LINE ? 0 : line_number(line);
    }
    return 0;
}

static UInt line_in_lnotab(Bytes t, ULong at, Long line)
{
    ULong begins = 0;

    for (; t.end - t.at >= 2; t.at += 2) {
        begins += t.at[0];
        if (begins > at)
            break;
        line += (Char)t.at[1];
    }
    return line_number(line);
}

/* ------------------------------------------------------------------------- */

/* Is it one of the instructions that come before a function's first line? */
static Bool is_preparation(const LgPyMem* mem, const LgPyLayout* l, Addr code,
                           ULong unit)
{
    Int firstTraceable;

    return l->co_firsttraceable != LG_PY_NONE &&
           lg_py_read(mem, code + l->co_firsttraceable, &firstTraceable,
                      sizeof firstTraceable) &&
           firstTraceable > 0 && unit < (ULong)firstTraceable;
}

static UInt line_of(const LgPyMem* mem, const LgPyLayout* l, Addr code,
                    Addr instr)
{
    Bytes t;
    Int   first;
    ULong unit;
    UInt  line;

    if (!lg_py_read(mem, code + l->co_firstlineno, &first, sizeof first) ||
        !table_of(mem, l, code, &t))
        return 0;
    if (instr == LG_PY_NOT_BEGUN)
        return line_number(first);
    switch (l->lineFormat) {
    case LgPyLnotab:
        return line_in_lnotab(t, instr, first);
    case LgPyLinetable310:
        return line_in_ranges(t, instr, first);
    case LgPyLocations:
        if (instr < code + l->co_code_adaptive)
            return 0;
        unit = (instr - (code + l->co_code_adaptive)) / 2;
        line = line_in_locations(t, unit, first);
        return line == 0 && is_preparation(mem, l, code, unit)
                   ? line_number(first)
                   : line;
    }
    return 0;
}

Bool lg_pycode_locate(const LgPyMem* mem, const LgPyLayout* layout, Addr code,
                      Addr instr, LgPyLocation* out)
{
    Addr name, file;
    UInt nameAt = layout->co_qualname != LG_PY_NONE ? layout->co_qualname
                                                    : layout->co_name;

    if (!lg_py_word(mem, code + nameAt, &name) ||
        !lg_py_word(mem, code + layout->co_filename, &file) ||
        !lg_pystr_read(mem, layout, name, out->function, LG_PY_NAME_SZB) ||
        !lg_pystr_read(mem, layout, file, out->file, LG_PY_NAME_SZB))
        return False;
    out->line = line_of(mem, layout, code, instr);
    return True;
}
