/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyinterp.c: see lg_pyinterp.h. */

#include "lg_pyinterp.h"

#include "pub_tool_aspacemgr.h"

#include "../../python/lg_pyframes.h"
#include "../process/lg_python.h"
#include "lg_pyfreelists.h"

/* At most so many interpreters, threads and chunks are visited: dead memory of
   others stays a root. */
enum { MAX_INTERPRETERS = 256, MAX_THREADS = 4096, MAX_CHUNKS = 1024 };

static void add_range(XArray* ranges, Addr lo, Addr hi)
{
    LgRange r = {lo, hi};
    if (lo < hi)
        VG_(addToXA)(ranges, &r);
}

/* The main interpreter, if it is a part of _PyRuntime (3.12 and later): its
   memory outlives its end, and still has its borrowed pointers.  0: not seen
   yet. */
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

/* Calls fn for each thread state of the interpreter; the oldest is the last. */
static void for_each_tstate(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr interp,
                            void (*fn)(XArray* ranges, const LgPyMem* mem,
                                       const LgPyLayout* l, Addr tstate))
{
    Addr tstate;

    if (!lg_py_word(mem, interp + l->interp_threads_head, &tstate))
        return;
    for (UInt n = 0; tstate != 0 && n < MAX_THREADS; n++) {
        fn(ranges, mem, l, tstate);
        if (!lg_py_word(mem, tstate + l->tstate_next, &tstate))
            return;
    }
}

/* --- Data stacks --------------------------------------------------------- */

/* _PyStackChunk: previous, size, top (words of `data` in use, of a chunk that
   is not the last), data */
enum { CHUNK_PREVIOUS = 0, CHUNK_SIZE = 8, CHUNK_TOP = 16, CHUNK_DATA = 24 };
#define MAX_CHUNK_SZB ((SizeT)1 << 32)

/* Appends the part of each chunk that frames use, or the other part. */
static void add_chunks(XArray* ranges, const LgPyMem* mem,
                       const LgPyLayout* l, Addr tstate, Bool used)
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
        if (used)
            add_range(ranges, chunk + CHUNK_DATA, top);
        else
            add_range(ranges, top, chunk + szB);
        if (!lg_py_word(mem, chunk + CHUNK_PREVIOUS, &chunk) || chunk == 0 ||
            !lg_py_word(mem, chunk + CHUNK_TOP, &top) || top > MAX_CHUNK_SZB)
            return;
        top = chunk + CHUNK_DATA + top * sizeof(Addr);
    }
}

static void add_dead_chunks(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr tstate)
{
    add_chunks(ranges, mem, l, tstate, False);
}

static void add_live_chunks(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr tstate)
{
    add_chunks(ranges, mem, l, tstate, True);
}

static void add_dead_stacks(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr interp)
{
    if (l->tstate_datastack_chunk != LG_PY_NONE)
        for_each_tstate(ranges, mem, l, interp, add_dead_chunks);
}

static void add_live_stacks(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr interp)
{
    if (l->tstate_datastack_chunk != LG_PY_NONE)
        for_each_tstate(ranges, mem, l, interp, add_live_chunks);
}

void lg_pyinterp_dead_data_stacks(XArray* ranges)
{
    for_each_interpreter(ranges, add_dead_stacks);
}

void lg_pyinterp_live_data_stacks(XArray* ranges)
{
    for_each_interpreter(ranges, add_live_stacks);
}

/* In 3.14 it is not known what the innermost frame uses. */
static void add_unused_of_frames(XArray* ranges, const LgPyMem* mem,
                                 const LgPyLayout* l, Addr tstate)
{
    enum { MAX_FRAMES = 1 << 20 };
    Addr frame = lg_pyframes_innermost(mem, l, tstate), lo, hi;
    Bool isKnown = l->frame_stacktop == LG_PY_NONE;

    for (UInt i = 0; frame != 0 && i < MAX_FRAMES; i++) {
        if (isKnown && lg_pyframes_unused(mem, l, frame, &lo, &hi))
            add_range(ranges, lo, hi);
        isKnown = True;
        if (!lg_py_known_word(mem, frame + l->frame_previous, &frame))
            return;
    }
}

