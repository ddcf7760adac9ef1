/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_changes.c: see lg_changes.h. */

#include "lg_changes.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../python/lg_pydeficits.h"
#include "../trace/lg_context.h"
#include "../trace/lg_traceview.h"
#include "../watch/lg_pywatch.h"
#include "../watch/lg_takers.h"
#include "../watch/lg_watched.h"
#include "lg_references.h"

/* A watched object with references that nobody holds, or that are too few
   (negative). */
typedef struct {
    LgLossKey        key; /* of its record */
    Long             unheld;
    const LgWatched* object;
} Suspect;

static XArray* kept;    /* of Suspect, whose objects are copies; keys with the
                           contexts at full depth */
static XArray* current; /* of Suspect */

static XArray* new_suspects(void)
{
    return VG_(newXA)(VG_(malloc), "lg.changes", VG_(free), sizeof(Suspect));
}

/* --- Which objects ------------------------------------------------------- */

typedef struct {
    const LgHeapSearch* search;
    Bool                isInUseOnly;
    XArray*             out;
} Finding;

static void find_suspect(void* opaque, const LgWatched* w)
{
    const Finding*      f = opaque;
    const LgHeapSearch* s = f->search;
    Suspect             found = {.object = w};
    Int                 i = w->start != 0 ? lg_snap_find(s->snap, w->start) : -1;

    if (i < 0 || lg_snap_ctx(s->snap, (UInt)i) != w->ctx ||
        lg_sb_inherited(&lg_snap_blocks(s->snap)[i]))
        return;
    UInt unheld  = lg_pysnap_unheld(s->py, (UInt)i);
    UInt deficit = lg_pydeficits_of(s->py, (UInt)i);
    if (unheld > 0 || deficit > 0) {
        found.unheld = (Long)unheld - (Long)deficit;
        found.key = (LgLossKey){unheld > 0 ? LgReference : LgOverReleased,
                                w->ctx, lg_pysnap_type(s->py, (UInt)i),
                                LgLossPlain};
    } else if (!f->isInUseOnly) {
        found.unheld = lg_pysnap_excess(s->py, (UInt)i);
        found.key    = lg_heapsearch_key(s, (UInt)i);
    }
    if (found.unheld != 0)
        VG_(addToXA)(f->out, &found);
}

void lg_changes_keep(const LgHeapSearch* s)
{
    if (!lg_pywatch_is_on() || s->py == NULL)
        return;
    if (kept == NULL)
        kept = new_suspects();
    Word    nBefore = VG_(sizeXA)(kept);
    Finding f = {s, True, kept};
    lg_watched_visit(find_suspect, &f);
    for (Word i = nBefore; i < VG_(sizeXA)(kept); i++) {
        Suspect* x = VG_(indexXA)(kept, i);
        x->object = lg_watched_copy(x->object);
    }
}

static void resolve_keys(XArray* suspects)
{
    for (Word i = 0; i < VG_(sizeXA)(suspects); i++) {
        LgLossKey* key = &((Suspect*)VG_(indexXA)(suspects, i))->key;
        key->ctx = lg_ctx_resolve(key->ctx);
    }
}

void lg_changes_begin(const LgHeapSearch* s)
{
    if (!lg_pywatch_is_on() || s->py == NULL)
        return;
    if (current != NULL)
        VG_(deleteXA)(current);
    current = new_suspects();
    Finding f = {s, False, current};
    lg_watched_visit(find_suspect, &f);
    for (Word i = 0; kept != NULL && s->moment == LgAtExit &&
                     i < VG_(sizeXA)(kept);
         i++)
        VG_(addToXA)(current, VG_(indexXA)(kept, i));
    resolve_keys(current);
}

static Bool is_of_record(const Suspect* s, const LgLossRecord* r)
{
    return s->key.kind == r->kind && s->key.ctx == r->ctx &&
           s->key.type == r->type && s->key.cls == r->cls;
}

/* --- Which places -------------------------------------------------------- */

/* A place where counts have changed: contexts that differ only in how its function
   was called are one. */
typedef struct {
    UInt     ctx;  /* one of them */
    UInt     text; /* its description, a number of lg_texts */
    LgPySite site;
    ULong    plus, minus;
    ULong    left; /* changes that were not undone, of all objects */
    Long     net;  /* of its party, in objects that have died */
} Place;

/* Which place a context is. */
typedef struct {
    UInt ctx;
    Bool isNew;
    UInt place;
} PlaceOf;

/* What a record's objects went through. */
typedef struct {
    XArray* places; /* of Place; the first stands for what was before */
    XArray* known;  /* of PlaceOf */
    Bool    isTooFew;
    UInt    nObjects;
} Account;

