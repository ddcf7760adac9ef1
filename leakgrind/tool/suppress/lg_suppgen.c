/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_suppgen.c: --gen-suppressions.

   Valgrind's core would print only the C stack, with compiler suffixes and
   full paths.  So the option is off while an error is printed, and this module
   prints the entry, at the same place and in the same form.  The entry matches
   the error from which it was made, with and without debug information and
   symbols of local functions, and whatever CPython has specialised: it has no
   line for inlined calls; it names a local function of a shared object with
   its module; if it has Python frames, it leaves out the interpreter's own
   functions.

   In some cases the core prints entries nevertheless: with
   --exit-on-first-error, and for errors that are listed again at the end.
   They match, but say less. */

#include "lg_suppress.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_execontext.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../engine/lg_report.h"
#include "../host/lg_compat.h"
#include "../process/lg_python.h"
#include "../report/lg_errors.h"
#include "../trace/lg_context.h"
#include "../trace/lg_evalloop.h"
#include "../trace/lg_traceview.h"
#include "lg_suppress_priv.h"

static const HChar entryName[] = "insert_a_suppression_name_here";
static const HChar toolName[] = "Leakgrind";

/* What the user asked for, while the core is kept from it. */
static struct {
    Bool   isTaken;
    Int    mode; /* as VG_(clo_gen_suppressions) */
    HChar* text; /* of the error that was printed; NULL: none */
} gen;

/* --- Lines of a stack ---------------------------------------------------- */

/* A name longer than this is cut short, and matched by its beginning. */
#define MAX_NAME_SZB 1000

typedef struct {
    LgLineKind kind;
    HChar*     text; /* the text behind the colon */
} Line;

static void add_text(XArray* chars, const HChar* s, SizeT n)
{
    VG_(addBytesToXA)(chars, s, (Word)n);
}

/* Appends a name as a pattern that matches it: what a suppression file (or the
   XML that may surround it) cannot hold becomes a wildcard. */
static void add_pattern(XArray* chars, const HChar* name, SizeT n,
                        HChar separator)
{
    for (SizeT i = 0; i < n && i < MAX_NAME_SZB; i++) {
        HChar c = name[i];
        Bool  isAtEdge = i == 0 || i == n - 1;
        if ((UChar)c < ' ' || c == 0x7f || c == separator ||
            (c == ' ' && isAtEdge) ||
            (c == '>' && i >= 2 && name[i - 1] == ']' && name[i - 2] == ']'))
            c = '?';
        add_text(chars, &c, 1);
    }
    if (n == 0 || n > MAX_NAME_SZB)
        add_text(chars, "*", 1);
}

static XArray* new_text(void)
{
    return VG_(newXA)(VG_(malloc), "lg.suppgen", VG_(free), sizeof(HChar));
}

/* The text as a string of its own. */
static HChar* finish_text(XArray* chars)
{
    add_text(chars, "", 1);
    HChar* s = VG_(strdup)("lg.suppgen.text", VG_(indexXA)(chars, 0));
    VG_(deleteXA)(chars);
    return s;
}

static HChar* pattern_for(const HChar* name, SizeT n)
{
    XArray* chars = new_text();
    add_pattern(chars, name, n, 0);
    return finish_text(chars);
}

static void add_line(XArray* lines, LgLineKind kind, HChar* text)
{
    Line l = {kind, text};
    VG_(addToXA)(lines, &l);
}

static HChar* module_pattern(DiEpoch ep, Addr ip)
{
    const HChar* path;
    if (!VG_(get_objname)(ep, ip, &path))
        return VG_(strdup)("lg.suppgen.text", "*");
    const HChar* base = VG_(basename)(path);
    return pattern_for(base, VG_(strlen)(base));
}

static Bool is_shared_object(const HChar* path)
{
    return VG_(strstr)(VG_(basename)(path), ".so") != NULL;
}

/* Is this a function whose name a library or an interpreter loses when its
   symbols are stripped? */
static Bool is_local(DiEpoch ep, Addr ip)
{
    const DebugInfo* di = VG_(find_DebugInfo)(ep, ip);
    const HChar*     file = di != NULL ? VG_(DebugInfo_get_filename)(di) : NULL;

    return file != NULL &&
           (is_shared_object(file) || lg_evalloop_is_interpreter(file)) &&
           !lg_compat_is_global_function(di, ip);
}

static HChar* function_pattern(DiEpoch ep, Addr ip, const HChar* name)
{
    XArray*      chars = new_text();
    const HChar* path;

    add_pattern(chars, name, lg_name_bare_len(name), 0);
    if (name[0] != '(' && is_local(ep, ip) && VG_(get_objname)(ep, ip, &path)) {
        const HChar* base = VG_(basename)(path);
        add_text(chars, "@", 1);
        add_pattern(chars, base, VG_(strlen)(base), 0);
    }
    return finish_text(chars);
}

