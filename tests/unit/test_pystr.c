/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pystr.c: strings of a real CPython, whole and damaged. */

#include "check.h"

#ifndef LG_WITH_PYTHON

int main(void)
{
    printf("skipped: no libpython to embed was found\n");
    return 77;
}

#else

#include <sys/mman.h>
#include <unistd.h>

#include "cpython.h"
#include "ownmaps.h"

#include "../../leakgrind/python/lg_pystr.h"

/* Reads into a buffer of just that size, so that writing too far is seen;
   NULL when there is nothing to read.  To be freed. */
static char* read_at(Addr obj, UInt szB)
{
    char* buf = malloc(szB);

    memset(buf, 'x', szB);
    if (!lg_pystr_read(&ownmaps_mem, cpython_layout, obj, buf, szB)) {
        free(buf);
        return NULL;
    }
    assert_true(memchr(buf, 0, szB) != NULL);
    return buf;
}

static char* read_c_at(const char* a, UInt szB)
{
    char* buf = malloc(szB);

    memset(buf, 'x', szB);
    if (!lg_pystr_read_c(&ownmaps_mem, (Addr)a, buf, szB)) {
        free(buf);
        return NULL;
    }
    assert_true(memchr(buf, 0, szB) != NULL);
    return buf;
}

static void expect_read(PyObject* str, UInt szB, const char* text)
{
    char* got = read_at((Addr)str, szB);

    expect_str(got, text);
    free(got);
}

static void expect_utf8(const char* utf8, UInt szB, const char* text)
{
    PyObject* str = PyUnicode_FromString(utf8);

    assert_true(str != NULL);
    expect_read(str, szB, text);
    Py_DECREF(str);
}

static void all_kinds(void)
{
    static const char* const texts[] = {
        "", "a", "hello world", "~",
        "caf\xC3\xA9", "\xC3\xBF",                           /* Latin-1 */
        "\xC4\x80", "\xCE\xB1\xCE\xB2 x", "\xEF\xBF\xBD",    /* UCS2 */
        "\xF0\x9F\x90\x8D", "a\xC3\xA9\xE2\x82\xAC\xF4\x8F\xBF\xBD", /* UCS4 */
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        UInt n = (UInt)strlen(texts[i]);
        expect_utf8(texts[i], 256, texts[i]);
        expect_utf8(texts[i], n + 1, texts[i]);
    }
}

/* Every length of buffer: the longest part that fits, of whole characters. */
static void cut(void)
{
    static const char* const texts[] = {
        "abcdefgh", "\xC3\xA9\xC3\xA8\xC3\xAA", "a\xE2\x82\xAC\xE2\x82\xAC",
        "\xF0\x9F\x90\x8Dz\xF0\x9F\x90\x8D\xC3\xA9",
        ("\xC3\xA9\xF0\x9F\x90\x8D" "a"), /* what is too long ends it */
    };
    char wanted[64];

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        UInt n = (UInt)strlen(texts[i]);
        for (UInt szB = 1; szB <= n + 2; szB++) {
            UInt k = szB - 1 < n ? szB - 1 : n;
            while (k > 0 && k < n && (texts[i][k] & 0xC0) == 0x80)
                k--;
            memcpy(wanted, texts[i], k);
            wanted[k] = 0;
            expect_utf8(texts[i], szB, wanted);
            char* c = read_c_at(texts[i], szB);
            expect_str(c, wanted);
            free(c);
        }
    }
    char none;
    expect_false(lg_pystr_read(&ownmaps_mem, cpython_layout, (Addr)Py_None,
                               &none, 0));
    expect_false(lg_pystr_read_c(&ownmaps_mem, (Addr)texts[0], &none, 0));

    PyObject* big = PyUnicode_New(1 << 20, 0x20AC);
    assert_true(big != NULL);
    assert_eq(PyUnicode_Fill(big, 0, 1 << 20, 0x20AC), 1 << 20);
    expect_read(big, 9, "\xE2\x82\xAC\xE2\x82\xAC");
    Py_DECREF(big);
}

static void control_characters(void)
{
    Py_UCS4 strange[] = {'a', 0,      1,      0x1B,   '\n',   0x7F,
                         0x80, 0x9B,  0x9F,   0xA0,   0xD800, 0xDFFF,
                         0xE000, 0x10FFFF, 'z'};
    UInt      n = sizeof strange / sizeof strange[0];
    PyObject* str = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, strange, n);

    assert_true(str != NULL);
    expect_read(str, 64,
                "a?????" "???\xC2\xA0" "??" "\xEE\x80\x80\xF4\x8F\xBF\xBFz");
    Py_DECREF(str);
    expect_true(read_c_at("a\nb", 64) == NULL);
    expect_true(read_c_at("\x7F", 64) == NULL);
    static const char* const noUtf8[] = {
        "\xDD\xDD\xDD", "a\xFF", "\x80", "\xC1\x80", "\xC3", "\xE4\xB8",
        "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"};
    for (size_t i = 0; i < sizeof noUtf8 / sizeof noUtf8[0]; i++)
        expect_true(read_c_at(noUtf8[i], 64) == NULL);
    free(read_c_at("\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x90\x8D", 64));
    expect_true(read_c_at("\x1B[1m", 64) == NULL);
}

