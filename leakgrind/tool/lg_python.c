/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_python.c: the Python in this process.  See lg_python.h. */

#include "lg_python.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"
#include "pub_tool_vki.h"

#include "../python/lg_pydebugoffsets.h"
#include "lg_guestmem.h"
#include "lg_options.h"
#include "lg_pyinterp.h"

static struct {
    LgPython     python;
    LgGuestHooks hooks;
    LgPyStacks*  stacks;
    LgPyTypes*   types;
    Bool         hasWarned;
} py;

const LgPython* lg_python(void)
{
    return &py.python;
}

const LgGuestHooks* lg_python_guest_hooks(void)
{
    return &py.hooks;
}

LgPyStacks* lg_python_stacks(void)
{
    if (py.stacks == NULL)
        py.stacks = lg_pystacks_new((UInt)lg_options.pyStackDepth);
    return py.stacks;
}

LgPyTypes* lg_python_types(void)
{
    if (py.types == NULL)
        py.types = lg_pytypes_new();
    return py.types;
}

const HChar* lg_python_type_name(UInt type)
{
    return type == 0 ? "" : lg_pytypes_name(lg_python_types(), type);
}

UInt lg_python_class_at(UInt type, Addr obj)
{
    return type == 0 ? 0 : lg_pytypes_class_at(lg_python_types(), type, obj);
}

/* --- Memory -------------------------------------------------------------- */

/* Anonymous memory is there as long as it is mapped: ranges of it, in the order
   of their last use. */
enum { N_READABLE = 8 };
static LgRange   readable[N_READABLE];
static LgPyKnown known;

/* Of all other memory (a file may end before its mapping does) the pages that
   were read: their addresses, each in a place of its own. */
enum { N_READ_PAGES = 1024 };
static Addr readPages[N_READ_PAGES];

/* More is not asked of such memory at once. */
#define MAX_READ_SZB ((SizeT)16 << 20)

static Addr* place_of_page(Addr page)
{
    return &readPages[page / VKI_PAGE_SIZE % N_READ_PAGES];
}

static Bool was_read(Addr lo, Addr hi)
{
    for (Addr page = VG_PGROUNDDN(lo); page < hi; page += VKI_PAGE_SIZE)
        if (*place_of_page(page) != page)
            return False;
    return True;
}

static Bool read_now(Addr lo, Addr hi)
{
    if (hi - lo > MAX_READ_SZB || !lg_guestmem_is_readable(lo, hi))
        return False;
    for (Addr page = VG_PGROUNDDN(lo); page < hi; page += VKI_PAGE_SIZE)
        *place_of_page(page) = page;
    return True;
}

static void remember_readable(const NSegment* seg)
{
    for (UInt i = N_READABLE - 1; i > 0; i--)
        readable[i] = readable[i - 1];
    readable[0] = (LgRange){seg->start, seg->end + 1};
}

static Bool can_read(Addr a, SizeT szB)
{
    if (szB == 0 || a + szB < a || a < VKI_PAGE_SIZE)
        return False;
    if (was_read(a, a + szB))
        return True;

    NSegment const* seg = VG_(am_find_nsegment)(a);
    if (seg == NULL || !seg->hasR || seg->kind == SkAnonV ||
        seg->kind == SkFileV)
        return False;
    Bool isWhole = szB <= seg->end + 1 - a;
    if (isWhole && seg->kind == SkAnonC &&
        !lg_guestmem_has_guards(seg->start, seg->end + 1)) {
        remember_readable(seg);
        return True;
    }
    /* Segments that touch (a file and its bss) are one range only by luck. */
    return (isWhole || VG_(am_is_valid_for_client)(a, szB, VKI_PROT_READ)) &&
           read_now(a, a + szB);
}

static const void* at(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    for (UInt i = 0; i < N_READABLE; i++) {
        const LgRange* r = &readable[i];
        if (a - r->lo < r->hi - r->lo && szB <= r->hi - a)
            return (const void*)a;
    }
    return can_read(a, szB) ? (const void*)a : NULL;
}

const LgPyMem* lg_python_mem(void)
{
    static const LgPyMem mem = {NULL, at, &known};
    return &mem;
}

void lg_python_forget_memory(void)
{
    for (UInt i = 0; i < N_READABLE; i++)
        readable[i].lo = readable[i].hi = 0;
    VG_(memset)(readPages, 0, sizeof readPages);
    VG_(memset)(known, 0, sizeof known);
    if (py.stacks != NULL)
        lg_pystacks_forget_frames(py.stacks);
}

/* --- Requests ------------------------------------------------------------ */

