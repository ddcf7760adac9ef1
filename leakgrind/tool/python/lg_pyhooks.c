/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyhooks.c: blocks of CPython's allocators.  See lg_pyhooks.h.

   A block of pymalloc gets a shadow block of its own (LgAllocPython).  A block
   that pymalloc has passed on to malloc, or that comes from malloc anyway
   (PYTHONMALLOC=malloc), has one already: it stays a malloc block, and gets
   its domain and its Python stack. */

#include "lg_pyhooks.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_threadstate.h"

#include "../../engine/lg_snapshot.h"
#include "../heap/lg_heap.h"
#include "../host/lg_arch.h"
#include "../host/lg_options.h"
#include "../process/lg_forks.h"
#include "../process/lg_python.h"
#include "../process/lg_pythreads.h"
#include "../trace/lg_context.h"
#include "lg_pyarenas.h"
#include "lg_pyfreelists.h"
#include "lg_pyinterp.h"
#include "lg_pysegments.h"

typedef struct {
    UWord p, what, szB, old, tstate;
    const VexGuestArchState* gst;
} Note;

/* The registers were just written, word by word: an instruction that reads two
   of them would have to wait until the writes are done. */
static Note note_from(const volatile VexGuestArchState* gst)
{
    Note n = {lg_arch_argument(gst, 0), lg_arch_argument(gst, 1),
              lg_arch_argument(gst, 2), lg_arch_argument(gst, 3),
              lg_arch_argument(gst, 4), NULL};
    n.gst = (const VexGuestArchState*)gst;
    if (n.tstate == 0)
        n.tstate = lg_python_current_tstate(n.gst);
    return n;
}

/* --- Blocks of objects -------------------------------------------- */

/* The malloc block that `p`, of szB bytes, is, or that contains it (under a
   debug allocator).  szB 0: not known. */
static Bool find_malloced(Addr p, SizeT szB, LgBlock* b)
{
    LgBlockTable* blocks = lg_heap_blocks();

    if (lg_bt_find(blocks, p, LgAllocMalloc, b) &&
        b->allocKind == LgAllocMalloc)
        return True;
    return lg_bt_find(blocks, p - LG_PY_PREFIX_SZB, LgAllocMalloc, b) &&
           b->allocKind == LgAllocMalloc && b->szB >= szB + LG_PY_DEBUG_SZB;
}

Bool lg_pyhooks_find_object(Addr obj, LgBlock* b)
{
    for (UInt off = 0; off <= LG_MAX_OBJ_OFF; off += 16)
        if (lg_bt_find(lg_heap_blocks(), obj - off, LgAllocPython, b) &&
            (b->flags & LG_BF_PY_OBJ) && b->szB > off)
            return True;
    return False;
}

Bool lg_pyhooks_is_object(Addr a)
{
    /* What may be before the object: headers, and the prefix of a debug
       allocator. */
    enum { MAX_BEFORE = 48 };
    LgBlock b;

    for (Addr before = 0; before <= MAX_BEFORE; before += 16)
        if (lg_bt_find(lg_heap_blocks(), a - before, LgAllocPython, &b))
            return True;
    return False;
}

void lg_pyhooks_on_code(Addr code)
{
    LgBlock b;

    if (lg_bt_find(lg_heap_blocks(), code, LgAllocPython, &b) ||
        find_malloced(code, 0, &b))
        lg_heap_set_flags(&b, LG_BF_PY_CODE);
}

UInt lg_pyhooks_context(const VexGuestArchState* gst)
{
    ThreadId tid = VG_(get_running_tid)();
    Addr     tstate = lg_python_current_tstate(gst);

    if (tstate == 0)
        tstate = lg_pythreads_tstate(tid);
    return lg_keeps_alloc_stack()
               ? lg_ctx_record_with(tid, lg_pythreads_record(tstate))
               : 0;
}

/* The context of a new block, and the flags that follow from the thread that
   allocates it. */
static UInt new_block_context(const Note* n, UShort* flags)
{
    ThreadId    tid = VG_(get_running_tid)();
    LgPyThread* t = lg_pythreads_get(tid);

    if (UNLIKELY(t->tstate != n->tstate)) {
        t->tstate = n->tstate;
        lg_python_on_tstate(n->tstate, n->gst);
        lg_pyfreelists_on_tstate(n->tstate);
        t->flags = lg_pyinterp_sub(n->tstate) != 0 ? LG_BF_PY_SUB : 0;
    }
    lg_pyfreelists_on_block(n->tstate);
    *flags = t->flags | lg_forks_generation;
    return lg_keeps_alloc_stack()
               ? lg_ctx_record_caller(tid, lg_pythreads_record(n->tstate))
               : 0;
}

/* --- Blocks come and go -------------------------------------------------- */

/* What a debug allocator fills fresh memory with. */
#define CLEAN_WORD 0xCDCDCDCDCDCDCDCDULL

/* Zeroes what an earlier block left in this slot of a pool, from byte `fromB`
   on.  A debug allocator has filled the block itself. */
static void clean_slot(Addr p, SizeT fromB, SizeT szB)
{
    if (szB >= sizeof(ULong) && *(const ULong*)p == CLEAN_WORD)
        return;
    if (fromB < szB)
        VG_(memset)((void*)(p + fromB), 0, szB - fromB);
}

