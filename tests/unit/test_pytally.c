/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pytally.c: sums for tables. */

#include "../../leakgrind/python/lg_pytally.h"
#include "check.h"

static void expect_row(const LgPyTallyRow* r, UInt key, LgTallyKind kind,
                       SizeT szB, SizeT nBlocks)
{
    expect_eq(r->key, key);
    expect_eq(r->szB[kind], szB);
    expect_eq(r->nBlocks[kind], nBlocks);
}

static void empty(void)
{
    LgPyTally* t = lg_pytally_new();
    UInt       n = 1;
    lg_pytally_sort(t, &n);
    expect_eq(n, 0);
    lg_pytally_delete(t);
}

static void adds_up(void)
{
    LgPyTally* t = lg_pytally_new();
    UInt       n;

    lg_pytally_add(t, 7, LgTallyLost, 10);
    lg_pytally_add(t, 7, LgTallyReachable, 1000);
    lg_pytally_add(t, 7, LgTallyLost, 30);
    lg_pytally_add(t, 7, LgTallyCycles, 5);
    const LgPyTallyRow* r = lg_pytally_sort(t, &n);
    assert_eq(n, 1);
    expect_row(r, 7, LgTallyLost, 40, 2);
    expect_row(r, 7, LgTallyCycles, 5, 1);
    expect_row(r, 7, LgTallyReachable, 1000, 1);
    lg_pytally_delete(t);
}

/* Lost bytes come before reachable ones, whatever their sizes; then blocks;
   then keys. */
static void order(void)
{
    LgPyTally* t = lg_pytally_new();
    UInt       n;

    lg_pytally_add(t, 0, LgTallyReachable, 1000000);
    lg_pytally_add(t, 9, LgTallyLost, 0); /* a block without bytes */
    lg_pytally_add(t, 8, LgTallyLost, 1);
    lg_pytally_add(t, 3, LgTallyCycles, 50);
    lg_pytally_add(t, 4, LgTallyReachable, 500);
    lg_pytally_add(t, 5, LgTallyReachable, 500);
    lg_pytally_add(t, 6, LgTallyReachable, 250);
    lg_pytally_add(t, 6, LgTallyReachable, 250);
    lg_pytally_add(t, 7, LgTallyLost, 2);
    const LgPyTallyRow* r = lg_pytally_sort(t, &n);
    static const UInt   want[] = {7, 8, 3, 0, 6, 4, 5, 9};
    assert_eq(n, sizeof want / sizeof want[0]);
    for (UInt i = 0; i < n; i++)
        expect_eq(r[i].key, want[i]);
    lg_pytally_delete(t);
}

/* Keys in any order, more than the first room. */
static void many(void)
{
    enum { N = 10000 };
    LgPyTally* t = lg_pytally_new();
    UInt       n;

    for (UInt i = 0; i < N; i++) {
        UInt key = i * 7919 % N;
        lg_pytally_add(t, key, LgTallyLost, key);
    }
    const LgPyTallyRow* r = lg_pytally_sort(t, &n);
    assert_eq(n, N);
    for (UInt i = 0; i < N; i++)
        expect_row(&r[i], N - 1 - i, LgTallyLost, N - 1 - i, 1);
    lg_pytally_delete(t);
}

int main(void)
{
    check_run(empty);
    check_run(adds_up);
    check_run(order);
    check_run(many);
    return check_done();
}
