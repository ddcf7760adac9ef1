/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_datafile.c: the lines of a data file, to the byte.

   With an argument it is no test, but writes a file of random definitions and records
   there, for tests/command/test_datafile.py, which reads it and knows what must be
   in it. */

#include "../../leakgrind/engine/lg_datafile.h"
#include "check.h"

typedef struct {
    char*  text;
    size_t szB, largest;
    int    nPieces;
} Written;

static void keep_piece(void* opaque, const HChar* text, SizeT szB)
{
    Written* w = opaque;

    w->text = realloc(w->text, w->szB + szB + 1);
    memcpy(w->text + w->szB, text, szB);
    w->szB += szB;
    w->text[w->szB] = 0;
    w->nPieces++;
    if (szB > w->largest)
        w->largest = szB;
}

static LgDataFile* begin(Written* w)
{
    memset(w, 0, sizeof *w);
    return lg_datafile_new(keep_piece, w);
}

static void end(LgDataFile* f, Written* w, const char* expected)
{
    lg_datafile_flush(f);
    expect_str(w->text, expected);
    lg_datafile_delete(f);
    free(w->text);
}

static void header(void)
{
    const HChar* command[] = {"./a.out", "-v\n", "\"x\\y\""};
    const HChar* options[] = {"--tool=leakgrind"};
    Written      w;
    LgDataFile*  f = begin(&w);

    lg_datafile_begin_run(f, &(LgDataRun){.tool = "1.0",
                                          .valgrind = "3.19.0",
                                          .arch = "amd64",
                                          .pid = 7,
                                          .command = command,
                                          .nCommand = 3,
                                          .options = options,
                                          .nOptions = 1,
                                          .directory = "/tmp"});
    lg_datafile_end_run(f);
    end(f, &w,
        "{\"format\":\"leakgrind\",\"version\":1,\"tool\":\"1.0\","
        "\"valgrind\":\"3.19.0\",\"arch\":\"amd64\",\"pid\":7,"
        "\"command\":[\"./a.out\",\"-v\\u000a\",\"\\\"x\\\\y\\\"\"],"
        "\"options\":[\"--tool=leakgrind\"],\"directory\":\"/tmp\"}\n"
        "{\"end\":\"run\"}\n");
}

