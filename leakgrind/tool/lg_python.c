/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_python.c: the Python in this process.  See lg_python.h. */

#include "lg_python.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"
#include "pub_tool_vki.h"

#include "../python/lg_pydebugoffsets.h"
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

/* --- Memory -------------------------------------------------------------- */

/* Ranges that were found readable, in the order of their last use.  The kernel
   is not asked: what is mapped may still fault (a truncated file), and whoever
   reads a lot does so under lg_plat_guarded. */
enum { N_READABLE = 8 };
static LgRange   readable[N_READABLE];
static LgPyKnown known;

static Bool find_readable(Addr a, SizeT szB, LgRange* out)
{
    NSegment const* seg = VG_(am_find_nsegment)(a);
    if (seg == NULL || !seg->hasR || seg->kind == SkAnonV ||
        seg->kind == SkFileV)
        return False;
    out->lo = seg->start;
    out->hi = seg->end + 1;
    /* Segments that touch (a file and its bss) are one range only by luck. */
    return szB <= out->hi - a ||
           VG_(am_is_valid_for_client)(a, szB, VKI_PROT_READ);
}

static const void* at_slowly(Addr a, SizeT szB)
{
    LgRange found;
    if (szB == 0 || a + szB < a || !find_readable(a, szB, &found))
        return NULL;
    for (UInt i = N_READABLE - 1; i > 0; i--)
        readable[i] = readable[i - 1];
    readable[0] = found;
    return (const void*)a;
}

static const void* at(void* opaque, Addr a, SizeT szB)
{
    (void)opaque;
    for (UInt i = 0; i < N_READABLE; i++) {
        const LgRange* r = &readable[i];
        if (a - r->lo < r->hi - r->lo && szB <= r->hi - a)
            return (const void*)a;
    }
    return at_slowly(a, szB);
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
