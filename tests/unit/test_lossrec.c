/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_lossrec.c: loss records, their order, and what changes between
   searches. */

#include "../../leakgrind/engine/lg_lossrec.h"
#include "check.h"

static UInt add_unchecked(LgLossTable* t, LgKind k, UInt ctx, SizeT szB,
                          SizeT indirectB)
{
    return lg_loss_add(t, (LgLossKey){k, ctx, 0, LgLossPlain},
                       (LgLossAmount){szB, indirectB, 0, 0, 0});
}

static UInt add(LgLossTable* t, LgKind k, UInt ctx, SizeT szB, SizeT indirectB)
{
    UInt r = add_unchecked(t, k, ctx, szB, indirectB);
    lg_loss_check(t);
    return r;
}

static Int find(const LgLossTable* t, LgKind k, UInt ctx)
{
    return lg_loss_find(t, (LgLossKey){k, ctx, 0, LgLossPlain});
}

static const LgLossRecord* record(const LgLossTable* t, LgKind k, UInt ctx)
{
    Int r = find(t, k, ctx);
    assert_true(r >= 0);
    return lg_loss_record(t, (UInt)r);
}

static void empty(void)
{
    LgLossTable* t = lg_loss_new();
    UInt         n = 99;
    lg_loss_begin(t);
    lg_loss_check(t);
    expect_eq(lg_loss_count(t), 0);
    expect_eq(find(t, LgDefinite, 1), -1);
    lg_loss_recount(t);
    lg_loss_check(t);
    lg_loss_sort(t, &n);
    expect_eq(n, 0);
    lg_loss_delete(t);
}

static void blocks_are_added_up(void)
{
    LgLossTable* t = lg_loss_new();
    lg_loss_begin(t);
    lg_loss_check(t);
    UInt a = add(t, LgDefinite, 5, 10, 100);
    UInt b = add(t, LgIndirect, 5, 20, 0);
    UInt c = add(t, LgDefinite, 6, 0, 0);
    expect_eq(add(t, LgDefinite, 5, 30, 7), a);
    expect_true(a != b && b != c && a != c);
    expect_eq(lg_loss_count(t), 3);
    const LgLossRecord* r = lg_loss_record(t, a);
    expect_eq(r->kind, LgDefinite);
    expect_eq(r->ctx, 5);
    expect_eq(r->nBlocks, 2);
    expect_eq(r->szB, 40);
    expect_eq(r->indirectB, 107);
    expect_eq(r->oldNBlocks, 0);
    expect_false(r->suppressed);
    expect_eq(find(t, LgIndirect, 5), b);
    expect_eq(find(t, LgPossible, 5), -1);
    lg_loss_delete(t);
}

static void recounting_spares_the_suppressed(void)
{
    LgLossTable* t = lg_loss_new();
    lg_loss_begin(t);
    lg_loss_check(t);
    UInt a = add(t, LgDefinite, 1, 10, 1);
    UInt b = add(t, LgDefinite, 2, 20, 2);
    lg_loss_record(t, a)->suppressed = True;
    lg_loss_recount(t);
    lg_loss_check(t);
    expect_eq(lg_loss_record(t, a)->szB, 10);
    expect_eq(lg_loss_record(t, a)->nBlocks, 1);
    expect_eq(lg_loss_record(t, b)->szB, 0);
    expect_eq(lg_loss_record(t, b)->indirectB, 0);
    expect_eq(lg_loss_record(t, b)->nBlocks, 0);
    add(t, LgDefinite, 2, 15, 0);
    expect_eq(lg_loss_record(t, b)->szB, 15);
    lg_loss_begin(t);
    lg_loss_check(t);
    expect_false(record(t, LgDefinite, 1)->suppressed);
    lg_loss_delete(t);
}

/* By total size, then kind, number of blocks, context; what then is told in
   types_and_classes. */
