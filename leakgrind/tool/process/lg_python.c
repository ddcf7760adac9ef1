/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_python.c: the Python in this process.  See lg_python.h. */

#include "lg_python.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_options.h"
#include "pub_tool_vki.h"

#include "../../python/lg_pydebugoffsets.h"
#include "../../python/lg_pyentries.h"
#include "../../python/lg_pystr.h"
#include "../host/lg_arch.h"
#include "../host/lg_options.h"
#include "../memory/lg_guestmem.h"

static struct {
    LgPython     python;
    LgGuestHooks hooks;
    LgPyTraces*  traces;
    LgPyTypes*   types;
    Bool         hasWarned;
    Bool         isFinalized;
    const LgPythonHost* host;
    Bool (*deferred)(void); /* NULL: nothing waits */

    Bool isAnother; /* see lg_python_is_another */

    LgGuestPython* guest;
    LgPyProof      proof;
    LgPyLayout     row, proven;
    Bool           isCandidate; /* the row waits to be proven */
} py;

const LgPython* lg_python(void)
{
    return &py.python;
}

void lg_python_init(const LgPythonHost* host)
{
    py.host = host;
}

Bool lg_python_is_finalized(void)
{
    return py.isFinalized;
}

Bool lg_python_is_another(void)
{
    return py.isAnother;
}

void lg_python_set_finalized(Bool isFinalized)
{
    py.isAnother |= py.isFinalized && !isFinalized;
    py.isFinalized = isFinalized;
}

void lg_python_on_code(void* unused, Addr code)
{
    (void)unused;
    py.host->onCode(code);
}

const LgGuestHooks* lg_python_guest_hooks(void)
{
    return &py.hooks;
}

LgPyTraces* lg_python_traces(void)
{
    if (py.traces == NULL)
        py.traces = lg_pytraces_new((UInt)lg_options.pyStackDepth);
    return py.traces;
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

Bool lg_python_is_builtin(UInt type, const HChar* name)
{
    return lg_pytypes_is_builtin(lg_python_types(), type) &&
           VG_STREQ(lg_python_type_name(type), name);
}

Bool lg_python_text(Addr obj, HChar* buf, UInt szB)
{
    return lg_pystr_read_if_str(lg_python_mem(), py.python.layout, obj, buf,
                                szB);
}

Bool lg_python_module_name(Addr module, HChar* buf, UInt szB)
{
    return lg_pyentries_module_name(lg_python_mem(), py.python.layout, module,
                                    buf, szB);
}

UInt lg_python_class_at(UInt type, Addr obj)
{
    return type == 0 ? 0 : lg_pytypes_class_at(lg_python_types(), type, obj);
}

/* --- Memory -------------------------------------------------------------- */

/* Anonymous memory is readable as long as it is mapped: ranges of it, the last
   one added first. */
enum { N_READABLE = 8 };
static LgRange   readable[N_READABLE];
static LgPyKnown known;

/* For all other memory (a file may end before its mapping does): a hash table
   of pages that could be read. */
enum { N_READ_PAGES = 1024 };
static Addr readPages[N_READ_PAGES];

/* Is any of it remembered? */
static Bool remembers;

/* Longer ranges of such memory count as unreadable. */
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
    remembers = True;
    return True;
}

static void remember_readable(const NSegment* seg)
{
    for (UInt i = N_READABLE - 1; i > 0; i--)
        readable[i] = readable[i - 1];
    readable[0] = (LgRange){seg->start, seg->end + 1};
    remembers = True;
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
    /* Adjacent segments (a file and its bss) are merged only by chance. */
    return (isWhole || VG_(am_is_valid_for_client)(a, szB, VKI_PROT_READ)) &&
           read_now(a, a + szB);
}

static const void* address_at(void* opaque, Addr a, SizeT szB)
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
    static const LgPyMem mem = {NULL, address_at, &known};
    return &mem;
}

void lg_python_forget_memory(void)
{
    if (remembers) {
        VG_(memset)(readable, 0, sizeof readable);
        VG_(memset)(readPages, 0, sizeof readPages);
        VG_(memset)(known, 0, sizeof known);
        remembers = False;
    }
    if (py.traces != NULL)
        lg_pytraces_forget_frames(py.traces);
}

/* --- Requests ------------------------------------------------------------ */

