/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_context.c: contexts.  See lg_context.h.

   The number of a context without a Python stack is a quarter of its
   ExeContext's unique number ("ECU"), which Valgrind hands out as 4, 8, 12,
   ...: so the numbers are dense, and the way back is an array.  A context with
   a Python stack is a pair of the two, and its number is that of the pair, with
   the top bit set. */

#include "lg_context.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"

#include "../host/lg_compat.h"
#include "../process/lg_python.h"
#include "lg_evalloop.h"
#include "lg_unwind.h"

typedef struct {
    ExeContext* ec;         /* NULL where a number is not one of ours */
    Bool        hasLearned; /* the evaluation loop is known in it */
    DiEpoch     closed;     /* as lg_ctx_set_closed says */
} CStack;

static struct {
    CStack* byNumber;
    UInt    capacity;
} contexts;

static void make_room(UInt number)
{
    UInt n = contexts.capacity ? contexts.capacity : 4096;
    while (n <= number)
        n *= 2;
    contexts.byNumber = VG_(realloc)("lg.ctx", contexts.byNumber,
                                     n * sizeof *contexts.byNumber);
    VG_(memset)(contexts.byNumber + contexts.capacity, 0,
                (n - contexts.capacity) * sizeof *contexts.byNumber);
    contexts.capacity = n;
}

static UInt number_of_execontext(ExeContext* ec)
{
    UInt number = VG_(get_ECU_from_ExeContext)(ec) / 4;
    if (UNLIKELY(number >= contexts.capacity))
        make_room(number);
    contexts.byNumber[number].ec = ec;
    return number;
}

/* --- Pairs --------------------------------------------------------------- */

#define PAIR_BIT 0x80000000u

typedef struct {
    UInt cstack; /* number of the context that has just this C stack */
    UInt pystack;
} Pair;

static struct {
    Pair* pairs;
    UInt  n, room;
    UInt* slots; /* open addressing: index of a pair plus 1; 0: free */
    UInt  nSlots;
} table;

static UInt* slot_of_pair(Pair p)
{
    UWord h = (((UWord)p.cstack << 32) | p.pystack) * 0x9E3779B97F4A7C15ULL;
    UInt  i = (UInt)(h >> 32) & (table.nSlots - 1);
    while (table.slots[i] != 0 &&
           (table.pairs[table.slots[i] - 1].cstack != p.cstack ||
            table.pairs[table.slots[i] - 1].pystack != p.pystack))
        i = (i + 1) & (table.nSlots - 1);
    return &table.slots[i];
}

static void grow_pairs(void)
{
    table.room = table.room ? 2 * table.room : 1024;
    table.pairs = VG_(realloc)("lg.ctx.pairs", table.pairs,
                               table.room * sizeof(Pair));
    VG_(free)(table.slots);
    table.nSlots = 2 * table.room;
    table.slots = VG_(calloc)("lg.ctx.pairslots", table.nSlots, sizeof(UInt));
    for (UInt i = 0; i < table.n; i++)
        *slot_of_pair(table.pairs[i]) = i + 1;
}

static UInt pair_of(UInt cstack, UInt pystack)
{
    Pair p = {cstack, pystack};

    if (UNLIKELY(table.n == table.room))
        grow_pairs();
    UInt* slot = slot_of_pair(p);
    if (UNLIKELY(*slot == 0)) {
        table.pairs[table.n++] = p;
        *slot = table.n;
    }
    return PAIR_BIT | (*slot - 1);
}

static inline const Pair* pair_at(UInt ctx)
{
    return (ctx & PAIR_BIT) && (ctx & ~PAIR_BIT) < table.n
               ? &table.pairs[ctx & ~PAIR_BIT]
               : NULL;
}

/* --- Recording ----------------------------------------------------------- */

/* The C stacks of an interpreter for different places in the program look
   alike, and differ only in a return address further up. */
static UWord salt_of(UInt pystack)
{
    return (UWord)pystack * 0x9E3779B97F4A7C15ULL;
}

static UInt new_context(ThreadId tid, ExeContext* ec, UInt pystack)
{
    UInt    number = number_of_execontext(ec);
    CStack* c = &contexts.byNumber[number];

    if (!c->hasLearned)
        c->hasLearned = lg_evalloop_learn(tid);
    return pystack == 0 ? number : pair_of(number, pystack);
}

