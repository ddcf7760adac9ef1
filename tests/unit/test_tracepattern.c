/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_tracepattern.c: the stack of a suppression entry.  Wildcards and "..."
   are compared with a naive recursive matcher on random input. */

#include <ctype.h>

#include "../../leakgrind/engine/lg_tracepattern.h"
#include "check.h"

/* --- A stack to match ---------------------------------------------------- */

typedef struct {
    const char* function;
    const char* object;
    const char* source;
    unsigned    line;
    const char* python; /* a Python frame: function; the file is `source` */
    Bool        isOptional, isBelowCut;
} TestFrame;

typedef struct {
    const TestFrame* frames;
    UInt             n;
} TestStack;

static Bool has(void* opaque, UInt i)
{
    return i < ((TestStack*)opaque)->n;
}

static const HChar* name(void* opaque, UInt i, LgLineKind k)
{
    const TestFrame* f = &((TestStack*)opaque)->frames[i];
    if (i >= ((TestStack*)opaque)->n)
        exit(1);
    switch (k) {
    case LgLineFun:    return f->function;
    case LgLineObj:    return f->object;
    case LgLineSrc:    return f->python ? NULL : f->source;
    case LgLinePython: return f->python;
    case LgLineAny:    break;
    }
    return NULL;
}

static const HChar* python_file(void* opaque, UInt i)
{
    return ((TestStack*)opaque)->frames[i].source;
}

static UInt line(void* opaque, UInt i)
{
    return ((TestStack*)opaque)->frames[i].line;
}

static Bool is_optional(void* opaque, UInt i)
{
    return ((TestStack*)opaque)->frames[i].isOptional;
}

static Bool is_below_cut(void* opaque, UInt i)
{
    return ((TestStack*)opaque)->frames[i].isBelowCut;
}

static LgTraceView view_of(TestStack* s)
{
    return (LgTraceView){s,    has,         name,        python_file,
                         line, is_optional, is_below_cut};
}

/* Lines separated by blanks, against a stack. */
static Bool matches(const char* lines, const TestFrame* frames, UInt n)
{
    TestStack      s = {frames, n};
    LgTraceView    v = view_of(&s);
    LgTracePattern p = {NULL, 0, 0, False, NULL};
    char           text[400], *next = text;

    snprintf(text, sizeof text, "%s", lines);
    for (char* word; (word = strsep(&next, " ")) != NULL;)
        assert_true(lg_pattern_add(&p, word) == NULL);
    Bool result = lg_pattern_matches(&p, &v);
    lg_pattern_clear(&p);
    return result;
}

#define N(a) (UInt)(sizeof(a) / sizeof(a)[0])

/* --- Tests --------------------------------------------------------------- */

static void c_frames(void)
{
    static const TestFrame s[] = {
        {"malloc", "/usr/libexec/valgrind/vgpreload_x.so", NULL, 0, NULL, 0, 0},
        {"???", "/usr/lib/python3/_ssl.cpython-311-x86_64-linux-gnu.so", NULL,
         0, NULL, 0, 0},
        {"fill.part.0", "/opt/app", "fill.c", 12, NULL, 0, 0},
        {"main", "/opt/app", "main.c", 3, NULL, 0, 0},
    };
    expect_true(matches("fun:malloc", s, N(s)));
    expect_true(matches("fun:mal*", s, N(s)));
    expect_true(matches("fun:mallo?", s, N(s)));
    expect_false(matches("fun:mallo", s, N(s)));
    expect_false(matches("fun:main", s, N(s)));
    expect_true(matches("... fun:main", s, N(s)));
    expect_true(matches("fun:malloc ...", s, N(s)));
    expect_true(matches("fun:malloc ... ... fun:main ...", s, N(s)));
    expect_false(matches("... fun:main fun:below", s, N(s)));
    expect_false(matches("... fun:main ... fun:main", s, N(s)));
    expect_true(matches("obj:*vgpreload* obj:* fun:fill", s, N(s)));
    expect_true(matches("fun:malloc fun:??? fun:fill fun:main", s, N(s)));
    expect_true(matches("... src:fill.c src:main.c", s, N(s)));
    expect_true(matches("... src:fill.c:12", s, N(s)));
    expect_true(matches("... src:f*.c:12", s, N(s)));
    expect_false(matches("... src:fill.c:13", s, N(s)));
    expect_false(matches("src:*", s, N(s))); /* malloc has none */
    expect_false(matches("py-frame:*", s, N(s)));
}

