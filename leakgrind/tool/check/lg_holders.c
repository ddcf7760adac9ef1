/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_holders.c: see lg_holders.h. */

#include "lg_holders.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_threadstate.h"
#include "pub_tool_xarray.h"

#include "../../base/lg_ranges.h"
#include "../../python/lg_pylocals.h"
#include "../../python/lg_pyrefcnt.h"
#include "../memory/lg_guestmem.h"
#include "../process/lg_python.h"
#include "../python/lg_pypaths.h"
#include "lg_heapsearch.h"
#include "lg_placenames.h"
#include "lg_pointersearch.h"

/* No more holders than these are named. */
enum { MAX_HOLDERS = 1000 };

/* A word that refers to the object. */
typedef struct {
    Addr at; /* 0: a register */
    Bool isNamed;
} Place;

typedef struct {
    Addr           obj;
    LgPyRefcntKind kind;   /* mortal, immortal, or no object */
    ULong          count;
    LgSnapshot*    snap;
    LgPySnapshot*  py;
    LgPyPaths*     paths;
    XArray*        places; /* of Place */
    XArray*        frames; /* of LgPyFrame: of all threads */
    UInt           nFound; /* references */
    UInt           nNamed;
    XArray*        text; /* of HChar: a line for each holder */
} Holders;

/* --- Finding the references ----------------------------------------------- */

/* What a search does not read holds no reference. */
static Bool is_reference(const Holders* h, Addr at)
{
    UInt           nSkips;
    const LgRange* skips = lg_pysnap_skips(h->py, &nSkips);
    Int            i = lg_snap_find(h->snap, at);

    return !lg_ranges_contain(skips, nSkips, at) &&
           (i < 0 || !lg_sb_skipped(&lg_snap_blocks(h->snap)[i]));
}

static void note_place(void* opaque, Addr at, Addr word)
{
    Holders* h = opaque;
    (void)word;
    if (is_reference(h, at)) {
        Place p = {at, False};
        VG_(addToXA)(h->places, &p);
        h->nFound++;
    }
}

static void end_line(Holders* h)
{
    VG_(xaprintf)(h->text, "\n");
    h->nNamed++;
}

static void name_register(void* opaque, ThreadId tid, const HChar* reg,
                          UWord value)
{
    Holders* h = opaque;
    (void)value;
    h->nFound++;
    VG_(xaprintf)(h->text, "register %s of thread %u", reg, tid);
    end_line(h);
}

static Bool is_never_enough(void* opaque)
{
    (void)opaque;
    return False;
}

/* --- Names of holders -------------------------------------------------------- */

/* The place, if it is not named yet. */
static Place* unnamed_place(const Holders* h, Addr at)
{
    for (Word i = 0; i < VG_(sizeXA)(h->places); i++) {
        Place* p = VG_(indexXA)(h->places, i);
        if (p->at == at && !p->isNamed)
            return p;
    }
    return NULL;
}

static void name_owned(void* opaque, UInt owner, const LgPyOwned* w)
{
    Holders* h = opaque;
    Place*   p = w->obj == h->obj ? unnamed_place(h, w->at) : NULL;

    if (p == NULL || h->nNamed >= MAX_HOLDERS)
        return;
    p->isNamed = True;
    lg_pypaths_append_owned(h->paths, h->text, owner, w);
    end_line(h);
}

static Bool name_frame(Holders* h, Addr at)
{
    HChar local[LG_PY_NAME_SZB];

    for (Word i = 0; i < VG_(sizeXA)(h->frames); i++) {
        const LgPyFrame* f = VG_(indexXA)(h->frames, i);
        LgPyFrameWord    word = lg_pylocals_find(
               lg_python_mem(), lg_python()->layout, f, at, local);
        if (word == LgPyNotInFrame)
            continue;
        VG_(xaprintf)(h->text, "frame ");
        lg_placenames_python_frame(h->text, f);
        if (word == LgPyLocal)
            VG_(xaprintf)(h->text, " local %s", local);
        else if (word == LgPyStackSlot)
            VG_(xaprintf)(h->text, " stack");
        return True;
    }
    return False;
}

/* An object that does not own the reference in a known way, or C memory. */
static void name_block(Holders* h, UInt i, Addr at)
{
    const LgSnapBlock* b = &lg_snap_blocks(h->snap)[i];

    if (lg_pysnap_type(h->py, i) != 0) {
        lg_pypaths_append(h->paths, h->text, i);
        VG_(xaprintf)(h->text, " +%lu", at - lg_sb_base(b));
        return;
    }
    VG_(xaprintf)(h->text, "block of %lu bytes at 0x%lx +%lu", lg_sb_szB(b),
                  lg_sb_start(b), at - lg_sb_start(b));
    lg_placenames_maker(h->text, ", allocated in ", lg_snap_ctx(h->snap, i));
}

static void name_data(Holders* h, Addr at)
{
    const HChar* symbol;
    const HChar* object = lg_placenames_object(at);
    PtrdiffT     offset;
    Bool         hasSymbol = lg_placenames_symbol(at, &symbol, &offset);

    if (!hasSymbol && object == NULL) {
        VG_(xaprintf)(h->text, "memory at 0x%lx", at);
        return;
    }
    if (hasSymbol)
        VG_(xaprintf)(h->text, offset == 0 ? "C global %s" : "C global %s+%ld",
                      symbol, (Word)offset);
    else
        VG_(xaprintf)(h->text, "data at 0x%lx", at);
    if (object != NULL)
        VG_(xaprintf)(h->text, " in %s", object);
}

