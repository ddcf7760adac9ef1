/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyinterp.c: see lg_pyinterp.h. */

#include "lg_pyinterp.h"

#include "pub_tool_aspacemgr.h"
#include "pub_tool_libcbase.h"

#include "lg_python.h"

/* More interpreters, threads and chunks than these are not looked at: then
   what is dead there stays a root. */
enum { MAX_INTERPRETERS = 256, MAX_THREADS = 4096, MAX_CHUNKS = 1024 };

static void add_range(XArray* ranges, Addr lo, Addr hi)
{
    LgRange r = {lo, hi};
    if (lo < hi)
        VG_(addToXA)(ranges, &r);
}

/* The main interpreter, where it is a part of _PyRuntime (3.12 on): then it
   outlives its end, and what it borrowed still stands there.  0: none seen. */
static Addr mainInterp;

/* How far into _PyRuntime it may be. */
enum { MAX_RUNTIME_SZB = 1024 * 1024 };

/* Calls fn for each interpreter state, as far as they can be read. */
static void for_each_interpreter(XArray* ranges,
                                 void (*fn)(XArray* ranges, const LgPyMem* mem,
                                            const LgPyLayout* l, Addr interp))
{
    const LgPython*   py = lg_python();
    const LgPyLayout* l = py->layout;
    const LgPyMem*    mem = lg_python_mem();
    Addr              interp;

    if (l == NULL || py->pyRuntime == 0 ||
        !lg_py_word(mem, py->pyRuntime + l->runtime_interpreters_head,
                    &interp))
        return;
    for (UInt i = 0; interp != 0 && i < MAX_INTERPRETERS; i++) {
        if (interp - py->pyRuntime < MAX_RUNTIME_SZB)
            mainInterp = interp;
        fn(ranges, mem, l, interp);
        if (!lg_py_word(mem, interp + l->interp_next, &interp))
            return;
    }
}

/* --- Data stacks --------------------------------------------------------- */

/* _PyStackChunk: previous, size, top (words of `data` in use, of a chunk that
   is not the last), data */
enum { CHUNK_PREVIOUS = 0, CHUNK_SIZE = 8, CHUNK_TOP = 16, CHUNK_DATA = 24 };
#define MAX_CHUNK_SZB ((SizeT)1 << 32)

static void add_data_stack(XArray* ranges, const LgPyMem* mem,
                           const LgPyLayout* l, Addr tstate)
{
    Addr chunk, top, szB;

    if (!lg_py_word(mem, tstate + l->tstate_datastack_chunk, &chunk) ||
        !lg_py_word(mem, tstate + l->tstate_datastack_top, &top))
        return;
    for (UInt n = 0; chunk != 0 && n < MAX_CHUNKS; n++) {
        if (!lg_py_word(mem, chunk + CHUNK_SIZE, &szB) ||
            szB > MAX_CHUNK_SZB || top < chunk + CHUNK_DATA ||
            top > chunk + szB || mem->at(mem->opaque, chunk, szB) == NULL)
            return;
        add_range(ranges, top, chunk + szB);
        if (!lg_py_word(mem, chunk + CHUNK_PREVIOUS, &chunk) || chunk == 0 ||
            !lg_py_word(mem, chunk + CHUNK_TOP, &top) || top > MAX_CHUNK_SZB)
            return;
        top = chunk + CHUNK_DATA + top * sizeof(Addr);
    }
}

static void add_data_stacks(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr interp)
{
    Addr tstate;

    if (l->tstate_datastack_chunk == LG_PY_NONE ||
        !lg_py_word(mem, interp + l->interp_threads_head, &tstate))
        return;
    for (UInt n = 0; tstate != 0 && n < MAX_THREADS; n++) {
        add_data_stack(ranges, mem, l, tstate);
        if (!lg_py_word(mem, tstate + l->tstate_next, &tstate))
            return;
    }
}

void lg_pyinterp_dead_data_stacks(XArray* ranges)
{
    for_each_interpreter(ranges, add_data_stacks);
}

/* --- Borrowed ------------------------------------------------------------ */

static Bool is_pointer_or_null(Addr a)
{
    return a % sizeof(Addr) == 0 && a < ((Addr)1 << 47);
}