static void modules(void)
{
    static const TestFrame s[] = {{"???", "/usr/lib/x/_ssl.so", NULL, 0, NULL, 0, 0}};

    expect_true(matches("obj:_ssl.so", s, N(s)));
    expect_true(matches("obj:_s?l.so", s, N(s)));
    expect_true(matches("obj:_ssl*", s, N(s)));
    expect_true(matches("obj:*ssl.so", s, N(s)));
    expect_true(matches("obj:*lib*", s, N(s))); /* the whole path, too */
    expect_true(matches("obj:/usr/lib/x/_ssl.so", s, N(s)));
    expect_true(matches("obj:*/_ssl.so", s, N(s)));
    expect_false(matches("obj:ssl.so", s, N(s)));
    expect_false(matches("obj:x/_ssl.so", s, N(s)));
    expect_false(matches("obj:/_ssl.so", s, N(s)));
    expect_false(matches("obj:", s, N(s)));
}

static void python_frames(void)
{
    static const TestFrame s[] = {
        {"PyList_New", "/usr/bin/python3.11", NULL, 0, NULL, 0, 0},
        {NULL, NULL, "/srv/app@2/case2.py", 7, "Item.produce", 0, 0},
        {NULL, NULL, "/srv/app@2/case2.py", 20, "Item.run.<locals>.<lambda>",
         0, 0},
        {NULL, NULL, "<frozen runpy>", 88, "_run_code", 0, 0},
        {"Py_RunMain", "/usr/bin/python3.11", NULL, 0, NULL, 0, 0},
    };
    expect_true(matches("fun:PyList_New py-frame:Item.produce", s, N(s)));
    expect_true(matches("fun:PyList_New py-frame:*.produce@case2.py", s, N(s)));
    expect_true(matches("... py-frame:*@*/case2.py py-frame:*<lambda>", s,
                        N(s)));
    expect_true(matches("... py-frame:Item.produce@/srv/app@2/case2.py", s,
                        N(s)));
    expect_true(matches("fun:* py-frame:* py-frame:* py-frame:_run_code@<*> "
                        "fun:Py_RunMain", s, N(s)));
    expect_false(matches("fun:* py-frame:* py-frame:* fun:Py_RunMain", s,
                         N(s)));
    expect_false(matches("fun:* py-frame:Item.produce@case1.py", s, N(s)));
    expect_false(matches("fun:* py-frame:produce", s, N(s)));
    expect_false(matches("fun:PyList_New fun:*", s, N(s)));
    expect_false(matches("fun:PyList_New obj:*", s, N(s)));
    expect_false(matches("fun:PyList_New src:*", s, N(s)));
}

static Bool fun(const char* pattern, const char* function)
{
    char      text[200];
    TestFrame s = {.function = function};
    snprintf(text, sizeof text, "fun:%s", pattern);
    return matches(text, &s, 1);
}

/* What compilers append is no obstacle, on either side. */
static void suffixes(void)
{
    static const char* const decorated[] = {
        "foo.lto_priv.0", "foo.part.0", "foo.constprop.12", "foo.isra.3",
        "foo.cold", "foo.cold.7", "foo.isra.0.part.1.lto_priv.0", "foo.0",
        "foo@@GLIBC_2.2.5", "foo@V1", "foo.part.0@@V1", "foo.llvm.123456",
        "foo.localalias", "foo.part.0.cold",
    };
    for (UInt i = 0; i < N(decorated); i++) {
        expect_true(fun("foo", decorated[i]));
        expect_true(fun("f*o", decorated[i]));
        expect_true(fun("fo?", decorated[i]));
        expect_true(fun(decorated[i], "foo"));
        expect_true(fun(decorated[i], decorated[i]));
        expect_true(fun(decorated[i], decorated[(i + 1) % N(decorated)]));
        expect_false(fun("fo", decorated[i]));
        expect_false(fun(decorated[i], "fo"));
        expect_eq(lg_name_bare_len(decorated[i]), 3);
    }
    static const char* const plain[] = {
        "foo", "foo.bar", "foo.part.x", "foo.party.bar", "foo..", "foo.",
        ".part.0x", "main.main.func1", "",
    };
    for (UInt i = 0; i < N(plain); i++)
        expect_eq(lg_name_bare_len(plain[i]), strlen(plain[i]));
    expect_eq(lg_name_bare_len(".part.0"), strlen(".part"));
    expect_eq(lg_name_bare_len("@x"), 2);
    /* Who writes a suffix behind a wildcard means it. */
    expect_true(fun("*.cold", "foo.cold"));
    expect_false(fun("*.cold", "foo"));
    expect_false(fun("*@@V1", "foo"));
    expect_true(fun("foo.part.*", "foo.part.0"));
}

