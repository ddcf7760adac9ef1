/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyreuse.c: see lg_pyreuse.h. */

#include "lg_pyreuse.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"

#include "../../engine/lg_snapshot.h"
#include "../../lg_platform.h"
#include "../heap/lg_heap.h"
#include "../host/lg_arch.h"
#include "../memory/lg_segments.h"
#include "../process/lg_python.h"
#include "lg_pyhooks.h"

/* Limits, whatever the program does. */
enum { MAX_LISTS = 256, MAX_SLOTS = 4096 };
#define MAX_DATA_SZB  ((SizeT)16 << 20)
#define MAX_ARRAY_SZB ((SizeT)64 << 10)

typedef struct {
    Addr at;
    Addr block; /* start of the block that it lies in; 0: in a module's data */
    UInt ctx;   /* of the block */
} Slot;

/* The free list of one type. */
typedef struct {
    Addr  type;
    Bool  isDoubtful; /* it does not behave as a stack of slots */
    UInt  last;       /* slot of the object that was taken last */
    UInt  n, max;
    Slot* slots;      /* sorted by address */
} List;

static List lists[MAX_LISTS];
static UInt nLists, lastList;

/* --- Slots ---------------------------------------------------------------- */

static List* list_for_type(Addr type)
{
    for (UInt k = 0; k < nLists; k++, lastList = (lastList + 1) % nLists)
        if (lists[lastList].type == type)
            return &lists[lastList];
    if (nLists == MAX_LISTS)
        return NULL;
    lastList = nLists++;
    lists[lastList].type = type;
    return &lists[lastList];
}

static Bool slot_holds(const Slot* s, Addr obj)
{
    Addr word;
    return lg_py_word(lg_python_mem(), s->at, &word) && word == obj;
}

/* Looks where the object mostly is: in the slot used last, or beside it. */
static Bool is_in_slot(List* l, Addr obj)
{
    for (UInt k = 0; k < 3; k++) {
        UInt i = l->last + k - 1;
        if (i < l->n && slot_holds(&l->slots[i], obj)) {
            l->last = i;
            return True;
        }
    }
    for (UInt i = 0; i < l->n; i++)
        if (slot_holds(&l->slots[i], obj)) {
            l->last = i;
            return True;
        }
    return False;
}

static void add_slot(List* l, const Slot* s)
{
    UInt i = 0;

    if (l->n == MAX_SLOTS)
        return;
    if (l->n == l->max) {
        l->max = l->max ? 2 * l->max : 8;
        l->slots = lg_plat_realloc("lg.pyreuse", l->slots,
                                   l->max * sizeof(Slot));
    }
    while (i < l->n && l->slots[i].at < s->at)
        i++;
    /* A slot that is known already may have been in another block then. */
    if (i == l->n || l->slots[i].at != s->at) {
        VG_(memmove)(&l->slots[i + 1], &l->slots[i],
                     (l->n - i) * sizeof(Slot));
        l->n++;
    }
    l->slots[i] = *s;
    l->last = i;
}

/* --- Looking for them ----------------------------------------------------- */

/* The words that have the address of an object. */
typedef struct {
    Addr obj;
    UInt n;
    Slot last;
} Found;

static void note_slot(Found* f, const Slot* s)
{
    if (f->n == 0 || f->last.at != s->at)
        f->n++;
    f->last = *s;
}

static void search_array(Found* f, const LgBlock* b)
{
    const LgPyMem* mem = lg_python_mem();
    SizeT          n = b->szB / sizeof(Addr);
    const Addr*    words = mem->at(mem->opaque, b->start, n * sizeof(Addr));

    for (SizeT i = 0; words != NULL && i < n; i++)
        if (words[i] == f->obj) {
            Slot s = {b->start + i * sizeof(Addr), b->start, b->ctx};
            note_slot(f, &s);
        }
}

static Bool is_malloc_array(Addr a, LgBlock* b)
{
    return a != 0 && a % sizeof(Addr) == 0 &&
           lg_bt_find(lg_heap_blocks(), a, LgAllocMalloc, b) &&
           b->szB <= MAX_ARRAY_SZB && !(b->flags & LG_BF_PY_OBJ);
}

/* In data of a module, and in arrays to which it points. */
static void search_data(void* found, Addr lo, Addr hi)
{
    Found*         f = found;
    const LgPyMem* mem = lg_python_mem();
    const Addr*    words = NULL;
    LgBlock        b;

    lo = VG_ROUNDUP(lo, sizeof(Addr));
    SizeT n = hi > lo ? (hi - lo) / sizeof(Addr) : 0;
    if (n > 0 && hi - lo <= MAX_DATA_SZB)
        words = mem->at(mem->opaque, lo, n * sizeof(Addr));
    for (SizeT i = 0; words != NULL && i < n; i++) {
        Slot s = {lo + i * sizeof(Addr), 0, 0};
        if (words[i] == f->obj)
            note_slot(f, &s);
        else if (is_malloc_array(words[i], &b))
            search_array(f, &b);
    }
}