static void report_order(void)
{
    static const struct {
        LgKind kind;
        UInt   ctx, nBlocks;
        SizeT  szB, indirectB;
    } want[] = {
        {LgReachable, 3, 1, 0, 0},  {LgReachable, 9, 1, 10, 0},
        {LgPossible, 9, 1, 10, 0},  {LgDefinite, 7, 1, 4, 6},
        {LgDefinite, 4, 2, 10, 0},  {LgDefinite, 8, 2, 5, 5},
        {LgReachable, 2, 1, 11, 0}, {LgDefinite, 1, 1, 1, 1ULL << 40},
    };
    enum { N = sizeof want / sizeof want[0] };
    for (UInt shift = 0; shift < N; shift++) {
        LgLossTable* t = lg_loss_new();
        UInt         n;
        lg_loss_begin(t);
        lg_loss_check(t);
        for (UInt i = 0; i < N; i++) {
            UInt k = (i * 3 + shift) % N;
            add(t, want[k].kind, want[k].ctx, want[k].szB, want[k].indirectB);
            if (want[k].nBlocks == 2)
                add(t, want[k].kind, want[k].ctx, 0, 0);
        }
        const UInt* order = lg_loss_sort(t, &n);
        assert_eq(n, N);
        for (UInt i = 0; i < N; i++) {
            expect_eq(lg_loss_record(t, order[i])->kind, want[i].kind);
            expect_eq(lg_loss_record(t, order[i])->ctx, want[i].ctx);
        }
        lg_loss_delete(t);
    }
}

/* Each part of the key makes a record of its own, and orders those that are
   alike otherwise. */
static void types_and_classes(void)
{
    static const LgLossKey keys[] = {
        {LgDefinite, 7, 0, LgLossPlain}, {LgDefinite, 7, 0, LgLossCycle},
        {LgDefinite, 7, 2, LgLossPlain}, {LgDefinite, 7, 2, LgLossCycle},
        {LgDefinite, 7, 2, LgLossGarbage}, {LgDefinite, 7, 3, LgLossPlain},
        {LgDefinite, 8, 1, LgLossPlain},
    };
    enum { N = sizeof keys / sizeof keys[0] };
    for (UInt shift = 0; shift < N; shift++) {
        LgLossTable* t = lg_loss_new();
        UInt         n;
        lg_loss_begin(t);
        lg_loss_check(t);
        for (UInt i = 0; i < 2 * N; i++) {
            UInt k = (i * 3 + shift) % N;
            lg_loss_add(t, keys[k],
                        (LgLossAmount){10, 0, k, k + k % 2 * (i / N),
                                       3 * k});
        }
        expect_eq(lg_loss_count(t), N);
        const UInt* order = lg_loss_sort(t, &n);
        assert_eq(n, N);
        for (UInt i = 0; i < N; i++) {
            const LgLossRecord* r = lg_loss_record(t, order[i]);
            expect_eq(order[i], lg_loss_find(t, keys[i]));
            expect_eq(r->ctx, keys[i].ctx);
            expect_eq(r->type, keys[i].type);
            expect_eq(r->cls, keys[i].cls);
            expect_eq(r->nBlocks, 2);
            expect_eq(r->nExcessRefs, 2 * i);
            expect_eq(r->nCRefs, 6 * i);
            expect_eq(r->name, i);
            expect_eq(r->hasOtherNames, i % 2);
        }
        lg_loss_recount(t);
    lg_loss_check(t);
        expect_eq(lg_loss_record(t, order[N - 1])->nExcessRefs, 0);
        expect_eq(lg_loss_record(t, order[N - 1])->nCRefs, 0);
        expect_eq(lg_loss_record(t, order[N - 1])->name, 0);
        expect_false(lg_loss_record(t, order[1])->hasOtherNames);
        expect_eq(lg_loss_find(t, (LgLossKey){LgDefinite, 8, 1, LgLossCycle}),
                  -1);
        lg_loss_add(t, keys[4], (LgLossAmount){1, 0, 9, 0, 0});
        lg_loss_begin(t);
        lg_loss_check(t);
        const LgLossRecord* r = lg_loss_record(t, 0);
        expect_eq(lg_loss_count(t), 1); /* the others had no blocks */
        expect_eq(lg_loss_find(t, keys[4]), 0);
        expect_eq(r->nExcessRefs, 0);
        expect_eq(r->oldSzB, 1);
        lg_loss_delete(t);
    }
}

static void expect_delta(const LgLossRecord* r, const char* want)
{
    char got[5] = {
        lg_loss_delta_reports(r, LgDeltaAny) ? 'a' : '-',
        lg_loss_delta_reports(r, LgDeltaIncreased) ? 'i' : '-',
        lg_loss_delta_reports(r, LgDeltaChanged) ? 'c' : '-',
        lg_loss_delta_reports(r, LgDeltaNew) ? 'n' : '-', 0};
    expect_str(got, want);
}

