/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_patterns.c: the lines of a suppression entry, and a stack that they are
   compared with.

   Up to the first NUL the input is the entry; each string behind it is a frame:
   one that begins with "P" a Python frame ("Pfunction@file"), another a C frame,
   whose function is also its module and its source.  The pattern must match the
   same as a naive matcher, and after it was shortened to its own length it must
   still match the same. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../leakgrind/base/lg_glob.h"
#include "../../leakgrind/engine/lg_tracepattern.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n);

enum { MAX_FRAMES = 12, MAX_LINES = 12 };

typedef struct {
    char*    names[MAX_FRAMES];
    unsigned n;
} Stack;

static Bool has(void* opaque, UInt i)
{
    return i < ((Stack*)opaque)->n;
}

static const HChar* name(void* opaque, UInt i, LgLineKind k)
{
    const Stack* s = opaque;
    if (i >= s->n)
        abort();
    Bool isPython = s->names[i][0] == 'P';
    return (k == LgLinePython) == isPython ? s->names[i] : NULL;
}

static const HChar* python_file(void* opaque, UInt i)
{
    const Stack* s = opaque;
    const char*  at = strchr(s->names[i], '@');
    return at != NULL ? at + 1 : "";
}

static UInt line(void* opaque, UInt i)
{
    return (UInt)strlen(((Stack*)opaque)->names[i]);
}

static Bool is_optional(void* opaque, UInt i)
{
    return ((Stack*)opaque)->names[i][0] == 'i';
}

static Bool is_below_cut(void* opaque, UInt i)
{
    return ((Stack*)opaque)->names[i][0] == 'c';
}

static Bool never(void* opaque, UInt i)
{
    (void)opaque;
    (void)i;
    return False;
}

/* Does the frame match the line?  Asked of a pattern of that line alone. */
static Bool one_matches(const LgStackLine* l, const LgTraceView* v, UInt i)
{
    const Stack*   s = v->opaque;
    Stack          one = {{s->names[i]}, 1};
    LgTraceView    view = *v;
    LgStackLine    copy = *l;
    UChar          states[2];
    LgTracePattern p = {&copy, 1, 1, l->kind == LgLinePython, states};
    view.opaque = &one;
    view.isBelowCut = never;
    return lg_pattern_matches(&p, &view);
}

static Bool naive(const LgTracePattern* p, UInt iL, const LgTraceView* v,
                  UInt iF)
{
    if (iL == p->n)
        return True;
    if (p->lines[iL].kind == LgLineAny)
        return naive(p, iL + 1, v, iF) ||
               (has(v->opaque, iF) && naive(p, iL, v, iF + 1));
    if (!has(v->opaque, iF))
        return False;
    return (one_matches(&p->lines[iL], v, iF) &&
            naive(p, iL + 1, v, iF + 1)) ||
           (is_optional(v->opaque, iF) && naive(p, iL, v, iF + 1)) ||
           (is_below_cut(v->opaque, iF) &&
            p->lines[iL].kind != LgLinePython && naive(p, iL + 1, v, iF));
}

static void add_lines(LgTracePattern* p, char* text)
{
    for (char* l; p->n < MAX_LINES && (l = strsep(&text, "\n")) != NULL;) {
        Bool isLine = lg_pattern_is_line(l);
        Bool isGood = lg_pattern_add(p, l) == NULL;
        if (isGood && !isLine)
            abort();
    }
}

static void check_names(const Stack* s)
{
    for (unsigned i = 0; i < s->n; i++) {
        size_t all = strlen(s->names[i]);
        size_t bare = lg_name_bare_len(s->names[i]);
        if (bare > all || (all > 0 && bare == 0) ||
            !lg_glob("*", s->names[i]))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t n)
{
    char*          text = malloc(n + 1);
    LgTracePattern p = {NULL, 0, 0, False, NULL};
    Stack          s = {{NULL}, 0};
    LgTraceView    v = {&s,          has, name, python_file, line,
                        is_optional, is_below_cut};

    memcpy(text, data, n);
    text[n] = 0;
    for (size_t at = strlen(text) + 1; at < n && s.n < MAX_FRAMES;
         at += strlen(text + at) + 1)
        s.names[s.n++] = text + at;
    check_names(&s);
    add_lines(&p, text);
    Bool matches = lg_pattern_matches(&p, &v);
    if (matches != naive(&p, 0, &v, 0))
        abort();
    lg_pattern_cut(&p, p.n);
    if (lg_pattern_matches(&p, &v) != matches)
        abort();
    lg_pattern_clear(&p);
    free(text);
    return 0;
}
