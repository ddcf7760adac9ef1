/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyfreelists.c: see lg_pyfreelists.h. */

#include "lg_pyfreelists.h"

#include "pub_tool_libcbase.h"

#include "../../python/lg_pyprove.h"
#include "../process/lg_python.h"

/* Values for lg_pyfreelists_watched: nothing to do; something to do for each
   block. */
static const Int idle = 1, always = 0;
const Int*       lg_pyfreelists_watched = &idle;

/* The largest number of blocks between two attempts to prove the lists; and
   the number of attempts with memory that cannot be the lists, after which
   this module gives up. */
enum { MAX_BETWEEN = 16, MAX_WRONG = 20000 };
enum { LOOKS_A_STEP = 256 }; /* after which they become rarer */
/* The same for lists that are not all closed. */
enum { MAX_BETWEEN_CLOSING = 4096 };

/* How far into _PyRuntime the main interpreter and its first thread may be. */
enum { MAX_RUNTIME_SZB = 1024 * 1024 };

static struct {
    UInt nBlocks; /* since the last look */
    UInt nBetween;
    UInt nLooks;
    UInt nWrong;
    Bool areKeysProven, areFloatsProven;
    Int  by; /* of the keys, when they are proven; what floats have, too */
    Addr firstState;
} lists;

Addr lg_pyfreelists_first_state(void)
{
    return lists.firstState;
}

void lg_pyfreelists_forget(void)
{
    VG_(memset)(&lists, 0, sizeof lists);
    lg_pyfreelists_watched = &idle;
}

static void refuse_free_lists(void)
{
    LgGuestPython* guest = lg_python_guest();

    lg_pyfreelists_watched = &idle;
    guest->nKeysFreeList = guest->nFloatFreeList = 0;
    VG_(memset)(lg_python_proven()->freeListCounts, 0,
                sizeof lg_python_proven()->freeListCounts);
    lg_python_warn(" has free lists that are not known",
                   "the stack of an object\n"
                   "Warning: may be that of one that was there before it");
}

/* --- Up to 3.12 ---------------------------------------------------------- */

/* The count alone rules out most places, and each is examined many times. */
static LgPyAnswer keys_at(const LgPyProof* p, UInt unused, Addr interp, Int by)
{
    Addr at = interp + p->layout->interp_keys_numfree + (Addr)(Long)by;
    Addr n;

    (void)unused;
    return lg_py_known_word(p->mem, at, &n) && (Int)n <= 0
               ? LgPyEmpty
               : lg_pyprove_keys(p, interp, by);
}

static void take_keys(const LgPyProof* p, Int by)
{
    LgPyLayout*    proven = lg_python_proven();
    LgGuestPython* guest = lg_python_guest();

    lists.areKeysProven = True;
    lists.by = by;
    guest->keysFreeList = proven->interp_keys_free_list =
        p->layout->interp_keys_free_list + (UInt)by;
    guest->keysNumfree = proven->interp_keys_numfree =
        p->layout->interp_keys_numfree + (UInt)by;
    guest->nKeysFreeList = p->layout->nKeysFreeList;
}

static void take_floats(const LgPyProof* p, Int by)
{
    LgPyLayout*    proven = lg_python_proven();
    LgGuestPython* guest = lg_python_guest();

    lists.areFloatsProven = True;
    lg_pyfreelists_watched = &idle;
    guest->floatFreeList = proven->interp_float_free_list =
        p->layout->interp_float_free_list + (UInt)by;
    guest->floatNumfree = proven->interp_float_numfree =
        p->layout->interp_float_numfree + (UInt)by;
    guest->nFloatFreeList = p->layout->nFloatFreeList;
}

/* Tells the preload library where the lists are. */
static void look_at_lists_of_interp(const LgPyProof* p, Addr interp)
{
    LgPyAnswer answer;
    Int        by;

    if (lists.areKeysProven) {
        answer = lg_pyprove_floats(p, interp, lists.by);
        if (answer != LgPyWrong)
            take_floats(p, lists.by);
    } else {
        answer = lg_pyprove_keys(p, interp, 0);
        if (lg_pyprove_search(p, keys_at, 0, interp, &by))
            take_keys(p, by);
    }
    if (answer == LgPyWrong && ++lists.nWrong == MAX_WRONG)
        refuse_free_lists();
}

/* --- From 3.13 on -------------------------------------------------------- */

static LgPyAnswer counts_at(const LgPyProof* p, UInt unused, Addr state,
                            Int by)
{
    (void)unused;
    return lg_pyprove_counts(p, state, by);
}

