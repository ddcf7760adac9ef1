/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_datastacks.c: see lg_datastacks.h. */

#include "lg_datastacks.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_xarray.h"

#include "../../base/lg_numbering.h"
#include "../memory/lg_buildid.h"
#include "../trace/lg_evalloop.h"
#include "../trace/lg_traceview.h"

/* The frames that an address stands for: inlined calls, and the function. */
typedef struct {
    DiEpoch epoch;
    Addr    ip;
    UInt    first, n; /* in `frames` */
} Place;

static struct {
    LgNumbering numbers; /* of places */
    Place*      places;
    UInt        nPlaces, maxPlaces;
    UInt*       frames; /* as numbers of the file, the innermost first */
    UInt        nFrames, maxFrames;
    UChar*      objects; /* by number of the string: has it been told? */
    UInt        nObjects;
} known;

void lg_datastacks_forget(void)
{
    if (known.places == NULL)
        return;
    lg_numbering_free(&known.numbers);
    lg_plat_free(known.places);
    lg_plat_free(known.frames);
    lg_plat_free(known.objects);
    VG_(memset)(&known, 0, sizeof known);
}

static UInt hash_place(const Place* p)
{
    return lg_hash_mix(p->epoch.n, p->ip);
}

static UInt hash_of_place(const void* owner, UInt i)
{
    (void)owner;
    return hash_place(&known.places[i]);
}

static Bool is_place(const void* owner, UInt i, const void* wanted)
{
    const Place *a = &known.places[i], *b = wanted;

    (void)owner;
    return a->ip == b->ip && a->epoch.n == b->epoch.n;
}

/* --- Frames ----------------------------------------------------------------- */

/* Those that Valgrind writes. */
static void replace_entities(HChar* text)
{
    static const struct {
        const HChar* entity;
        HChar        c;
    } entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    HChar* to = text;

    while (*text != 0) {
        HChar c = *text;
        SizeT szB = 1;
        for (UInt i = 0; i < sizeof entities / sizeof entities[0]; i++) {
            SizeT n = VG_(strlen)(entities[i].entity);
            if (VG_(strncmp)(text, entities[i].entity, n) == 0) {
                c = entities[i].c;
                szB = n;
            }
        }
        *to++ = c;
        text += szB;
    }
    *to = 0;
}

/* The text of this element in Valgrind's <frame>, as an XArray of HChar that ends
   in 0; NULL: the frame has none. */
static XArray* element_of(const HChar* frame, const HChar* name)
{
    HChar        begin[16], end[16];
    const HChar *from, *to;
    XArray*      text;

    VG_(sprintf)(begin, "<%s>", name);
    VG_(sprintf)(end, "</%s>", name);
    from = VG_(strstr)(frame, begin);
    if (from == NULL)
        return NULL;
    from += VG_(strlen)(begin);
    to = VG_(strstr)(from, end);
    if (to == NULL)
        return NULL;
    text = VG_(newXA)(VG_(malloc), "lg.datastacks", VG_(free), 1);
    VG_(addBytesToXA)(text, from, to - from);
    VG_(addToXA)(text, &(HChar){0});
    replace_entities(VG_(indexXA)(text, 0));
    return text;
}

static const HChar* text_in(XArray* text)
{
    return text != NULL ? VG_(indexXA)(text, 0) : NULL;
}

static void drop_text(XArray* text)
{
    if (text != NULL)
        VG_(deleteXA)(text);
}

/* Puts "dir/" before the name of the file. */
static XArray* join_path(XArray* dir, XArray* file)
{
    if (dir == NULL || file == NULL || text_in(file)[0] == '/')
        return file;
    VG_(dropTailXA)(dir, 1);
    VG_(addToXA)(dir, &(HChar){'/'});
    VG_(addBytesToXA)(dir, text_in(file), VG_(sizeXA)(file));
    return dir;
}

/* Valgrind tells all that it knows of a call in XML only. */
static const HChar* describe_in_xml(DiEpoch ep, Addr ip, InlIPCursor* iipc)
{
    Bool         xml = VG_(clo_xml);
    const HChar* frame;

    VG_(clo_xml) = True;
    frame = VG_(describe_IP)(ep, ip, iipc);
    VG_(clo_xml) = xml;
    return frame;
}

static void keep_frame(UInt number)
{
    known.frames = lg_array_reserve("lg.datastacks.frames", known.frames,
                                    known.nFrames, &known.maxFrames,
                                    sizeof *known.frames);
    known.frames[known.nFrames++] = number;
}

/* Adds the call that the cursor is at, and moves it on.  False: that was the last
   one, which alone has a frame of its own. */