static Place* place_at(const Account* a, Word i)
{
    return VG_(indexXA)(a->places, i);
}

static UInt place_with_text(Account* a, UInt ctx, Bool isNew)
{
    HChar    text[LG_TAKERS_TEXT_SZB];
    LgPySite site = lg_takers_site(ctx, isNew);

    lg_takers_describe(ctx, text);
    Place p = {ctx, lg_texts_add(text), site, 0, 0, 0, 0};
    for (Word i = 1; i < VG_(sizeXA)(a->places); i++)
        if (place_at(a, i)->text == p.text &&
            place_at(a, i)->site.cls == site.cls)
            return (UInt)i;
    return (UInt)VG_(addToXA)(a->places, &p);
}

static UInt place_for(Account* a, UInt ctx, Bool isNew)
{
    for (Word i = 0; i < VG_(sizeXA)(a->known); i++) {
        const PlaceOf* k = VG_(indexXA)(a->known, i);
        if (k->ctx == ctx && k->isNew == isNew)
            return k->place;
    }
    PlaceOf k = {ctx, isNew, place_with_text(a, ctx, isNew)};
    VG_(addToXA)(a->known, &k);
    return k.place;
}

static Account new_account(void)
{
    Account a = {VG_(newXA)(VG_(malloc), "lg.changes.places", VG_(free),
                            sizeof(Place)),
                 VG_(newXA)(VG_(malloc), "lg.changes.known", VG_(free),
                            sizeof(PlaceOf)),
                 False, 0};
    Place   before = {.site = {LgPySiteBefore, 0, False}};

    VG_(addToXA)(a.places, &before);
    return a;
}

/* Which parties' references are given back by others: see LgPySite. */
static void learn_from_lives(Account* a, UInt madeIn)
{
    UInt        n;
    LgPyChange* lives = lg_watched_lives(madeIn, &n);

    for (UInt i = 0; i < n; i++) {
        UInt  k = place_for(a, lives[i].site, lives[i].site == madeIn);
        UInt  party = place_at(a, k)->site.party;
        Long  net = (Long)(lives[i].plus - lives[i].minus);
        for (Word j = 1; j < VG_(sizeXA)(a->places); j++)
            if (place_at(a, j)->site.party == party)
                place_at(a, j)->net += net;
    }
    VG_(free)(lives);
}

/* All places of the suspects must be known before: a place takes part in what its
   party has learned. */
static void learn_parties(Account* a, const LgLossRecord* r)
{
    UInt last = 0;

    for (Word i = 0; i < VG_(sizeXA)(current); i++) {
        const Suspect* s = VG_(indexXA)(current, i);
        if (!is_of_record(s, r))
            continue;
        for (UInt k = 0; k < s->object->nChanges; k++)
            place_for(a, s->object->changes[k].site,
                      s->object->changes[k].site == s->object->ctx);
    }
    for (Word i = 0; i < VG_(sizeXA)(current); i++) {
        const Suspect* s = VG_(indexXA)(current, i);
        if (!is_of_record(s, r) || s->object->ctx == last)
            continue;
        last = s->object->ctx;
        learn_from_lives(a, last);
    }
    for (Word i = 1; i < VG_(sizeXA)(a->places); i++)
        place_at(a, i)->site.isReturned = place_at(a, i)->net != 0;
}

/* The changes of an object by place: changes[i] is what happened at place i. */
static LgPyChange* changes_by_place(Account* a, const LgWatched* w)
{
    UInt        n = (UInt)VG_(sizeXA)(a->places);
    LgPyChange* changes = VG_(calloc)("lg.changes", n, sizeof *changes);

    for (UInt i = 0; i < n; i++)
        changes[i].site = i;
    changes[0].plus = w->before;
    for (UInt k = 0; k < w->nChanges; k++) {
        const LgPyChange* c = &w->changes[k];
        UInt              i = place_for(a, c->site, c->site == w->ctx);
        changes[i].plus += c->plus;
        changes[i].minus += c->minus;
    }
    return changes;
}

static void add_object(Account* a, const Suspect* s)
{
    UInt        n = (UInt)VG_(sizeXA)(a->places);
    LgPyChange* changes = changes_by_place(a, s->object);
    ULong*      left = VG_(malloc)("lg.changes", n * sizeof *left);
    LgPySite*   sites = VG_(malloc)("lg.changes", n * sizeof *sites);
    ULong       refcnt = 0;

    for (UInt i = 0; i < n; i++) {
        sites[i] = place_at(a, i)->site;
        refcnt += changes[i].plus - changes[i].minus;
    }
    lg_pybalance(sites, changes, n, s->unheld, refcnt - (ULong)s->unheld, left);
    for (UInt i = 0; i < n; i++) {
        Place* p = place_at(a, i);
        p->plus += changes[i].plus;
        p->minus += changes[i].minus;
        p->left += left[i];
    }
    a->nObjects++;
    a->isTooFew = s->unheld < 0;
    VG_(free)(changes);
    VG_(free)(left);
    VG_(free)(sites);
}

