/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_watched.c: see lg_watched.h. */

#include "lg_watched.h"

#include "pub_tool_hashtable.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"

#include "../../base/lg_numbering.h"
#include "../instrument/lg_refstores.h"

/* A part of the table of blocks: a watched object with a block. */
typedef struct {
    VgHashNode node; /* key: the block's start */
    LgWatched* object;
} InBlock;

static VgHashTable* objects; /* of LgWatched */
static VgHashTable* blocks;  /* of InBlock */

/* What the objects of one place went through in one context. */
typedef struct {
    UInt       madeIn;
    LgPyChange change;
} Life;

static struct {
    Life*       all;
    UInt        n, max;
    LgNumbering numbers;
} lives;

static void prepare_tables(void)
{
    if (objects != NULL)
        return;
    objects = VG_(HT_construct)("lg.watched.objects");
    blocks  = VG_(HT_construct)("lg.watched.blocks");
    lg_numbering_init(&lives.numbers, "lg.watched.lives", 1024);
}

/* --- Objects ------------------------------------------------------------- */

LgWatched* lg_watched_copy(const LgWatched* w)
{
    LgWatched* copy = VG_(malloc)("lg.watched.copy", sizeof *copy);
    SizeT      szB = w->nChanges * sizeof(LgPyChange);

    *copy = *w;
    copy->maxChanges = w->nChanges;
    copy->changes    = VG_(malloc)("lg.watched.changes", szB + 1);
    VG_(memcpy)(copy->changes, w->changes, szB);
    return copy;
}

static void delete_object(LgWatched* w)
{
    lg_plat_free(w->changes);
    VG_(free)(w);
}

LgWatched* lg_watched_find(Addr refcnt)
{
    return objects != NULL ? VG_(HT_lookup)(objects, refcnt) : NULL;
}

LgWatched* lg_watched_in_block(Addr start)
{
    const InBlock* b =
        blocks != NULL ? VG_(HT_lookup)(blocks, start) : NULL;
    return b != NULL ? b->object : NULL;
}

LgWatched* lg_watched_add(Addr at, Addr start, UInt ctx, UInt type,
                          ULong refcnt, Bool isNew)
{
    LgWatched* w = VG_(calloc)("lg.watched.object", 1, sizeof *w);

    prepare_tables();
    w->key    = at;
    w->start  = start;
    w->ctx    = ctx;
    w->type   = type;
    w->before = refcnt;
    VG_(HT_add_node)(objects, w);
    lg_refstores_mark(at);
    if (start != 0) {
        InBlock* b = VG_(calloc)("lg.watched.block", 1, sizeof *b);
        b->node.key = start;
        b->object   = w;
        VG_(HT_add_node)(blocks, b);
    }
    if (isNew && refcnt > 0) {
        w->before--;
        lg_watched_change(w, ctx, 1);
    }
    return w;
}

static void add_to_change(LgPyChange* c, Long delta)
{
    if (delta > 0)
        c->plus += (ULong)delta;
    else
        c->minus += (ULong)-delta;
}

/* Most changes are made where one of the last ones was. */
void lg_watched_change(LgWatched* w, UInt ctx, Long delta)
{
    UInt i = 0;

    while (i < w->nChanges && w->changes[i].site != ctx)
        i++;
    if (i == w->nChanges) {
        w->changes = lg_array_reserve("lg.watched.changes", w->changes,
                                      w->nChanges, &w->maxChanges,
                                      sizeof(LgPyChange));
        w->changes[w->nChanges++] = (LgPyChange){ctx, 0, 0};
    }
    add_to_change(&w->changes[i], delta);
    if (i > 0) {
        LgPyChange c = w->changes[i];
        w->changes[i]     = w->changes[i / 2];
        w->changes[i / 2] = c;
    }
}

/* --- Lives --------------------------------------------------------------- */

static UInt hash_of(UInt madeIn, UInt ctx)
{
    return lg_hash_mix(lg_hash_mix(0, madeIn), ctx);
}

static UInt hash_of_life(const void* owner, UInt i)
{
    const Life* l = &lives.all[i];
    (void)owner;
    return hash_of(l->madeIn, l->change.site);
}

static Bool is_same_life(const void* owner, UInt i, const void* wanted)
{
    const Life *a = &lives.all[i], *b = wanted;
    (void)owner;
    return a->madeIn == b->madeIn && a->change.site == b->change.site;
}

static void add_life(UInt madeIn, const LgPyChange* c)
{
    Life wanted = {madeIn, {c->site, 0, 0}};

    lg_numbering_reserve(&lives.numbers, hash_of_life, NULL);
    UInt* slot = lg_numbering_find(&lives.numbers, hash_of(madeIn, c->site),
                                   is_same_life, NULL, &wanted);
    if (*slot == 0) {
        lives.all = lg_array_reserve("lg.watched.lives", lives.all, lives.n,
                                     &lives.max, sizeof(Life));
        lives.all[lives.n] = wanted;
        lg_numbering_add(&lives.numbers, slot, lives.n++);
    }
    Life* l = &lives.all[*slot - 1];
    l->change.plus += c->plus;
    l->change.minus += c->minus;
}

LgPyChange* lg_watched_lives(UInt ctx, UInt* n)
{
    LgPyChange* out = VG_(malloc)("lg.watched.lives",
                                  (lives.n + 1) * sizeof(LgPyChange));

    *n = 0;
    for (UInt i = 0; i < lives.n; i++)
        if (lives.all[i].madeIn == ctx)
            out[(*n)++] = lives.all[i].change;
    return out;
}

void lg_watched_end(LgWatched* w, Bool hasDied)
{
    if (hasDied && w->before == 0)
        for (UInt i = 0; i < w->nChanges; i++)
            add_life(w->ctx, &w->changes[i]);
    lg_refstores_unmark(w->key);
    VG_(HT_remove)(objects, w->key);
    if (w->start != 0)
        VG_(free)(VG_(HT_remove)(blocks, w->start));
    delete_object(w);
}

/* --- All of them --------------------------------------------------------- */

UInt lg_watched_count(void)
{
    return objects != NULL ? VG_(HT_count_nodes)(objects) : 0;
}

void lg_watched_visit(void (*fn)(void* opaque, const LgWatched* w),
                      void* opaque)
{
    const LgWatched* w;

    if (objects == NULL)
        return;
    VG_(HT_ResetIter)(objects);
    while ((w = VG_(HT_Next)(objects)) != NULL)
        fn(opaque, w);
}

void lg_watched_end_in(Addr lo, SizeT szB)
{
    UInt         n = 0;
    VgHashNode** nodes =
        objects != NULL ? VG_(HT_to_array)(objects, &n) : NULL;

    for (UInt i = 0; i < n; i++)
        if (nodes[i]->key - lo < szB)
            lg_watched_end((LgWatched*)nodes[i], False);
    VG_(free)(nodes);
}

void lg_watched_forget(void)
{
    lg_watched_end_in(0, ~(SizeT)0);
}
