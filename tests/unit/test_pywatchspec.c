/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pywatchspec.c: what --py-watch takes, and which objects it means. */

#include "../../leakgrind/python/lg_pywatchspec.h"
#include "check.h"

static LgPyWatchSpec spec_of(const char* text)
{
    LgPyWatchSpec s = {NULL, NULL, 0, 0};
    expect_true(lg_pywatchspec_parse(text, &s) == NULL);
    return s;
}

static int has(const char* text, const char* type, const char* file,
               unsigned line)
{
    LgPyWatchSpec s = spec_of(text);
    int           yes = lg_pywatchspec_has_type(&s, type) &&
              lg_pywatchspec_has_place(&s, file, line);
    lg_pywatchspec_free(&s);
    return yes;
}

static void types(void)
{
    expect_true(has("list", "list", NULL, 0));
    expect_false(has("list", "list_iterator", NULL, 0));
    expect_true(has("list*", "list_iterator", NULL, 0));
    expect_true(has("app.models.It?m", "app.models.Item", "x.py", 3));
    expect_false(has("Item", "app.models.Item", "x.py", 3));
}

static void places(void)
{
    expect_true(has("list@*:40", "list", "/srv/app.py", 40));
    expect_false(has("list@*:40", "list", "/srv/app.py", 41));
    expect_true(has("list@app.py", "list", "/srv/app.py", 41));
    expect_true(has("list@srv/app.py:41", "list", "/srv/app.py", 41));
    expect_true(has("list@/srv/app.py:41", "list", "/srv/app.py", 41));
    expect_false(has("list@rv/app.py:41", "list", "/srv/app.py", 41));
    expect_false(has("list@app.py", "list", NULL, 0));
    /* What follows a colon and is no number belongs to the file. */
    expect_true(has("list@C:x.py", "list", "C:x.py", 7));
    expect_true(has("list@<string>:1", "list", "<string>", 1));
    expect_true(has("list@a:99999999999", "list", "a:99999999999", 1));
    expect_false(has("list@a:", "list", "a", 1));
    expect_true(has("list@a.py:*", "list", "/b/a.py", 1));
}

static void entries(void)
{
    LgPyWatchSpec s = spec_of("app.models.Item.limits");
    expect_str(lg_pywatchspec_entry(&s, "app.models"), "Item.limits");
    expect_str(lg_pywatchspec_entry(&s, "app.models.Item"), "limits");
    expect_true(lg_pywatchspec_entry(&s, "app.model") == NULL);
    expect_true(lg_pywatchspec_entry(&s, "app.models.Item.limits") == NULL);
    lg_pywatchspec_free(&s);
    s = spec_of("app.X@app.py");
    expect_true(lg_pywatchspec_entry(&s, "app") == NULL);
    lg_pywatchspec_free(&s);
}

static void wrong(void)
{
    LgPyWatchSpec s;
    expect_true(lg_pywatchspec_parse("", &s) != NULL);
    expect_true(lg_pywatchspec_parse("@app.py", &s) != NULL);
    expect_true(lg_pywatchspec_parse("list@", &s) != NULL);
    expect_true(lg_pywatchspec_parse("list@:12", &s) != NULL);
    expect_true(lg_pywatchspec_parse("list@:*", &s) != NULL);
}

int main(void)
{
    check_run(types);
    check_run(places);
    check_run(entries);
    check_run(wrong);
    return check_done();
}