static void characters(void)
{
    Written     w;
    LgDataFile* f = begin(&w);

    expect_eq(lg_datafile_string(f, ""), 0);
    expect_eq(lg_datafile_string(f, NULL), 0);
    expect_eq(lg_datafile_string(f, "a\x7f/<"), 1);
    expect_eq(lg_datafile_string(f, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8d"), 2);
    expect_eq(lg_datafile_string(f, "\xff\xc3"), 3);
    expect_eq(lg_datafile_string(f, "a\x7f/<"), 1); /* known */
    end(f, &w,
        "[\"s\",\"a\\u007f/<\"]\n"
        "[\"s\",\"\\u00e9\\u20ac\\ud83d\\udc0d\"]\n"
        "[\"s\",\"\\ufffd\\ufffd\"]\n");
}

static void stacks(void)
{
    Written     w;
    LgDataFile* f = begin(&w);
    LgDataFrame c = {.function = "f", .file = "f.c", .line = 3, .object = "a"};
    LgDataFrame nameless = {.object = "a", .offset = 0x12, .isInlined = True};
    LgDataFrame python = {.isPython = True, .function = "f", .file = "f.py"};

    UInt frames[] = {lg_datafile_frame(f, &c), lg_datafile_frame(f, &nameless),
                     lg_datafile_frame(f, &python)};
    expect_eq(lg_datafile_frame(f, &c), frames[0]);
    expect_eq(lg_datafile_stack(f, frames, 0), 0);
    expect_eq(lg_datafile_stack(f, frames, 2), 2);
    expect_eq(lg_datafile_stack(f, frames, 1), 1);
    expect_eq(lg_datafile_stack(f, (UInt[]){1, 3, 2, 1}, 4), 5);
    expect_eq(lg_datafile_stack(f, (UInt[]){1, 3, 2}, 3), 4);
    lg_datafile_build_id(f, "a", "0afe");
    end(f, &w,
        "[\"s\",\"f\"]\n[\"s\",\"f.c\"]\n[\"s\",\"a\"]\n"
        "[\"f\",\"c\",1,2,3,3,0,0]\n[\"f\",\"c\",0,0,0,3,18,1]\n"
        "[\"s\",\"f.py\"]\n[\"f\",\"python\",1,4,0,0,0,0]\n"
        "[\"t\",0,1,2]\n[\"t\",1,3,2,1]\n[\"b\",3,\"0afe\"]\n");
}

static void checks(void)
{
    Written      w;
    LgDataFile*  f = begin(&w);
    LgLossRecord r = {.kind = LgDefinite,
                      .cls = LgLossCycle,
                      .nBlocks = 2,
                      .szB = 100,
                      .indirectB = 8,
                      .nExcessRefs = 3,
                      .nCRefs = 1,
                      .suppressed = True,
                      .oldNBlocks = 1,
                      .oldSzB = 50};

    lg_datafile_begin_check(f, "exit", "l", 12);
    lg_datafile_record(f, &r, "list", NULL, 0, True);
    lg_datafile_path(f, 2, "module a\n.b (list)\n");
    lg_datafile_path(f, 1, "module a\n");
    r = (LgLossRecord){.kind = LgReachable, .nBlocks = 1};
    lg_datafile_record(f, &r, NULL, NULL, 0, False);
    lg_datafile_owner(f, "a.b", 2, 100);
    lg_datafile_owner_type(f, "list", 1, 60);
    lg_datafile_end_check(
        f, (LgDataTotal[]){{"definite", 2, 100}, {"cycles", 0, 0}}, 2);
    end(f, &w,
        "{\"check\":1,\"moment\":\"exit\",\"label\":\"l\",\"time\":12}\n"
        "[\"s\",\"definite\"]\n[\"s\",\"cycle\"]\n[\"s\",\"list\"]\n"
        "[\"r\",1,2,3,0,0,2,100,8,3,1,3,1,50]\n"
        "[\"s\",\"module a\"]\n[\"s\",\".b (list)\"]\n[\"w\",0,4,5]\n"
        "[\"p\",2]\n[\"p\",1,1]\n"
        "[\"s\",\"reachable\"]\n[\"r\",6,0,0,0,0,1,0]\n"
        "[\"s\",\"a.b\"]\n[\"o\",7,2,100]\n[\"y\",3,1,60]\n"
        "{\"end\":\"check\",\"totals\":"
        "{\"definite\":[2,100],\"cycles\":[0,0]}}\n");
}

static void course(void)
{
    Written       w;
    LgDataFile*   f = begin(&w);
    LgCoursePoint p = {.at = 5};

    p.szB[LgCourseReachable] = 64;
    p.nBlocks[LgCourseReachable] = 2;
    lg_datafile_begin_course(f, True);
    lg_datafile_point(f, &p);
    lg_datafile_detail(f, "types", "str", 1, 40);
    lg_datafile_end_course(f);
    end(f, &w,
        "{\"course\":\"ms\"}\n"
        "[\"c\",5,[0,0,0,0,2,0],[0,0,0,0,64,0]]\n"
        "[\"s\",\"str\"]\n[\"d\",\"types\",1,1,40]\n{\"end\":\"course\"}\n");
}

/* However much there is, it goes out in pieces of the size of the buffer. */
static void pieces(void)
{
    enum { LONG = 3 * LG_DATAFILE_PIECE };
    Written     w;
    LgDataFile* f = begin(&w);
    char*       text = malloc(LONG + 1);

    memset(text, 'x', LONG);
    text[LONG] = 0;
    lg_datafile_string(f, text);
    lg_datafile_flush(f);
    expect_eq(w.szB, LONG + sizeof "[\"s\",\"\"]\n" - 1);
    expect_eq(w.largest, LG_DATAFILE_PIECE);
    expect_eq(w.nPieces, 4);
    lg_datafile_delete(f);
    free(text);
    free(w.text);
}

/* --- For the test of the reader ------------------------------------------------- */

static unsigned long long state;

/* The same as in test_datafile.py. */
static unsigned random_below(unsigned n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(state >> 33) % n;
}

static const HChar* random_text(void)
{
    static HChar text[40];
    unsigned     n = 1 + random_below(30);

    for (unsigned i = 0; i < n; i++)
        text[i] = (HChar)(1 + random_below(255));
    text[n] = 0;
    return text;
}

static void write_to_stdio(void* file, const HChar* text, SizeT szB)
{
    if (fwrite(text, 1, szB, file) != szB)
        abort();
}

static UInt random_stack(LgDataFile* f)
{
    UInt     frames[6];
    unsigned n = random_below(6);

    for (unsigned i = 0; i < n; i++) {
        HChar       function[40], file[40], object[40];
        LgDataFrame frame = {.isPython = random_below(2)};
        frame.function = strcpy(function, random_text());
        frame.file = strcpy(file, random_text());
        frame.line = random_below(1000);
        frame.object = strcpy(object, random_text());
        frame.offset = random_below(100000);
        frame.isInlined = random_below(2);
        frames[i] = lg_datafile_frame(f, &frame);
    }
    return lg_datafile_stack(f, frames, n);
}

static void write_random_file(const char* path, unsigned nRecords)
{
    const HChar* command[] = {"program"};
    FILE*        file = fopen(path, "w");
    LgDataFile*  f = lg_datafile_new(write_to_stdio, file);

    if (file == NULL)
        abort();
    state = nRecords;
    lg_datafile_begin_run(f, &(LgDataRun){.tool = "1",
                                          .valgrind = "1",
                                          .arch = "amd64",
                                          .command = command,
                                          .nCommand = 1,
                                          .directory = "/"});
    const HChar* label = random_text();
    lg_datafile_begin_check(f, "exit", label, random_below(1000));
    for (unsigned i = 0; i < nRecords; i++) {
        HChar        type[40], name[40];
        UInt         stack = random_stack(f);
        LgLossRecord r = {.kind = random_below(LG_N_RECORD_KINDS)};
        r.cls = random_below(LgLossThread + 1);
        r.nBlocks = random_below(1000000);
        r.szB = random_below(1000000);
        r.suppressed = random_below(2);
        strcpy(type, random_text());
        strcpy(name, random_text());
        lg_datafile_record(f, &r, type, name, stack, random_below(2));
    }
    lg_datafile_end_check(f, (LgDataTotal[]){{"definite", 1, 2}}, 1);
    lg_datafile_end_run(f);
    lg_datafile_delete(f);
    fclose(file);
}

int main(int argc, char** argv)
{
    if (argc > 2) {
        write_random_file(argv[1], (unsigned)atoi(argv[2]));
        return 0;
    }
    check_run(header);
    check_run(characters);
    check_run(stacks);
    check_run(checks);
    check_run(course);
    check_run(pieces);
    return check_done();
}