static UInt stack_context(ThreadId tid, LgUnwound* stack, UInt pystack)
{
    if (UNLIKELY(stack->ctx == 0))
        stack->ctx = new_context(tid, stack->ec, pystack);
    return stack->ctx;
}

UInt lg_ctx_record(ThreadId tid)
{
    return lg_ctx_record_with(tid, 0);
}

UInt lg_ctx_record_with(ThreadId tid, UInt pystack)
{
    return stack_context(tid, lg_unwind(tid, salt_of(pystack)), pystack);
}

UInt lg_ctx_record_caller(ThreadId tid, UInt pystack)
{
    return stack_context(tid, lg_unwind_caller(tid, salt_of(pystack)), pystack);
}

UInt lg_ctx_pystack(UInt ctx)
{
    const Pair* p = pair_at(ctx);
    return p != NULL ? p->pystack : 0;
}

ExeContext* lg_ctx_execontext(UInt ctx)
{
    const Pair* p = pair_at(ctx);
    if (p != NULL)
        ctx = p->cstack;
    if (ctx == 0 || ctx >= contexts.capacity || !contexts.byNumber[ctx].ec)
        return VG_(null_ExeContext)();
    return contexts.byNumber[ctx].ec;
}

/* --- Sets ---------------------------------------------------------------- */

struct LgCtxSet {
    UInt  n;
    UChar has[0]; /* by number of a C stack */
};

/* A stack of an earlier epoch has frames in code that does not exist any
   more. */
static Bool goes_through(ExeContext* ec, DiEpoch now, Addr lo, Addr hi)
{
    const Addr* ips = VG_(get_ExeContext_StackTrace)(ec);
    Int         n = VG_(get_ExeContext_n_ips)(ec);

    for (Int i = 0; i < n; i++)
        if (ips[i] - lo < hi - lo)
            return VG_(get_ExeContext_epoch)(ec).n == now.n;
    return False;
}

LgCtxSet* lg_ctx_through(Addr lo, Addr hi)
{
    LgCtxSet* s = NULL;
    DiEpoch   now = VG_(current_DiEpoch)();

    for (UInt i = 0; i < contexts.capacity; i++) {
        if (contexts.byNumber[i].ec == NULL ||
            !goes_through(contexts.byNumber[i].ec, now, lo, hi))
            continue;
        if (s == NULL) {
            s    = VG_(calloc)("lg.ctx.set", 1, sizeof *s + contexts.capacity);
            s->n = contexts.capacity;
        }
        s->has[i] = 1;
    }
    return s;
}

Bool lg_ctx_set_has(const LgCtxSet* s, UInt ctx)
{
    const Pair* p = pair_at(ctx);
    if (p != NULL)
        ctx = p->cstack;
    return ctx < s->n && s->has[ctx];
}

void lg_ctx_set_closed(const LgCtxSet* s, DiEpoch epoch)
{
    for (UInt i = 0; i < s->n; i++)
        if (s->has[i])
            contexts.byNumber[i].closed = epoch;
}

DiEpoch lg_ctx_frame_epoch(ExeContext* ec, Addr ip)
{
    DiEpoch now = VG_(get_ExeContext_epoch)(ec);
    UInt    number = VG_(get_ECU_from_ExeContext)(ec) / 4;

    if (number >= contexts.capacity ||
        is_DiEpoch_INVALID(contexts.byNumber[number].closed) ||
        VG_(find_DebugInfo)(now, ip) != NULL)
        return now;
    return contexts.byNumber[number].closed;
}

/* --- Resolution ---------------------------------------------------------- */

/* At low and medium resolution, a hash of the topmost frames finds the
   representative; each context is looked up once per check. */
static struct {
    VgRes res;
    UInt* representative; /* by dense number; 0: not known yet */
    UInt* slots;          /* hash of representatives; 0: free */
    UInt  nSlots;
    UInt  nUsed;
} resolve;

/* Numbers contexts without and with a Python stack in one sequence. */
static UInt dense_number(UInt ctx)
{
    return ctx & PAIR_BIT ? contexts.capacity + (ctx & ~PAIR_BIT) : ctx;
}

