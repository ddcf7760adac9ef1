/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_traceview.c: C and Python frames merged.  See lg_traceview.h. */

#include "lg_traceview.h"

#include "pub_tool_execontext.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"

#include "../host/lg_xmltext.h"
#include "../process/lg_python.h"
#include "lg_context.h"
#include "lg_evalloop.h"

/* --- Merging ------------------------------------------------------------- */

typedef struct {
    ExeContext*  ec;
    LgFrameView* out;
    UInt         n, max;
    UInt         pystack; /* 0: none */
    UInt         nextPython, nPython;
} View;

UInt lg_traceview_max_frames(void)
{
    return (UInt)VG_(clo_backtrace_size) + LG_PY_MAX_DEPTH;
}

/* Takes the Python frames of one run of the evaluation loop; with `all`, all
   that are left. */
static void take_python(View* v, DiEpoch ep, Addr ip, Bool all)
{
    while (v->nextPython < v->nPython && v->n < v->max) {
        LgPyTraceFrame f = lg_pytraces_frame(lg_python_traces(), v->pystack,
                                             v->nextPython++);
        v->out[v->n++] =
            (LgFrameView){True, ep, ip, f.function, f.file, f.line};
        if (f.isEntry && !all)
            return;
    }
}

static void take_c(UInt n, DiEpoch ep, Addr ip, void* opaque)
{
    View* v = opaque;

    (void)n;
    ep = lg_ctx_frame_epoch(v->ec, ip);
    if (v->nextPython < v->nPython && lg_evalloop_has(ep, ip))
        take_python(v, ep, ip, False);
    else if (v->n < v->max)
        v->out[v->n++] = (LgFrameView){False, ep, ip, NULL, NULL, 0};
}

UInt lg_traceview_frames(UInt ctx, LgFrameView* out, UInt max)
{
    ExeContext* ec = lg_ctx_execontext(ctx);
    View        v = {ec, out, 0, max, lg_ctx_pystack(ctx), 0, 0};

    if (v.pystack != 0)
        v.nPython = lg_pytraces_depth(lg_python_traces(), v.pystack);
    VG_(apply_ExeContext)(take_c, &v, ec);
    take_python(&v, VG_(get_ExeContext_epoch)(ec), 0, True);
    return v.n;
}

/* --- Printing ------------------------------------------------------------ */

Bool lg_traceview_nameless_offset(DiEpoch ep, Addr ip, Addr* offset)
{
    const HChar* name;
    DebugInfo*   di = VG_(find_DebugInfo)(ep, ip);

    if (di == NULL || VG_(get_fnname)(ep, ip, &name))
        return False;
    *offset = ip - (Addr)VG_(DebugInfo_get_text_bias)(di);
    return True;
}

static const HChar* at_or_by(UInt n)
{
    return n == 0 ? "at" : "by";
}

/* Puts the first n characters of `from` into `to`, of n + 1. */
static void copy_start(HChar* to, const HChar* from, SizeT n)
{
    VG_(memcpy)(to, from, n);
    to[n] = 0;
}

/* "0x4F1BDF: ??? (in /usr/bin/python3.11+0xF1BDF)"; `name`, if it is not NULL,
   instead of the question marks. */
static void print_nameless(UInt n, const HChar* description, Addr offset,
                           const HChar* name)
{
    static const HChar unknown[] = "???";
    SizeT              length = VG_(strlen)(description);
    HChar              text[length + 1];

    if (length > 0 && description[length - 1] == ')')
        length--;
    copy_start(text, description, length);
    HChar* gap = name != NULL ? VG_(strstr)(text, unknown) : NULL;
    if (gap == NULL) {
        VG_(message)(Vg_UserMsg, "   %s %s+0x%lX)\n", at_or_by(n), text,
                     offset);
        return;
    }
    *gap = 0;
    VG_(message)(Vg_UserMsg, "   %s %s%s%s+0x%lX)\n", at_or_by(n), text, name,
                 gap + sizeof unknown - 1, offset);
}

