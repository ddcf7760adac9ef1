/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pywatch.c: see lg_pywatch.h. */

#include "lg_pywatch.h"

#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"
#include "pub_tool_threadstate.h"

#include "../../engine/lg_snapshot.h"
#include "../heap/lg_heap.h"
#include "../host/lg_options.h"
#include "../instrument/lg_refstores.h"
#include "../process/lg_python.h"
#include "../process/lg_pythreads.h"
#include "../python/lg_pyhooks.h"
#include "../trace/lg_context.h"
#include "lg_watched.h"
#include "lg_watchnames.h"

/* The references of immortal objects are not counted. */
#define MAX_REFCNT ((ULong)1 << 30)

static struct {
    Bool isOn, isReady, hasWarned;
    UInt obRefcnt; /* as in the layout */
} watch;

static Bool has_room_for_object(void)
{
    if (lg_watched_count() < (UInt)lg_options.pyWatchMax)
        return True;
    if (!watch.hasWarned && VG_(clo_verbosity) > 0)
        VG_(umsg)("Warning: %d objects are watched, and no more will be "
                  "(--py-watch-max)\n", lg_options.pyWatchMax);
    watch.hasWarned = True;
    return False;
}

/* --- Which objects ------------------------------------------------------- */

LgPyTraceFrame lg_pywatch_place(UInt ctx)
{
    UInt line = lg_pytraces_innermost(lg_python_traces(), lg_ctx_pystack(ctx));

    return line != 0 ? lg_pytraces_line(lg_python_traces(), line)
                     : (LgPyTraceFrame){NULL, NULL, 0, False};
}

/* Does any spec mean objects of this type that are made in this context?  Counts
   one for those that do. */
static Bool count_specs_for(UInt type, UInt ctx)
{
    LgPyTraceFrame place = lg_pywatch_place(ctx);
    Bool           any = False;

    for (UInt i = 0; i < lg_options.nPyWatch; i++) {
        LgPyWatchSpec* s = lg_options_watch(i);
        if (lg_pywatchspec_has_type(s, lg_python_type_name(type)) &&
            lg_pywatchspec_has_place(s, place.file, place.line)) {
            s->nFound++;
            any = True;
        }
    }
    return any;
}

/* Does any spec mean the type?  By number, since most objects have one of few
   types. */
static Bool is_wanted_type(UInt type)
{
    enum { UNKNOWN, WANTED, UNWANTED };
    static UChar* known;
    static UInt   nKnown;
    const HChar*  name = lg_python_type_name(type);

    if (type >= nKnown) {
        UInt n = 2 * type + 64;
        known = VG_(realloc)("lg.pywatch.types", known, n);
        VG_(memset)(known + nKnown, UNKNOWN, n - nKnown);
        nKnown = n;
    }
    if (known[type] == UNKNOWN) {
        known[type] = UNWANTED;
        for (UInt i = 0; i < lg_options.nPyWatch; i++)
            if (lg_pywatchspec_has_type(lg_options_watch(i), name))
                known[type] = WANTED;
    }
    return known[type] == WANTED;
}

/* --- New blocks ---------------------------------------------------------- */

/* Where an object's reference count may be, in the block. */
enum { MAX_COUNT_OFF = LG_MAX_OBJ_OFF, STEP = 16 };

typedef struct {
    Addr  start; /* 0: none */
    SizeT szB;
    UInt  ctx;
} NewBlock;

enum { N_NEW = 32 };
static NewBlock newBlocks[N_NEW];
static UInt     lastNew;

static void mark_new(const NewBlock* b, void (*mark)(Addr a))
{
    Addr count = b->start + watch.obRefcnt;

    for (UInt off = 0; off <= MAX_COUNT_OFF && off < b->szB; off += STEP)
        mark(count + off);
}

static void drop_new(NewBlock* b)
{
    mark_new(b, lg_refstores_unmark);
    b->start = 0;
}

