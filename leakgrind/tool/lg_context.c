/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_context.c: contexts.  See lg_context.h.

   A context's number is a quarter of its ExeContext's unique number ("ECU"),
   which Valgrind hands out as 4, 8, 12, ...: so the numbers are dense, and
   the way back is an array. */

#include "lg_context.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_mallocfree.h"

#include "lg_unwind.h"

static struct {
    ExeContext** byNumber; /* NULL where a number is not one of ours */
    UInt         capacity;
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

UInt lg_ctx_record(ThreadId tid)
{
    ExeContext* ec = lg_unwind(tid);
    UInt        number = VG_(get_ECU_from_ExeContext)(ec) / 4;
    if (UNLIKELY(number >= contexts.capacity))
        make_room(number);
    contexts.byNumber[number] = ec;
    return number;
}

ExeContext* lg_ctx_execontext(UInt ctx)
{
    if (ctx == 0 || ctx >= contexts.capacity || !contexts.byNumber[ctx])
        return VG_(null_ExeContext)();
    return contexts.byNumber[ctx];
}

/* --- Resolution ---------------------------------------------------------- */

/* At low and medium resolution, a hash of the topmost frames finds the
   representative; each context is looked up once per check. */
static struct {
    VgRes res;
    UInt* representative; /* by context; 0: not known yet */
    UInt* slots;          /* hash of representatives; 0: free */
    UInt  nSlots;
    UInt  nUsed;
} resolve;

/* As many frames as VG_(eq_ExeContext) compares. */
static UInt frames_of(VgRes res)
{
    return res == Vg_LowRes ? 2 : 4;
}

typedef struct {
    UInt  nFrames;
    UWord hash;
} FrameHash;

static void hash_frame(UInt n, DiEpoch ep, Addr ip, void* opaque)
{
    FrameHash* h = opaque;
    (void)ep;
    if (n < h->nFrames)
        h->hash = (h->hash ^ ip) * 0x9E3779B97F4A7C15ULL;
}

static UInt* find_slot(UInt ctx)
{
    ExeContext* ec = lg_ctx_execontext(ctx);
    FrameHash   h = {frames_of(resolve.res), 0};
    VG_(apply_ExeContext)(hash_frame, &h, ec);
    UInt i = (UInt)(h.hash >> 32) & (resolve.nSlots - 1);
    while (resolve.slots[i] != 0 &&
           !VG_(eq_ExeContext)(resolve.res,
                               lg_ctx_execontext(resolve.slots[i]), ec))
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
            *find_slot(old[i]) = old[i];
    if (old != NULL)
        VG_(free)(old);
}

void lg_ctx_resolve_begin(VgRes res)
{
    tl_assert(resolve.representative == NULL);
    resolve.res = res;
    if (res == Vg_HighRes)
        return; /* each context stands for itself */
    resolve.representative =
        VG_(calloc)("lg.ctx.repr", contexts.capacity + 1, sizeof(UInt));
    grow_slots();
}

UInt lg_ctx_resolve(UInt ctx)
{
    if (resolve.res == Vg_HighRes || ctx == 0 || ctx >= contexts.capacity)
        return ctx;
    if (resolve.representative[ctx] == 0) {
        if (2 * resolve.nUsed >= resolve.nSlots)
            grow_slots();
        UInt* slot = find_slot(ctx);
        if (*slot == 0) {
            *slot = ctx;
            resolve.nUsed++;
        }
        resolve.representative[ctx] = *slot;
    }
    return resolve.representative[ctx];
}

void lg_ctx_resolve_end(void)
{
    if (resolve.representative != NULL) {
        VG_(free)(resolve.representative);
        VG_(free)(resolve.slots);
    }
    VG_(memset)(&resolve, 0, sizeof resolve);
}