static Bool is_live(Addr obj, Addr type)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              refcnt, ob_type;

    return lg_py_word(lg_python_mem(), obj + l->ob_refcnt, &refcnt) &&
           lg_py_word(lg_python_mem(), obj + l->ob_type, &ob_type) &&
           ob_type == type && refcnt != 0;
}

/* Finds the slot that the object was taken out of; those below it hold the
   objects that are still in the list, and dead. */
static void find_list_slot(List* l, Addr obj, const DebugInfo* module)
{
    Found f = {obj, 0, {0, 0, 0}};
    Addr  below;

    lg_segments_visit_statics(module, search_data, &f);
    if (f.n != 1 ||
        (lg_py_word(lg_python_mem(), f.last.at - sizeof(Addr), &below) &&
         is_live(below, l->type)))
        l->isDoubtful = True;
    else
        add_slot(l, &f.last);
}

/* --- An object begins another life ---------------------------------------- */

typedef struct {
    Addr obj, type, caller, function;
} Call;

static Call call_from(const VexGuestArchState* gst)
{
    Call c = {lg_arch_argument(gst, 0), lg_arch_argument(gst, 1), 0,
              lg_arch_word(gst, LG_OFFSET_IP)};
#if LG_CALLS_PUSH
    lg_py_word(lg_python_mem(), lg_arch_word(gst, LG_OFFSET_SP), &c.caller);
#else
    c.caller = lg_arch_word(gst, LG_OFFSET_RETURN_ADDRESS);
#endif
    return c;
}

/* CPython's own code reuses only objects of its own free lists. */
static Bool is_called_by_python(const Call* c)
{
    static LgRange text;

    if (c->function - text.lo >= text.hi - text.lo) {
        const DebugInfo* di =
            VG_(find_DebugInfo)(VG_(current_DiEpoch)(), c->function);
        if (di == NULL)
            return True;
        text.lo = VG_(DebugInfo_get_text_avma)(di);
        text.hi = text.lo + VG_(DebugInfo_get_text_size)(di);
    }
    return c->caller - text.lo < text.hi - text.lo;
}

/* May the object have been dead until now?  Some extensions clear its memory
   before they initialise it. */
static Bool is_dead(Call* c)
{
    const LgPyLayout* l = lg_python()->layout;
    Addr              refcnt, type;

    if (l == NULL || lg_python()->isFreeThreaded ||
        !lg_py_word(lg_python_mem(), c->obj + l->ob_refcnt, &refcnt) ||
        refcnt != 0 ||
        !lg_py_word(lg_python_mem(), c->obj + l->ob_type, &type))
        return False;
    if (type != 0)
        c->type = type;
    return True;
}

static void learn_from_call(const Call* c)
{
    List*            l = list_for_type(c->type);
    const DebugInfo* module;

    if (l == NULL || l->isDoubtful || is_in_slot(l, c->obj))
        return;
    module = VG_(find_DebugInfo)(VG_(current_DiEpoch)(), c->caller);
    if (module != NULL)
        find_list_slot(l, c->obj, module);
}

void lg_pyreuse_on_init(const VexGuestArchState* gst)
{
    const UShort notOfThisLife = LG_BF_PY_LEFT | LG_BF_PY_KEPT | LG_BF_PY_STATIC;
    Call         c = call_from(gst);
    LgBlock      b;

    if (lg_pyhooks_is_fresh(c.obj) || is_called_by_python(&c) ||
        !lg_pyhooks_find_object(c.obj, &b))
        return;
    if (is_dead(&c))
        learn_from_call(&c);
    b.ctx = lg_pyhooks_context(gst);
    b.flags &= (UShort)~notOfThisLife;
    lg_bt_update(lg_heap_blocks(), b.start, (LgAllocKind)b.allocKind, &b);
}

/* --- For a leak check ----------------------------------------------------- */

static Bool is_there(const Slot* s)
{
    LgBlock b;
    return s->block == 0 ||
           (lg_bt_find(lg_heap_blocks(), s->block, LgAllocMalloc, &b) &&
            b.ctx == s->ctx && s->at + sizeof(Addr) <= b.start + b.szB);
}

static Bool is_beside(const List* l, UInt i, UInt j)
{
    Addr a = l->slots[i].at, b = j < l->n ? l->slots[j].at : 0;
    return b + sizeof(Addr) == a || a + sizeof(Addr) == b;
}

void lg_pyreuse_slots(XArray* slots)
{
    for (UInt k = 0; k < nLists; k++) {
        const List* l = &lists[k];
        for (UInt i = 0; i < l->n && !l->isDoubtful; i++) {
            LgPySlot s = {l->slots[i].at, l->type};
            if ((is_beside(l, i, i - 1) || is_beside(l, i, i + 1)) &&
                is_there(&l->slots[i]))
                VG_(addToXA)(slots, &s);
        }
    }
}