static NewBlock* new_block_of(Addr a)
{
    for (UInt k = 0; k < N_NEW; k++) {
        NewBlock* b = &newBlocks[(lastNew - k) % N_NEW];
        if (b->start != 0 && a - b->start < b->szB)
            return b;
    }
    return NULL;
}

/* The count in a word of `szB` bytes, as the layout has it. */
static ULong count_in(ULong word)
{
    return lg_python()->layout->refcntFormat == LgPyRefcntPlain ? word
                                                                : (UInt)word;
}

static ULong count_at(Addr at)
{
    ULong word = 0;

    lg_py_read(lg_python_mem(), at, &word,
               lg_python()->layout->refcntFormat == LgPyRefcntPlain ? 8 : 4);
    return word;
}

/* Decides about the object in a new block.  False: it has no type yet.  If the
   word at `a` is its reference count, that is about to become `value`. */
static Bool settle_new(NewBlock* b, Addr a, ULong value)
{
    NewBlock   now = *b;
    LgPyObject o;

    if (!lg_pytypes_recognise(lg_python_types(), now.start, now.szB, &o))
        return False;
    drop_new(b);
    if (lg_python_is_builtin(o.type, "module"))
        lg_watchnames_add_module(now.start + o.objOff);
    Addr  at     = now.start + o.objOff + watch.obRefcnt;
    ULong refcnt = count_at(at);
    if (refcnt == 0 && a == at)
        refcnt = value;
    if (!o.isImmortal && refcnt < MAX_REFCNT && is_wanted_type(o.type) &&
        count_specs_for(o.type, now.ctx) && has_room_for_object())
        lg_watched_add(at, now.start, now.ctx, o.type, refcnt, True);
    return True;
}

static void add_new(const NewBlock* block)
{
    NewBlock* b = &newBlocks[++lastNew % N_NEW];

    if (b->start != 0 && !settle_new(b, 0, 0))
        drop_new(b);
    *b = *block;
    mark_new(b, lg_refstores_mark);
}

/* The block that an allocator has returned, if it is for an object. */
static Bool read_block(Addr start, NewBlock* out)
{
    LgBlock b;

    if (!lg_pyhooks_find_object(start, &b))
        return False;
    *out = (NewBlock){start, b.start + b.szB - start, b.ctx};
    return True;
}

/* --- Objects that exist already ------------------------------------------ */

static Bool watch_object(Addr obj)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              at = obj + l->ob_refcnt;
    LgPyObject        o = {.type = 0};
    LgBlock           b;

    if (lg_watched_find(at) != NULL)
        return True;
    if (count_at(at) == 0 || count_at(at) >= MAX_REFCNT ||
        !has_room_for_object())
        return False;
    if (lg_pyhooks_find_object(obj, &b)) {
        LgRange data = lg_python_data(b.start, b.szB, b.flags);
        if (lg_pytypes_recognise(lg_python_types(), data.lo,
                                 data.hi - data.lo, &o) &&
            data.lo + o.objOff == obj) {
            lg_watched_add(at, data.lo, b.ctx, o.type, count_at(at), False);
            return True;
        }
    }
    /* A static object. */
    lg_watched_add(at, 0, 0, 0, count_at(at), False);
    return True;
}

/* --- Changes ------------------------------------------------------------- */

static Bool is_watched(Addr a)
{
    return lg_watched_find(a) != NULL || new_block_of(a) != NULL;
}

static UInt current_context(void)
{
    ThreadId tid = VG_(get_running_tid)();
    return lg_ctx_record_with(tid, lg_pythreads_trace(tid));
}

/* Its last reference was given back: now it may be freed, or its block be used
   for another object. */
static void on_death(LgWatched* w)
{
    Addr     start = w->start;
    NewBlock b;

    lg_watchnames_forget_object(w->key - watch.obRefcnt);
    lg_watched_end(w, True);
    if (start != 0 && read_block(start, &b))
        add_new(&b);
}

