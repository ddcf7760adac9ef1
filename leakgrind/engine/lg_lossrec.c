/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_lossrec.c: loss records.  See lg_lossrec.h. */

#include "lg_lossrec.h"

#include "../base/lg_numbering.h"

struct LgLossTable {
    LgLossRecord* records;
    UInt          n, max;
    LgNumbering   numbers; /* of the records, by their keys */
    UInt*         order;
    UInt          lastAdded; /* blocks of one record often come in a row */
};

enum { MIN_RECORD_SLOTS = 256 };

static UInt hash_key(LgLossKey key)
{
    UInt h = key.ctx * 0x9E3779B1u + key.type * 0xC2B2AE35u +
             ((UInt)key.kind + LG_N_RECORD_KINDS * (UInt)key.cls) * 0x85EBCA6Bu;
    return h ^ (h >> 15);
}

static LgLossKey key_of(const LgLossRecord* r)
{
    return (LgLossKey){r->kind, r->ctx, r->type, r->cls};
}

static inline Bool has_key(const LgLossRecord* r, LgLossKey key)
{
    return r->ctx == key.ctx && r->kind == key.kind && r->type == key.type &&
           r->cls == key.cls;
}

static UInt hash_of_record(const void* table, UInt i)
{
    return hash_key(key_of(&((const LgLossTable*)table)->records[i]));
}

static Bool is_record(const void* table, UInt i, const void* key)
{
    return has_key(&((const LgLossTable*)table)->records[i],
                   *(const LgLossKey*)key);
}

LgLossTable* lg_loss_new(void)
{
    LgLossTable* t = lg_plat_alloc("lg.loss.table", sizeof *t);
    memset(t, 0, sizeof *t);
    lg_numbering_init(&t->numbers, "lg.loss.numbers", MIN_RECORD_SLOTS);
    return t;
}

void lg_loss_delete(LgLossTable* t)
{
    lg_plat_free(t->records);
    lg_numbering_free(&t->numbers);
    lg_plat_free(t->order);
    lg_plat_free(t);
}

/* The slot with the record of a key, or the free one where it belongs. */
static UInt* find_slot(const LgLossTable* t, LgLossKey key)
{
    return lg_numbering_find(&t->numbers, hash_key(key), is_record, t, &key);
}

static void clear_amounts(LgLossRecord* r)
{
    r->szB = r->indirectB = 0;
    r->nExcessRefs = 0;
    r->name = 0;
    r->hasOtherNames = False;
    r->nCRefs = 0;
    r->nBlocks = 0;
}

void lg_loss_begin(LgLossTable* t)
{
    UInt kept = 0;
    for (UInt i = 0; i < t->n; i++) {
        LgLossRecord r = t->records[i];
        if (r.nBlocks == 0)
            continue; /* gone for a whole search: forget it */
        r.oldSzB       = r.szB;
        r.oldIndirectB = r.indirectB;
        r.oldNBlocks   = r.nBlocks;
        r.oldNExcessRefs = r.nExcessRefs;
        clear_amounts(&r);
        r.suppressed = False;
        t->records[kept++] = r;
    }
    t->n = kept;
    lg_numbering_clear(&t->numbers);
    for (UInt i = 0; i < t->n; i++)
        lg_numbering_add(&t->numbers, find_slot(t, key_of(&t->records[i])),
                         i);
    lg_plat_free(t->order);
    t->order = NULL;
}

/* The number of the record of a key, which is made if there is none. */
static UInt find_or_make(LgLossTable* t, LgLossKey key)
{
    if (t->lastAdded < t->n && has_key(&t->records[t->lastAdded], key))
        return t->lastAdded;
    lg_numbering_reserve(&t->numbers, hash_of_record, t);
    UInt* slot = find_slot(t, key);
    if (*slot == 0) {
        t->records = lg_array_reserve("lg.loss.records", t->records, t->n,
                                      &t->max, sizeof *t->records);
        LgLossRecord* r = &t->records[t->n];
        memset(r, 0, sizeof *r);
        r->kind = key.kind;
        r->ctx  = key.ctx;
        r->type = key.type;
        r->cls  = key.cls;
        lg_numbering_add(&t->numbers, slot, t->n++);
    }
    return *slot - 1;
}

