/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_tracepattern.c: the stack of a suppression entry.  See
   lg_tracepattern.h. */

#include "lg_tracepattern.h"

#include "../base/lg_glob.h"
#include "../base/lg_text.h"

/* --- Text ---------------------------------------------------------------- */

static HChar* copy_text(const HChar* s, SizeT n)
{
    return lg_text_copy("lg.pattern.text", s, n);
}

static const HChar* last_part(const HChar* path)
{
    const HChar* part = path;
    for (; *path != 0; path++)
        if (*path == '/')
            part = path + 1;
    return part;
}

/* --- Names --------------------------------------------------------------- */

/* What may stand between dots behind a function's name; a number may follow. */
static const HChar* const suffixes[] = {
    "part",     "constprop", "isra",     "cold", "lto_priv",
    "ipa_ra",   "localalias", "llvm",    "clone", "simdclone",
};
enum { N_SUFFIXES = sizeof suffixes / sizeof suffixes[0] };

static Bool is_suffix(const HChar* s, SizeT n)
{
    for (UInt i = 0; i < N_SUFFIXES; i++)
        if (lg_text_after(s, suffixes[i]) == s + n)
            return True;
    return False;
}

/* Where the last ".WORD" of name[0..n) begins; 0 when there is none. */
static SizeT last_dot(const HChar* name, SizeT n)
{
    while (n > 0 && name[n - 1] != '.')
        n--;
    return n > 0 ? n - 1 : 0;
}

