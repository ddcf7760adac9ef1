/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_corefuncs.c: the quick functions do what the core's do. */

#include "../../leakgrind/tool/host/lg_corefuncs.c"
#include "check.h"

/* In the core's place. */
Bool __real_vgPlain_string_match(const HChar* patt, const HChar* input)
{
    if (*patt == '*')
        return __real_vgPlain_string_match(patt + 1, input) ||
               (*input != 0 && __real_vgPlain_string_match(patt, input + 1));
    if (*patt == 0 || *input == 0)
        return *patt == *input;
    return (*patt == '?' || *patt == *input) &&
           __real_vgPlain_string_match(patt + 1, input + 1);
}

enum { MAX_LENGTH = 4, N_CHARS = 4 };

/* The next one of all strings up to MAX_LENGTH; False after the last one. */
static Bool next(HChar* s)
{
    static const HChar chars[N_CHARS + 1] = "ab*?";
    for (int i = 0; i < MAX_LENGTH; i++) {
        int at = s[i] == 0 ? -1 : (int)(strchr(chars, s[i]) - chars);
        if (at < N_CHARS - 1) {
            s[i] = chars[at + 1];
            return True;
        }
        s[i] = chars[0];
    }
    return False;
}

static void all_short_strings(void)
{
    HChar patt[MAX_LENGTH + 1] = "";

    do {
        HChar input[MAX_LENGTH + 1] = "";
        do {
            if (__wrap_vgPlain_string_match(patt, input) !=
                __real_vgPlain_string_match(patt, input)) {
                printf("%s %s\n", patt, input);
                expect_true(False);
            }
        } while (next(input));
    } while (next(patt));
    expect_eq(strlen(patt), MAX_LENGTH);
}

static void all_short_ranges(void)
{
    enum { SZB = 256, MARGIN = 16 };
    UChar got[SZB], want[SZB];

    for (int from = MARGIN; from < 2 * MARGIN; from++)
        for (int n = 0; n < SZB - 3 * MARGIN; n++)
            for (int c = -1; c < 3; c++) {
                memset(got, 0x55, SZB);
                memset(want, 0x55, SZB);
                memset(want + from, c, (size_t)n);
                expect_true(__wrap_vgPlain_memset(got + from, c, (SizeT)n) ==
                            got + from);
                expect_eq(memcmp(got, want, SZB), 0);
            }
}

int main(void)
{
    check_run(all_short_strings);
    check_run(all_short_ranges);
    return check_done();
}
