/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_takers.c: see lg_takers.h. */

#include "lg_takers.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcfile.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"

#include "../../base/lg_text.h"
#include "../process/lg_texts.h"
#include "../trace/lg_evalloop.h"
#include "../trace/lg_traceview.h"

/* --- Frames -------------------------------------------------------------- */

/* Functions that only count: whoever calls them has changed the count.  A blank
   may follow the name. */
static Bool only_counts(const HChar* function)
{
    static const HChar* const names[] = {
        "INCREF", "XINCREF", "DECREF", "XDECREF", "NewRef", "XNewRef",
        "IncRef", "DecRef",  "CLEAR",  "Dealloc"};
    const HChar* rest = lg_text_after(function, "_");
    const HChar* name = lg_text_after(rest != NULL ? rest : function, "Py_");

    /* pybind11's and nanobind's */
    if (lg_text_after(function, "inc_ref") != NULL ||
        lg_text_after(function, "dec_ref") != NULL)
        return True;
    for (UInt i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++) {
        const HChar* end = lg_text_after(name, names[i]);
        if (end != NULL && (*end == 0 || *end == '_' || *end == ' '))
            return True;
    }
    return False;
}

#define UNKNOWN "???" /* as Valgrind calls it */

static const HChar* function_name(const LgFrameView* f)
{
    const HChar* name;
    return VG_(get_fnname)(f->epoch, f->ip, &name) ? name : UNKNOWN;
}

/* Is it code of CPython's own, of the hooks in it, or of the C library, which
   calls main()? */
static Bool is_interpreter(const LgFrameView* f)
{
    static const HChar* const others[] = {"vgpreload_", "libc.", "libc-",
                                          "libpthread"};
    const HChar* path;

    if (f->isPython)
        return True;
    if (!VG_(get_objname)(f->epoch, f->ip, &path))
        return False;
    for (UInt i = 0; i < sizeof others / sizeof others[0]; i++)
        if (lg_text_after(VG_(basename)(path), others[i]) != NULL)
            return True;
    return lg_evalloop_is_interpreter(path);
}

/* A context, as far as it matters here. */
typedef struct {
    LgFrameView* frames;
    UInt         n;
    UInt         first; /* the frame that has changed the count */
    UInt         user;  /* the frame of an extension that has changed it or called
                           CPython for that; n: none */
} Taking;

static Taking taking_in(UInt ctx, LgFrameView* frames, UInt max)
{
    Taking t = {frames, lg_traceview_frames(ctx, frames, max), 0, 0};

    while (t.first + 1 < t.n && !frames[t.first].isPython &&
           only_counts(function_name(&frames[t.first])))
        t.first++;
    t.user = t.first;
    while (t.user < t.n && is_interpreter(&frames[t.user]))
        t.user = frames[t.user].isPython ? t.n : t.user + 1;
    return t;
}

static UInt party_of(const LgFrameView* f)
{
    HChar        text[300];
    const HChar* path;

    if (f->isPython)
        return lg_texts_add("<evaluation loop>");
    if (!VG_(get_objname)(f->epoch, f->ip, &path))
        path = "";
    VG_(snprintf)(text, sizeof text, "%s@%s", function_name(f),
                  VG_(basename)(path));
    return lg_texts_add(text);
}

LgPySite lg_takers_site(UInt ctx, Bool isNew)
{
    UInt        max = lg_traceview_max_frames();
    LgFrameView frames[max];
    Taking      t = taking_in(ctx, frames, max);
    LgPySite    s = {LgPySiteInterpreter, 0, False};

    if (t.user < t.n) {
        s.cls   = isNew              ? LgPySiteNew
                  : t.user == t.first ? LgPySiteInline
                                      : LgPySiteCalled;
        s.party = party_of(&frames[t.user]);
    } else if (t.first < t.n)
        s.party = party_of(&frames[t.first]);
    return s;
}

/* --- Text ---------------------------------------------------------------- */

