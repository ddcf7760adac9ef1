/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_numbering.c: numbers for records, compared with a plain list; the
   binary search; text. */

#include "../../leakgrind/base/lg_numbering.h"
#include "../../leakgrind/base/lg_ranges.h"
#include "../../leakgrind/base/lg_text.h"
#include "check.h"

typedef struct {
    ULong records[4096];
    UInt  n;
    UInt  nHashes; /* how many different hashes there are; 0: any number */
} List;

static UInt hash_value(const List* l, ULong value)
{
    UInt h = lg_hash_mix(0, value);
    return l->nHashes ? h % l->nHashes : h;
}

static UInt hash_of_value(const void* list, UInt i)
{
    const List* l = list;
    return hash_value(l, l->records[i]);
}

static Bool is_value(const void* list, UInt i, const void* wanted)
{
    return ((const List*)list)->records[i] == *(const ULong*)wanted;
}

static UInt intern(LgNumbering* g, List* l, ULong value)
{
    lg_numbering_reserve(g, hash_of_value, l);
    UInt* slot = lg_numbering_find(g, hash_value(l, value), is_value, l,
                                   &value);
    if (*slot == 0) {
        l->records[l->n] = value;
        lg_numbering_add(g, slot, l->n++);
    }
    return *slot - 1;
}

static void fill_numbering(UInt nHashes)
{
    List        l = {.nHashes = nHashes};
    LgNumbering g;
    ULong       x = nHashes + 1;

    lg_numbering_init(&g, "test", 4);
    for (UInt step = 0; step < 3000; step++) {
        UInt before = l.n, expected = 0;
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        ULong value = (x >> 33) % 700;
        while (expected < before && l.records[expected] != value)
            expected++;
        expect_eq(intern(&g, &l, value), expected);
        lg_numbering_check(&g, hash_of_value, &l, l.n);
    }
    lg_numbering_clear(&g);
    l.n = 0;
    lg_numbering_check(&g, hash_of_value, &l, 0);
    expect_eq(intern(&g, &l, 7), 0);
    lg_numbering_free(&g);
}

static void like_a_list(void) { fill_numbering(0); }
static void with_few_hashes(void) { fill_numbering(3); }

static void ranges(void)
{
    static const LgRange r[] = {{10, 20}, {20, 21}, {40, ~(Addr)0}};
    static const Addr    in[] = {10, 19, 20, 40, 1000, ~(Addr)0 - 1};
    static const Addr    out[] = {0, 9, 21, 39, ~(Addr)0};

    for (UInt i = 0; i < sizeof in / sizeof in[0]; i++)
        expect_true(lg_ranges_contain(r, 3, in[i]));
    for (UInt i = 0; i < sizeof out / sizeof out[0]; i++)
        expect_false(lg_ranges_contain(r, 3, out[i]));
    expect_false(lg_ranges_contain(r, 0, 10));
    expect_eq(lg_ranges_first_after(r, 3, 0), 0);
    expect_eq(lg_ranges_first_after(r, 3, 19), 0);
    expect_eq(lg_ranges_first_after(r, 3, 20), 1);
    expect_eq(lg_ranges_first_after(r, 3, 21), 2);
    expect_eq(lg_ranges_first_after(r, 3, ~(Addr)0), 3);
    expect_eq(lg_ranges_first_after(NULL, 0, 1), 0);
}

static void text(void)
{
    HChar* copy = lg_text_copy("test", "abcdef", 3);

    expect_str(copy, "abc");
    lg_plat_free(copy);
    expect_eq(lg_text_length(""), 0);
    expect_eq(lg_text_length("abc"), 3);
    expect_true(lg_text_equal("", "") && lg_text_equal("ab", "ab"));
    expect_false(lg_text_equal("ab", "a") || lg_text_equal("a", "ab"));
    expect_str(lg_text_after("fun:x", "fun:"), "x");
    expect_str(lg_text_after("fun:", "fun:"), "");
    expect_true(lg_text_after("fun", "fun:") == NULL);
    expect_true(lg_text_has("a.b", '.') && !lg_text_has("ab", '.'));
}

int main(void)
{
    check_run(like_a_list);
    check_run(with_few_hashes);
    check_run(ranges);
    check_run(text);
    return check_done();
}