static void add_unused_slots(XArray* ranges, const LgPyMem* mem,
                             const LgPyLayout* l, Addr interp)
{
    if (l->frame_localsplus != LG_PY_NONE)
        for_each_tstate(ranges, mem, l, interp, add_unused_of_frames);
}

void lg_pyinterp_unused_slots(XArray* ranges)
{
    for_each_interpreter(ranges, add_unused_slots);
}

/* --- Borrowed ------------------------------------------------------------ */

static Bool may_be_pointer(Addr a)
{
    return a % sizeof(Addr) == 0 && a < ((Addr)1 << 47);
}

/* The list of tables of keys and its length.  False: there is none, or it
   makes no sense, as the layout may differ slightly. */
static Bool find_keys_free_list(const LgPyMem* mem, const LgPyLayout* l,
                                Addr interp, Addr* list, UInt* length)
{
    Int n;

    *list = interp + l->interp_keys_free_list;
    if (l->interp_keys_free_list == LG_PY_NONE ||
        !lg_py_read(mem, interp + l->interp_keys_numfree, &n, sizeof n) ||
        n < -1 || n > (Int)l->nKeysFreeList)
        return False;
    /* A debug build sets the length to -1 when it has cleared the list. */
    *length = n < 0 ? 0 : (UInt)n;
    return True;
}

/* Slots beyond the length of the free list have objects that were taken from
   it. */
static void add_keys_free_list(XArray* ranges, const LgPyMem* mem,
                               const LgPyLayout* l, Addr interp)
{
    Addr list;
    UInt n;

    if (find_keys_free_list(mem, l, interp, &list, &n))
        add_range(ranges, list + n * sizeof(Addr),
                  list + l->nKeysFreeList * sizeof(Addr));
}

static void add_parked_keys(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr interp)
{
    Addr list, keys;
    UInt n;

    if (!find_keys_free_list(mem, l, interp, &list, &n))
        return;
    for (UInt i = 0; i < n; i++)
        if (lg_py_word(mem, list + i * sizeof(Addr), &keys))
            add_range(ranges, keys, keys + 1);
}

void lg_pyinterp_parked_keys(XArray* ranges)
{
    for_each_interpreter(ranges, add_parked_keys);
}

static void add_places(XArray* ranges, const LgPyMem* mem,
                       const LgPyPlaces* p, Addr interp)
{
    for (UInt i = 0; i < p->n; i++) {
        Addr at = interp + p->at + (Addr)i * p->strideB;
        Addr value;
        if (!lg_py_word(mem, at, &value) || !may_be_pointer(value))
            return;
        if (value != 0)
            add_range(ranges, at, at + sizeof(Addr));
    }
}

/* The places of the tables are believed once there was something in them. */
static void prove_borrowed(Addr interp)
{
    const LgPyProof* p = lg_python_proof();
    LgPyPlaces*      proven = lg_python_proven()->borrowed;
    Int              by;

    for (UInt k = 0; k < LG_PY_MAX_BORROWED; k++)
        if (proven[k].n == 0 && p->layout->borrowed[k].n > 0 &&
            lg_pyprove_search(p, lg_pyprove_borrowed, k, interp, &by)) {
            proven[k] = p->layout->borrowed[k];
            proven[k].at += (UInt)by;
        }
}

/* The type cache, which is the first of the places, has names before the
   values. */
static void add_type_cache_names(XArray* ranges, const LgPyMem* mem,
                                 const LgPyLayout* l, Addr interp)
{
    prove_borrowed(interp);
    LgPyPlaces names = l->borrowed[0];

    names.at -= (UInt)sizeof(Addr);
    add_places(ranges, mem, &names, interp);
}