static LgPyTState find_tstate(Addr accessor)
{
#if defined(VGA_amd64)
    return lg_pytstate_find(lg_python_mem(), LgPyAmd64, accessor);
#elif defined(VGA_arm64)
    return lg_pytstate_find(lg_python_mem(), LgPyArm64, accessor);
#endif
}

void lg_python_warn(const HChar* why, const HChar* what)
{
    if (py.hasWarned || VG_(clo_verbosity) == 0)
        return;
    py.hasWarned = True;
    VG_(umsg)("Warning: Python %llu.%llu%s: %s.\n",
              py.python.version >> 24 & 0xFF, py.python.version >> 16 & 0xFF,
              why, what);
}

static void warn_without_types(const HChar* why)
{
    lg_python_warn(why, "its blocks are followed,\n"
                        "Warning: but without types and Python stacks");
}

/* The layout of the version, without what the process itself says (from 3.13
   on). False, after a warning, if the Python is not known. */
static Bool find_layout(const LgPython* p, LgPyLayout* out)
{
    const LgPyLayout* row = lg_pylayout_for(p->version);
    const UChar*      table = lg_python_mem()->at(NULL, p->pyRuntime,
                                                  LG_PY_DEBUG_OFFSETS_SZB);

    if (row == NULL) {
        warn_without_types(" is not known");
        return False;
    }
    *out = *row;
    if (table == NULL)
        return True;
    LgPyOffsetsAnswer answer =
        lg_pydebugoffsets_apply(table, LG_PY_DEBUG_OFFSETS_SZB, row, out);
    if (answer == LgPyOffsetsFreeThreaded) {
        py.python.isFreeThreaded = True;
        row = lg_pylayout_without_gil(p->version);
        if (row != NULL)
            answer = lg_pydebugoffsets_apply(table, LG_PY_DEBUG_OFFSETS_SZB,
                                             row, out);
    }
    if (answer == LgPyOffsetsFreeThreaded)
        warn_without_types(" is built without the GIL");
    else if (answer == LgPyOffsetsStrange)
        warn_without_types(" has structures that are not known");
    return answer == LgPyOffsetsApplied || answer == LgPyOffsetsNone;
}

/* --- Proof --------------------------------------------------------------- */

static Bool is_hooked_object(void* unused, Addr a)
{
    (void)unused;
    return py.host->isObject(a);
}

const LgPyProof* lg_python_proof(void)
{
    return &py.proof;
}

LgPyLayout* lg_python_proven(void)
{
    return &py.proven;
}

LgGuestPython* lg_python_guest(void)
{
    return py.guest;
}

static void set_types(const LgGuestPython* g)
{
    Addr* types = py.proof.types;

    types[LgPyTypeType]  = g->pyTypeType;
    types[LgPyTypeTuple] = g->types[LG_GUEST_TUPLE];
    types[LgPyTypeList]  = g->types[LG_GUEST_LIST];
    types[LgPyTypeDict]  = g->types[LG_GUEST_DICT];
    types[LgPyTypeFloat] = g->types[LG_GUEST_FLOAT];
    types[LgPyTypeStr]   = g->types[LG_GUEST_STR];
    types[LgPyTypeBytes] = g->types[LG_GUEST_BYTES];
    types[LgPyTypeCode]  = g->types[LG_GUEST_CODE];
}

/* Do the types fit the layout, or that of a build --with-trace-refs?  It is in
   py.row then. */
static Bool prove_types(void)
{
    LgPyLayout row = py.row;

    if (lg_pyprove_types(&py.proof))
        return True;
    return lg_pylayout_with_trace_refs(&row, &py.row) &&
           lg_pyprove_types(&py.proof);
}

/* Are these words of the types addresses of functions, or 0?  The preload
   library replaces one of them. */
