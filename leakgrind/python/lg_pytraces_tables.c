/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytraces_tables.c: strings, lines, sites and traces, each once.  See
   lg_pytraces_priv.h. */

#include "../base/lg_text.h"
#include "lg_pytraces_priv.h"

enum { MIN_SLOTS = 1024 };

/* --- Strings and lines --------------------------------------------------- */

static UInt hash_of_string(const void* owner, UInt i)
{
    return lg_hash_text(((const LgPyTraces*)owner)->strings[i]);
}

static Bool is_equal_string(const void* owner, UInt i, const void* wanted)
{
    return lg_text_equal(((const LgPyTraces*)owner)->strings[i], wanted);
}

static const HChar* intern_string(LgPyTraces* s, const HChar* text)
{
    lg_numbering_reserve(&s->stringNumbers, hash_of_string, s);
    UInt* slot = lg_numbering_find(&s->stringNumbers, lg_hash_text(text),
                                   is_equal_string, s, text);
    if (*slot == 0) {
        s->strings = lg_array_reserve("lg.pytraces", s->strings, s->nStrings,
                                      &s->maxStrings, sizeof *s->strings);
        s->strings[s->nStrings] =
            lg_text_copy("lg.pytraces.string", text, lg_text_length(text));
        lg_numbering_add(&s->stringNumbers, slot, s->nStrings++);
    }
    return s->strings[*slot - 1];
}

static UInt hash_line(const LgPyLine* l)
{
    return lg_hash_mix(lg_hash_mix(lg_hash_mix(0, (Addr)l->function),
                                   (Addr)l->file),
                       l->line);
}

static UInt hash_of_line(const void* owner, UInt i)
{
    return hash_line(&((const LgPyTraces*)owner)->lines[i]);
}

static Bool is_equal_line(const void* owner, UInt i, const void* wanted)
{
    const LgPyLine *a = &((const LgPyTraces*)owner)->lines[i], *b = wanted;
    return a->function == b->function && a->file == b->file &&
           a->line == b->line;
}

static UInt intern_line(LgPyTraces* s, const LgPyLocation* at)
{
    LgPyLine l = {intern_string(s, at->function), intern_string(s, at->file),
                  at->line};

    lg_numbering_reserve(&s->lineNumbers, hash_of_line, s);
    UInt* slot =
        lg_numbering_find(&s->lineNumbers, hash_line(&l), is_equal_line, s, &l);
    if (*slot == 0) {
        s->lines = lg_array_reserve("lg.pytraces", s->lines, s->nLines,
                                    &s->maxLines, sizeof *s->lines);
        s->lines[s->nLines] = l;
        lg_numbering_add(&s->lineNumbers, slot, s->nLines++);
    }
    return *slot - 1;
}

/* --- Sites --------------------------------------------------------------- */

static UInt hash_site(Addr code, Addr instr)
{
    return lg_hash_mix(lg_hash_mix(0, code), instr);
}

static UInt hash_of_site(const void* owner, UInt i)
{
    const LgPySite* site = &((const LgPyTraces*)owner)->sites[i];
    return hash_site(site->code, site->instr);
}

static Bool is_equal_site(const void* owner, UInt i, const void* wanted)
{
    const LgPySite*  site = &((const LgPyTraces*)owner)->sites[i];
    const LgPyFrame* f = wanted;
    return site->instr == f->instr && site->code == f->code;
}

static UInt hash_of_code(const void* owner, UInt i)
{
    return lg_hash_mix(0, ((const LgPyTraces*)owner)->codes[i].code);
}

static Bool is_equal_code(const void* owner, UInt i, const void* wanted)
{
    return ((const LgPyTraces*)owner)->codes[i].code == *(const Addr*)wanted;
}

static UInt* find_code(const LgPyTraces* s, Addr code)
{
    return lg_numbering_find(&s->codeNumbers, lg_hash_mix(0, code),
                             is_equal_code, s, &code);
}

/* Adds a site to its code object's; True if it is the first. */
static Bool chain_site(LgPyTraces* s, UInt site)
{
    Addr code = s->sites[site].code;

    lg_numbering_reserve(&s->codeNumbers, hash_of_code, s);
    UInt* slot = find_code(s, code);
    if (*slot == 0) {
        s->codes = lg_array_reserve("lg.pytraces", s->codes, s->nCodes,
                                    &s->maxCodes, sizeof *s->codes);
        s->codes[s->nCodes] = (LgPyCode){code, 0};
        lg_numbering_add(&s->codeNumbers, slot, s->nCodes++);
    }
    LgPyCode* c = &s->codes[*slot - 1];
    Bool      isFirst = c->firstSite == 0;
    s->sites[site].nextOfCode = c->firstSite;
    c->firstSite = site + 1;
    return isFirst;
}

