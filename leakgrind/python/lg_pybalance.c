/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pybalance.c: see lg_pybalance.h. */

#include "lg_pybalance.h"

typedef struct {
    const LgPySite*   sites;
    const LgPyChange* changes;
    UInt              n;
    ULong*            plus;  /* by change: what is not paired off yet */
    ULong*            minus; /* likewise */
    ULong             unheld;
    Bool              spares; /* changes that remain as often as is asked for are
                                 kept */
} Balance;

enum { ANY_PARTY = -1 };

static const LgPySite* site_of(const Balance* b, UInt i)
{
    return &b->sites[b->changes[i].site];
}

/* Does it remain just as often as is asked for?  Then it is likely the answer. */
static Bool is_answer(const Balance* b, UInt i)
{
    return b->plus[i] == b->unheld && site_of(b, i)->cls != LgPySiteBefore;
}

/* Is change i to be paired off before change k? */
static Bool is_likelier(const Balance* b, UInt i, UInt k)
{
    const LgPySite *x = site_of(b, i), *y = site_of(b, k);

    if (x->isReturned != y->isReturned)
        return x->isReturned;
    if (is_answer(b, i) != is_answer(b, k))
        return is_answer(b, k);
    return b->plus[i] > b->plus[k];
}

/* Pairs off up to `amount` increments of this class, and of this party unless it
   is ANY_PARTY.  Returns what is left of the amount. */
static ULong pair_off(Balance* b, ULong amount, LgPySiteClass cls, Long party)
{
    while (amount > 0) {
        UInt best = b->n;
        for (UInt i = 0; i < b->n; i++)
            if (b->plus[i] > 0 && site_of(b, i)->cls == cls &&
                (party == ANY_PARTY || site_of(b, i)->party == party) &&
                !(b->spares && is_answer(b, i)) &&
                (best == b->n || is_likelier(b, i, best)))
                best = i;
        if (best == b->n)
            break;
        ULong n = b->plus[best] < amount ? b->plus[best] : amount;
        b->plus[best] -= n;
        amount -= n;
    }
    return amount;
}

/* Class by class, in this order, which ends with LG_N_PY_SITE_CLASSES.  With
   those of all parties, likely answers come last. */
static ULong pair_off_classes(Balance* b, ULong amount,
                              const LgPySiteClass* order, Long party)
{
    for (Int round = party == ANY_PARTY ? 0 : 1; round <= 1; round++) {
        b->spares = round == 0;
        for (UInt k = 0; order[k] != LG_N_PY_SITE_CLASSES; k++)
            amount = pair_off(b, amount, order[k], party);
    }
    return amount;
}

/* What is given back by code of these classes, with increments of the classes
   in `order`. */
static void pair_off_minus(Balance* b, Bool isInterpreter, Bool isSameParty,
                           const LgPySiteClass* order)
{
    for (UInt i = 0; i < b->n; i++) {
        const LgPySite* s = site_of(b, i);
        if ((s->cls == LgPySiteInterpreter) == isInterpreter)
            b->minus[i] = pair_off_classes(b, b->minus[i], order,
                                           isSameParty ? (Long)s->party
                                                       : ANY_PARTY);
    }
}

static const LgPySiteClass heldFirst[] = {LgPySiteBefore, LgPySiteInterpreter,
                                          LgPySiteCalled, LgPySiteNew,
                                          LgPySiteInline, LG_N_PY_SITE_CLASSES};
static const LgPySiteClass interpreterOnly[] = {LgPySiteInterpreter,
                                                LG_N_PY_SITE_CLASSES};
static const LgPySiteClass handedOver[] = {LgPySiteBefore, LgPySiteCalled,
                                           LgPySiteNew, LgPySiteInline,
                                           LG_N_PY_SITE_CLASSES};
static const LgPySiteClass ownFirst[] = {LgPySiteBefore, LgPySiteInline,
                                         LgPySiteNew, LgPySiteCalled,
                                         LgPySiteInterpreter,
                                         LG_N_PY_SITE_CLASSES};
static const LgPySiteClass newFirst[] = {LgPySiteNew, LgPySiteCalled,
                                         LgPySiteInline,
                                         LG_N_PY_SITE_CLASSES};

/* 1. */
static void pair_off_parties(Balance* b)
{
    pair_off_minus(b, True, True, interpreterOnly);
    for (UInt i = 0; i < b->n; i++) {
        const LgPySite* s = site_of(b, i);
        if (s->cls != LgPySiteInterpreter)
            b->minus[i] = pair_off_classes(
                b, b->minus[i],
                s->cls == LgPySiteInline ? newFirst : handedOver, s->party);
    }
}

static void balance_too_many(Balance* b, ULong held)
{
    pair_off_parties(b);
    pair_off_minus(b, True, False, interpreterOnly);
    pair_off_minus(b, True, False, handedOver);
    pair_off_minus(b, False, False, ownFirst);
    pair_off_classes(b, held, heldFirst, ANY_PARTY);
}

/* Whoever has given back what his party has not taken is suspected, an
   extension before the interpreter. */
static void balance_too_few(Balance* b, ULong* left)
{
    static const LgPySiteClass suspects[] = {LgPySiteInline, LgPySiteCalled,
                                             LgPySiteNew, LgPySiteInterpreter,
                                             LgPySiteBefore};

    pair_off_parties(b);
    pair_off_minus(b, True, False, interpreterOnly);
    for (UInt returned = 0; returned <= 1; returned++)
        for (UInt k = 0; k < LG_N_PY_SITE_CLASSES; k++)
            for (UInt i = 0; i < b->n; i++) {
                const LgPySite* s = site_of(b, i);
                if (s->cls != suspects[k] || s->isReturned != (Bool)returned)
                    continue;
                left[i] = b->minus[i] < b->unheld ? b->minus[i] : b->unheld;
                b->unheld -= left[i];
            }
}

void lg_pybalance(const LgPySite* sites, const LgPyChange* changes, UInt n,
                  Long unheld, ULong held, ULong* left)
{
    Balance b = {sites, changes, n, NULL, NULL,
                 (ULong)(unheld < 0 ? -unheld : unheld), False};

    b.plus  = lg_plat_alloc("lg.pybalance", (2 * n + 1) * sizeof(ULong));
    b.minus = b.plus + n;
    for (UInt i = 0; i < n; i++) {
        b.plus[i]  = changes[i].plus;
        b.minus[i] = changes[i].minus;
    }
    if (unheld < 0)
        balance_too_few(&b, left);
    else {
        balance_too_many(&b, held);
        memcpy(left, b.plus, n * sizeof(ULong));
    }
    lg_plat_free(b.plus);
}