static Bool have_deallocators(void)
{
    enum { TP_DEALLOC = 0x30, TP_FREE = 0x140 };
    static const LgPyStaticType types[] = {LgPyTypeTuple, LgPyTypeList,
                                           LgPyTypeDict, LgPyTypeFloat};
    Addr dealloc, tp_free;

    for (UInt i = 0; i < sizeof types / sizeof types[0]; i++) {
        Addr type = py.proof.types[types[i]] + py.row.ob_refcnt;
        if (py.proof.types[types[i]] == 0)
            continue;
        if (!lg_py_word(lg_python_mem(), type + TP_DEALLOC, &dealloc) ||
            !lg_py_word(lg_python_mem(), type + TP_FREE, &tp_free) ||
            !VG_(am_is_valid_for_client)(dealloc, 1, VKI_PROT_EXEC) ||
            (tp_free != 0 &&
             !VG_(am_is_valid_for_client)(tp_free, 1, VKI_PROT_EXEC)))
            return False;
    }
    return True;
}

/* The layout is valid from now on, except for what only its contents can
   prove. */
static void accept_layout(void)
{
    LgPyLayout* l = &py.proven;

    *l = py.row;
    l->interp_keys_free_list = l->interp_keys_numfree = LG_PY_NONE;
    l->interp_float_free_list = l->interp_float_numfree = LG_PY_NONE;
    VG_(memset)(l->freeListCounts, 0, sizeof l->freeListCounts);
    VG_(memset)(l->borrowed, 0, sizeof l->borrowed);
    py.python.layout = l;
    py.guest->tstateInterp = l->tstate_interp;
}

static void prove_states(Addr tstate, Addr thread)
{
    py.isCandidate = False;
    if (lg_pyprove_states(&py.proof, py.python.pyRuntime, tstate, thread))
        accept_layout();
    else
        warn_without_types(" has structures that are not known");
}

void lg_python_defer(Bool (*fn)(void))
{
    py.deferred = fn;
}

static void do_deferred(void)
{
    if (UNLIKELY(py.deferred != NULL) && py.deferred())
        py.deferred = NULL;
}

void lg_python_on_tstate(Addr tstate, const VexGuestArchState* gst)
{
    do_deferred();
    if (py.isCandidate && tstate != 0)
        prove_states(tstate, lg_arch_word(gst, LG_OFFSET_THREAD_POINTER));
}

/* Without hooks, and before or after the interpreter runs, no thread state was
   seen. */
void lg_python_settle(void)
{
    const LgPyLayout* l = &py.row;
    Addr              interp, tstate;

    do_deferred();
    if (!py.isCandidate ||
        !lg_py_word(lg_python_mem(),
                    py.python.pyRuntime + l->runtime_interpreters_head,
                    &interp))
        return;
    if (interp == 0) {
        py.isCandidate = False;
        accept_layout();
    } else if (lg_py_word(lg_python_mem(), interp + l->interp_threads_head,
                          &tstate) &&
               tstate != 0)
        prove_states(tstate, 0);
}

static void on_python_found(LgGuestPython* g)
{
    LgPython* p = &py.python;

    p->isPresent    = True;
    p->version      = g->version;
    p->pyRuntime    = g->pyRuntime;
    p->pyTypeType   = g->pyTypeType;
    p->hasArenaHook = g->hasArenaHook != 0;
    p->layout       = NULL;
    py.guest        = g;
    py.proof = (LgPyProof){lg_python_mem(), &py.row, {0}, is_hooked_object,
                           NULL};
    set_types(g);
    py.isCandidate = find_layout(p, &py.row);
    if (py.isCandidate && !prove_types()) {
        py.isCandidate = False;
        warn_without_types(" has structures that are not known");
    }
    if (p->isFreeThreaded && !lg_options.pyHooks)
        lg_python_warn(" is built without the GIL",
                       "without hooks, its blocks\nWarning: are not known");
    p->tstate           = find_tstate(g->getThreadState);
    g->knowsThreadState = p->tstate.isKnown;
    g->bypassesFreeLists = py.isCandidate &&
                           py.row.freeListCounts[0].n == 0 &&
                           have_deallocators();
    g->obRefcnt = py.isCandidate ? py.row.ob_refcnt : 0;
    g->tstateInterp = g->nKeysFreeList = g->nFloatFreeList = 0;
    py.host->onFound();
}

Addr lg_python_current_tstate(const VexGuestArchState* gst)
{
    const LgPyTState* t = &py.python.tstate;
    Addr              thread = lg_arch_word(gst, LG_OFFSET_THREAD_POINTER);
    Addr              tstate;

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
        on_python_found((LgGuestPython*)args[1]);
        *ret = 0;
        return True;
    default:
        return False;
    }
}