/* A function that has lost its name is known by its module. */
static void functions_in_modules(void)
{
    static const TestFrame named = {.function = "fill.part.0",
                                    .object = "/usr/lib/libx.so.3"};
    static const TestFrame nameless = {.function = "???",
                                       .object = "/usr/lib/libx.so.3"};

    expect_true(matches("fun:fill@libx.so.3", &named, 1));
    expect_true(matches("fun:fill@libx.so.3", &nameless, 1));
    expect_true(matches("fun:f*@libx.so.*", &nameless, 1));
    expect_true(matches("fun:f*@libx.so.*", &named, 1));
    expect_false(matches("fun:d*@libx.so.*", &named, 1));
    expect_false(matches("fun:drain@libx.so.3", &named, 1));
    expect_false(matches("fun:fill@liby.so.3", &nameless, 1));
    expect_false(matches("fun:fill@", &nameless, 1));
    expect_false(matches("fun:fill", &nameless, 1));
    expect_false(matches("fun:fill@@V1", &nameless, 1));
}

/* Inlined calls may have lines, and need none. */
static void optional_frames(void)
{
    static const TestFrame s[] = {
        {.function = "malloc"},
        {.function = "copy", .isOptional = True},
        {.function = "label", .isOptional = True},
        {.function = "main"},
    };
    expect_true(matches("fun:malloc fun:main", s, N(s)));
    expect_true(matches("fun:malloc fun:copy fun:label fun:main", s, N(s)));
    expect_true(matches("fun:malloc fun:label fun:main", s, N(s)));
    expect_true(matches("fun:malloc fun:* fun:main", s, N(s)));
    expect_true(matches("fun:label", s + 1, N(s) - 1));
    expect_false(matches("fun:label fun:copy", s + 1, N(s) - 1));
    expect_false(matches("fun:copy", s, N(s)));
    expect_false(matches("fun:malloc fun:* fun:* fun:* fun:main", s, N(s)));
}

/* Where the C stack was cut off, its lines find no frames. */
static void below_a_cut(void)
{
    static const TestFrame s[] = {
        {.function = "malloc"},
        {.python = "f", .source = "a.py", .isBelowCut = True},
        {.python = "g", .source = "a.py", .isBelowCut = True},
    };
    expect_true(matches("fun:malloc fun:x fun:y py-frame:f", s, N(s)));
    expect_true(matches("fun:malloc ... py-frame:f fun:x py-frame:g", s, N(s)));
    expect_false(matches("fun:malloc fun:x py-frame:g", s, N(s)));
    expect_false(matches("fun:x py-frame:f", s, N(s)));
}

static const char* why(const char* text)
{
    LgTracePattern p = {NULL, 0, 0, False, NULL};
    const char*    wrong = lg_pattern_add(&p, text);
    expect_eq(p.n, wrong == NULL);
    lg_pattern_clear(&p);
    return wrong;
}

static void wrong_lines(void)
{
    expect_str(why("py-frame:"),
               "\"py-frame:\" wants a function, or FUNCTION@FILE");
    expect_str(why("py-frame:@x.py"),
               "\"py-frame:\" wants a function, or FUNCTION@FILE");
    expect_str(why("py-frame:f@"),
               "the name of a file is missing behind \"@\"");
    const char* other =
        "a line of the stack is \"...\", or begins with \"fun:\", "
        "\"obj:\", \"src:\" or \"py-frame:\"";
    expect_str(why("fun"), other);
    expect_str(why("...."), other);
    expect_str(why(""), other);
    expect_str(why("insn:3"), other);
    expect_true(why("fun:") == NULL);
    expect_true(why("src:a.c:") == NULL);
    expect_true(why("src:a.c:99999999999999999999") == NULL);
    expect_false(lg_pattern_is_line("py-type:x"));
    expect_true(lg_pattern_is_line("py-frame:x"));
    expect_true(lg_pattern_is_line("..."));
}