static void tell_free_list(LgGuestPython* g, const LgPyLayout* l)
{
    g->bypassesFreeLists = l != NULL && l->freeListCounts[0].n == 0;
    if (l == NULL || l->interp_keys_free_list == LG_PY_NONE)
        return;
    g->tstateInterp  = l->tstate_interp;
    g->keysFreeList  = l->interp_keys_free_list;
    g->keysNumfree   = l->interp_keys_numfree;
    g->nKeysFreeList = l->nKeysFreeList;
    g->floatFreeList  = l->interp_float_free_list;
    g->floatNumfree   = l->interp_float_numfree;
    g->nFloatFreeList = l->nFloatFreeList;
}

static LgPyTState find_tstate(Addr accessor)
{
#if defined(VGA_amd64)
    return lg_pytstate_find(lg_python_mem(), LgPyAmd64, accessor);
#elif defined(VGA_arm64)
    return lg_pytstate_find(lg_python_mem(), LgPyArm64, accessor);
#endif
}

/* A warning, once in a run. */
static void warn_that(const HChar* why, const HChar* what)
{
    if (py.hasWarned || VG_(clo_verbosity) == 0)
        return;
    py.hasWarned = True;
    VG_(umsg)("Warning: Python %llu.%llu%s: %s.\n",
              py.python.version >> 24 & 0xFF, py.python.version >> 16 & 0xFF,
              why, what);
}

static void warn(const HChar* why)
{
    warn_that(why, "its blocks are followed,\n"
                   "Warning: but without types and Python stacks");
}

/* NULL, with a warning, for a Python that is not known.  From 3.13 on it has
   to agree with what it says of itself. */
static const LgPyLayout* find_layout(const LgPython* p)
{
    static LgPyLayout said;
    const LgPyLayout* row = lg_pylayout_for(p->version);
    const UChar*      table = lg_python_mem()->at(NULL, p->pyRuntime,
                                                  LG_PY_DEBUG_OFFSETS_SZB);

    if (row == NULL) {
        warn(" is not known");
        return NULL;
    }
    if (table == NULL)
        return row;
    LgPyOffsetsAnswer answer =
        lg_pydebugoffsets_apply(table, LG_PY_DEBUG_OFFSETS_SZB, row, &said);
    if (answer == LgPyOffsetsFreeThreaded) {
        py.python.isFreeThreaded = True;
        row = lg_pylayout_without_gil(p->version);
        if (row != NULL)
            answer = lg_pydebugoffsets_apply(table, LG_PY_DEBUG_OFFSETS_SZB,
                                             row, &said);
    }
    switch (answer) {
    case LgPyOffsetsApplied: return &said;
    case LgPyOffsetsFreeThreaded:
        warn(" is built without the GIL");
        return NULL;
    case LgPyOffsetsStrange:
        warn(" has structures that are not known");
        return NULL;
    case LgPyOffsetsNone: break;
    }
    return row;
}

static void on_python(LgGuestPython* g)
{
    LgPython* p = &py.python;

    p->isPresent    = True;
    p->version      = g->version;
    p->pyRuntime    = g->pyRuntime;
    p->pyTypeType   = g->pyTypeType;
    p->hasArenaHook = g->hasArenaHook != 0;
    p->layout       = find_layout(p);
    if (p->isFreeThreaded && !lg_options.pyHooks)
        warn_that(" is built without the GIL",
                  "without hooks, its blocks\nWarning: are not known");
    p->tstate       = find_tstate(g->getThreadState);
    g->knowsThreadState = p->tstate.isKnown;
    tell_free_list(g, p->layout);
    lg_pyinterp_forget();
}

Addr lg_python_current_tstate(const VexGuestArchState* gst)
{
    const LgPyTState* t = &py.python.tstate;
    Addr              tstate;

#if defined(VGA_amd64)
    Addr thread = gst->guest_FS_CONST;
#elif defined(VGA_arm64)
    Addr thread = gst->guest_TPIDR_EL0;
#endif
    if (!t->isKnown ||
        !lg_py_word(lg_python_mem(), t->at + (t->isThreadLocal ? thread : 0),
                    &tstate))
        return 0;
    return tstate;
}

Bool lg_python_handle_request(const UWord* args, UWord* ret)
{
    switch (args[0]) {
    case LG_GUEST_HELLO:
        py.hooks = *(const LgGuestHooks*)args[1];
        *ret = !lg_options.python    ? LG_GUEST_REST
               : lg_options.pyHooks ? LG_GUEST_HOOK
                                    : LG_GUEST_NO_HOOKS;
        return True;
    case LG_GUEST_PYTHON:
        on_python((LgGuestPython*)args[1]);
        *ret = 0;
        return True;
    default:
        return False;
    }
}
