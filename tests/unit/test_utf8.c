/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_utf8.c: names as XML can have them. */

#include <string.h>

#include "../../leakgrind/base/lg_utf8.h"
#include "check.h"

static void expect_made(const char* from, const char* to)
{
    HChar s[64];

    strcpy(s, from);
    expect_eq(lg_utf8_is_xml(s), strcmp(from, to) == 0);
    lg_utf8_make_xml(s);
    expect_str(s, to);
    expect_true(lg_utf8_is_xml(s));
}

static void replaced(void)
{
    expect_made("", "");
    expect_made("/usr/bin/a b\t\n\r~", "/usr/bin/a b\t\n\r~");
    expect_made("d\xE9mo", "d_mo");
    expect_made("d\xC3\xA9mo", "d\xC3\xA9mo");
    /* The first and the last characters of each length. */
    expect_made("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD",
                "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBD");
    expect_made("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
                "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    /* Too long a form, surrogates, no characters, too large. */
    expect_made("\xC0\x80\xE0\x9F\xBF\xF0\x8F\xBF\xBF", "_________");
    expect_made("\xED\xA0\x80\xED\xBF\xBF", "______");
    expect_made("\xEF\xBF\xBE\xEF\xBF\xBF", "______");
    expect_made("\xF4\x90\x80\x80\xF8\x88\x80\x80\x80\xFF", "__________");
    /* Cut off, and without a beginning. */
    expect_made("a\xE2\x82", "a__");
    expect_made("\xE2\x82z\x80", "__z_");
    /* Control characters. */
    expect_made("\x01\x1B[0m\x1F", "__[0m_");
}

int main(void)
{
    check_run(replaced);
    return check_done();
}