/* The number of frames that VG_(eq_ExeContext) compares, and of lines of a
   Python stack. */
static UInt frames_of(VgRes res)
{
    return res == Vg_LowRes ? 2 : 4;
}

typedef struct {
    UInt  nFrames;
    UWord hash;
} FrameHash;

static UWord mix_hash(UWord hash, UWord value)
{
    return (hash ^ value) * 0x9E3779B97F4A7C15ULL;
}

static void hash_frame(UInt n, DiEpoch ep, Addr ip, void* opaque)
{
    FrameHash* h = opaque;
    (void)ep;
    if (n < h->nFrames)
        h->hash = mix_hash(h->hash, ip);
}

/* Frame i of the Python stack of a context; all zero where there is none. */
static LgPyTraceFrame python_frame(UInt ctx, UInt i)
{
    UInt stack = lg_ctx_pystack(ctx);
    if (stack == 0 || i >= lg_pytraces_depth(lg_python_traces(), stack))
        return (LgPyTraceFrame){NULL, NULL, 0, False};
    return lg_pytraces_frame(lg_python_traces(), stack, i);
}

/* Names are interned: the same name is the same address. */
static Bool same_python_frames(UInt a, UInt b)
{
    for (UInt i = 0; i < frames_of(resolve.res); i++) {
        LgPyTraceFrame x = python_frame(a, i), y = python_frame(b, i);
        if (x.function != y.function || x.file != y.file || x.line != y.line)
            return False;
    }
    return True;
}

static Bool is_same_trace(UInt a, UInt b)
{
    return VG_(eq_ExeContext)(resolve.res, lg_ctx_execontext(a),
                              lg_ctx_execontext(b)) &&
           same_python_frames(a, b);
}

static UInt* find_resolved(UInt ctx)
{
    FrameHash h = {frames_of(resolve.res), 0};
    VG_(apply_ExeContext)(hash_frame, &h, lg_ctx_execontext(ctx));
    for (UInt i = 0; i < h.nFrames; i++)
        h.hash = mix_hash(h.hash, python_frame(ctx, i).line);
    UInt i = (UInt)(h.hash >> 32) & (resolve.nSlots - 1);
    while (resolve.slots[i] != 0 && !is_same_trace(resolve.slots[i], ctx))
        i = (i + 1) & (resolve.nSlots - 1);
    return &resolve.slots[i];
}

static void grow_slots(void)
{
    UInt* old = resolve.slots;
    UInt  nOld = resolve.nSlots;
    resolve.nSlots = nOld ? 2 * nOld : 1024;
    resolve.slots = VG_(calloc)("lg.ctx.slots", resolve.nSlots, sizeof(UInt));
    for (UInt i = 0; i < nOld; i++)
        if (old[i] != 0)
            *find_resolved(old[i]) = old[i];
    if (old != NULL)
        VG_(free)(old);
}

void lg_ctx_resolve_begin(VgRes res)
{
    tl_assert(resolve.representative == NULL);
    resolve.res = res;
    if (res == Vg_HighRes)
        return; /* each context is its own representative */
    resolve.representative = VG_(calloc)(
        "lg.ctx.repr", contexts.capacity + table.n + 1, sizeof(UInt));
    grow_slots();
}

UInt lg_ctx_resolve(UInt ctx)
{
    if (resolve.res == Vg_HighRes || ctx == 0 ||
        dense_number(ctx) >= contexts.capacity + table.n)
        return ctx;
    UInt* representative = &resolve.representative[dense_number(ctx)];
    if (*representative == 0) {
        if (2 * resolve.nUsed >= resolve.nSlots)
            grow_slots();
        UInt* slot = find_resolved(ctx);
        if (*slot == 0) {
            *slot = ctx;
            resolve.nUsed++;
        }
        *representative = *slot;
    }
    return *representative;
}

void lg_ctx_resolve_end(void)
{
    if (resolve.representative != NULL) {
        VG_(free)(resolve.representative);
        VG_(free)(resolve.slots);
    }
    VG_(memset)(&resolve, 0, sizeof resolve);
}
