/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pyrefcnt.c: first words of objects, in each version's way. */

#include "check.h"

#include "../../leakgrind/python/lg_pyrefcnt.h"

typedef struct {
    ULong          word;
    LgPyRefcntKind kind;
    ULong          count;
} Case;

static void expect_cases(unsigned version, const Case* cases, size_t n)
{
    const LgPyLayout* l = lg_pylayout_for((ULong)version << 16);
    ULong             count = 99;

    assert_true(l != NULL);
    for (size_t i = 0; i < n; i++)
        if (!expect_eq(lg_pyrefcnt_read(l, cases[i].word, &count),
                       cases[i].kind) ||
            !expect_eq(count, cases[i].count))
            printf("  of 0x%llx in 0x%x\n", cases[i].word, version);
}

#define EXPECT_CASES(version, cases)                                          \
    expect_cases(version, cases, sizeof cases / sizeof cases[0])

static void plain(void)
{
    static const Case cases[] = {
        {0, LgPyRefcntDead, 0},
        {1, LgPyRefcntMortal, 1},
        {0xFFFFFFFF, LgPyRefcntMortal, 0xFFFFFFFF},
        {1ULL << 39, LgPyRefcntMortal, 1ULL << 39},
        {1ULL << 40, LgPyRefcntNonsense, 0},
        {~0ULL, LgPyRefcntNonsense, 0}};

    for (unsigned version = 0x0309; version <= 0x030B; version++)
        EXPECT_CASES(version, cases);
}

static void low32(void)
{
    static const Case cases[] = {
        {0, LgPyRefcntDead, 0},
        {7, LgPyRefcntMortal, 7},
        {0x7FFFFFFF, LgPyRefcntMortal, 0x7FFFFFFF},
        {0x80000000, LgPyRefcntImmortal, 0}, /* after some lost references */
        {0xFFFFFFFF, LgPyRefcntImmortal, 0},
        {0x1FFFFFFFF, LgPyRefcntNonsense, 0},
        {0x100000000, LgPyRefcntNonsense, 0},
        {0x7F1234567890, LgPyRefcntNonsense, 0}};

    EXPECT_CASES(0x030C, cases);
    EXPECT_CASES(0x030D, cases);
}

static void with_flags(void)
{
    static const Case cases[] = {
        {0, LgPyRefcntDead, 0}, /* the last of a free list */
        {7, LgPyRefcntMortal, 7},
        {0x0004000000000007, LgPyRefcntMortal, 7},
        {3ULL << 30, LgPyRefcntImmortal, 0},
        {3ULL << 30 | 5ULL << 48, LgPyRefcntImmortal, 0},
        {3ULL << 30 | 1ULL << 48, LgPyRefcntImmortal, 0},
        {0x7F1234567890, LgPyRefcntDead, 0}, /* a link */
        {0x7F12F4567890, LgPyRefcntDead, 0},
        {0x800000010, LgPyRefcntDead, 0},
        {0x7F1234567891, LgPyRefcntNonsense, 0},
        {0x00047F1234567890, LgPyRefcntNonsense, 0},
        {0x0004000000000000, LgPyRefcntNonsense, 0},
        {~0ULL, LgPyRefcntNonsense, 0}};

    EXPECT_CASES(0x030E, cases);
}

static void links(void)
{
    const LgPyLayout* l = lg_pylayout_for(0x030E0000);

    expect_true(lg_pyrefcnt_may_be_link(l, 0x4a5c040));
    expect_true(lg_pyrefcnt_may_be_link(l, 0xFFFFFFF0));
    expect_false(lg_pyrefcnt_may_be_link(l, 0x4a5c041));
    expect_false(lg_pyrefcnt_may_be_link(l, 16));
    expect_false(lg_pyrefcnt_may_be_link(l, 0));
    expect_false(lg_pyrefcnt_may_be_link(l, 1ULL << 32)); /* no doubt */
    expect_false(
        lg_pyrefcnt_may_be_link(lg_pylayout_for(0x030D0000), 0x4a5c040));
    expect_false(
        lg_pyrefcnt_may_be_link(lg_pylayout_for(0x030B0000), 0x4a5c040));
}

int main(void)
{
    check_run(plain);
    check_run(low32);
    check_run(with_flags);
    check_run(links);
    return check_done();
}