static void name_place(Holders* h, Addr at)
{
    Int      i = lg_snap_find(h->snap, at);
    ThreadId tid;

    if (name_frame(h, at))
        ;
    else if (i >= 0)
        name_block(h, (UInt)i, at);
    else if ((tid = lg_placenames_stack_owner(at)) != VG_INVALID_THREADID) {
        VG_(xaprintf)(h->text, "stack of thread %u", tid);
        lg_placenames_stack(h->text, " in ", tid, at);
    } else
        name_data(h, at);
    end_line(h);
}

/* --- All of it ---------------------------------------------------------------- */

static XArray* new_holder_list(SizeT elemSzB)
{
    return VG_(newXA)(VG_(malloc), "lg.holders", VG_(free), (Word)elemSzB);
}

static Bool read_object_count(Holders* h)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              word;

    if (l == NULL)
        return False;
    if (l->refcntFormat == LgPyRefcntSplit)
        h->kind = lg_pyrefcnt_of_split(lg_python_mem(), l, h->obj, &h->count);
    else if (lg_py_word(lg_python_mem(), h->obj + l->ob_refcnt, &word))
        h->kind = lg_pyrefcnt_read(l, word, &h->count);
    else
        return False;
    return h->kind == LgPyRefcntMortal || h->kind == LgPyRefcntImmortal;
}

/* The object at the address, or in the block there; 0: there is none. */
static Addr object_in_block(const Holders* h, Addr a)
{
    Int i = lg_snap_find(h->snap, a);

    if (i < 0 || lg_pysnap_type(h->py, (UInt)i) == 0)
        return 0;
    const LgSnapBlock* b = &lg_snap_blocks(h->snap)[i];
    return a == lg_sb_start(b) || a == lg_sb_base(b) ? lg_sb_base(b) : 0;
}

static void name_all(Holders* h)
{
    LgPointerVisitor v = {h, note_place, name_register, is_never_enough};

    h->paths = lg_pypaths_new(h->py);
    h->frames = lg_placenames_frames();
    lg_pointersearch_run(h->snap, h->obj, 1, LgAtCall, &v);
    lg_pyowners_visit_all(h->py, name_owned, h);
    for (Word i = 0; i < VG_(sizeXA)(h->places); i++) {
        const Place* p = VG_(indexXA)(h->places, i);
        if (!p->isNamed && h->nNamed < MAX_HOLDERS)
            name_place(h, p->at);
    }
    if (h->nFound > h->nNamed)
        VG_(xaprintf)(h->text, "and %u more\n", h->nFound - h->nNamed);
    lg_pypaths_delete(h->paths);
}

/* inBlock: the address may be that of a block, and must be of an object in one.
   False: there is no object; lg_holders_end need not be called then. */
static Bool find_holders(Holders* h, Addr a, Bool inBlock)
{
    VG_(memset)(h, 0, sizeof *h);
    lg_python_settle();
    if (lg_python()->layout == NULL ||
        (h->snap = lg_heapsearch_snapshot()) == NULL)
        return False;
    h->py = lg_pysnap_new(h->snap);
    h->obj = inBlock ? object_in_block(h, a) : a;
    h->places = new_holder_list(sizeof(Place));
    h->text = new_holder_list(1);
    Bool isObject = h->obj != 0 && read_object_count(h);
    if (h->kind == LgPyRefcntMortal)
        name_all(h);
    return isObject;
}

static void drop_holders(Holders* h)
{
    if (h->snap == NULL)
        return;
    VG_(deleteXA)(h->text);
    if (h->frames != NULL)
        VG_(deleteXA)(h->frames);
    VG_(deleteXA)(h->places);
    lg_pysnap_delete(h->py);
    lg_snap_delete(h->snap);
}

static ULong n_unheld(const Holders* h)
{
    return h->count > h->nFound ? h->count - h->nFound : 0;
}

static void print_holders(Holders* h)
{
    Int i = lg_snap_find(h->snap, h->obj);

    VG_(umsg)("'%s' object at 0x%lx: ",
              i >= 0 ? lg_python_type_name(lg_pysnap_type(h->py, (UInt)i)) : "",
              h->obj);
    if (h->kind == LgPyRefcntImmortal)
        VG_(umsg)("immortal, so references to it are not counted\n");
    else
        VG_(umsg)("%llu reference%s, %u found, %llu that nobody holds\n",
                  h->count, h->count == 1 ? "" : "s", h->nFound, n_unheld(h));
    lg_placenames_print(h->text, "  ");
}

Bool lg_holders_print(Addr a)
{
    Holders h;
    Bool    isObject = find_holders(&h, a, /*inBlock*/ True);

    if (isObject)
        print_holders(&h);
    drop_holders(&h);
    return isObject;
}

SizeT lg_holders_tell(Addr obj, Addr buf, SizeT szB)
{
    Holders h;
    HChar   head[64];
    SizeT   headSzB, textSzB = 0;

    if (find_holders(&h, obj, /*inBlock*/ False)) {
        if (h.kind == LgPyRefcntImmortal)
            headSzB = VG_(sprintf)(head, "-1\n0\n");
        else
            headSzB = VG_(sprintf)(head, "%llu\n%llu\n", h.count, n_unheld(&h));
        textSzB = (SizeT)VG_(sizeXA)(h.text);
        if (headSzB + textSzB <= szB) {
            lg_guestmem_write(buf, head, headSzB);
            if (textSzB > 0)
                lg_guestmem_write(buf + headSzB, VG_(indexXA)(h.text, 0),
                                  textSzB);
        }
        textSzB += headSzB;
    }
    drop_holders(&h);
    return textSzB;
}