static Bool keep_call(LgDataFile* f, const Place* p, InlIPCursor* iipc,
                     const HChar* evalLoop)
{
    const HChar* xml = describe_in_xml(p->epoch, p->ip, iipc);
    XArray*      function = element_of(xml, "fn");
    XArray*      object = element_of(xml, "obj");
    XArray*      line = element_of(xml, "line");
    XArray*      dir = element_of(xml, "dir");
    XArray*      file = element_of(xml, "file");
    LgDataFrame  frame = {
         .function = function != NULL ? text_in(function) : evalLoop,
         .file = text_in(join_path(dir, file)),
         .line = line != NULL ? (UInt)VG_(strtoll10)(text_in(line), NULL) : 0,
         .object = text_in(object)};

    if (function == NULL)
        lg_traceview_nameless_offset(p->epoch, p->ip, &frame.offset);
    frame.isInlined = VG_(next_IIPC)(iipc);
    keep_frame(lg_datafile_frame(f, &frame));
    drop_text(function);
    drop_text(object);
    drop_text(line);
    drop_text(dir);
    drop_text(file);
    return frame.isInlined;
}

/* Tells the build-id of the object in which the place is, once. */
static void tell_object(LgDataFile* f, const Place* p)
{
    const HChar* object;
    HChar        digits[LG_BUILDID_SZB];

    if (!VG_(get_objname)(p->epoch, p->ip, &object))
        return;
    UInt number = lg_datafile_string(f, object);
    if (number >= known.nObjects) {
        UInt n = 2 * number + 64;
        known.objects = lg_plat_realloc("lg.datastacks.objects", known.objects, n);
        VG_(memset)(known.objects + known.nObjects, 0, n - known.nObjects);
        known.nObjects = n;
    }
    if (!known.objects[number] && lg_buildid_read(p->ip, digits))
        lg_datafile_build_id(f, object, digits);
    known.objects[number] = 1;
}

static void add_calls(LgDataFile* f, Place* p)
{
    const HChar* evalLoop = lg_evalloop_name(p->epoch, p->ip);
    InlIPCursor* iipc = VG_(new_IIPC)(p->epoch, p->ip);

    tell_object(f, p);
    p->first = known.nFrames;
    while (keep_call(f, p, iipc, evalLoop))
        ;
    VG_(delete_IIPC)(iipc);
    p->n = known.nFrames - p->first;
}

static const Place* known_place(LgDataFile* f, DiEpoch epoch, Addr ip)
{
    Place wanted = {epoch, ip, 0, 0};
    UInt* slot;

    if (known.places == NULL)
        lg_numbering_init(&known.numbers, "lg.datastacks", 1024);
    lg_numbering_reserve(&known.numbers, hash_of_place, NULL);
    slot = lg_numbering_find(&known.numbers, hash_place(&wanted), is_place, NULL,
                             &wanted);
    if (*slot == 0) {
        known.places = lg_array_reserve("lg.datastacks.places", known.places,
                                        known.nPlaces, &known.maxPlaces,
                                        sizeof *known.places);
        add_calls(f, &wanted);
        known.places[known.nPlaces] = wanted;
        lg_numbering_add(&known.numbers, slot, known.nPlaces++);
    }
    return &known.places[*slot - 1];
}

/* --- Stacks ----------------------------------------------------------------- */

/* The stack that is being put together, the outermost frame first. */
static struct {
    UInt* frames;
    UInt  n, max;
} stack;

static void add_to_stack(UInt frame)
{
    stack.frames = lg_array_reserve("lg.datastacks.stack", stack.frames, stack.n,
                                    &stack.max, sizeof *stack.frames);
    stack.frames[stack.n++] = frame;
}

static void add_python(LgDataFile* f, const LgFrameView* v)
{
    LgDataFrame frame = {.isPython = True,
                         .function = v->function,
                         .file = v->file,
                         .line = v->line};

    add_to_stack(lg_datafile_frame(f, &frame));
}

UInt lg_datastacks_of(LgDataFile* f, UInt ctx)
{
    UInt        max = lg_traceview_max_frames();
    LgFrameView frames[max];
    UInt        n = lg_traceview_frames(ctx, frames, max);

    stack.n = 0;
    while (n-- > 0) {
        if (frames[n].isPython) {
            add_python(f, &frames[n]);
            continue;
        }
        const Place* p = known_place(f, frames[n].epoch, frames[n].ip);
        for (UInt k = p->n; k-- > 0;)
            add_to_stack(known.frames[p->first + k]);
    }
    return lg_datafile_stack(f, stack.frames, stack.n);
}