void lg_pyinterp_cached_names(XArray* ranges)
{
    const LgPyLayout* l = lg_python()->layout;

    for_each_interpreter(ranges, add_type_cache_names);
    if (VG_(sizeXA)(ranges) == 0 && mainInterp != 0 && l != NULL)
        add_type_cache_names(ranges, lg_python_mem(), l, mainInterp);
}

/* Slots beyond the length of a list have objects that were taken from it. */
static void add_stale_slots(XArray* ranges, const LgPyMem* mem,
                            const LgPyPlaces* p, Addr state)
{
    Addr end = state + p->at, slot;
    Int  n;

    if (!lg_py_read(mem, end, &n, sizeof n) || n > (Int)p->nSlots)
        return;
    UInt nStale = p->nSlots - (UInt)(n < 0 ? 0 : n);
    for (UInt i = 1; i <= nStale; i++)
        if (!lg_py_word(mem, end - i * sizeof(Addr), &slot) ||
            !may_be_pointer(slot))
            return;
    add_range(ranges, end - nStale * sizeof(Addr), end);
}

/* `state`: of the interpreter or the thread, whichever has the lists. */
static void add_stale_lists(XArray* ranges, const LgPyMem* mem,
                            const LgPyLayout* l, Addr state)
{
    for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++)
        if (l->freeListCounts[k].nSlots > 0)
            add_stale_slots(ranges, mem, &l->freeListCounts[k], state);
}

/* A build --with-trace-refs links all objects in a ring, which holds no
   references. */
static void add_ring_of_objects(XArray* ranges)
{
    enum { MAX_OBJECTS = 1 << 26 };
    const LgPyMem* mem = lg_python_mem();
    Addr           first = lg_python()->pyTypeType, a = first;

    for (UInt i = 0; i < MAX_OBJECTS; i++) {
        Addr words[2]; /* _ob_next, _ob_prev */
        if (!lg_py_read(mem, a, words, sizeof words) || words[0] == 0)
            return;
        add_range(ranges, a, a + sizeof words);
        a = words[0];
        if (a == first)
            return;
    }
}

static void add_borrowed(XArray* ranges, const LgPyMem* mem,
                         const LgPyLayout* l, Addr interp)
{
    prove_borrowed(interp);
    add_keys_free_list(ranges, mem, l, interp);
    if (l->areFreeListsInTState)
        for_each_tstate(ranges, mem, l, interp, add_stale_lists);
    else
        add_stale_lists(ranges, mem, l, interp);
    for (UInt i = 0; i < LG_PY_MAX_BORROWED; i++)
        add_places(ranges, mem, &l->borrowed[i], interp);
}

void lg_pyinterp_borrowed(XArray* ranges)
{
    const LgPyLayout* l = lg_python()->layout;

    if (l != NULL && l->ob_refcnt >= 2 * sizeof(Addr) && !l->isFreeThreaded)
        add_ring_of_objects(ranges);
    Word nBefore = VG_(sizeXA)(ranges);
    for_each_interpreter(ranges, add_borrowed);
    if (VG_(sizeXA)(ranges) != nBefore || mainInterp == 0 || l == NULL)
        return;
    add_borrowed(ranges, lg_python_mem(), l, mainInterp);
    if (l->areFreeListsInTState && lg_pyfreelists_first_state() != 0)
        add_stale_lists(ranges, lg_python_mem(), l,
                        lg_pyfreelists_first_state());
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

Addr lg_pyinterp_sub(Addr tstate)
{
    const LgPyLayout* l = lg_python()->layout;
    const LgPyMem*    mem = lg_python_mem();
    Addr              interp, next;

    return l != NULL && tstate != 0 &&
                   lg_py_word(mem, tstate + l->tstate_interp, &interp) &&
                   lg_py_word(mem, interp + l->interp_next, &next) && next != 0
               ? interp
               : 0;
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

void lg_pyinterp_forget(void)
{
    mainInterp = 0;
}
