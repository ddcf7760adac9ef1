/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_placenames.c: see lg_placenames.h. */

#include "lg_placenames.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_machine.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_stacktrace.h"
#include "pub_tool_threadstate.h"

#include "../host/lg_compat.h"
#include "../process/lg_python.h"
#include "../process/lg_pythreads.h"

XArray* lg_placenames_frames(void)
{
    enum { MAX_FRAMES = 256 };
    static LgPyFrame frames[MAX_FRAMES];
    XArray*          all = VG_(newXA)(VG_(malloc), "lg.placenames", VG_(free),
                                      sizeof(LgPyFrame));
    ThreadId         tid;
    Addr             lo, hi;

    VG_(thread_stack_reset_iter)(&tid);
    while (lg_python()->layout != NULL &&
           VG_(thread_stack_next)(&tid, &lo, &hi)) {
        Addr tstate = lg_pythreads_tstate(tid);
        UInt n = tstate == 0 ? 0
                             : lg_pyframes_walk(lg_python_mem(),
                                                lg_python()->layout, tstate,
                                                frames, MAX_FRAMES);
        for (UInt i = 0; i < n; i++)
            VG_(addToXA)(all, &frames[i]);
    }
    return all;
}

Bool lg_placenames_python_frame(XArray* text, const LgPyFrame* frame)
{
    static LgPyLocation where;

    if (!lg_pycode_locate(lg_python_mem(), lg_python()->layout, frame->code,
                          frame->instr, &where))
        return False;
    VG_(xaprintf)(text, "%s (%s:%u)", where.function, where.file, where.line);
    return True;
}

void lg_placenames_frame(XArray* text, const HChar* before,
                         const LgFrameView* f)
{
    const HChar *name, *file, *dir;
    UInt         line;

    if (f->isPython) {
        VG_(xaprintf)(text, "%s%s (%s:%u)", before, f->function, f->file,
                      f->line);
        return;
    }
    if (!VG_(get_fnname)(f->epoch, f->ip, &name))
        return;
    VG_(xaprintf)(text, "%s%s", before, name);
    if (VG_(get_filename_linenum)(f->epoch, f->ip, &file, &dir, &line))
        VG_(xaprintf)(text, " (%s:%u)", file, line);
}

void lg_placenames_maker(XArray* text, const HChar* before, UInt ctx)
{
    LgFrameView frames[2];

    /* The first frame is that of malloc. */
    if (ctx != 0 && lg_traceview_frames(ctx, frames, 2) == 2)
        lg_placenames_frame(text, before, &frames[1]);
}

ThreadId lg_placenames_stack_owner(Addr at)
{
    ThreadId tid;
    Addr     lo, hi;

    VG_(thread_stack_reset_iter)(&tid);
    while (VG_(thread_stack_next)(&tid, &lo, &hi))
        if (at >= lo && at <= hi)
            return tid;
    return VG_INVALID_THREADID;
}

Bool lg_placenames_stack(XArray* text, const HChar* before, ThreadId tid,
                         Addr at)
{
    enum { MAX_DEPTH = 256 };
    static Addr ips[MAX_DEPTH], sps[MAX_DEPTH];
    UInt        n = VG_(get_StackTrace)(tid, ips, MAX_DEPTH, sps, NULL, 0), i = 0;
    LgFrameView f = {.epoch = VG_(current_DiEpoch)()};

    while (i + 1 < n && sps[i + 1] <= at)
        i++;
    if (i + 1 >= n || sps[i] > at)
        return False;
    f.ip = ips[i];
    lg_placenames_frame(text, before, &f);
    return True;
}

const HChar* lg_placenames_object(Addr at)
{
    const HChar *path, *name;

    if (!VG_(get_objname)(VG_(current_DiEpoch)(), at, &path))
        return NULL;
    name = VG_(strrchr)(path, '/');
    return name != NULL ? name + 1 : path;
}

/* --- Variables ----------------------------------------------------------------- */

/* Copies what follows `before` in `text`, up to one of the characters of `ends`. */
static Bool copy_after(const HChar* text, const HChar* before, const HChar* ends,
                       HChar out[LG_VARIABLE_SZB])
{
    const HChar* from = VG_(strstr)(text, before);
    UInt         n = 0;

    if (from == NULL)
        return False;
    from += VG_(strlen)(before);
    for (; from[n] != 0 && VG_(strchr)(ends, from[n]) == NULL &&
           n < LG_VARIABLE_SZB - 1;
         n++)
        out[n] = from[n];
    out[n] = 0;
    return n > 0;
}

Bool lg_placenames_symbol(Addr at, const HChar** name, PtrdiffT* offset)
{
    const HChar* symbol;

    if (!VG_(get_datasym_and_offset)(VG_(current_DiEpoch)(), at, &symbol, offset))
        return False;
    VG_(demangle)(VG_(clo_demangle), /*z*/ False, symbol, name);
    return True;
}

/* The core's texts are "Location 0x... is 0 bytes inside local var "x"", "inside
   global var "x"" or "inside x.field,"; and "declared at foo.c:12, in frame ..." */
Bool lg_placenames_variable(Addr at, HChar name[LG_VARIABLE_SZB],
                            HChar declared[LG_VARIABLE_SZB])
{
    XArray* what = VG_(newXA)(VG_(malloc), "lg.placenames", VG_(free), 1);
    XArray* where = VG_(newXA)(VG_(malloc), "lg.placenames", VG_(free), 1);
    Bool    isFound =
        VG_(get_data_description)(what, where, VG_(current_DiEpoch)(), at) &&
        (copy_after(VG_(indexXA)(what, 0), " var \"", "\"", name) ||
         copy_after(VG_(indexXA)(what, 0), " inside ", ",", name)) &&
        copy_after(VG_(indexXA)(where, 0), "declared at ", ",", declared);

    VG_(deleteXA)(what);
    VG_(deleteXA)(where);
    return isFound;
}

void lg_placenames_print(XArray* text, const HChar* indent)
{
    HChar nul = 0, *line, *save;

    VG_(addToXA)(text, &nul);
    for (line = VG_(strtok_r)(VG_(indexXA)(text, 0), "\n", &save);
         line != NULL; line = VG_(strtok_r)(NULL, "\n", &save))
        VG_(umsg)("%s%s\n", indent, line);
}