/* The length of an empty list becomes -1.  False: it is not empty. */
static Bool close_if_empty(Addr at, UInt szB)
{
    Long count = 0;

    if (szB > sizeof count || !lg_py_read(lg_python_mem(), at, &count, szB))
        return True;
    if (count == 0)
        VG_(memset)((void*)at, 0xFF, szB);
    return count == 0 || ((UChar*)&count)[szB - 1] == 0xFF;
}

/* `state`: that of the interpreter or the thread, whichever has the lists.
   False: some lists are not empty, and must be closed later. */
static Bool close_lists(const LgPyProof* p, Addr state)
{
    const LgPyLayout* proven = lg_python_proven();
    LgPyProof         here = *p;
    Bool              areClosed = True;

    here.layout = proven;
    if (lg_pyprove_counts(&here, state, 0) == LgPyWrong) {
        refuse_free_lists();
        return True;
    }
    for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++) {
        const LgPyPlaces* places = &proven->freeListCounts[k];
        for (UInt i = 0; i < places->n; i++)
            areClosed &= close_if_empty(
                state + places->at + (Addr)i * places->strideB, places->szB);
    }
    return areClosed;
}

/* A full collection opens some of the lists again, the first among them; all
   of these are empty then. */
static void close_first_state(const LgPyProof* p)
{
    Bool areClosed = close_lists(p, lists.firstState);

    if (lg_pyfreelists_watched == &idle)
        return; /* refused */
    if (areClosed) {
        lg_pyfreelists_watched =
            (const Int*)(lists.firstState +
                         lg_python_proven()->freeListCounts[0].at);
        lists.nBetween = 0;
    } else {
        lg_pyfreelists_watched = &always;
        lists.nBetween = lists.nBetween < MAX_BETWEEN_CLOSING
                             ? 2 * lists.nBetween + 1
                             : MAX_BETWEEN_CLOSING;
    }
}

static void look_at_counts(const LgPyProof* p, Addr state)
{
    LgPyLayout* proven = lg_python_proven();
    Int         by;

    if (state - lg_python()->pyRuntime >= MAX_RUNTIME_SZB)
        return; /* it would not last */
    if (!lg_pyprove_search(p, counts_at, 0, state, &by)) {
        if (lg_pyprove_counts(p, state, 0) == LgPyWrong &&
            ++lists.nWrong == MAX_WRONG)
            refuse_free_lists();
        return;
    }
    for (UInt k = 0; k < LG_PY_MAX_FREE_LIST_COUNTS; k++) {
        proven->freeListCounts[k] = p->layout->freeListCounts[k];
        proven->freeListCounts[k].at += (UInt)by;
    }
    lists.firstState = state;
    lists.nBetween = 0;
    close_first_state(p);
}

/* --- Both ---------------------------------------------------------------- */

static Bool has_lists(const LgPyLayout* l)
{
    return l->interp_keys_free_list != LG_PY_NONE ||
           l->freeListCounts[0].n > 0;
}

/* The interpreter or thread state that has the lists; 0: not known. */
static Addr state_of(const LgPyLayout* l, Addr tstate)
{
    Addr interp;

    if (l->areFreeListsInTState)
        return tstate;
    return lg_py_word(lg_python_mem(), tstate + l->tstate_interp, &interp)
               ? interp
               : 0;
}

void lg_pyfreelists_on_tstate(Addr tstate)
{
    const LgPyProof* p = lg_python_proof();
    Addr             state;

    if (tstate == 0 || lg_python()->layout == NULL || !has_lists(p->layout) ||
        (state = state_of(p->layout, tstate)) == 0)
        return;
    if (lists.firstState != 0) {
        if (lg_pyfreelists_watched != &idle)
            (void)close_lists(p, state);
    } else if (lists.nWrong < MAX_WRONG &&
               !(lists.areKeysProven && lists.areFloatsProven))
        lg_pyfreelists_watched = &always;
}

/* The lists of a state that is not the current thread's may be in use right
   now. */
void lg_pyfreelists_tend(Addr tstate)
{
    const LgPyProof* p = lg_python_proof();
    Addr             state;

    if (tstate == 0 || lg_python()->layout == NULL ||
        (state = state_of(p->layout, tstate)) == 0)
        return;
    if (lists.firstState != 0 && state != lists.firstState)
        return;
    if (lists.nBlocks++ < lists.nBetween)
        return;
    lists.nBlocks = 0;
    if (lists.firstState != 0) {
        close_first_state(p);
        return;
    }
    if (++lists.nLooks % LOOKS_A_STEP == 0 && lists.nBetween < MAX_BETWEEN)
        lists.nBetween++;
    if (p->layout->freeListCounts[0].n > 0)
        look_at_counts(p, state);
    else
        look_at_lists_of_interp(p, state);
}