/* What is beyond the free list's length was taken from it. */
static void add_keys_free_list(XArray* ranges, const LgPyMem* mem,
                               const LgPyLayout* l, Addr interp)
{
    Addr list = interp + l->interp_keys_free_list, slot;
    Int  n;

    if (l->interp_keys_free_list == LG_PY_NONE ||
        !lg_py_read(mem, interp + l->interp_keys_numfree, &n, sizeof n) ||
        n < 0 || n > (Int)l->nKeysFreeList)
        return;
    /* A layout that is not quite this one must do no harm. */
    for (UInt i = 0; i < l->nKeysFreeList; i++)
        if (!lg_py_word(mem, list + i * sizeof(Addr), &slot) ||
            !is_pointer_or_null(slot) || (i < (UInt)n && slot == 0))
            return;
    add_range(ranges, list + (UInt)n * sizeof(Addr),
              list + l->nKeysFreeList * sizeof(Addr));
}

static void add_places(XArray* ranges, const LgPyMem* mem,
                       const LgPyPlaces* p, Addr interp)
{
    for (UInt i = 0; i < p->n; i++) {
        Addr at = interp + p->at + (Addr)i * p->strideB;
        Addr value;
        if (!lg_py_word(mem, at, &value) || !is_pointer_or_null(value))
            return;
        if (value != 0)
            add_range(ranges, at, at + sizeof(Addr));
    }
}

static void add_borrowed(XArray* ranges, const LgPyMem* mem,
                         const LgPyLayout* l, Addr interp)
{
    add_keys_free_list(ranges, mem, l, interp);
    for (UInt i = 0; i < LG_PY_MAX_BORROWED; i++)
        add_places(ranges, mem, &l->borrowed[i], interp);
}

void lg_pyinterp_borrowed(XArray* ranges)
{
    const LgPyLayout* l = lg_python()->layout;

    for_each_interpreter(ranges, add_borrowed);
    if (VG_(sizeXA)(ranges) == 0 && mainInterp != 0 && l != NULL)
        add_borrowed(ranges, lg_python_mem(), l, mainInterp);
}

static void add_state(XArray* ranges, const LgPyMem* mem, const LgPyLayout* l,
                      Addr interp)
{
    (void)mem;
    (void)l;
    add_range(ranges, interp, interp + 1);
}

void lg_pyinterp_states(XArray* ranges)
{
    for_each_interpreter(ranges, add_state);
}

/* --- Data ----------------------------------------------------------------- */

/* Writable, and of an object or what follows it (.bss). */
static const NSegment* data_at(Addr a)
{
    const NSegment* seg = VG_(am_find_nsegment)(a);
    return seg != NULL && seg->hasR && seg->hasW &&
                   (seg->kind == SkFileC || seg->kind == SkAnonC)
               ? seg
               : NULL;
}

Bool lg_pyinterp_data(LgRange* out)
{
    const SizeT     maxSzB = (SizeT)16 << 20;
    const NSegment* seg = data_at(lg_python()->pyRuntime);

    if (seg == NULL)
        return False;
    *out = (LgRange){seg->start, seg->end + 1};
    while (seg != NULL && seg->kind != SkFileC &&
           (seg = data_at(out->lo - 1)) != NULL)
        out->lo = seg->start;
    seg = data_at(out->hi);
    if (seg != NULL && seg->kind == SkAnonC)
        out->hi = seg->end + 1;
    return out->hi - out->lo <= maxSzB;
}

/* --- Free lists ---------------------------------------------------------- */

/* The length of the first list of the main interpreter, which is a part of
   _PyRuntime; 0: not looked for yet. */
static Addr firstCount;

/* An empty list's length becomes -1. */
static void close_if_empty(const LgPyMem* mem, Addr at, UInt szB)
{
    Long count = 0;

    if (szB <= sizeof count && lg_py_read(mem, at, &count, szB) && count == 0)
        VG_(memset)((void*)at, 0xFF, szB);
}

static void close_free_lists(XArray* unused, const LgPyMem* mem,
                             const LgPyLayout* l, Addr interp)
{
    (void)unused;
    for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++) {
        const LgPyPlaces* p = &l->freeListCounts[k];
        for (UInt i = 0; i < p->n; i++)
            close_if_empty(mem, interp + p->at + (Addr)i * p->strideB,
                           p->szB);
    }
}

void lg_pyinterp_on_new_tstate(void)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              interp;

    if (l == NULL || l->freeListCounts[0].n == 0 ||
        !lg_py_word(lg_python_mem(),
                    lg_python()->pyRuntime + l->runtime_interpreters_head,
                    &interp) ||
        interp == 0)
        return;
    if (firstCount == 0)
        firstCount = interp + l->freeListCounts[0].at;
    for_each_interpreter(NULL, close_free_lists);
}

void lg_pyinterp_keep_free_lists_closed(void)
{
    if (firstCount != 0 && *(const Int*)firstCount == 0)
        for_each_interpreter(NULL, close_free_lists);
}

void lg_pyinterp_forget(void)
{
    firstCount = 0;
    mainInterp = 0;
}