static void on_change(Addr a, ULong old, ULong value, UInt szB)
{
    LgWatched* w = lg_watched_find(a);

    (void)szB;
    old   = count_in(old);
    value = count_in(value);
    if (w == NULL) {
        NewBlock* b = new_block_of(a);
        if (b == NULL || !settle_new(b, a, value) || old == 0)
            return; /* an object has its first reference from nobody */
        w = lg_watched_find(a);
    }
    if (w == NULL || value == old)
        return;
    if (value >= MAX_REFCNT) {
        lg_watched_end(w, False); /* it has become immortal */
        return;
    }
    lg_watched_change(w, current_context(), (Long)(value - old));
    if (value == 0)
        on_death(w);
}

/* --- Hooks --------------------------------------------------------------- */

/* The layout is proven only when the first thread state is there. */
static Bool is_ready(void)
{
    const LgPython* py = lg_python();

    if (!watch.isReady && py->layout != NULL && !py->isFreeThreaded) {
        lg_pytypes_begin(lg_python_types(), lg_python_mem(), py->layout,
                         py->pyTypeType);
        watch.obRefcnt = py->layout->ob_refcnt;
        watch.isReady  = True;
    }
    return watch.isReady;
}

static void on_freed(Addr start)
{
    NewBlock*  b = new_block_of(start);
    LgWatched* w = lg_watched_in_block(start);

    if (b != NULL)
        drop_new(b);
    if (w != NULL) {
        lg_watchnames_forget_object(w->key - watch.obRefcnt);
        lg_watched_end(w, False);
    }
    lg_watchnames_on_freed(start);
    for (UInt off = 0; off <= MAX_COUNT_OFF; off += STEP)
        lg_pytypes_forget_at(lg_python_types(), start + off);
}

static void on_allocated(Addr start)
{
    NewBlock b;

    if (!read_block(start, &b))
        return;
    add_new(&b);
    lg_watchnames_on_block();
}

static void on_hook(const LgPyHookEvent* e)
{
    if (!is_ready())
        return;
    if (e->freed != 0)
        on_freed(e->freed);
    if (e->block != e->freed)
        on_allocated(e->block);
}

/* --- Beginning and end --------------------------------------------------- */

static void start_watching(void)
{
    static const LgRefStoreHost host = {is_watched, on_change};

    if (watch.isOn)
        return;
    watch.isOn = True;
    lg_refstores_begin(&host);
    lg_pyhooks_watch(on_hook);
}

void lg_pywatch_init(void)
{
    if (lg_options.nPyWatch == 0)
        return;
    lg_watchnames_init(watch_object);
    start_watching();
}

Bool lg_pywatch_add(Addr obj)
{
    Addr type;

    start_watching();
    return is_ready() &&
           lg_py_word(lg_python_mem(), obj + lg_python()->layout->ob_type,
                      &type) &&
           watch_object(obj);
}

Bool lg_pywatch_is_on(void)
{
    return watch.isOn;
}

void lg_pywatch_explain(void)
{
    if (VG_(clo_verbosity) == 0)
        return;
    for (UInt i = 0; i < lg_options.nPyWatch; i++) {
        const LgPyWatchSpec* s = lg_options_watch(i);
        if (s->nFound == 0)
            VG_(umsg)("Warning: no object was found for --py-watch=%s%s%s\n",
                      s->name, s->file != NULL ? "@" : "",
                      s->file != NULL ? s->file : "");
    }
}

void lg_pywatch_forget(void)
{
    if (!watch.isOn)
        return;
    for (UInt i = 0; i < N_NEW; i++)
        if (newBlocks[i].start != 0)
            drop_new(&newBlocks[i]);
    lg_watched_forget();
    lg_watchnames_forget();
    watch.isReady = False;
}

void lg_pywatch_on_unmap(Addr lo, SizeT szB)
{
    if (!watch.isOn)
        return;
    for (UInt i = 0; i < N_NEW; i++)
        if (newBlocks[i].start != 0 && newBlocks[i].start - lo < szB)
            drop_new(&newBlocks[i]);
    lg_watched_end_in(lo, szB);
}
