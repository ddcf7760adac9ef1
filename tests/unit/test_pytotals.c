/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytotals.c: sums for tables. */

#include "../../leakgrind/python/lg_pytotals.h"
#include "check.h"

static void expect_row(const LgPyTotalsRow* r, UInt key, LgTallyKind kind,
                       SizeT szB, SizeT nBlocks)
{
    expect_eq(r->key, key);
    expect_eq(r->szB[kind], szB);
    expect_eq(r->nBlocks[kind], nBlocks);
}

static void empty(void)
{
    LgPyTotals* t = lg_pytotals_new();
    UInt       n = 1;
    lg_pytotals_sort(t, &n);
    expect_eq(n, 0);
    lg_pytotals_delete(t);
}

static void adds_up(void)
{
    LgPyTotals* t = lg_pytotals_new();
    UInt       n;

    lg_pytotals_add(t, 7, LgTallyLost, 10);
    lg_pytotals_add(t, 7, LgTallyReachable, 1000);
    lg_pytotals_add(t, 7, LgTallyLost, 30);
    lg_pytotals_add(t, 7, LgTallyCycles, 5);
    const LgPyTotalsRow* r = lg_pytotals_sort(t, &n);
    assert_eq(n, 1);
    expect_row(r, 7, LgTallyLost, 40, 2);
    expect_row(r, 7, LgTallyCycles, 5, 1);
    expect_row(r, 7, LgTallyReachable, 1000, 1);
    lg_pytotals_delete(t);
}

/* Lost bytes come before reachable ones, whatever their sizes; then blocks;
   then keys. */
static void order(void)
{
    LgPyTotals* t = lg_pytotals_new();
    UInt       n;

    lg_pytotals_add(t, 0, LgTallyReachable, 1000000);
    lg_pytotals_add(t, 9, LgTallyLost, 0); /* a block without bytes */
    lg_pytotals_add(t, 8, LgTallyLost, 1);
    lg_pytotals_add(t, 3, LgTallyCycles, 50);
    lg_pytotals_add(t, 4, LgTallyReachable, 500);
    lg_pytotals_add(t, 5, LgTallyReachable, 500);
    lg_pytotals_add(t, 6, LgTallyReachable, 250);
    lg_pytotals_add(t, 6, LgTallyReachable, 250);
    lg_pytotals_add(t, 7, LgTallyLost, 2);
    const LgPyTotalsRow* r = lg_pytotals_sort(t, &n);
    static const UInt   want[] = {7, 8, 3, 0, 6, 4, 5, 9};
    assert_eq(n, sizeof want / sizeof want[0]);
    for (UInt i = 0; i < n; i++)
        expect_eq(r[i].key, want[i]);
    lg_pytotals_delete(t);
}

/* Keys in any order, more than the first room. */
static void many(void)
{
    enum { N = 10000 };
    LgPyTotals* t = lg_pytotals_new();
    UInt       n;

    for (UInt i = 0; i < N; i++) {
        UInt key = i * 7919 % N;
        lg_pytotals_add(t, key, LgTallyLost, key);
    }
    const LgPyTotalsRow* r = lg_pytotals_sort(t, &n);
    assert_eq(n, N);
    for (UInt i = 0; i < N; i++)
        expect_row(&r[i], N - 1 - i, LgTallyLost, N - 1 - i, 1);
    lg_pytotals_delete(t);
}

int main(void)
{
    check_run(empty);
    check_run(adds_up);
    check_run(order);
    check_run(many);
    return check_done();
}