static void add_c_frame(UInt n, DiEpoch ep, Addr ip, void* lines)
{
    const HChar* name;

    (void)n;
    if (VG_(get_fnname_no_cxx_demangle)(ep, ip, &name, NULL) ||
        (name = lg_evalloop_name(ep, ip)) != NULL)
        add_line(lines, LgLineFun, function_pattern(ep, ip, name));
    else
        add_line(lines, LgLineObj, module_pattern(ep, ip));
}

static Bool is_interpreters(const LgFrameView* f)
{
    const HChar* path;
    return VG_(get_objname)(f->epoch, f->ip, &path) &&
           lg_evalloop_is_interpreter(path);
}

/* "FUNCTION@FILE"; of a long path, the last two parts: a library lies elsewhere
   in other installations. */
static HChar* python_pattern(const LgFrameView* f)
{
    XArray*      chars = new_text();
    const HChar* file = f->file;
    UInt         nSlashes = 0;

    for (SizeT i = VG_(strlen)(file); i > 0; i--)
        if (file[i - 1] == '/' && ++nSlashes == 2 && i > 1) {
            file += i - 1;
            break;
        }
    add_pattern(chars, f->function, VG_(strlen)(f->function), '@');
    add_text(chars, "@", 1);
    if (file != f->file)
        add_text(chars, "*", 1);
    add_pattern(chars, file, VG_(strlen)(file), 0);
    return finish_text(chars);
}

/* Of a leak, the stack as the report shows it; of another error, the C
   stack. */
static XArray* lines_for(const Error* err)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    XArray* lines = VG_(newXA)(VG_(malloc), "lg.suppgen.lines", VG_(free),
                               sizeof(Line));
    if (VG_(get_error_kind)(err) != (ErrorKind)LgErrLeak) {
        VG_(apply_ExeContext)(add_c_frame, lines, VG_(get_error_where)(err));
        return lines;
    }
    UInt        max = lg_traceview_max_frames();
    LgFrameView frames[max];
    UInt n = lg_traceview_frames(extra->leak.record->ctx, frames, max);
    Bool hasPython = lg_ctx_pystack(extra->leak.record->ctx) != 0;
    Bool isCut = False;
    /* Where Python begins says nothing of a block, and may be cut off. */
    while (hasPython && n > 0 && !frames[n - 1].isPython)
        n--;
    for (UInt i = 0; i < n; i++) {
        const LgFrameView* f = &frames[i];
        if (!f->isPython) {
            if (!hasPython || !is_interpreters(f))
                add_c_frame(i, f->epoch, f->ip, lines);
            continue;
        }
        /* What was cut off may be in another stack. */
        if (f->ip == 0 && !isCut)
            add_line(lines, LgLineAny, VG_(strdup)("lg.suppgen.text", ""));
        isCut = f->ip == 0;
        add_line(lines, LgLinePython, python_pattern(f));
    }
    return lines;
}

static void delete_lines(XArray* lines)
{
    for (Word i = 0; i < VG_(sizeXA)(lines); i++)
        VG_(free)(((Line*)VG_(indexXA)(lines, i))->text);
    VG_(deleteXA)(lines);
}

/* --- The entry ----------------------------------------------------------- */

static const HChar* prefix_of(LgLineKind k)
{
    switch (k) {
    case LgLineFun:    return "fun";
    case LgLineObj:    return "obj";
    case LgLineSrc:    return "src";
    case LgLinePython: return "py-frame";
    case LgLineAny:    return "...";
    }
    return "";
}

/* Is there another record that differs in nothing but the class? */
static Bool has_twin(const LgErrorLeak* leak)
{
    const LgLossRecord* r = leak->record;
    LgLossTable*        t = leak->table;

    for (LgLossClass cls = LgLossPlain; cls <= LgLossOwnType; cls++) {
        Int twin = lg_loss_find(t, (LgLossKey){r->kind, r->ctx, r->type, cls});
        if (cls != r->cls && twin >= 0 &&
            lg_loss_record(t, (UInt)twin)->nBlocks > 0)
            return True;
    }
    return False;
}

static const HChar* class_option(LgLossClass cls)
{
    switch (cls) {
    case LgLossDead:
    case LgLossPlain:   return "no";
    case LgLossOwnType:
    case LgLossCycle:   return "lost";
    case LgLossGarbage: return "uncollected";
    case LgLossThread:  break;
    }
    return "all";
}

/* The name of the record's only object, unless it is one of this run. */
static void add_name_line(XArray* t, const LgLossRecord* r)
{
    const HChar* name = lg_error_name(r);
    SizeT        n = lg_error_own_name_len(r);

    if (r->kind < LG_N_KINDS || r->nBlocks != 1 || n == 0 ||
        VG_(strstr)(name, " at 0x") != NULL)
        return;
    VG_(xaprintf)(t, "\n   py-name:");
    add_pattern(t, name, n, 0);
}

