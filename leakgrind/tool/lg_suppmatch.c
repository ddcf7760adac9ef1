/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppmatch.c: compares the stacks of entries and errors.

   An entry without py-frame lines is compared with the C stack, as Valgrind's
   core would.  One with such lines is compared with the stack as the report
   shows it, where Python frames stand in place of the evaluation loop.

   The core asks about every entry for one error after the other, and names
   are expensive: the frames of the last error are kept, and what is known of
   each is found out when an entry first wants to know. */

#include "pub_tool_basics.h"
#include "pub_tool_debuginfo.h"
#include "pub_tool_execontext.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"

#include "lg_compat.h"
#include "lg_errors.h"
#include "lg_suppress_priv.h"

/* Valgrind's word for a name that is not known.  Lines with wildcards match
   it. */
static const HChar unknown[] = "???";

typedef struct {
    Addr   ip;
    HChar* function;
    HChar* object;   /* NULL: not yet asked for */
    HChar* source;   /* likewise */
    UInt   line;
} Frame;

/* The frames of a stack.  One address can be several, through inlining. */
typedef struct {
    Frame* frames;
    UInt   n;
    UInt   capacity;
    UInt   nExpanded; /* of the addresses */
} Frames;

static struct {
    ExeContext* where;
    DiEpoch     epoch;
    Frames      c;
} now;

static void forget(Frames* f)
{
    for (UInt i = 0; i < f->n; i++) {
        VG_(free)(f->frames[i].function);
        VG_(free)(f->frames[i].object);
        VG_(free)(f->frames[i].source);
    }
    f->n = f->nExpanded = 0;
}

static void add(Frames* f, Addr ip, const HChar* function)
{
    if (f->n == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 32;
        f->frames = VG_(realloc)("lg.supp.frames", f->frames,
                                 f->capacity * sizeof *f->frames);
    }
    f->frames[f->n++] = (Frame){
        .ip = ip, .function = VG_(strdup)("lg.supp.function", function)};
}

static void expand(Frames* f, Addr ip)
{
    InlIPCursor* c = VG_(new_IIPC)(now.epoch, ip);
    do {
        const HChar* function;
        if (!VG_(get_fnname_no_cxx_demangle)(now.epoch, ip, &function, c))
            function = unknown;
        add(f, ip, function);
    } while (VG_(next_IIPC)(c));
    VG_(delete_IIPC)(c);
}

/* --- As the matcher sees it ---------------------------------------------- */

static Bool has(void* opaque, UInt i)
{
    Frames* f = opaque;
    Addr*   ips = VG_(get_ExeContext_StackTrace)(now.where);
    UInt    nIps = (UInt)VG_(get_ExeContext_n_ips)(now.where);

    while (i >= f->n && f->nExpanded < nIps)
        expand(f, ips[f->nExpanded++]);
    return i < f->n;
}

static const HChar* object_of(Frame* frame)
{
    const HChar* name;
    if (frame->object == NULL) {
        if (!VG_(get_objname)(now.epoch, frame->ip, &name))
            name = unknown;
        frame->object = VG_(strdup)("lg.supp.object", name);
    }
    return frame->object;
}

/* NULL when it is not known: no line can match that. */
static const HChar* source_of(Frame* frame)
{
    const HChar *name, *dir;
    if (frame->source == NULL) {
        if (!VG_(get_filename_linenum)(now.epoch, frame->ip, &name, &dir,
                                       &frame->line))
            name = "";
        frame->source = VG_(strdup)("lg.supp.source", name);
    }
    return frame->source[0] != 0 ? frame->source : NULL;
}

static const HChar* name_of(void* opaque, UInt i, LgLineKind k)
{
    Frame* frame = &((Frames*)opaque)->frames[i];
    switch (k) {
    case LgLineFun:    return frame->function;
    case LgLineObj:    return object_of(frame);
    case LgLineSrc:    return source_of(frame);
    case LgLinePython: return NULL;
    case LgLineAny:    break;
    }
    return NULL;
}

static UInt line_of(void* opaque, UInt i)
{
    return ((Frames*)opaque)->frames[i].line;
}

static const HChar* python_file_of(void* opaque, UInt i)
{
    (void)opaque;
    (void)i;
    return NULL;
}

Bool lg_supp_stack_matches(const LgSuppEntry* e, const Error* err)
{
    ExeContext* where = VG_(get_error_where)(err);
    DiEpoch     epoch = VG_(get_ExeContext_epoch)(where);
    LgStackView view = {&now.c, has, name_of, python_file_of, line_of};

    if (where != now.where || epoch.n != now.epoch.n) {
        forget(&now.c);
        now.where = where;
        now.epoch = epoch;
    }
    return lg_pattern_matches(&e->stack, &view);
}