UInt lg_loss_add(LgLossTable* t, LgLossKey key, LgLossAmount amount)
{
    t->lastAdded = find_or_make(t, key);
    LgLossRecord* r = &t->records[t->lastAdded];
    r->szB += amount.szB;
    r->indirectB += amount.indirectB;
    r->nExcessRefs += amount.nExcessRefs;
    if (r->name == 0)
        r->name = amount.name;
    else if (amount.name != 0 && amount.name != r->name)
        r->hasOtherNames = True;
    r->nCRefs += amount.nCRefs;
    r->nBlocks++;
    return t->lastAdded;
}

void lg_loss_recount(LgLossTable* t)
{
    for (UInt i = 0; i < t->n; i++) {
        LgLossRecord* r = &t->records[i];
        if (!r->suppressed)
            clear_amounts(r);
    }
}

Int lg_loss_find(const LgLossTable* t, LgLossKey key)
{
    return (Int)*find_slot(t, key) - 1;
}

UInt lg_loss_count(const LgLossTable* t)
{
    return t->n;
}

LgLossRecord* lg_loss_record(const LgLossTable* t, UInt r)
{
    lg_assert(r < t->n);
    return &t->records[r];
}

/* What sorting needs of a record; carries its number along. */
typedef struct {
    SizeT totalB;
    UInt  kind;
    UInt  nBlocks;
    UInt  ctx;
    UInt  type;
    UInt  cls;
    UInt  number;
} SortKey;

static Int compare_sort_keys(const void* va, const void* vb)
{
    const SortKey* a = va;
    const SortKey* b = vb;
    if (a->totalB != b->totalB)
        return a->totalB < b->totalB ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->nBlocks != b->nBlocks)
        return a->nBlocks < b->nBlocks ? -1 : 1;
    if (a->ctx != b->ctx)
        return a->ctx < b->ctx ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->cls != b->cls)
        return a->cls < b->cls ? -1 : 1;
    return 0;
}

const UInt* lg_loss_sort(LgLossTable* t, UInt* n)
{
    SortKey* keys = lg_plat_alloc("lg.loss.sort", (t->n + 1) * sizeof *keys);
    *n = 0;
    for (UInt i = 0; i < t->n; i++) {
        const LgLossRecord* r = &t->records[i];
        if (r->nBlocks > 0 || r->oldNBlocks > 0)
            keys[(*n)++] = (SortKey){r->szB + r->indirectB, (UInt)r->kind,
                                     r->nBlocks, r->ctx, r->type,
                                     (UInt)r->cls, i};
    }
    lg_plat_sort(keys, *n, sizeof *keys, compare_sort_keys);
    lg_plat_free(t->order);
    t->order = lg_plat_alloc("lg.loss.order", (*n + 1) * sizeof *t->order);
    for (UInt i = 0; i < *n; i++)
        t->order[i] = keys[i].number;
    lg_plat_free(keys);
    return t->order;
}

void lg_loss_check(const LgLossTable* t)
{
    lg_assert(t->n <= t->max);
    lg_numbering_check(&t->numbers, hash_of_record, t, t->n);
    for (UInt i = 0; i < t->n; i++) {
        const LgLossRecord* r = &t->records[i];
        lg_assert(r->kind < LG_N_RECORD_KINDS && r->cls <= LgLossThread);
        lg_assert(r->kind == LgDefinite || r->indirectB == 0);
        lg_assert(r->nBlocks > 0 || (r->szB == 0 && r->indirectB == 0));
        lg_assert(r->nBlocks > 0 || (r->nExcessRefs == 0 && r->nCRefs == 0));
        lg_assert(r->oldNBlocks > 0 ||
                  (r->oldSzB == 0 && r->oldIndirectB == 0));
        lg_assert(r->name != 0 || !r->hasOtherNames);
        /* One key, one record. */
        lg_assert(lg_loss_find(t, key_of(r)) == (Int)i);
    }
}

Bool lg_loss_delta_reports(const LgLossRecord* r, LgDeltaMode mode)
{
    switch (mode) {
    case LgDeltaAny:
        return r->nBlocks > 0;
    case LgDeltaIncreased:
        return r->szB > r->oldSzB || r->indirectB > r->oldIndirectB ||
               r->nBlocks > r->oldNBlocks ||
               (r->kind >= LG_N_KINDS && r->nExcessRefs > r->oldNExcessRefs);
    case LgDeltaChanged:
        return r->szB != r->oldSzB || r->indirectB != r->oldIndirectB ||
               r->nBlocks != r->oldNBlocks ||
               (r->kind >= LG_N_KINDS && r->nExcessRefs != r->oldNExcessRefs);
    case LgDeltaNew:
        return r->nBlocks > 0 && r->oldNBlocks == 0;
    }
    return False;
}