static void add_leak_lines(XArray* t, const LgErrorLeak* leak)
{
    const LgLossRecord* r = leak->record;

    VG_(xaprintf)(t, "match-leak-kinds: %s", lg_report_kind_option(r->kind));
    if (r->type != 0) {
        const HChar* type = lg_python_type_name(r->type);
        VG_(xaprintf)(t, "\n   py-type:");
        add_pattern(t, type, VG_(strlen)(type), 0);
    }
    add_name_line(t, r);
    if (r->type != 0 && has_twin(leak))
        VG_(xaprintf)(t, "\n   py-cycle: %s", class_option(r->cls));
}

/* The lines between the kind and the stack, separated by newlines. */
static HChar* extra_lines(const Error* err)
{
    const LgErrorExtra* extra = VG_(get_error_extra)(err);
    XArray*             t = new_text();

    switch ((LgErrorKind)VG_(get_error_kind)(err)) {
    case LgErrLeak:
        add_leak_lines(t, &extra->leak);
        break;
    case LgErrFishyValue:
        VG_(xaprintf)(t, "%s(%s)", extra->fishy.function,
                      extra->fishy.argument);
        break;
    default:
        break;
    }
    return finish_text(t);
}

SizeT lg_suppress_generate(const Error* err, HChar* buf, Int nBuf)
{
    HChar* text = extra_lines(err);
    SizeT  n = VG_(strlen)(text);

    if (n < (SizeT)nBuf)
        VG_(strcpy)(buf, text);
    else
        n = (SizeT)nBuf; /* the core comes again with more room */
    VG_(free)(text);
    return n;
}

static HChar* entry_text(const Error* err, XArray* lines, const HChar* extra)
{
    XArray* t = new_text();
    VG_(xaprintf)(t, "{\n   <%s>\n   %s:%s\n", entryName, toolName,
                  lg_suppress_name(err));
    if (extra[0] != 0)
        VG_(xaprintf)(t, "   %s\n", extra);
    for (Word i = 0; i < VG_(sizeXA)(lines); i++) {
        const Line* l = VG_(indexXA)(lines, i);
        VG_(xaprintf)(t, "   %s%s%s\n", prefix_of(l->kind),
                      l->kind == LgLineAny ? "" : ":", l->text);
    }
    VG_(xaprintf)(t, "}\n");
    return finish_text(t);
}

static void print_entry_xml(const Error* err, XArray* lines, const HChar* extra,
                            const HChar* text)
{
    VG_(printf_xml)("  <suppression>\n");
    VG_(printf_xml)("    <sname>%s</sname>\n", entryName);
    VG_(printf_xml)("    <skind>%s:%s</skind>\n", toolName,
                    lg_suppress_name(err));
    if (extra[0] != 0)
        VG_(printf_xml)("    <skaux>%pS</skaux>\n", extra);
    for (Word i = 0; i < VG_(sizeXA)(lines); i++) {
        const Line*  l = VG_(indexXA)(lines, i);
        const HChar* p = prefix_of(l->kind);
        VG_(printf_xml)("    <sframe> <%s>%pS</%s> </sframe>\n", p, l->text,
                        p);
    }
    VG_(printf_xml)("    <rawtext>\n<![CDATA[\n%s]]>\n    </rawtext>\n", text);
    VG_(printf_xml)("  </suppression>\n");
}

/* --- In place of the core ------------------------------------------------ */

void lg_suppgen_begin(void)
{
    gen.isTaken = VG_(clo_gen_suppressions) != 0 &&
                  !VG_(clo_exit_on_first_error);
    if (gen.isTaken) {
        gen.mode = VG_(clo_gen_suppressions);
        VG_(clo_gen_suppressions) = 0;
    }
}

void lg_suppgen_on_printed(const Error* err)
{
    if (!gen.isTaken)
        return;
    XArray* lines = lines_for(err);
    HChar*  extra = extra_lines(err);
    HChar*  text = entry_text(err, lines, extra);
    if (VG_(clo_xml)) {
        print_entry_xml(err, lines, extra, text);
        VG_(free)(text);
    } else
        gen.text = text;
    VG_(free)(extra);
    delete_lines(lines);
}

void lg_suppgen_end(void)
{
    Bool mayAsk = True;

    if (!gen.isTaken)
        return;
    if (gen.text != NULL) {
        if (gen.mode == 2 ||
            VG_(is_action_requested)("Print suppression", &mayAsk))
            VG_(printf)("%s", gen.text);
        VG_(free)(gen.text);
        gen.text = NULL;
    }
    VG_(clo_gen_suppressions) = mayAsk ? gen.mode : 0;
    gen.isTaken = False;
}
