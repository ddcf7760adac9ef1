/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_glob.c: wildcards, compared with a naive recursive matcher. */

#include "../../leakgrind/base/lg_glob.h"
#include "check.h"

static Bool naive_glob(const char* p, const char* t)
{
    if (*p == 0)
        return *t == 0;
    if (*p == '*')
        return naive_glob(p + 1, t) || (*t != 0 && naive_glob(p, t + 1));
    return *t != 0 && (*p == '?' || *p == *t) && naive_glob(p + 1, t + 1);
}

static void random_text(char* s, unsigned maxLen, const char* letters)
{
    unsigned n = (unsigned)rand() % (maxLen + 1);
    for (unsigned i = 0; i < n; i++)
        s[i] = letters[(unsigned)rand() % strlen(letters)];
    s[n] = 0;
}

static void random_globs(void)
{
    unsigned nMatches = 0;
    for (int i = 0; i < 200000; i++) {
        char p[9], t[9];
        random_text(p, 8, "aab?**");
        random_text(t, 8, "ab");
        Bool got = lg_glob(p, t);
        if (got != naive_glob(p, t)) {
            printf("pattern %s, text %s\n", p, t);
            expect_eq(got, !got);
        }
        nMatches += got;
    }
    expect_true(nMatches > 1000);
}

/* Wildcards that a matcher which tries all would never finish with. */
static void not_exponential(void)
{
    char p[201], t[5001];
    for (int i = 0; i < 200; i++)
        p[i] = i % 2 ? 'a' : '*';
    p[199] = 'b';
    p[200] = 0;
    memset(t, 'a', 5000);
    t[5000] = 0;
    expect_false(lg_glob(p, t));
    t[4999] = 'b';
    expect_true(lg_glob(p, t));
}

int main(void)
{
    srand(1);
    check_run(random_globs);
    check_run(not_exponential);
    return check_done();
}
