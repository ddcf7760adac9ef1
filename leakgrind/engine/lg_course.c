/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_course.c: points over time.  See lg_course.h. */

#include "lg_course.h"

struct LgCourse {
    ULong         distance;
    UInt          n;
    LgCoursePoint points[LG_COURSE_MAX];
};

LgCourse* lg_course_new(ULong distance)
{
    LgCourse* c = lg_plat_alloc("lg.course", sizeof *c);
    c->distance = distance;
    c->n = 0;
    return c;
}

void lg_course_delete(LgCourse* c)
{
    lg_plat_free(c);
}

Bool lg_course_is_due(const LgCourse* c, ULong now)
{
    ULong last = c->n == 0 ? 0 : c->points[c->n - 1].at;
    return now >= last && now - last >= c->distance;
}

static void drop_every_second(LgCourse* c)
{
    UInt kept = 0;
    for (UInt i = 1; i < c->n; i += 2) /* the last one stays */
        c->points[kept++] = c->points[i];
    c->n = kept;
    c->distance *= 2;
}

void lg_course_add(LgCourse* c, const LgCoursePoint* p)
{
    lg_assert(c->n == 0 || p->at >= c->points[c->n - 1].at);
    c->points[c->n++] = *p;
    if (c->n == LG_COURSE_MAX)
        drop_every_second(c);
}

UInt lg_course_count(const LgCourse* c)
{
    return c->n;
}

const LgCoursePoint* lg_course_point(const LgCourse* c, UInt i)
{
    lg_assert(i < c->n);
    return &c->points[i];
}

ULong lg_course_bytes(const LgCoursePoint* p)
{
    ULong sum = 0;
    for (UInt k = 0; k < LG_N_COURSE_KINDS; k++)
        sum += p->szB[k];
    return sum;
}

ULong lg_course_blocks(const LgCoursePoint* p)
{
    ULong sum = 0;
    for (UInt k = 0; k < LG_N_COURSE_KINDS; k++)
        sum += p->nBlocks[k];
    return sum;
}

ULong lg_course_lost(const LgCoursePoint* p)
{
    return p->szB[LgCourseDefinite] + p->szB[LgCourseIndirect] +
           p->szB[LgCoursePossible];
}

static Int compare_rows(const void* a, const void* b)
{
    const LgCourseRow *x = a, *y = b;
    if (x->szB != y->szB)
        return x->szB > y->szB ? -1 : 1;
    if (x->nBlocks != y->nBlocks)
        return x->nBlocks > y->nBlocks ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key ? 1 : 0;
}

void lg_course_sort(LgCourseRow* rows, UInt n)
{
    lg_plat_sort(rows, n, sizeof *rows, compare_rows);
}

const LgCourseRow* lg_course_find(const LgCourseRow* rows, UInt n, UInt key)
{
    for (UInt i = 0; i < n; i++)
        if (rows[i].key == key)
            return &rows[i];
    return NULL;
}

/* --- The option ---------------------------------------------------------- */

static Bool is_same(const HChar* a, const HChar* b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

ULong lg_course_parse(const HChar* text, Bool* isTime)
{
    static const struct {
        const HChar* name;
        ULong        factor;
        Bool         isTime;
    } units[] = {
        {"ms", 1, True},         {"s", 1000, True},
        {"m", 60000, True},      {"h", 3600000, True},
        {"B", 1, False},         {"kB", 1000, False},
        {"MB", 1000000, False},  {"GB", 1000000000, False},
    };
    const ULong max = 1000000000;
    ULong       n = 0;

    for (; *text >= '0' && *text <= '9'; text++) {
        n = 10 * n + (ULong)(*text - '0');
        if (n > max)
            return 0;
    }
    for (UInt i = 0; i < sizeof units / sizeof units[0]; i++)
        if (is_same(text, units[i].name)) {
            *isTime = units[i].isTime;
            return n * units[i].factor;
        }
    return 0;
}

/* --- The graph ----------------------------------------------------------- */

enum { GRAPH_WIDTH = 72, GRAPH_HEIGHT = 20, LINE_SZB = 200 };

/* How many rows of the graph show so many bytes. */
static UInt height_of(ULong szB, ULong maxB)
{
    ULong perRow = (maxB + GRAPH_HEIGHT - 1) / GRAPH_HEIGHT;
    return (UInt)((szB + perRow - 1) / perRow);
}

static UInt column_of(const LgCourse* c, ULong at)
{
    ULong end = c->points[c->n - 1].at;
    ULong perColumn = end / (GRAPH_WIDTH - 1) + 1;
    return (UInt)(at / perColumn);
}

static HChar mark_at(const LgCoursePoint* p, ULong maxB, UInt row)
{
    ULong lost = lg_course_lost(p);
    if (row < height_of(lost, maxB))
        return '#';
    if (row < height_of(lost + p->szB[LgCourseCycles], maxB))
        return 'c';
    return row < height_of(lg_course_bytes(p), maxB) ? ':' : ' ';
}

/* Two points may share a column, which then shows the higher of them. */
static void choose_points(const LgCourse* c,
                          const LgCoursePoint* columns[GRAPH_WIDTH])
{
    memset(columns, 0, GRAPH_WIDTH * sizeof columns[0]);
    for (UInt i = 0; i < c->n; i++) {
        const LgCoursePoint* p = &c->points[i];
        UInt                 x = column_of(c, p->at);
        if (columns[x] == NULL ||
            lg_course_bytes(p) >= lg_course_bytes(columns[x]))
            columns[x] = p;
    }
}

void lg_course_draw(const LgCourse* c, Bool isTime,
                    void (*line)(void* opaque, const HChar* text),
                    void* opaque)
{
    const LgCoursePoint* columns[GRAPH_WIDTH];
    HChar                text[LINE_SZB], marks[GRAPH_WIDTH + 1];
    ULong                maxB = 1;

    if (c->n == 0)
        return;
    choose_points(c, columns);
    for (UInt i = 0; i < c->n; i++)
        if (lg_course_bytes(&c->points[i]) > maxB)
            maxB = lg_course_bytes(&c->points[i]);
    lg_plat_snprintf(text, sizeof text, "%'llu bytes", maxB);
    line(opaque, text);
    for (UInt row = GRAPH_HEIGHT; row-- > 0;) {
        UInt used = 0;
        for (UInt x = 0; x < GRAPH_WIDTH; x++) {
            marks[x] =
                columns[x] == NULL ? ' ' : mark_at(columns[x], maxB, row);
            if (marks[x] != ' ')
                used = x + 1;
        }
        marks[used] = 0;
        lg_plat_snprintf(text, sizeof text, "%c%s",
                         row == GRAPH_HEIGHT - 1 ? '^' : '|', marks);
        line(opaque, text);
    }
    memset(marks, '-', GRAPH_WIDTH);
    marks[GRAPH_WIDTH] = 0;
    lg_plat_snprintf(text, sizeof text, "+%s>", marks);
    line(opaque, text);
    lg_plat_snprintf(text, sizeof text, "0 .. %'llu %s", c->points[c->n - 1].at,
                     isTime ? "ms" : "bytes allocated");
    line(opaque, text);
    line(opaque, "  #: lost   c: waits for Python's collector   :: in use");
}