/* --- Text ---------------------------------------------------------------- */

static void print_line(const HChar* text)
{
    if (VG_(clo_xml))
        VG_(printf_xml)("  <auxwhat>%pS</auxwhat>\n", text);
    else
        VG_(message)(Vg_UserMsg, "%s\n", text);
}

static void print_place(const Account* a, const Place* p)
{
    HChar count[40] = "", text[LG_TAKERS_TEXT_SZB + 100];
    Bool  isReturn = p->site.cls == LgPySiteNew && !a->isTooFew;

    if (p->left != 1 || !isReturn)
        VG_(snprintf)(count, sizeof count, "%'llu x ", p->left);
    VG_(snprintf)(text, sizeof text, " %s%s %s: %s", count,
                  isReturn      ? "the reference returned"
                  : a->isTooFew ? "-1"
                                : "+1",
                  lg_texts_get(p->text),
                  a->isTooFew ? "not taken before" : "never given back");
    print_line(text);
    lg_traceview_print(p->ctx);
}

/* With -v, all other places are listed, too. */
static void print_balanced(const Place* p)
{
    HChar text[LG_TAKERS_TEXT_SZB + 100];

    VG_(snprintf)(text, sizeof text, " %'llu x +1, %'llu x -1 %s", p->plus,
                  p->minus, lg_texts_get(p->text));
    print_line(text);
}

static Int compare_places(const void* a, const void* b)
{
    const Place *x = a, *y = b;
    return x->left > y->left ? -1 : x->left < y->left ? 1 : 0;
}

static void print_account(const Account* a)
{
    enum { MAX_PLACES = 10 };
    HChar  text[200];
    ULong  before = place_at(a, 0)->left, nMore = 0;
    UInt   n = 0;

    place_at(a, 0)->left = 0;
    VG_(setCmpFnXA)(a->places, compare_places);
    VG_(sortXA)(a->places);
    for (Word i = 0; i < VG_(sizeXA)(a->places); i++) {
        const Place* p = place_at(a, i);
        if (p->left != 0 && ++n <= MAX_PLACES)
            print_place(a, p);
        else
            nMore += p->left;
    }
    for (Word i = 0; VG_(clo_verbosity) > 1 && i < VG_(sizeXA)(a->places); i++)
        if (place_at(a, i)->ctx != 0)
            print_balanced(place_at(a, i));
    if (nMore > 0) {
        VG_(snprintf)(text, sizeof text, " %'llu x at %u other places", nMore,
                      n - MAX_PLACES);
        print_line(text);
    }
    if (before > 0) {
        VG_(snprintf)(text, sizeof text,
                      " %'llu references were taken before the object was "
                      "watched", before);
        print_line(text);
    }
}

/* The --py-watch that would watch the objects of the record. */
static void suggest_watch(const LgLossRecord* r)
{
    const HChar*   type = lg_python_type_name(r->type);
    const HChar*   name = lg_texts_get(r->name);
    LgPyTraceFrame place = lg_pywatch_place(r->ctx);
    HChar          spec[1000];

    if (place.file != NULL && place.file[0] != '<' && place.line != 0)
        VG_(snprintf)(spec, sizeof spec, "%s@%s:%u", type, place.file,
                      place.line);
    else if (name[0] != 0 && name[0] != '\'' && !r->hasOtherNames)
        VG_(snprintf)(spec, sizeof spec, "%s", name);
    else
        VG_(snprintf)(spec, sizeof spec, "%s", type);
    if (VG_(clo_xml))
        VG_(printf_xml)("  <pywatch>%pS</pywatch>\n", spec);
    else
        VG_(message)(Vg_UserMsg,
                     " To see who %s, rerun with: --py-watch='%s'\n",
                     r->kind == LgOverReleased ? "released it" : "took them",
                     spec);
}

void lg_changes_print(const LgLossRecord* r)
{
    Account a = new_account();

    if (current != NULL) {
        learn_parties(&a, r);
        for (Word i = 0; i < VG_(sizeXA)(current); i++)
            if (is_of_record(VG_(indexXA)(current, i), r))
                add_object(&a, VG_(indexXA)(current, i));
    }
    if (a.nObjects > 0)
        print_account(&a);
    else if (LG_REFERENCE_KINDS & LG_KIND_BIT(r->kind))
        suggest_watch(r);
    VG_(deleteXA)(a.places);
    VG_(deleteXA)(a.known);
}