static void changes_between_searches(void)
{
    LgLossTable* t = lg_loss_new();
    UInt         n;
    lg_loss_begin(t);
    lg_loss_check(t);
    for (UInt ctx = 1; ctx <= 5; ctx++)
        add(t, LgDefinite, ctx, 10, 4);
    expect_delta(record(t, LgDefinite, 1), "aicn");

    lg_loss_begin(t);
    lg_loss_check(t);
    add(t, LgDefinite, 1, 10, 4); /* the same */
    add(t, LgDefinite, 2, 10, 5); /* more hangs from it */
    add(t, LgDefinite, 3, 9, 4);  /* smaller */
    add(t, LgDefinite, 4, 5, 4);  /* smaller, but more blocks */
    add(t, LgDefinite, 4, 0, 0);
    add(t, LgDefinite, 6, 0, 0);  /* new, and without a byte */
    expect_delta(record(t, LgDefinite, 1), "a---");
    expect_delta(record(t, LgDefinite, 2), "aic-");
    expect_delta(record(t, LgDefinite, 3), "a-c-");
    expect_delta(record(t, LgDefinite, 4), "aic-");
    expect_delta(record(t, LgDefinite, 5), "--c-"); /* gone */
    expect_delta(record(t, LgDefinite, 6), "aicn");
    expect_eq(record(t, LgDefinite, 5)->oldSzB, 10);
    expect_eq(record(t, LgDefinite, 5)->oldIndirectB, 4);
    expect_eq(record(t, LgDefinite, 5)->oldNBlocks, 1);
    lg_loss_sort(t, &n);
    expect_eq(n, 6);

    /* Gone for a whole search: forgotten, and new when it comes back. */
    lg_loss_begin(t);
    lg_loss_check(t);
    expect_eq(find(t, LgDefinite, 5), -1);
    add(t, LgDefinite, 5, 10, 4);
    expect_delta(record(t, LgDefinite, 5), "aicn");
    lg_loss_sort(t, &n);
    expect_eq(n, 6);
    lg_loss_delete(t);
}

/* Of objects in use, the references count as well. */
static void changes_of_references(void)
{
    const LgLossKey key = {LgReference, 1, 2, LgLossPlain};
    LgLossTable*    t = lg_loss_new();
    UInt            r;

    lg_loss_begin(t);
    r = lg_loss_add(t, key, (LgLossAmount){.szB = 8, .nExcessRefs = 3});
    expect_eq(find(t, LgDefinite, 1), -1);
    expect_delta(lg_loss_record(t, r), "aicn");
    lg_loss_begin(t);
    r = lg_loss_add(t, key, (LgLossAmount){.szB = 8, .nExcessRefs = 3});
    expect_delta(lg_loss_record(t, r), "a---");
    lg_loss_begin(t);
    r = lg_loss_add(t, key, (LgLossAmount){.szB = 8, .nExcessRefs = 4});
    expect_delta(lg_loss_record(t, r), "aic-");
    expect_eq(lg_loss_record(t, r)->oldNExcessRefs, 3);
    lg_loss_begin(t);
    r = lg_loss_add(t, key, (LgLossAmount){.szB = 8, .nExcessRefs = 1});
    expect_delta(lg_loss_record(t, r), "a-c-");
    lg_loss_delete(t);
}

static void many_records(void)
{
    enum { N = 50000 };
    LgLossTable* t = lg_loss_new();
    UInt         n;
    for (UInt round = 0; round < 2; round++) {
        lg_loss_begin(t);
        for (UInt i = 0; i < N; i++)
            add_unchecked(t, (LgKind)(i % 4), i / 4, i, 0);
        expect_eq(lg_loss_count(t), N);
    }
    lg_loss_check(t);
    const UInt* order = lg_loss_sort(t, &n);
    assert_eq(n, N);
    for (UInt i = 0; i < N; i++)
        expect_eq(lg_loss_record(t, order[i])->szB, i);
    for (UInt i = 0; i < N; i++)
        expect_eq(find(t, (LgKind)(i % 4), i / 4), i);
    lg_loss_delete(t);
}

int main(void)
{
    check_run(empty);
    check_run(blocks_are_added_up);
    check_run(recounting_spares_the_suppressed);
    check_run(report_order);
    check_run(types_and_classes);
    check_run(changes_between_searches);
    check_run(changes_of_references);
    check_run(many_records);
    return check_done();
}
