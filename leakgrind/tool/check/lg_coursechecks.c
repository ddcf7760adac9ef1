/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_coursechecks.c: the heap over time.  See lg_coursechecks.h. */

#include "lg_coursechecks.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_course.h"
#include "../../lg_platform.h"
#include "../../python/lg_pytotals.h"
#include "../heap/lg_heap.h"
#include "../host/lg_options.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../trace/lg_context.h"
#include "../trace/lg_traceview.h"
#include "lg_dataout.h"
#include "lg_heapsearch.h"
#include "lg_retained.h"

/* Texts by number of a type, a line of Python, a context without one; 0: not
   asked for yet. */
typedef struct {
    UInt* texts;
    UInt  n;
} Names;

static struct {
    LgCourse* course; /* NULL: not asked for, or at its end */
    UInt      startMs;
    UInt      searchMs; /* spent in searches */
    ULong     startB;
    Names     types, lines, contexts;
} state;

static Bool is_course_printed(void)
{
    return !VG_(clo_xml) && VG_(clo_verbosity) > 0;
}

void lg_coursechecks_init(void)
{
    if (lg_options.checksEvery == 0 ||
        (!is_course_printed() && !lg_dataout_is_open()))
        return;
    state.course = lg_course_new(lg_options.checksEvery);
    state.startMs = lg_plat_millis();
    state.searchMs = 0;
    state.startB = lg_heap_stats()->allocatedB;
}

void lg_coursechecks_in_child(void)
{
    if (state.course == NULL)
        return;
    lg_course_delete(state.course);
    state.course = NULL;
    if (!lg_forks_is_mute())
        lg_coursechecks_init();
}

/* Searches take none of the program's run time. */
static ULong course_now(void)
{
    return lg_options.checksAreTimed
               ? lg_plat_millis() - state.startMs - state.searchMs
               : lg_heap_stats()->allocatedB - state.startB;
}

/* --- Names --------------------------------------------------------------- */

static UInt* name_slot(Names* names, UInt i)
{
    if (UNLIKELY(i >= names->n)) {
        UInt n = 2 * i + 64;
        names->texts =
            VG_(realloc)("lg.course.names", names->texts, n * sizeof(UInt));
        VG_(memset)(names->texts + names->n, 0,
                    (n - names->n) * sizeof(UInt));
        names->n = n;
    }
    return &names->texts[i];
}

enum { NAME_SZB = 300 };

static UInt name_of_type(UInt type)
{
    UInt* slot = name_slot(&state.types, type);
    if (*slot == 0)
        *slot = lg_texts_add(type == 0 ? "(memory of objects)"
                                       : lg_python_type_name(type));
    return *slot;
}

static UInt name_of_python_line(UInt line)
{
    UInt* slot = name_slot(&state.lines, line);
    HChar text[NAME_SZB];

    if (*slot == 0) {
        LgPyTraceFrame f = lg_pytraces_line(lg_python_traces(), line);
        VG_(snprintf)(text, sizeof text, "%s (%s:%u)", f.function, f.file,
                      f.line);
        *slot = lg_texts_add(text);
    }
    return *slot;
}

/* The function that called malloc or the like: the second frame. */
static void describe_caller(UInt ctx, HChar text[NAME_SZB])
{
    UInt         max = lg_traceview_max_frames(), line = 0;
    LgFrameView  frames[max];
    UInt         n = lg_traceview_frames(ctx, frames, max);
    const HChar *function = "???", *file = NULL, *dir = NULL;

    if (n == 0) {
        VG_(strcpy)(text, "(no stack)");
        return;
    }
    const LgFrameView* f = &frames[n > 1 ? 1 : 0];
    if (!VG_(get_fnname)(f->epoch, f->ip, &function) &&
        !VG_(get_objname)(f->epoch, f->ip, &function))
        function = "???";
    UInt len = VG_(snprintf)(text, NAME_SZB, "%s", function);
    if (len < NAME_SZB &&
        VG_(get_filename_linenum)(f->epoch, f->ip, &file, &dir, &line))
        VG_(snprintf)(text + len, (Int)(NAME_SZB - len), " (%s:%u)", file,
                      line);
}

