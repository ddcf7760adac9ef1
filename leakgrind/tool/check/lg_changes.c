/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_changes.c: see lg_changes.h. */

#include "lg_changes.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../lg_platform.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../trace/lg_context.h"
#include "../trace/lg_traceview.h"
#include "../watch/lg_pywatch.h"
#include "../watch/lg_takers.h"
#include "../watch/lg_watched.h"
#include "lg_references.h"

/* A watched object with references that nobody holds. */
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

/* --- Which objects ------------------------------------------------------------ */

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
    found.unheld = lg_pysnap_unheld(s->py, (UInt)i);
    if (found.unheld != 0)
        found.key = (LgLossKey){LgReference, w->ctx,
                                lg_pysnap_type(s->py, (UInt)i), LgLossPlain};
    else if (!f->isInUseOnly) {
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

/* --- Which places -------------------------------------------------------------- */

/* A place where counts have changed. */
typedef struct {
    UInt     ctx;
    Bool     isNew;
    LgPySite site;
    ULong    plus, minus;
    ULong    left; /* changes that were not undone, of all objects */
    UInt     text; /* its description, a number of lg_texts */
    Long     net;  /* of its party, in objects that have died */
} Place;

/* What a record's objects went through. */
typedef struct {
    XArray* places; /* of Place; the first stands for what was before */
    ULong   nMore;  /* references that were taken ... or given back too often */
    Bool    isTooFew;
    UInt    nObjects;
} Account;

static Place* place_at(const Account* a, Word i)
{
    return VG_(indexXA)(a->places, i);
}

static UInt place_for(Account* a, UInt ctx, Bool isNew)
{
    for (Word i = 1; i < VG_(sizeXA)(a->places); i++)
        if (place_at(a, i)->ctx == ctx && place_at(a, i)->isNew == isNew)
            return (UInt)i;
    Place p = {ctx, isNew, lg_takers_site(ctx, isNew), 0, 0, 0, 0, 0};
    return (UInt)VG_(addToXA)(a->places, &p);
}

static Account new_account(void)
{
    Account a = {VG_(newXA)(VG_(malloc), "lg.changes.places", VG_(free),
                            sizeof(Place)),
                 0, False, 0};
    Place   before = {0, False, {LgPySiteBefore, 0, False}, 0, 0, 0, 0, 0};

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
static void learn_parties(Account* a, const LgLossRecord* r, Bool (*is_of)(
                      const Suspect* s, const LgLossRecord* r))
{
    UInt last = 0;

    for (Word i = 0; i < VG_(sizeXA)(current); i++) {
        const Suspect* s = VG_(indexXA)(current, i);
        if (!is_of(s, r))
            continue;
        for (UInt k = 0; k < s->object->nChanges; k++)
            place_for(a, s->object->changes[k].site,
                      s->object->changes[k].site == s->object->ctx);
    }
    for (Word i = 0; i < VG_(sizeXA)(current); i++) {
        const Suspect* s = VG_(indexXA)(current, i);
        if (!is_of(s, r) || s->object->ctx == last)
            continue;
        last = s->object->ctx;
        learn_from_lives(a, last);
    }
    for (Word i = 1; i < VG_(sizeXA)(a->places); i++)
        place_at(a, i)->site.isReturned = place_at(a, i)->net != 0;
}

static void add_object(Account* a, const Suspect* s)
{
    const LgWatched* w = s->object;
    UInt             n = w->nChanges + 1;
    LgPyChange*      changes = VG_(malloc)("lg.changes", n * sizeof *changes);
    ULong*           left = VG_(malloc)("lg.changes", n * sizeof *left);
    UInt             nSites;
    ULong            refcnt = w->before;

    changes[0] = (LgPyChange){0, w->before, 0};
    for (UInt i = 1; i < n; i++) {
        changes[i] = w->changes[i - 1];
        refcnt += changes[i].plus - changes[i].minus;
        changes[i].site =
            place_for(a, changes[i].site, changes[i].site == w->ctx);
    }
    nSites = (UInt)VG_(sizeXA)(a->places);
    LgPySite* sites = VG_(malloc)("lg.changes", nSites * sizeof *sites);
    for (UInt i = 0; i < nSites; i++)
        sites[i] = place_at(a, i)->site;
    lg_pybalance(sites, changes, n, s->unheld, refcnt - (ULong)s->unheld, left);
    for (UInt i = 0; i < n; i++) {
        Place* p = place_at(a, changes[i].site);
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

static Bool is_of_record(const Suspect* s, const LgLossRecord* r)
{
    return s->key.kind == r->kind && s->key.ctx == r->ctx &&
           s->key.type == r->type && s->key.cls == r->cls;
}

/* --- Text ------------------------------------------------------------------------ */

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
                  lg_texts_get(p->text), a->isTooFew ? "not taken before" : "never given back");
    print_line(text);
    lg_traceview_print(p->ctx);
}

/* With -v, all other places are listed, too. */
static void print_balanced(const Place* p)
{
    HChar where[LG_TAKERS_TEXT_SZB], text[sizeof where + 100];

    lg_takers_describe(p->ctx, where);
    VG_(snprintf)(text, sizeof text, " %'llu x +1, %'llu x -1 %s", p->plus,
                  p->minus, where);
    print_line(text);
}

static Int compare_places(const void* a, const void* b)
{
    const Place *x = a, *y = b;
    return x->left > y->left ? -1 : x->left < y->left ? 1 : 0;
}

/* Places that only differ in how their functions were called are one. */
static void unite_places(const Account* a)
{
    HChar text[LG_TAKERS_TEXT_SZB];

    for (Word i = 0; i < VG_(sizeXA)(a->places); i++) {
        Place* p = place_at(a, i);
        if (p->left == 0)
            continue;
        lg_takers_describe(p->ctx, text);
        p->text = lg_texts_add(text);
        for (Word k = 0; k < i; k++)
            if (place_at(a, k)->text == p->text && place_at(a, k)->left > 0) {
                place_at(a, k)->left += p->left;
                p->left = 0;
                break;
            }
    }
}

static void print_account(const Account* a)
{
    enum { MAX_PLACES = 10 };
    HChar  text[200];
    ULong  before = place_at(a, 0)->left, nMore = 0;
    UInt   n = 0;

    place_at(a, 0)->left = 0;
    unite_places(a);
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
                     " To see who took them, rerun with: --py-watch='%s'\n",
                     spec);
}

void lg_changes_print(const LgLossRecord* r)
{
    Account a = new_account();

    if (current != NULL) {
        learn_parties(&a, r, is_of_record);
        for (Word i = 0; i < VG_(sizeXA)(current); i++)
            if (is_of_record(VG_(indexXA)(current, i), r))
                add_object(&a, VG_(indexXA)(current, i));
    }
    if (a.nObjects > 0)
        print_account(&a);
    else if (r->kind == LgReference)
        suggest_watch(r);
    VG_(deleteXA)(a.places);
}