static Addr lastBlock; /* that came; 0: it has been asked for */

Bool lg_pyhooks_is_fresh(Addr obj)
{
    if (obj - lastBlock > LG_MAX_OBJ_OFF)
        return False;
    lastBlock = 0;
    return True;
}

/* `keptB`: how many bytes of the block already hold data of the program. */
static void add_python_block(const Note* n, UShort domain, SizeT keptB)
{
    LgBlockTable* blocks = lg_heap_blocks();
    LgBlock       b;
    UShort        flags;
    UInt          ctx = new_block_context(n, &flags);
    Bool          isOurs = lg_pyarenas_holds(n->p);

    lastBlock = n->p;
    if (!isOurs && find_malloced(n->p, n->szB, &b)) {
        b.flags = flags | domain | (b.start != n->p ? LG_BF_PY_PREFIX : 0);
        b.ctx   = ctx;
        lg_bt_update(blocks, b.start, LgAllocMalloc, &b);
        return;
    }
    LgBlock now = {n->p, n->szB, ctx, LgAllocPython, flags | domain};
    if (isOurs || lg_pysegments_find(n->p))
        clean_slot(n->p, keptB, n->szB);
    if (UNLIKELY(lg_bt_find(blocks, n->p, LgAllocPython, &b)) &&
        b.allocKind == LgAllocPython) {
        /* It was reported twice, or freed without a report. */
        lg_bt_update(blocks, n->p, LgAllocPython, &now);
        return;
    }
    lg_bt_insert(blocks, &now);
    lg_heap_count_alloc(n->szB, ctx);
}

/* The block at `p` is being freed, or was.  A malloc block is removed when
   free() is called.  Returns its size; the largest size if it is not known. */
static SizeT drop_block(Addr p)
{
    LgBlockTable* blocks = lg_heap_blocks();
    LgBlock       b;

    if (lg_pyarenas_holds(p)) {
        if (!lg_bt_remove(blocks, p, LgAllocPython, &b))
            return ~(SizeT)0; /* from before the hooks */
        lg_heap_count_python_free(&b);
    } else if (lg_bt_find(blocks, p, LgAllocPython, &b) &&
               b.allocKind == LgAllocPython) {
        lg_bt_remove(blocks, p, LgAllocPython, &b);
        lg_heap_count_python_free(&b);
    } else if (!find_malloced(p, 0, &b))
        return ~(SizeT)0;
    if (UNLIKELY(b.flags & LG_BF_PY_CODE))
        lg_pytraces_forget_code(lg_python_traces(), p);
    return b.szB;
}

/* realloc() has moved a block to n->p, or has resized it there. */
static void move_python_block(const Note* n, UShort domain)
{
    SizeT keptB = 0;
    if (n->old != 0 && (n->old != n->p || lg_pyarenas_holds(n->p) ||
                        lg_pysegments_hold(n->p)))
        keptB = drop_block(n->old);
    add_python_block(n, domain, keptB);
}

/* --- Watchers -------------------------------------------------------------- */

enum { MAX_WATCHERS = 3 };
static LgPyWatcher watchers[MAX_WATCHERS];
static UInt        nWatchers;

void lg_pyhooks_watch(LgPyWatcher fn)
{
    lg_pyhooks_unwatch(fn);
    tl_assert(nWatchers < MAX_WATCHERS);
    watchers[nWatchers++] = fn;
}

void lg_pyhooks_unwatch(LgPyWatcher fn)
{
    for (UInt i = 0; i < nWatchers; i++)
        if (watchers[i] == fn)
            watchers[i] = watchers[--nWatchers];
}

static __attribute__((noinline)) void tell_watchers(Addr block, Addr freed)
{
    LgPyHookEvent e = {block, freed};

    for (UInt i = nWatchers; i > 0; i--)
        watchers[i - 1](&e);
}

/* --- What the hooks say ---------------------------------------------------- */

void lg_pyhooks_on_note(const VexGuestArchState* gst)
{
    Note n = note_from(gst);

    if (n.p == 0)
        return; /* the allocator has none */
    switch (n.what) {
    case LG_NOTE_ALLOC_MEM:   add_python_block(&n, LG_BF_PY_MEM, 0); break;
    case LG_NOTE_ALLOC_OBJ:   add_python_block(&n, LG_BF_PY_OBJ, 0); break;
    case LG_NOTE_REALLOC_MEM: move_python_block(&n, LG_BF_PY_MEM); break;
    case LG_NOTE_REALLOC_OBJ: move_python_block(&n, LG_BF_PY_OBJ); break;
    case LG_NOTE_ARENA_ALLOC: lg_pyarenas_add(n.p, n.szB); break;
    case LG_NOTE_ARENA_FREE:  lg_pyarenas_remove(n.p); break;
    default:                  break; /* not called by us */
    }
    /* Shadow blocks and pools agree again. */
    if (UNLIKELY(nWatchers > 0))
        tell_watchers(n.p, n.what == LG_NOTE_REALLOC_MEM ||
                                   n.what == LG_NOTE_REALLOC_OBJ
                               ? n.old
                               : 0);
}

void lg_pyhooks_on_free(const VexGuestArchState* gst)
{
    Addr p = lg_arch_argument(gst, 1);

    if (UNLIKELY(nWatchers > 0))
        tell_watchers(p, p);
    if (p != 0)
        drop_block(p);
}