static UInt name_of_line(UInt ctx)
{
    UInt  pystack = lg_ctx_pystack(ctx);
    HChar text[NAME_SZB];

    if (pystack != 0)
        return name_of_python_line(
            lg_pytraces_innermost(lg_python_traces(), pystack));
    UInt* slot = name_slot(&state.contexts, ctx);
    if (*slot == 0) {
        describe_caller(ctx, text);
        *slot = lg_texts_add(text);
    }
    return *slot;
}

/* --- One point ----------------------------------------------------------- */

static LgCourseKind kind_of(const LgHeapSearch* s, UInt i)
{
    const LgSnapBlock* b = &lg_snap_blocks(s->snap)[i];

    if (lg_sb_suppressed(b))
        return LgCourseExcused;
    if (lg_pysnap_class(s->py, i) == LgLossGarbage)
        return LgCourseCycles;
    switch (lg_sb_kind(b)) {
    case LgDefinite: return LgCourseDefinite;
    case LgIndirect: return LgCourseIndirect;
    case LgPossible: return LgCoursePossible;
    default:         return LgCourseReachable;
    }
}

static UInt take_largest(LgPyTotals* t, LgCourseRow out[LG_COURSE_ROWS])
{
    UInt                 n;
    const LgPyTotalsRow* rows = lg_pytotals_sort(t, &n);

    if (n > LG_COURSE_ROWS)
        n = LG_COURSE_ROWS;
    for (UInt i = 0; i < n; i++)
        out[i] = (LgCourseRow){.key = rows[i].key,
                               .nBlocks =
                                   (UInt)rows[i].nBlocks[LgTallyReachable],
                               .szB = rows[i].szB[LgTallyReachable]};
    lg_pytotals_delete(t);
    return n;
}

static void count_blocks(const LgHeapSearch* s, LgCoursePoint* p)
{
    LgPyTotals* types = lg_pytotals_new();
    LgPyTotals* lines = lg_pytotals_new();

    for (UInt i = 0; i < lg_snap_count(s->snap); i++) {
        LgCourseKind k = kind_of(s, i);
        SizeT        szB = lg_sb_szB(&lg_snap_blocks(s->snap)[i]);
        UInt         type = lg_pysnap_type(s->py, i);
        p->szB[k] += szB;
        p->nBlocks[k]++;
        if (type != 0 || (lg_snap_flags(s->snap, i) & LG_BF_PY))
            lg_pytotals_add(types, name_of_type(type), LgTallyReachable, szB);
        lg_pytotals_add(lines, name_of_line(lg_snap_ctx(s->snap, i)),
                        LgTallyReachable, szB);
    }
    p->nRows[LgCourseTypes] = take_largest(types, p->rows[LgCourseTypes]);
    p->nRows[LgCourseLines] = take_largest(lines, p->rows[LgCourseLines]);
}

static void add_owner_row(void* point, const HChar* name, UInt nBlocks, ULong szB)
{
    LgCoursePoint* p = point;

    p->rows[LgCourseOwners][p->nRows[LgCourseOwners]++] =
        (LgCourseRow){.key = lg_texts_add(name), .nBlocks = nBlocks, .szB = szB};
}

static void count_owners(LgHeapSearch* s, LgCoursePoint* p)
{
    static const LgOwnerVisitor visitor = {.owner = add_owner_row};

    if (lg_options.retained > 0)
        lg_retained_each(s, LG_COURSE_ROWS, &visitor, p);
}

static void add_point(LgMoment moment)
{
    LgCoursePoint p;
    LgHeapSearch  s;

    VG_(memset)(&p, 0, sizeof p);
    p.at = course_now();
    UInt startMs = lg_plat_millis();
    if (lg_heapsearch_begin(&s, LgSearchAll, lg_options.heuristics, moment,
                            False)) {
        lg_heapsearch_judge(&s);
        count_blocks(&s, &p);
        count_owners(&s, &p);
        lg_heapsearch_end(&s);
    }
    lg_course_add(state.course, &p);
    state.searchMs += lg_plat_millis() - startMs;
}