/* What Valgrind prints for a call in a frame, without the address. */
static void copy_description(const LgFrameView* f, Addr ip, InlIPCursor* iipc,
                             HChar* text, UInt szB)
{
    Bool         isXml = VG_(clo_xml);
    const HChar *line, *colon;

    VG_(clo_xml) = False;
    line = VG_(describe_IP)(f->epoch, ip, iipc);
    VG_(clo_xml) = isXml;
    colon = VG_(strstr)(line, ": ");
    VG_(snprintf)(text, szB, "%s", colon != NULL ? colon + 2 : line);
}

/* The innermost call at `ip`, inlined or not, that does more than count.  False:
   no call was left out. */
static Bool describe_user(const LgFrameView* f, Addr ip, HChar* text, UInt szB)
{
    InlIPCursor* iipc = VG_(new_IIPC)(f->epoch, ip);
    UInt         nCounting = 0;

    copy_description(f, ip, iipc, text, szB);
    while (only_counts(text) && VG_(next_IIPC)(iipc)) {
        copy_description(f, ip, iipc, text, szB);
        nCounting++;
    }
    VG_(delete_IIPC)(iipc);
    return nCounting > 0;
}

/* Is the instruction from a file of CPython's in which counting is inlined? */
static Bool is_from_header(const LgFrameView* f)
{
    const HChar* file;
    UInt         line;

    return VG_(get_filename_linenum)(f->epoch, f->ip, &file, NULL, &line) &&
           (VG_STREQ(file, "object.h") || VG_STREQ(file, "refcount.h"));
}

/* Compilers do not always say that an instruction belongs to an inlined call.  Then
   one near to it does. */
static void describe_c(const LgFrameView* f, HChar* text, UInt szB)
{
    enum { MAX_DISTANCE = 32 };

    if (describe_user(f, f->ip, text, szB) || !is_from_header(f))
        return;
    for (UInt d = 1; d <= MAX_DISTANCE; d++)
        if (describe_user(f, f->ip - d, text, szB) ||
            describe_user(f, f->ip + d, text, szB))
            return;
    describe_user(f, f->ip, text, szB);
}

/* "??? (in FILE+0x318D)", as in stacks. */
static void add_offset(const LgFrameView* f, HChar* text, UInt szB)
{
    Addr offset;
    UInt n = (UInt)VG_(strlen)(text);

    if (n > 0 && text[n - 1] == ')' &&
        lg_traceview_nameless_offset(f->epoch, f->ip, &offset))
        VG_(snprintf)(text + n - 1, szB - n + 1, "+0x%lX)", offset);
}

static void describe_frame(const LgFrameView* f, HChar* text, UInt szB)
{
    if (!f->isPython) {
        describe_c(f, text, szB);
        add_offset(f, text, szB);
    } else if (f->line != 0)
        VG_(snprintf)(text, szB, "Python: %s (%s:%u)", f->function, f->file,
                      f->line);
    else
        VG_(snprintf)(text, szB, "Python: %s (%s)", f->function, f->file);
}

void lg_takers_describe(UInt ctx, HChar text[LG_TAKERS_TEXT_SZB])
{
    enum { PART_SZB = LG_TAKERS_TEXT_SZB / 4 };
    UInt        max = lg_traceview_max_frames();
    LgFrameView frames[max];
    Taking      t = taking_in(ctx, frames, max);
    HChar       api[PART_SZB] = "", place[PART_SZB] = UNKNOWN;
    HChar       python[PART_SZB] = "";
    UInt        at = t.user < t.n ? t.user : t.first;

    if (t.user > t.first && t.user < t.n &&
        !VG_STREQ(function_name(&frames[t.user - 1]), UNKNOWN))
        VG_(snprintf)(api, sizeof api, "by %s ",
                      function_name(&frames[t.user - 1]));
    if (at < t.n)
        describe_frame(&frames[at], place, sizeof place);
    for (UInt i = at + 1; i < t.n && python[0] == 0; i++)
        if (frames[i].isPython)
            describe_frame(&frames[i], python, sizeof python);
    VG_(snprintf)(text, LG_TAKERS_TEXT_SZB, "%sat %s%s%s", api, place,
                  python[0] != 0 ? ", by " : "", python);
}