/* Drops the forgotten sites, if there are many. */
static void compact_sites(LgPyTraces* s)
{
    UInt n = 0;

    for (UInt i = 0; i < s->nSites; i++)
        if (s->sites[i].code != 0)
            s->sites[n++] = s->sites[i];
    s->nSites = n;
    lg_numbering_clear(&s->siteNumbers);
    lg_numbering_clear(&s->codeNumbers);
    s->nCodes = 0;
    for (UInt i = 0; i < n; i++) {
        LgPyFrame f = {0, s->sites[i].code, s->sites[i].instr, False};
        UInt*     slot = lg_numbering_find(&s->siteNumbers, hash_of_site(s, i),
                                           is_equal_site, s, &f);
        lg_numbering_add(&s->siteNumbers, slot, i);
        chain_site(s, i);
    }
}

Bool lg_pytraces_line_of_frame(LgPyTraces* s, const LgPyTraceRequest* r,
                               const LgPyFrame* f, UInt* line)
{
    lg_numbering_reserve(&s->siteNumbers, hash_of_site, s);
    UInt* slot = lg_numbering_find(&s->siteNumbers,
                                   hash_site(f->code, f->instr),
                                   is_equal_site, s, f);
    if (*slot != 0) {
        *line = s->sites[*slot - 1].line;
        return True;
    }
    if (!lg_pycode_locate(r->mem, r->layout, f->code, f->instr, &s->location))
        return False;
    *line = intern_line(s, &s->location);
    s->sites = lg_array_reserve("lg.pytraces", s->sites, s->nSites,
                                &s->maxSites, sizeof *s->sites);
    s->sites[s->nSites] = (LgPySite){f->code, f->instr, *line, 0};
    lg_numbering_add(&s->siteNumbers, slot, s->nSites++);
    if (chain_site(s, s->nSites - 1) && r->on_code != NULL)
        r->on_code(r->opaque, f->code);
    return True;
}

void lg_pytraces_forget_code(LgPyTraces* s, Addr code)
{
    const UInt* slot = find_code(s, code);
    UInt        nForgotten = 0;

    if (*slot == 0)
        return;
    LgPyCode* c = &s->codes[*slot - 1];
    for (UInt i = c->firstSite; i != 0; i = s->sites[i - 1].nextOfCode) {
        s->sites[i - 1].code = 0;
        nForgotten++;
    }
    c->firstSite = 0;
    /* A cached trace may have the code in it. */
    lg_pytraces_forget_frames(s);
    if (nForgotten > 0 && 2 * (s->nSites + 1) > s->siteNumbers.nSlots)
        compact_sites(s);
}

/* --- Traces -------------------------------------------------------------- */

typedef struct {
    const UInt* elements;
    UInt        n;
} WantedTrace;

static UInt hash_elements(const UInt* e, UInt n)
{
    UInt h = n;
    for (UInt i = 0; i < n; i++)
        h = lg_hash_mix(h, e[i]);
    return h;
}

static UInt hash_of_trace(const void* owner, UInt i)
{
    const LgPyTraces* s = owner;
    return hash_elements(&s->elements[s->traces[i].first], s->traces[i].n);
}

static Bool is_equal_trace(const void* owner, UInt i, const void* wanted)
{
    const LgPyTraces*  s = owner;
    const WantedTrace* w = wanted;
    const LgPyTrace*   t = &s->traces[i];
    if (t->n != w->n)
        return False;
    for (UInt k = 0; k < w->n; k++)
        if (s->elements[t->first + k] != w->elements[k])
            return False;
    return True;
}

UInt lg_pytraces_intern(LgPyTraces* s, const UInt* elements, UInt n)
{
    WantedTrace w = {elements, n};

    lg_numbering_reserve(&s->traceNumbers, hash_of_trace, s);
    UInt* slot = lg_numbering_find(&s->traceNumbers,
                                   hash_elements(elements, n), is_equal_trace,
                                   s, &w);
    if (*slot == 0) {
        s->traces = lg_array_reserve("lg.pytraces", s->traces, s->nTraces,
                                     &s->maxTraces, sizeof *s->traces);
        while (s->nElements + n > s->maxElements)
            s->elements =
                lg_array_reserve("lg.pytraces", s->elements, s->maxElements,
                                 &s->maxElements, sizeof *s->elements);
        memcpy(&s->elements[s->nElements], elements, n * sizeof(UInt));
        s->traces[s->nTraces] = (LgPyTrace){s->nElements, n};
        s->nElements += n;
        lg_numbering_add(&s->traceNumbers, slot, s->nTraces++);
    }
    return *slot;
}

