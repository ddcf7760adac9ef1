/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_course.c: points over time, and their graph. */

#include "../../leakgrind/engine/lg_course.h"
#include "check.h"

static void add(LgCourse* c, ULong at, ULong reachable, ULong cycles,
                ULong lost)
{
    LgCoursePoint p = {.at = at};
    p.szB[LgCourseReachable] = reachable;
    p.szB[LgCourseCycles] = cycles;
    p.szB[LgCourseDefinite] = lost;
    p.nBlocks[LgCourseReachable] = 1;
    lg_course_add(c, &p);
}

static void due(void)
{
    LgCourse* c = lg_course_new(10);
    expect_false(lg_course_is_due(c, 9));
    expect_true(lg_course_is_due(c, 10));
    add(c, 13, 1, 0, 0);
    expect_false(lg_course_is_due(c, 5));
    expect_false(lg_course_is_due(c, 22));
    expect_true(lg_course_is_due(c, 23));
    lg_course_delete(c);
}

/* However long the run, the points are even, and the last is there. */
static void thins(void)
{
    LgCourse* c = lg_course_new(1);
    ULong     last = 0;

    for (ULong t = 1; t <= 1000; t++)
        if (lg_course_is_due(c, t))
            add(c, last = t, t, 0, 0);
    UInt n = lg_course_count(c);
    expect_true(n >= LG_COURSE_MAX / 2 && n < LG_COURSE_MAX);
    expect_eq(lg_course_point(c, n - 1)->at, last);
    for (UInt i = 1; i < n; i++) {
        const LgCoursePoint* p = lg_course_point(c, i);
        expect_eq(p->at - lg_course_point(c, i - 1)->at, 16);
        expect_eq(lg_course_bytes(p), p->at);
    }
    expect_false(lg_course_is_due(c, last + 15));
    expect_true(lg_course_is_due(c, last + 16));
    lg_course_delete(c);
}

static void sorts(void)
{
    LgCourseRow rows[] = {{1, 1, 5}, {2, 1, 9}, {4, 3, 5}, {3, 3, 5}};
    lg_course_sort(rows, 4);
    static const UInt want[] = {2, 3, 4, 1};
    for (UInt i = 0; i < 4; i++)
        expect_eq(rows[i].key, want[i]);
    expect_true(lg_course_find(rows, 4, 4) == &rows[2]);
    expect_true(lg_course_find(rows, 4, 7) == NULL);
}

static void parses(void)
{
    Bool t = False;
    expect_eq(lg_course_parse("500ms", &t), 500);
    expect_true(t);
    expect_eq(lg_course_parse("2s", &t), 2000);
    expect_eq(lg_course_parse("3m", &t), 180000);
    expect_eq(lg_course_parse("10MB", &t), 10000000);
    expect_false(t);
    expect_eq(lg_course_parse("7B", &t), 7);
    static const HChar* const wrong[] = {"",    "2",  "s",  "0s", "-1s",
                                         "2 s", "2x", "1.5s", "2sec",
                                         "99999999999999999999s"};
    for (UInt i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_eq(lg_course_parse(wrong[i], &t), 0);
}

static HChar drawn[40][200];
static UInt  nDrawn;

static void draw_line(void* opaque, const HChar* text)
{
    (void)opaque;
    assert_true(nDrawn < 40);
    UInt n = 0;
    for (; text[n] != 0; n++)
        drawn[nDrawn][n] = text[n];
    drawn[nDrawn++][n] = 0;
}

/* 20 rows; the largest point has 100 bytes: 5 a row. */
static void graph(void)
{
    LgCourse* c = lg_course_new(1);
    lg_course_draw(c, True, draw_line, NULL);
    expect_eq(nDrawn, 0);
    add(c, 0, 10, 0, 0);
    add(c, 10, 50, 20, 30);
    add(c, 71, 0, 0, 1);
    lg_course_draw(c, True, draw_line, NULL);
    expect_eq(nDrawn, 24);
    expect_str(drawn[0], "100 bytes");
    expect_eq(drawn[1][0], '^');
    for (UInt row = 0; row < 20; row++) {
        const HChar* line = drawn[20 - row];
        HChar        want = row < 6 ? '#' : row < 10 ? 'c' : ':';
        expect_eq(line[1], row < 2 ? ':' : ' ');
        /* 71 / 71 + 1 = 2 ms a column */
        expect_eq(line[1 + 5], want);
        if (row == 0)
            expect_eq(line[1 + 35], '#');
        else
            expect_eq(line[1 + 6], 0);
    }
    expect_str(drawn[22], "0 .. 71 ms");
    lg_course_delete(c);
}

int main(void)
{
    check_run(due);
    check_run(thins);
    check_run(sorts);
    check_run(parses);
    check_run(graph);
    return check_done();
}