/* Valgrind's element, with one or two elements more. */
static void print_nameless_xml(const HChar* element, Addr offset,
                               const HChar* name)
{
    static const HChar end[] = "</frame>";
    SizeT              length = VG_(strlen)(element), n = sizeof end - 1;
    HChar              start[length + 1];

    if (length < n || VG_(strcmp)(element + length - n, end) != 0) {
        VG_(printf_xml)("    %s\n", element);
        return;
    }
    copy_start(start, element, length - n);
    VG_(printf_xml)("    %s", start);
    if (name != NULL)
        VG_(printf_xml)("  <fn>%pS</fn>\n    ", name);
    VG_(printf_xml)("  <offset>0x%lX</offset>\n    %s\n", offset, end);
}

/* A C frame and what is inlined in it; returns the number of the next one. */
static UInt print_c(UInt n, const LgFrameView* f)
{
    Addr         offset;
    Bool         isNameless = lg_traceview_nameless_offset(f->epoch, f->ip, &offset);
    const HChar* name = lg_evalloop_name(f->epoch, f->ip);
    InlIPCursor* iipc = VG_(new_IIPC)(f->epoch, f->ip);

    do {
        const HChar* description = VG_(describe_IP)(f->epoch, f->ip, iipc);
        if (VG_(clo_xml) && isNameless)
            print_nameless_xml(lg_xmltext(description), offset, name);
        else if (VG_(clo_xml))
            VG_(printf_xml)("    %s\n", lg_xmltext(description));
        else if (isNameless)
            print_nameless(n, description, offset, name);
        else
            VG_(message)(Vg_UserMsg, "   %s %s\n", at_or_by(n), description);
        n++;
    } while (VG_(next_IIPC)(iipc));
    VG_(delete_IIPC)(iipc);
    return n;
}

/* Everything before the last slash is the directory. */
static const HChar* base_name(const HChar* file)
{
    const HChar* slash = VG_(strrchr)(file, '/');
    return slash != NULL ? slash + 1 : file;
}

void lg_traceview_print_place_xml(const HChar* function, const HChar* file,
                                  UInt line)
{
    const HChar* base = base_name(file);

    VG_(printf_xml)("      <fn>%pS</fn>\n", function);
    if (base > file) {
        SizeT n = (SizeT)(base - file);
        HChar dir[n + 1];
        copy_start(dir, file, n > 1 ? n - 1 : 1);
        VG_(printf_xml)("      <dir>%pS</dir>\n", dir);
    }
    VG_(printf_xml)("      <file>%pS</file>\n", base);
    if (line != 0)
        VG_(printf_xml)("      <line>%u</line>\n", line);
}

static void print_python_frame_xml(const LgFrameView* f)
{
    VG_(printf_xml)("    <frame>\n");
    VG_(printf_xml)("      <ip>0x%lX</ip>\n", f->ip);
    lg_traceview_print_place_xml(f->function, f->file, f->line);
    VG_(printf_xml)("    </frame>\n");
}

static void print_python(UInt n, const LgFrameView* f)
{
    if (VG_(clo_xml))
        print_python_frame_xml(f);
    else if (f->line != 0)
        VG_(message)(Vg_UserMsg, "   %s Python: %s (%s:%u)\n", at_or_by(n),
                     f->function, f->file, f->line);
    else
        VG_(message)(Vg_UserMsg, "   %s Python: %s (%s)\n", at_or_by(n),
                     f->function, f->file);
}

void lg_traceview_print(UInt ctx)
{
    UInt        max = lg_traceview_max_frames();
    LgFrameView frames[max];
    UInt        nFrames = lg_traceview_frames(ctx, frames, max);
    UInt        n = 0;

    if (VG_(clo_xml))
        VG_(printf_xml)("  <stack>\n");
    for (UInt i = 0; i < nFrames; i++) {
        if (frames[i].isPython)
            print_python(n++, &frames[i]);
        else
            n = print_c(n, &frames[i]);
    }
    if (VG_(clo_xml))
        VG_(printf_xml)("  </stack>\n");
}