static Bool is_number(const HChar* s, SizeT n)
{
    for (SizeT i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return False;
    return n > 0;
}

/* name[0..n) without one suffix; n when it has none.  A number by itself is
   one, too: it tells static functions of one name apart. */
static SizeT without_suffix(const HChar* name, SizeT n)
{
    SizeT dot = last_dot(name, n);
    if (dot == 0)
        return n;
    if (is_suffix(name + dot + 1, n - dot - 1))
        return dot;
    if (!is_number(name + dot + 1, n - dot - 1))
        return n;
    SizeT before = last_dot(name, dot);
    if (before > 0 && is_suffix(name + before + 1, dot - before - 1))
        return before;
    return dot;
}

SizeT lg_name_bare_len(const HChar* name)
{
    SizeT n = 0;
    while (name[n] != 0 && (name[n] != '@' || n == 0))
        n++;
    for (;;) {
        SizeT shorter = without_suffix(name, n);
        if (shorter == n)
            return n;
        n = shorter;
    }
}

static Bool has_wildcard(const HChar* s)
{
    while (*s != 0 && *s != '*' && *s != '?')
        s++;
    return *s != 0;
}

/* The length of NAME in "NAME@MODULE"; of all, if no module follows. */
static SizeT without_module(const HChar* pattern)
{
    SizeT n = 0;
    while (pattern[n] != 0 && (pattern[n] != '@' || n == 0))
        n++;
    return pattern[n] == '@' && pattern[n + 1] != '@'
               ? n
               : lg_text_length(pattern);
}

/* A suffix behind a wildcard was written on purpose: "*.cold" must not become
   "*". */
static Bool function_matches(const HChar* pattern, const HChar* name)
{
    SizeT nP = lg_text_length(pattern), nBare = lg_name_bare_len(name);
    return lg_glob_part(pattern, nP, name, lg_text_length(name)) ||
           lg_glob_part(pattern, nP, name, nBare) ||
           lg_glob_part(pattern, without_module(pattern), name, nBare) ||
           (!has_wildcard(pattern) &&
            lg_glob_part(pattern, lg_name_bare_len(pattern), name, nBare));
}

static Bool path_matches(const HChar* pattern, const HChar* path)
{
    return lg_glob(pattern, path) ||
           (!lg_text_has(pattern, '/') && lg_glob(pattern, last_part(path)));
}

/* --- Lines --------------------------------------------------------------- */

static const struct {
    const HChar* prefix;
    LgLineKind   kind;
} prefixes[] = {
    {"fun:", LgLineFun},
    {"obj:", LgLineObj},
    {"src:", LgLineSrc},
    {"py-frame:", LgLinePython},
};
enum { N_PREFIXES = sizeof prefixes / sizeof prefixes[0] };

static Bool is_any(const HChar* text)
{
    return lg_text_equal(text, "...");
}

Bool lg_pattern_is_line(const HChar* text)
{
    for (UInt i = 0; i < N_PREFIXES; i++)
        if (lg_text_after(text, prefixes[i].prefix) != NULL)
            return True;
    return is_any(text);
}

/* "FILE" or "FILE:LINE".  What is behind the colon and no number is as good
   as no number: Valgrind takes it so. */
static void set_source(LgStackLine* l, const HChar* s)
{
    SizeT n = 0;
    while (s[n] != 0 && s[n] != ':')
        n++;
    l->name = copy_text(s, n);
    if (s[n] == 0)
        return;
    for (s += n + 1; *s >= '0' && *s <= '9'; s++)
        l->line = 10 * l->line + (UInt)(*s - '0');
}

static const HChar* set_python(LgStackLine* l, const HChar* s)
{
    SizeT n = 0;
    while (s[n] != 0 && s[n] != '@')
        n++;
    if (n == 0)
        return "\"py-frame:\" wants a function, or FUNCTION@FILE";
    if (s[n] == '@' && s[n + 1] == 0)
        return "the name of a file is missing behind \"@\"";
    l->name = copy_text(s, n);
    if (s[n] == '@')
        l->file = copy_text(s + n + 1, lg_text_length(s + n + 1));
    return NULL;
}

static const HChar* parse_line(LgStackLine* l, const HChar* text)
{
    const HChar* rest = NULL;

    if (is_any(text))
        return NULL;
    for (UInt i = 0; i < N_PREFIXES && rest == NULL; i++) {
        rest    = lg_text_after(text, prefixes[i].prefix);
        l->kind = prefixes[i].kind;
    }
    if (rest == NULL)
        return "a line of the stack is \"...\", or begins with \"fun:\", "
               "\"obj:\", \"src:\" or \"py-frame:\"";
    if (l->kind == LgLinePython)
        return set_python(l, rest);
    if (l->kind == LgLineSrc)
        set_source(l, rest);
    else
        l->name = copy_text(rest, lg_text_length(rest));
    return NULL;
}

const HChar* lg_pattern_add(LgTracePattern* p, const HChar* text)
{
    LgStackLine  l = {LgLineAny, NULL, NULL, 0};
    const HChar* wrong = parse_line(&l, text);

    if (wrong != NULL)
        return wrong;
    if (p->n == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 8;
        p->lines = lg_plat_realloc("lg.pattern", p->lines,
                                   p->capacity * sizeof *p->lines);
        p->states = lg_plat_realloc("lg.pattern", p->states,
                                    p->capacity + 1);
    }
    p->lines[p->n++] = l;
    p->hasPython = p->hasPython || l.kind == LgLinePython;
    return NULL;
}

Bool lg_pattern_names_a_frame(const LgTracePattern* p)
{
    for (UInt i = 0; i < p->n; i++)
        if (p->lines[i].kind != LgLineAny)
            return True;
    return False;
}

static void drop_last(LgTracePattern* p)
{
    LgStackLine* l = &p->lines[--p->n];
    lg_plat_free(l->name);
    lg_plat_free(l->file);
}

void lg_pattern_cut(LgTracePattern* p, UInt n)
{
    while (!p->hasPython && p->n > n)
        drop_last(p);
}

void lg_pattern_clear(LgTracePattern* p)
{
    while (p->n > 0)
        drop_last(p);
    lg_plat_free(p->lines);
    lg_plat_free(p->states);
    memset(p, 0, sizeof *p);
}

/* --- Matching ------------------------------------------------------------ */

const HChar lg_pattern_unknown[] = "???";

static Bool is_unknown(const HChar* function)
{
    return lg_text_equal(function, lg_pattern_unknown);
}

/* "NAME@MODULE" and a frame without a name: is it in that module? */
static Bool nameless_matches(const HChar* pattern, const LgTraceView* v,
                             UInt frame)
{
    while (*pattern != 0 && *pattern != '@')
        pattern++;
    if (*pattern == 0 || pattern[1] == 0)
        return False;
    const HChar* module = v->name(v->opaque, frame, LgLineObj);
    return module != NULL && path_matches(pattern + 1, module);
}

static Bool line_matches(const LgStackLine* l, const LgTraceView* v, UInt i)
{
    const HChar* name = v->name(v->opaque, i, l->kind);
    if (name == NULL)
        return False;
    switch (l->kind) {
    case LgLineFun:
        return function_matches(l->name, name) ||
               (is_unknown(name) && nameless_matches(l->name, v, i));
    case LgLineObj:
        return path_matches(l->name, name);
    case LgLineSrc:
        return lg_glob(l->name, name) &&
               (l->line == 0 || l->line == v->line(v->opaque, i));
    case LgLinePython:
        return lg_glob(l->name, name) &&
               (l->file == NULL ||
                path_matches(l->file, v->pythonFile(v->opaque, i)));
    case LgLineAny:
        break;
    }
    return False;
}

/* A match is followed on all its ways at once: states[i] says that the frames
   so far can be those of the first i lines.  All between `first` and `last`
   that are not set are 0. */
typedef struct {
    const LgTracePattern* p;
    UInt                  first, last; /* none is set if first > last */
} Ways;

/* "..." may stand for no frame. */
static void set_state(Ways* w, UInt i)
{
    const LgTracePattern* p = w->p;

    for (;; i++) {
        if (w->first > w->last)
            w->first = w->last = i;
        for (; w->last < i;)
            p->states[++w->last] = 0;
        for (; w->first > i;)
            p->states[--w->first] = 0;
        p->states[i] = 1;
        if (i == p->n || p->lines[i].kind != LgLineAny)
            return;
    }
}

static void pass_cut(Ways* w)
{
    for (UInt i = w->first; i <= w->last && i < w->p->n; i++)
        if (w->p->states[i] && w->p->lines[i].kind != LgLinePython)
            set_state(w, i + 1);
}

/* From the last line to the first, so that none is asked twice about one
   frame. */
static void take_frame(Ways* w, const LgTraceView* v, UInt frame)
{
    const LgTracePattern* p = w->p;
    Bool                  stays = v->isOptional(v->opaque, frame);
    UInt                  n = w->last - w->first + 1, last = w->last;

    for (UInt k = 0; k < n; k++) {
        UInt i = last - k;
        if (!p->states[i])
            continue;
        if (p->lines[i].kind == LgLineAny) {
            set_state(w, i);
            continue;
        }
        p->states[i] = stays;
        if (line_matches(&p->lines[i], v, frame))
            set_state(w, i + 1);
    }
    while (w->first <= w->last && !p->states[w->first])
        w->first++;
    while (w->first <= w->last && !p->states[w->last])
        w->last--;
}

/* The pattern need not match all of the stack. */
Bool lg_pattern_matches(const LgTracePattern* p, const LgTraceView* v)
{
    Ways w = {p, 1, 0};

    if (p->n == 0)
        return True;
    set_state(&w, 0);
    for (UInt frame = 0; w.first <= w.last; frame++) {
        if (w.last == p->n)
            return True;
        if (!v->has(v->opaque, frame))
            return False;
        if (v->isBelowCut(v->opaque, frame))
            pass_cut(&w);
        if (w.last == p->n)
            return True;
        take_frame(&w, v, frame);
    }
    return False;
}