/* --- All of them --------------------------------------------------------- */

void lg_pytraces_tables_init(LgPyTraces* s)
{
    lg_numbering_init(&s->siteNumbers, "lg.pytraces.numbers", MIN_SLOTS);
    lg_numbering_init(&s->codeNumbers, "lg.pytraces.numbers", MIN_SLOTS);
    lg_numbering_init(&s->stringNumbers, "lg.pytraces.numbers", MIN_SLOTS);
    lg_numbering_init(&s->lineNumbers, "lg.pytraces.numbers", MIN_SLOTS);
    lg_numbering_init(&s->traceNumbers, "lg.pytraces.numbers", MIN_SLOTS);
}

void lg_pytraces_tables_free(LgPyTraces* s)
{
    for (UInt i = 0; i < s->nStrings; i++)
        lg_plat_free(s->strings[i]);
    lg_plat_free(s->strings);
    lg_plat_free(s->sites);
    lg_plat_free(s->codes);
    lg_plat_free(s->lines);
    lg_plat_free(s->traces);
    lg_plat_free(s->elements);
    lg_numbering_free(&s->siteNumbers);
    lg_numbering_free(&s->codeNumbers);
    lg_numbering_free(&s->stringNumbers);
    lg_numbering_free(&s->lineNumbers);
    lg_numbering_free(&s->traceNumbers);
}

/* The hash of a forgotten site is no longer known: it is found where it was
   put, or not at all. */
static void check_sites(const LgPyTraces* s)
{
    UInt nAlive = 0, nChained = 0, nUsed = 0;

    for (UInt k = 0; k < s->siteNumbers.nSlots; k++)
        if (s->siteNumbers.slots[k] != 0) {
            lg_assert(s->siteNumbers.slots[k] <= s->nSites);
            nUsed++;
        }
    lg_assert(nUsed == s->siteNumbers.nUsed && nUsed == s->nSites);
    for (UInt i = 0; i < s->nSites; i++) {
        lg_assert(s->sites[i].line < s->nLines);
        lg_assert(s->sites[i].nextOfCode <= s->nSites);
        nAlive += s->sites[i].code != 0;
    }
    for (UInt c = 0; c < s->nCodes; c++)
        for (UInt i = s->codes[c].firstSite; i != 0;
             i = s->sites[i - 1].nextOfCode) {
            lg_assert(i <= s->nSites && nChained < s->nSites);
            lg_assert(s->sites[i - 1].code == s->codes[c].code);
            nChained++;
        }
    lg_assert(nChained == nAlive);
}

static void check_traces(const LgPyTraces* s)
{
    UInt nElements = 0;

    for (UInt i = 0; i < s->nTraces; i++) {
        const LgPyTrace* t = &s->traces[i];
        lg_assert(t->first == nElements && t->n > 0 && t->n <= s->depth);
        nElements += t->n;
        lg_assert(nElements <= s->nElements);
        for (UInt k = 0; k < t->n; k++)
            lg_assert(s->elements[t->first + k] >> 1 < s->nLines);
    }
    lg_assert(nElements == s->nElements && nElements <= s->maxElements);
}

void lg_pytraces_check(const LgPyTraces* s)
{
    lg_numbering_check(&s->stringNumbers, hash_of_string, s, s->nStrings);
    lg_numbering_check(&s->lineNumbers, hash_of_line, s, s->nLines);
    lg_numbering_check(&s->codeNumbers, hash_of_code, s, s->nCodes);
    lg_numbering_check(&s->traceNumbers, hash_of_trace, s, s->nTraces);
    check_sites(s);
    check_traces(s);
    for (UInt i = 0; i < LG_PY_CACHED_TRACES; i++) {
        const LgPyCachedTrace* c = &s->cache[i];
        lg_assert(c->frames == &s->cachedFrames[(SizeT)i * s->maxCached]);
        lg_assert(c->generation != s->generation ||
                  (c->n > 0 && c->n <= s->maxCached &&
                   c->trace <= s->nTraces));
    }
    lg_assert(s->generation != 0);
}