/* What --num-callers leaves of a pattern. */
static UInt left_after_cut(const char* lines, UInt n)
{
    LgTracePattern p = {NULL, 0, 0, False, NULL};
    char           text[200], *next = text;
    snprintf(text, sizeof text, "%s", lines);
    for (char* word; (word = strsep(&next, " ")) != NULL;)
        assert_true(lg_pattern_add(&p, word) == NULL);
    lg_pattern_cut(&p, n);
    UInt left = p.n;
    lg_pattern_clear(&p);
    return left;
}

static void cut(void)
{
    expect_eq(left_after_cut("fun:a ... fun:b", 3), 3);
    expect_eq(left_after_cut("fun:a ... fun:b", 2), 2);
    expect_eq(left_after_cut("fun:a ... fun:b", 1), 1);
    expect_eq(left_after_cut("fun:a py-frame:f py-frame:g fun:b", 1), 4);
}

static void only_wildcards(void)
{
    LgTracePattern p = {NULL, 0, 0, False, NULL};
    expect_false(lg_pattern_names_a_frame(&p));
    lg_pattern_add(&p, "...");
    expect_false(lg_pattern_names_a_frame(&p));
    lg_pattern_add(&p, "py-frame:f");
    expect_true(lg_pattern_names_a_frame(&p));
    lg_pattern_clear(&p);
}

/* --- Against a naive matcher --------------------------------------------- */

static void random_text(char* s, unsigned maxLen, const char* letters)
{
    unsigned n = (unsigned)rand() % (maxLen + 1);
    for (unsigned i = 0; i < n; i++)
        s[i] = letters[(unsigned)rand() % strlen(letters)];
    s[n] = 0;
}

/* "." is "...", a letter a function, a capital one that may be passed over, "|" a
   Python frame below a cut. */
static Bool naive_stack(const char* p, const char* t)
{
    if (*p == 0)
        return True;
    if (*p == '.')
        return naive_stack(p + 1, t) || (*t != 0 && naive_stack(p, t + 1));
    if (*t == 0)
        return False;
    return (*p == tolower(*t) && naive_stack(p + 1, t + 1)) ||
           (isupper(*t) && naive_stack(p, t + 1)) ||
           (*t == '|' && *p != '|' && naive_stack(p + 1, t));
}

static void random_stacks(void)
{
    unsigned nMatches = 0;
    for (int i = 0; i < 100000; i++) {
        char           p[9], t[9], functions[9][2];
        TestFrame      frames[9] = {{.function = NULL}};
        LgTracePattern pattern = {NULL, 0, 0, False, NULL};
        random_text(p, 8, "aab..|");
        random_text(t, 8, "aabAB|");
        for (UInt k = 0; t[k] != 0; k++) {
            snprintf(functions[k], 2, "%c", tolower(t[k]));
            frames[k].isBelowCut = t[k] == '|';
            frames[k].isOptional = isupper(t[k]) != 0;
            if (frames[k].isBelowCut)
                frames[k].python = functions[k];
            else
                frames[k].function = functions[k];
        }
        for (UInt k = 0; p[k] != 0; k++) {
            char text[12] = "...";
            if (p[k] != '.')
                snprintf(text, sizeof text, "%s:%c",
                         p[k] == '|' ? "py-frame" : "fun", p[k]);
            lg_pattern_add(&pattern, text);
        }
        TestStack   s = {frames, (UInt)strlen(t)};
        LgTraceView v = view_of(&s);
        Bool        got = lg_pattern_matches(&pattern, &v);
        if (got != naive_stack(p, t)) {
            printf("pattern %s, stack %s\n", p, t);
            expect_eq(got, !got);
        }
        nMatches += got;
        lg_pattern_clear(&pattern);
    }
    expect_true(nMatches > 1000);
}

int main(void)
{
    srand(1);
    check_run(c_frames);
    check_run(modules);
    check_run(python_frames);
    check_run(suffixes);
    check_run(functions_in_modules);
    check_run(optional_frames);
    check_run(below_a_cut);
    check_run(wrong_lines);
    check_run(cut);
    check_run(only_wildcards);
    check_run(random_stacks);
    return check_done();
}
