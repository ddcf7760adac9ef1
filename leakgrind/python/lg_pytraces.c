/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pytraces.c: interned Python stacks.  See lg_pytraces.h.

   From memory to a number:

       cache      (innermost frame, instruction) -> stack, when every frame of
                  the chain still is what it was
       sites      (code object, instruction) -> line; forgotten with the code
       lines      (function, file, line of source), each once
       stacks     sequences of lines, each once

   A stack is made of lines and not of sites, so it keeps its meaning when its
   code objects are gone. */

#include "lg_pytraces.h"

enum {
    CACHE_ENTRIES = 1024, /* a power of two */
    MIN_SLOTS     = 1024,
    /* Frames of a chain that are left out of the stack, and yet looked at when
       a cached stack is verified; a stack with more is not cached. */
    MAX_LEFT_OUT  = 8
};

/* An open-addressing hash of numbers, which the caller compares. */
typedef struct {
    UInt* slots; /* number + 1; 0: free */
    UInt  nSlots, nUsed;
} Hash;

typedef struct {
    Addr code; /* 0: forgotten */
    Addr instr;
    UInt line;       /* number of a Line */
    UInt nextOfCode; /* number + 1 of the next site of the same code object */
} Site;

/* A code object, and its sites. */
typedef struct {
    Addr code;
    UInt firstSite; /* number + 1; 0: none, it is forgotten */
} Code;

typedef struct {
    const HChar* function;
    const HChar* file;
    UInt         line;
} Line;

typedef struct {
    UInt first, n; /* in `elements` */
} Stack;

/* An element of a stack. */
#define ELEMENT(line, isEntry) ((line) << 1 | ((isEntry) ? 1u : 0u))

typedef struct {
    Addr  frame, previous, code, instr;
    UChar isEntry;
} CachedFrame;

/* The chain from tstate's frame on, and the stack that comes of it. */
typedef struct {
    UInt         generation; /* valid if it is the current one */
    UInt         stack;
    UInt         n; /* at least 1 */
    CachedFrame* frames;
} CacheEntry;

struct LgPyTraces {
    UInt depth;

    CacheEntry   cache[CACHE_ENTRIES];
    CachedFrame* cachedFrames; /* CACHE_ENTRIES * maxCached */
    UInt         maxCached;
    UInt         generation; /* 0 is never the current one */

    Site* sites;
    UInt  nSites, maxSites;
    Hash  siteHash;
    Code* codes;
    UInt  nCodes, maxCodes;
    Hash  codeHash;

    HChar** strings;
    UInt    nStrings, maxStrings;
    Hash    stringHash;
    Line*   lines;
    UInt    nLines, maxLines;
    Hash    lineHash;

    Stack* stacks;
    UInt   nStacks, maxStacks;
    UInt*  elements;
    UInt   nElements, maxElements;
    Hash   stackHash;

    LgPyLocation location; /* scratch */
};

/* --- Hashes -------------------------------------------------------------- */

static UInt mix(UInt hash, ULong value)
{
    ULong h = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
    return (UInt)(h >> 32) ^ (UInt)h;
}

static UInt hash_text(const HChar* s)
{
    UInt h = 0;
    while (*s != 0)
        h = (h ^ (UChar)*s++) * 0x01000193u;
    return mix(h, 0);
}

typedef UInt (*HashOf)(const LgPyTraces* s, UInt number);
typedef Bool (*IsWanted)(const LgPyTraces* s, UInt number, const void* wanted);

/* The slot with the number that is wanted, or the free one where it belongs. */
static UInt* find(const LgPyTraces* s, const Hash* h, UInt hash, IsWanted is,
                  const void* wanted)
{
    UInt i = hash & (h->nSlots - 1);
    while (h->slots[i] != 0 && !is(s, h->slots[i] - 1, wanted))
        i = (i + 1) & (h->nSlots - 1);
    return &h->slots[i];
}

static void hash_new(Hash* h, UInt nSlots)
{
    h->nSlots = nSlots;
    h->nUsed = 0;
    h->slots = lg_plat_alloc("lg.pystacks.hash", nSlots * sizeof(UInt));
    memset(h->slots, 0, nSlots * sizeof(UInt));
}