/* At the very end of what can be read, and across it. */
static void unreadable(void)
{
    SizeT pageB = (SizeT)sysconf(_SC_PAGESIZE);
    char* page = mmap(NULL, 2 * pageB, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    assert_eq(munmap(page + pageB, pageB), 0);
    ownmaps_forget();

    PyObject* str = PyUnicode_FromString("the end");
    SizeT     szB = cpython_layout->unicode_ascii_data + strlen("the end") + 1;
    char*     at = page + pageB - szB;
    assert_true(str != NULL);
    memcpy(at, str, szB);
    expect_read((PyObject*)at, 64, "the end");
    for (SizeT cutB = 2; cutB <= szB; cutB++) {
        memmove(page + pageB - szB + cutB, str, szB - cutB);
        expect_true(read_at((Addr)(page + pageB - szB + cutB), 64) == NULL);
    }
    memcpy(page + pageB - 4, "abcd", 4);
    expect_true(read_c_at(page + pageB - 4, 64) == NULL);
    char* whole = read_c_at(page + pageB - 4, 4);
    expect_str(whole, "abc");
    free(whole);
    Py_DECREF(str);
    assert_eq(munmap(page, pageB), 0);
    ownmaps_forget();

    static const Addr nowhere[] = {0, 8, 4095, (Addr)1 << 47, ~(Addr)0,
                                   ~(Addr)0 - 40};
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        expect_true(read_at(nowhere[i], 64) == NULL);
        expect_true(read_c_at((const char*)nowhere[i], 64) == NULL);
    }
}

/* All state words: the text, or another reading of the bytes of the copy, or
   nothing; never what is beyond it. */
static void torn_state(void)
{
    PyObject* str = PyUnicode_FromString("torn");
    SizeT     szB = cpython_layout->unicode_ascii_data + 5;
    char*     copy = malloc(512);
    UInt      nRead = 0;

    assert_true(str != NULL);
    memset(copy, 0, 512);
    memcpy(copy, str, szB);
    for (UInt state = 0; state < 1 << 10; state++) {
        memcpy(copy + cpython_layout->unicode_state, &state, sizeof state);
        char* got = read_at((Addr)copy, 64);
        UInt  kind = state >> 2 & 7;
        Bool  isCompact = state >> 5 & 1, isAscii = state >> 6 & 1;
        if (got == NULL) {
            expect_false(isCompact && (kind == 1 || (!isAscii && kind == 2) ||
                                       (!isAscii && kind == 4)));
            continue;
        }
        nRead++;
        expect_true(isCompact);
        if (isAscii)
            expect_str(got, "torn");
        free(got);
    }
    expect_true(nRead > 0);
    static const Addr lengths[] = {(Addr)1 << 33, ~(Addr)0, (Addr)1 << 63};
    memcpy(copy, str, szB);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memcpy(copy + cpython_layout->unicode_length, &lengths[i],
               sizeof lengths[i]);
        expect_true(read_at((Addr)copy, 64) == NULL);
    }
    free(copy);
    Py_DECREF(str);
}

static void is_str(void)
{
    static const struct {
        const char* text;
        Bool        isStr;
    } cases[] = {
        {"''", True}, {"'abc'", True}, {"chr(8364)", True},
        {"type('S', (str,), {})('x')", True},
        {"5", False}, {"2**200", False}, {"3.5", False}, {"b'bytes'", False},
        {"None", False}, {"()", False}, {"[]", False}, {"{}", False},
        {"str", False}, {"len", False}, {"property(len)", False},
        {"lambda: 0", False}, {"range(3)", False},
    };
    PyObject* globals = PyDict_New();

    assert_eq(PyDict_SetItemString(globals, "__builtins__",
                                   PyEval_GetBuiltins()), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        PyObject* o =
            PyRun_String(cases[i].text, Py_eval_input, globals, globals);
        assert_true(o != NULL);
        if (!expect_eq(lg_pystr_is(&ownmaps_mem, cpython_layout, (Addr)o),
                       cases[i].isStr))
            printf("  %s\n", cases[i].text);
        Py_DECREF(o);
    }
    expect_false(lg_pystr_is(&ownmaps_mem, cpython_layout, 0));
    Addr torn[2] = {1, 64};
    expect_false(lg_pystr_is(&ownmaps_mem, cpython_layout, (Addr)torn));
    Py_DECREF(globals);
}

/* Of str and bytes objects, by the headers of CPython. */
static void data_offsets(void)
{
    static const struct {
        ULong version;
        ULong offsets;
    } known[] = {{0x03090000, 1ULL << 4 | 1ULL << 6 | 1ULL << 9},
                 {0x030B0000, 1ULL << 4 | 1ULL << 6 | 1ULL << 9},
                 {0x030C0000, 1ULL << 4 | 1ULL << 5 | 1ULL << 7},
                 {0x030E0000, 1ULL << 4 | 1ULL << 5 | 1ULL << 7}};

    for (UInt i = 0; i < sizeof known / sizeof known[0]; i++)
        expect_eq(lg_pystr_data_offsets(lg_pylayout_for(known[i].version)),
                  known[i].offsets);
    expect_eq(lg_pystr_data_offsets(lg_pylayout_without_gil(0x030D0000)),
              1ULL << 6 | 1ULL << 7 | 1ULL << 9);
}

int main(void)
{
    cpython_start(NULL);
    check_run(data_offsets);
    check_run(all_kinds);
    check_run(cut);
    check_run(control_characters);
    check_run(unreadable);
    check_run(torn_state);
    check_run(is_str);
    return check_done();
}

#endif