/* While an interpreter takes everything apart, what it is about to free is lost for a
   moment. */
void lg_coursechecks_poll(void)
{
    if (UNLIKELY(state.course != NULL) && !lg_python_is_finalized() &&
        lg_course_is_due(state.course, course_now()))
        add_point(LgAnywhere);
}

/* --- Printing ------------------------------------------------------------ */

static void print_graph_line(void* opaque, const HChar* text)
{
    (void)opaque;
    VG_(umsg)("%s\n", text);
}

static void print_points(void)
{
    VG_(umsg)("%15s %15s %11s %13s %13s %15s\n",
              lg_options.checksAreTimed ? "ms" : "allocated", "bytes",
              "blocks", "lost", "waiting", "reachable");
    for (UInt i = 0; i < lg_course_count(state.course); i++) {
        const LgCoursePoint* p = lg_course_point(state.course, i);
        VG_(umsg)("%'15llu %'15llu %'11llu %'13llu %'13llu %'15llu\n", p->at,
                  lg_course_bytes(p), lg_course_blocks(p), lg_course_lost(p),
                  p->szB[LgCourseCycles], p->szB[LgCourseReachable]);
    }
}

enum { N_MOMENTS = 5 };

/* The bytes of a row at moments of equal distance; "-": it was not among the
   largest then. */
static void print_course_of(const LgCourseRow* row, LgCourseTable table)
{
    UInt  n = lg_course_count(state.course);
    HChar text[N_MOMENTS * 32];
    UInt  used = 0;

    for (UInt m = 0; m < N_MOMENTS; m++) {
        const LgCoursePoint* p =
            lg_course_point(state.course, m * (n - 1) / (N_MOMENTS - 1));
        const LgCourseRow* r =
            lg_course_find(p->rows[table], p->nRows[table], row->key);
        used += r == NULL
                    ? VG_(snprintf)(text + used, (Int)(sizeof text - used),
                                    "%15s", "-")
                    : VG_(snprintf)(text + used, (Int)(sizeof text - used),
                                    "%'15llu", r->szB);
    }
    VG_(umsg)("%s  %s\n", text, lg_texts_get(row->key));
}

static const LgCoursePoint* largest_point(void)
{
    const LgCoursePoint* largest = lg_course_point(state.course, 0);
    for (UInt i = 1; i < lg_course_count(state.course); i++)
        if (lg_course_bytes(lg_course_point(state.course, i)) >
            lg_course_bytes(largest))
            largest = lg_course_point(state.course, i);
    return largest;
}

/* Of the point where the heap was largest. */
static void print_rows(const HChar* title, LgCourseTable table)
{
    enum { MAX_SHOWN = 10 };
    const LgCoursePoint* p = largest_point();
    UInt                 n = p->nRows[table];

    if (n == 0)
        return;
    VG_(umsg)("\n");
    VG_(umsg)("%s, bytes at the beginning, after each quarter of the points, "
              "and at the end:\n", title);
    for (UInt i = 0; i < n && i < MAX_SHOWN; i++)
        print_course_of(&p->rows[table][i], table);
}

static void print_course(void)
{
    VG_(umsg)("COURSE OF THE HEAP (%u checks):\n",
              lg_course_count(state.course));
    lg_course_draw(state.course, lg_options.checksAreTimed, print_graph_line,
                   NULL);
    VG_(umsg)("\n");
    print_points();
    print_rows("Largest owners", LgCourseOwners);
    print_rows("Largest Python types", LgCourseTypes);
    print_rows("Largest lines", LgCourseLines);
    VG_(umsg)("\n");
}

Bool lg_coursechecks_print_now(void)
{
    if (state.course == NULL)
        return False;
    add_point(LgAnywhere);
    print_course();
    return True;
}

void lg_coursechecks_finish(void)
{
    if (state.course == NULL)
        return;
    if (!lg_forks_is_mute()) {
        add_point(LgAtExit);
        lg_dataout_course(state.course);
        if (is_course_printed())
            print_course();
    }
    lg_course_delete(state.course);
    state.course = NULL;
}
