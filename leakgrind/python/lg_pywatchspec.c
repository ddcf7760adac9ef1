/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pywatchspec.c: see lg_pywatchspec.h. */

#include "lg_pywatchspec.h"

#include "../base/lg_glob.h"
#include "../base/lg_text.h"

static const HChar who[] = "lg.pywatchspec";

/* The number behind the last colon, which is then at *colon; 0: there is none,
   or a "*". */
static UInt line_at_end(const HChar* text, SizeT* colon)
{
    SizeT i = lg_text_length(text);
    ULong line = 0, digit = 1;

    *colon = i;
    if (i >= 2 && text[i - 2] == ':' && text[i - 1] == '*') {
        *colon = i - 2;
        return 0;
    }
    for (; i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9'; i--) {
        line += (ULong)(text[i - 1] - '0') * digit;
        digit *= 10;
        if (line > 0xFFFFFFFFu || digit > 10000000000ULL)
            return 0;
    }
    if (i == 0 || text[i - 1] != ':' || text[i] == 0)
        return 0;
    *colon = i - 1;
    return (UInt)line;
}

const HChar* lg_pywatchspec_parse(const HChar* text, LgPyWatchSpec* out)
{
    SizeT at = 0, colon = 0;
    UInt  line = 0;

    while (text[at] != 0 && text[at] != '@')
        at++;
    if (at == 0)
        return "it does not begin with the name of a type or an object";
    if (text[at] == '@') {
        const HChar* file = text + at + 1;
        line = line_at_end(file, &colon);
        if (colon == 0)
            return "there is no file behind the '@'";
        out->file = lg_text_copy(who, file, colon);
    } else
        out->file = NULL;
    out->line = line;
    out->nFound = 0;
    out->name = lg_text_copy(who, text, at);
    return NULL;
}

void lg_pywatchspec_free(LgPyWatchSpec* s)
{
    lg_plat_free(s->name);
    lg_plat_free(s->file);
}

Bool lg_pywatchspec_has_type(const LgPyWatchSpec* s, const HChar* type)
{
    return lg_glob(s->name, type);
}

static Bool is_file(const HChar* pattern, const HChar* path)
{
    if (lg_glob(pattern, path))
        return True;
    for (; *path != 0; path++)
        if (*path == '/' && lg_glob(pattern, path + 1))
            return True;
    return False;
}

Bool lg_pywatchspec_has_place(const LgPyWatchSpec* s, const HChar* file,
                              UInt line)
{
    return s->file == NULL || (file != NULL && is_file(s->file, file) &&
                               (s->line == 0 || s->line == line));
}

const HChar* lg_pywatchspec_entry(const LgPyWatchSpec* s, const HChar* owner)
{
    const HChar* rest = lg_text_after(s->name, owner);

    return s->file == NULL && rest != NULL && rest[0] == '.' && rest[1] != 0
               ? rest + 1
               : NULL;
}
