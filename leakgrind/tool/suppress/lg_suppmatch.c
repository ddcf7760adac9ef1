/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppmatch.c: compares the stacks of entries and errors.

   An entry without py-frame lines is compared with the C stack, as Valgrind's
   core would do.  An entry with such lines is compared with the stack as the
   report shows it, where Python frames replace the evaluation loop.  Such an
   entry needs no line for the interpreter's own functions, since compilers and
   specialisation decide which of them are called.  And no entry needs a line
   for inlined calls, which are known only with debug information.

   The core asks about every entry for each error, and names are expensive.  So
   the frames of the last error are kept, and their names are looked up when an
   entry first needs them. */

#include "pub_tool_basics.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_execontext.h"
#include "pub_tool_mallocfree.h"

#include "../host/lg_compat.h"
#include "../trace/lg_context.h"
#include "../trace/lg_evalloop.h"
#include "../trace/lg_traceview.h"
#include "lg_suppress_priv.h"

typedef struct {
    const LgFrameView* view;
    HChar*             function; /* of a C frame */
    HChar*             object;   /* NULL: not yet asked for */
    Bool               isInlined;
    HChar*             source;   /* likewise */
    UInt               line;
} Frame;

/* The frames of a stack.  A view can be several, through inlining. */
typedef struct {
    LgFrameView* views;
    UInt         nViews;
    UInt         nExpanded; /* of the views */
    Frame*       frames;
    UInt         n;
    UInt         capacity;
} Frames;

/* The stack that was asked about last. */
static struct {
    ExeContext* where;
    DiEpoch     epoch;
    UInt        ctx; /* of a loss record; else 0 */
    Frames      c;
    Frames      merged; /* with Python frames */
} now;

static void free_frames(Frames* f)
{
    for (UInt i = 0; i < f->n; i++) {
        VG_(free)(f->frames[i].function);
        VG_(free)(f->frames[i].object);
        VG_(free)(f->frames[i].source);
    }
    VG_(free)(f->views);
    f->views = NULL;
    f->n = f->nViews = f->nExpanded = 0;
}

static void set_stack(ExeContext* where, UInt ctx)
{
    DiEpoch epoch = VG_(get_ExeContext_epoch)(where);

    if (where == now.where && epoch.n == now.epoch.n && ctx == now.ctx)
        return;
    free_frames(&now.c);
    free_frames(&now.merged);
    now.where = where;
    now.epoch = epoch;
    now.ctx   = ctx;
}

static Frames* c_frames(void)
{
    Frames* f = &now.c;
    if (f->views != NULL)
        return f;
    Addr* ips = VG_(get_ExeContext_StackTrace)(now.where);
    f->nViews = (UInt)VG_(get_ExeContext_n_ips)(now.where);
    f->views  = VG_(calloc)("lg.supp.views", f->nViews + 1, sizeof *f->views);
    for (UInt i = 0; i < f->nViews; i++)
        f->views[i] = (LgFrameView){
            .epoch = lg_ctx_frame_epoch(now.where, ips[i]), .ip = ips[i]};
    return f;
}

static Frames* merged_frames(void)
{
    Frames* f = &now.merged;
    if (f->views != NULL)
        return f;
    UInt max = lg_traceview_max_frames();
    f->views = VG_(calloc)("lg.supp.views", max, sizeof *f->views);
    f->nViews = lg_traceview_frames(now.ctx, f->views, max);
    return f;
}

static void add_frame(Frames* f, const LgFrameView* view, const HChar* function,
                      Bool isInlined)
{
    if (f->n == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 32;
        f->frames = VG_(realloc)("lg.supp.frames", f->frames,
                                 f->capacity * sizeof *f->frames);
    }
    f->frames[f->n++] = (Frame){
        .view     = view,
        .isInlined = isInlined,
        .function = function ? VG_(strdup)("lg.supp.function", function)
                             : NULL};
}

static void expand_view(Frames* f, const LgFrameView* view)
{
    if (view->isPython) {
        add_frame(f, view, NULL, False);
        return;
    }
    InlIPCursor* c = VG_(new_IIPC)(view->epoch, view->ip);
    Bool         hasMore;
    do {
        const HChar* function;
        if (!VG_(get_fnname_no_cxx_demangle)(view->epoch, view->ip, &function,
                                             c))
            function = lg_evalloop_name(view->epoch, view->ip);
        if (function == NULL)
            function = lg_pattern_unknown;
        hasMore = VG_(next_IIPC)(c);
        add_frame(f, view, function, hasMore);
    } while (hasMore);
    VG_(delete_IIPC)(c);
}

/* --- As the matcher sees it ---------------------------------------------- */

static Bool has_frame(void* opaque, UInt i)
{
    Frames* f = opaque;
    while (i >= f->n && f->nExpanded < f->nViews)
        expand_view(f, &f->views[f->nExpanded++]);
    return i < f->n;
}

static const HChar* object_of(Frame* frame)
{
    const HChar* name;
    if (frame->object == NULL) {
        if (!VG_(get_objname)(frame->view->epoch, frame->view->ip, &name))
            name = lg_pattern_unknown;
        frame->object = VG_(strdup)("lg.supp.object", name);
    }
    return frame->object;
}

/* NULL when it is not known: no line can match that. */
static const HChar* source_of(Frame* frame)
{
    const HChar *name, *dir;
    if (frame->source == NULL) {
        if (!VG_(get_filename_linenum)(frame->view->epoch, frame->view->ip,
                                       &name, &dir, &frame->line))
            name = "";
        frame->source = VG_(strdup)("lg.supp.source", name);
    }
    return frame->source[0] != 0 ? frame->source : NULL;
}

static const HChar* name_of(void* opaque, UInt i, LgLineKind k)
{
    Frame* frame = &((Frames*)opaque)->frames[i];
    if (frame->view->isPython)
        return k == LgLinePython ? frame->view->function : NULL;
    switch (k) {
    case LgLineFun:    return frame->function;
    case LgLineObj:    return object_of(frame);
    case LgLineSrc:    return source_of(frame);
    case LgLinePython: break;
    case LgLineAny:    break;
    }
    return NULL;
}

static UInt frame_line(void* opaque, UInt i)
{
    return ((Frames*)opaque)->frames[i].line;
}

static const HChar* python_file_of(void* opaque, UInt i)
{
    return ((Frames*)opaque)->frames[i].view->file;
}

static Bool is_optional(void* opaque, UInt i)
{
    Frame* frame = &((Frames*)opaque)->frames[i];
    return frame->isInlined ||
           (opaque == &now.merged && !frame->view->isPython &&
            lg_evalloop_is_interpreter(object_of(frame)));
}

/* Python frames that are left when the C stack has come to its end. */
static Bool is_below_cut(void* opaque, UInt i)
{
    const LgFrameView* view = ((Frames*)opaque)->frames[i].view;
    return view->isPython && view->ip == 0;
}

Bool lg_supp_stack_matches(const LgSuppEntry* e, ExeContext* where, UInt ctx)
{
    LgTraceView view = {NULL, has_frame, name_of, python_file_of, frame_line,
                        is_optional, is_below_cut};

    set_stack(where, ctx);
    if (!e->stack.hasPython)
        view.opaque = c_frames();
    else if (now.ctx != 0)
        view.opaque = merged_frames();
    else
        return False; /* only loss records have Python frames */
    return lg_pattern_matches(&e->stack, &view);
}