/* Makes room for one more; to be called before `find`. */
static void hash_reserve(const LgPyTraces* s, Hash* h, HashOf hashOf)
{
    Hash old = *h;

    if (2 * (h->nUsed + 1) <= h->nSlots)
        return;
    hash_new(h, 2 * old.nSlots);
    h->nUsed = old.nUsed;
    for (UInt k = 0; k < old.nSlots; k++) {
        if (old.slots[k] == 0)
            continue;
        UInt i = hashOf(s, old.slots[k] - 1) & (h->nSlots - 1);
        while (h->slots[i] != 0)
            i = (i + 1) & (h->nSlots - 1);
        h->slots[i] = old.slots[k];
    }
    lg_plat_free(old.slots);
}

/* Room for one more element of an array. */
static void* reserve(void* array, UInt n, UInt* max, SizeT elemSzB)
{
    if (n < *max)
        return array;
    *max = *max ? 2 * *max : 256;
    return lg_plat_realloc("lg.pystacks", array, *max * elemSzB);
}

/* --- Strings and lines --------------------------------------------------- */

static UInt hash_of_string(const LgPyTraces* s, UInt i)
{
    return hash_text(s->strings[i]);
}

static Bool is_string(const LgPyTraces* s, UInt i, const void* wanted)
{
    const HChar *a = s->strings[i], *b = wanted;
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static const HChar* intern_string(LgPyTraces* s, const HChar* text)
{
    UInt szB = 0;

    hash_reserve(s, &s->stringHash, hash_of_string);
    UInt* slot = find(s, &s->stringHash, hash_text(text), is_string, text);
    if (*slot == 0) {
        while (text[szB++] != 0)
            ;
        s->strings = reserve(s->strings, s->nStrings, &s->maxStrings,
                             sizeof *s->strings);
        s->strings[s->nStrings] = lg_plat_alloc("lg.pystacks.string", szB);
        memcpy(s->strings[s->nStrings], text, szB);
        *slot = ++s->nStrings;
        s->stringHash.nUsed++;
    }
    return s->strings[*slot - 1];
}

static UInt hash_line(const Line* l)
{
    return mix(mix(mix(0, (Addr)l->function), (Addr)l->file), l->line);
}

static UInt hash_of_line(const LgPyTraces* s, UInt i)
{
    return hash_line(&s->lines[i]);
}

static Bool is_line(const LgPyTraces* s, UInt i, const void* wanted)
{
    const Line *a = &s->lines[i], *b = wanted;
    return a->function == b->function && a->file == b->file &&
           a->line == b->line;
}

static UInt intern_line(LgPyTraces* s, const LgPyLocation* at)
{
    Line l = {intern_string(s, at->function), intern_string(s, at->file),
              at->line};

    hash_reserve(s, &s->lineHash, hash_of_line);
    UInt* slot = find(s, &s->lineHash, hash_line(&l), is_line, &l);
    if (*slot == 0) {
        s->lines = reserve(s->lines, s->nLines, &s->maxLines, sizeof(Line));
        s->lines[s->nLines] = l;
        *slot = ++s->nLines;
        s->lineHash.nUsed++;
    }
    return *slot - 1;
}

/* Who wants a stack, of which memory. */
typedef struct {
    const LgPyMem*    mem;
    const LgPyLayout* layout;
    void (*on_code)(void* opaque, Addr code);
    void* opaque;
} Asking;

/* --- Sites --------------------------------------------------------------- */

static UInt hash_of_site(const LgPyTraces* s, UInt i)
{
    return mix(mix(0, s->sites[i].code), s->sites[i].instr);
}

static Bool is_site(const LgPyTraces* s, UInt i, const void* wanted)
{
    const LgPyFrame* f = wanted;
    return s->sites[i].instr == f->instr && s->sites[i].code == f->code;
}

static UInt hash_of_code(const LgPyTraces* s, UInt i)
{
    return mix(0, s->codes[i].code);
}

static Bool is_code(const LgPyTraces* s, UInt i, const void* wanted)
{
    return s->codes[i].code == *(const Addr*)wanted;
}

/* Adds a site to its code object's; True if it is the first. */
static Bool chain_site(LgPyTraces* s, UInt site)
{
    Addr code = s->sites[site].code;

    hash_reserve(s, &s->codeHash, hash_of_code);
    UInt* slot = find(s, &s->codeHash, mix(0, code), is_code, &code);
    if (*slot == 0) {
        s->codes = reserve(s->codes, s->nCodes, &s->maxCodes, sizeof(Code));
        s->codes[s->nCodes] = (Code){code, 0};
        *slot = ++s->nCodes;
        s->codeHash.nUsed++;
    }
    Code* c = &s->codes[*slot - 1];
    Bool  isFirst = c->firstSite == 0;
    s->sites[site].nextOfCode = c->firstSite;
    c->firstSite = site + 1;
    return isFirst;
}

/* Throws the forgotten sites out, when they are many. */
static void compact_sites(LgPyTraces* s)
{
    UInt n = 0;

    for (UInt i = 0; i < s->nSites; i++)
        if (s->sites[i].code != 0)
            s->sites[n++] = s->sites[i];
    s->nSites = n;
    memset(s->siteHash.slots, 0, s->siteHash.nSlots * sizeof(UInt));
    memset(s->codeHash.slots, 0, s->codeHash.nSlots * sizeof(UInt));
    s->siteHash.nUsed = n;
    s->codeHash.nUsed = 0;
    s->nCodes = 0;
    for (UInt i = 0; i < n; i++) {
        LgPyFrame f = {0, s->sites[i].code, s->sites[i].instr, False};
        *find(s, &s->siteHash, hash_of_site(s, i), is_site, &f) = i + 1;
        chain_site(s, i);
    }
}

/* The line at which a frame stands; False when its code cannot be read. */
static Bool line_of_frame(LgPyTraces* s, const Asking* as, const LgPyFrame* f,
                          UInt* line)
{
    hash_reserve(s, &s->siteHash, hash_of_site);
    UInt  hash = mix(mix(0, f->code), f->instr);
    UInt* slot = find(s, &s->siteHash, hash, is_site, f);
    if (*slot != 0) {
        *line = s->sites[*slot - 1].line;
        return True;
    }
    if (!lg_pycode_locate(as->mem, as->layout, f->code, f->instr,
                          &s->location))
        return False;
    *line = intern_line(s, &s->location);
    s->sites = reserve(s->sites, s->nSites, &s->maxSites, sizeof(Site));
    s->sites[s->nSites] = (Site){f->code, f->instr, *line, 0};
    *slot = ++s->nSites;
    s->siteHash.nUsed++;
    if (chain_site(s, s->nSites - 1) && as->on_code != NULL)
        as->on_code(as->opaque, f->code);
    return True;
}

void lg_pytraces_forget_code(LgPyTraces* s, Addr code)
{
    const UInt* slot = find(s, &s->codeHash, mix(0, code), is_code, &code);
    UInt        nForgotten = 0;

    if (*slot == 0)
        return;
    Code* c = &s->codes[*slot - 1];
    for (UInt i = c->firstSite; i != 0; i = s->sites[i - 1].nextOfCode) {
        s->sites[i - 1].code = 0;
        nForgotten++;
    }
    c->firstSite = 0;
    /* What was seen in the same frame with it must be looked up again. */
    lg_pytraces_forget_frames(s);
    if (nForgotten > 0 && 2 * (s->nSites + 1) > s->siteHash.nSlots)
        compact_sites(s);
}

/* --- Stacks -------------------------------------------------------------- */

typedef struct {
    const UInt* elements;
    UInt        n;
} Wanted;

static UInt hash_elements(const UInt* e, UInt n)
{
    UInt h = n;
    for (UInt i = 0; i < n; i++)
        h = mix(h, e[i]);
    return h;
}

static UInt hash_of_stack(const LgPyTraces* s, UInt i)
{
    return hash_elements(&s->elements[s->stacks[i].first], s->stacks[i].n);
}

static Bool is_stack(const LgPyTraces* s, UInt i, const void* wanted)
{
    const Wanted* w = wanted;
    const Stack*  st = &s->stacks[i];
    if (st->n != w->n)
        return False;
    for (UInt k = 0; k < w->n; k++)
        if (s->elements[st->first + k] != w->elements[k])
            return False;
    return True;
}

static UInt intern_stack(LgPyTraces* s, const UInt* elements, UInt n)
{
    Wanted w = {elements, n};

    hash_reserve(s, &s->stackHash, hash_of_stack);
    UInt* slot =
        find(s, &s->stackHash, hash_elements(elements, n), is_stack, &w);
    if (*slot == 0) {
        s->stacks =
            reserve(s->stacks, s->nStacks, &s->maxStacks, sizeof(Stack));
        while (s->nElements + n > s->maxElements)
            s->elements = reserve(s->elements, s->maxElements,
                                  &s->maxElements, sizeof(UInt));
        memcpy(&s->elements[s->nElements], elements, n * sizeof(UInt));
        s->stacks[s->nStacks] = (Stack){s->nElements, n};
        s->nElements += n;
        *slot = ++s->nStacks;
        s->stackHash.nUsed++;
    }
    return *slot;
}

/* --- The cache ----------------------------------------------------------- */

static inline Addr word(Addr a)
{
    Addr w;
    lg_copy(&w, (const void*)a, sizeof w);
    return w;
}

/* As lg_pyframes_instr, of a frame that was read before. */
static inline Addr instr_of(const LgPyLayout* l, Addr frame)
{
    Int lasti;

    if (LIKELY(l->frame_instr != LG_PY_NONE))
        return word(frame + l->frame_instr);
    memcpy(&lasti, (const void*)(frame + l->frame_lasti), sizeof lasti);
    return lasti < 0 ? LG_PY_NOT_BEGUN : (Addr)lasti * l->lastiUnitB;
}

/* Is every frame of the chain what it was?  A frame is only looked at when the
   one before still leads to it, so what is read is in use. */
static Bool still_holds(const CacheEntry* e, const LgPyLayout* l)
{
    for (UInt i = 0; i < e->n; i++) {
        const CachedFrame* f = &e->frames[i];
        /* An address in code says which code it is. */
        if (instr_of(l, f->frame) != f->instr ||
            (l->frame_instr == LG_PY_NONE &&
             word(f->frame + l->frame_code) != f->code) ||
            word(f->frame + l->frame_previous) != f->previous ||
            (l->frame_is_entry != LG_PY_NONE &&
             *(const UChar*)(f->frame + l->frame_is_entry) != f->isEntry))
            return False;
    }
    return True;
}

void lg_pytraces_forget_frames(LgPyTraces* s)
{
    if (++s->generation == 0)
        s->generation = 1;
}

/* --- The interface ------------------------------------------------------- */

LgPyTraces* lg_pytraces_new(UInt depth)
{
    LgPyTraces* s = lg_plat_alloc("lg.pystacks", sizeof *s);

    memset(s, 0, sizeof *s);
    s->depth = depth < 1 ? 1 : depth > LG_PY_MAX_DEPTH ? LG_PY_MAX_DEPTH
                                                       : depth;
    s->maxCached = s->depth + MAX_LEFT_OUT;
    s->generation = 1;
    s->cachedFrames =
        lg_plat_alloc("lg.pystacks.cache", (SizeT)CACHE_ENTRIES *
                                               s->maxCached *
                                               sizeof(CachedFrame));
    for (UInt i = 0; i < CACHE_ENTRIES; i++)
        s->cache[i].frames = &s->cachedFrames[(SizeT)i * s->maxCached];
    hash_new(&s->siteHash, MIN_SLOTS);
    hash_new(&s->codeHash, MIN_SLOTS);
    hash_new(&s->stringHash, MIN_SLOTS);
    hash_new(&s->lineHash, MIN_SLOTS);
    hash_new(&s->stackHash, MIN_SLOTS);
    return s;
}

void lg_pytraces_delete(LgPyTraces* s)
{
    for (UInt i = 0; i < s->nStrings; i++)
        lg_plat_free(s->strings[i]);
    lg_plat_free(s->strings);
    lg_plat_free(s->sites);
    lg_plat_free(s->codes);
    lg_plat_free(s->lines);
    lg_plat_free(s->stacks);
    lg_plat_free(s->elements);
    lg_plat_free(s->siteHash.slots);
    lg_plat_free(s->codeHash.slots);
    lg_plat_free(s->stringHash.slots);
    lg_plat_free(s->lineHash.slots);
    lg_plat_free(s->stackHash.slots);
    lg_plat_free(s->cachedFrames);
    lg_plat_free(s);
}

static UInt stack_of(LgPyTraces* s, const Asking* as, const LgPyFrame* frames,
                     UInt n)
{
    UInt elements[LG_PY_MAX_DEPTH], line;
    UInt kept = 0;

    for (UInt i = 0; i < n; i++) {
        if (line_of_frame(s, as, &frames[i], &line))
            elements[kept++] = ELEMENT(line, frames[i].isEntry);
        else if (kept > 0 && frames[i].isEntry)
            elements[kept - 1] |= ELEMENT(0, True);
    }
    return kept > 0 ? intern_stack(s, elements, kept) : 0;
}

static Bool read_frame(const Asking* as, Addr frame, CachedFrame* f)
{
    const LgPyLayout* l = as->layout;

    f->frame = frame;
    return lg_py_word(as->mem, frame + l->frame_previous, &f->previous) &&
           lg_py_word(as->mem, frame + l->frame_code, &f->code) &&
           lg_pyframes_instr(as->mem, l, frame, &f->instr) &&
           (l->frame_is_entry == LG_PY_NONE ||
            lg_py_read(as->mem, frame + l->frame_is_entry, &f->isEntry, 1));
}

/* Is it no Python frame, but one between two runs of the evaluation loop?  Its
   code is none. */
static Bool is_internal(const Asking* as, Addr frame)
{
    const LgPyLayout* l = as->layout;
    UChar             owner;

    return l->frame_owner != LG_PY_NONE && l->firstInternalOwner != 0xFF &&
           lg_py_read(as->mem, frame + l->frame_owner, &owner, 1) &&
           owner >= l->firstInternalOwner;
}

/* Remembers the chain from `frame` to `last` (0: to its end), including what
   was left out of the stack: next time the same frame may be a part of it. */
static void fill(LgPyTraces* s, CacheEntry* e, const Asking* as, Addr frame,
                 Addr last, UInt stack)
{
    UInt n = 0, line;

    e->generation = 0;
    for (Bool isLast = False; frame != 0 && !isLast; n++) {
        CachedFrame* f = &e->frames[n];
        if (n == s->maxCached || !read_frame(as, frame, f))
            return;
        /* Somebody must tell when its code is freed. */
        LgPyFrame site = {0, f->code & ~(Addr)as->layout->stackrefTagMask,
                          f->instr, False};
        if (!is_internal(as, frame) && !line_of_frame(s, as, &site, &line))
            return;
        isLast = frame == last;
        frame = f->previous;
    }
    e->n = n;
    e->stack = stack;
    e->generation = s->generation;
}

UInt lg_pytraces_record(LgPyTraces* s, const LgPyMem* mem,
                        const LgPyLayout* layout, Addr tstate,
                        void (*on_code)(void* opaque, Addr code),
                        void* opaque)
{
    LgPyFrame frames[LG_PY_MAX_DEPTH];
    Addr      instr = 0;
    Addr      current = lg_pyframes_innermost(mem, layout, tstate);

    if (current == 0 || !lg_pyframes_instr(mem, layout, current, &instr))
        return 0;
    CacheEntry* e =
        &s->cache[mix(mix(0, current), instr) & (CACHE_ENTRIES - 1)];
    if (LIKELY(e->generation == s->generation &&
               e->frames[0].frame == current && still_holds(e, layout)))
        return e->stack;

    Asking as = {mem, layout, on_code, opaque};
    UInt   n = lg_pyframes_walk(mem, layout, tstate, frames, s->depth);
    UInt   stack = stack_of(s, &as, frames, n);
    fill(s, e, &as, current, n == s->depth ? frames[n - 1].frame : 0, stack);
    return stack;
}

UInt lg_pytraces_depth(const LgPyTraces* s, UInt stack)
{
    return stack > 0 && stack <= s->nStacks ? s->stacks[stack - 1].n : 0;
}

LgPyTraceFrame lg_pytraces_frame(const LgPyTraces* s, UInt stack, UInt i)
{
    UInt        e = s->elements[s->stacks[stack - 1].first + i];
    const Line* l = &s->lines[e >> 1];
    return (LgPyTraceFrame){l->function, l->file, l->line, e & 1};
}

UInt lg_pytraces_innermost(const LgPyTraces* s, UInt stack)
{
    return lg_pytraces_depth(s, stack) == 0
               ? 0
               : (s->elements[s->stacks[stack - 1].first] >> 1) + 1;
}

LgPyTraceFrame lg_pytraces_line(const LgPyTraces* s, UInt line)
{
    const Line* l = &s->lines[line - 1];
    return (LgPyTraceFrame){l->function, l->file, l->line, False};
}
