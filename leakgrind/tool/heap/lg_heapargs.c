/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_heapargs.c: what functions of the heap are passed.  See lg_heapargs.h. */

#include "lg_heapargs.h"

#ifdef LG_HAS_HEAP_ARGS

#include "pub_tool_hashtable.h"
#include "pub_tool_mallocfree.h"

#include "../report/lg_errors.h"

/* --- Blocks with an alignment of their own ------------------------------- */

/* These blocks are few, and a shadow block has no room for an alignment. */
typedef struct Aligned {
    struct Aligned* next;
    UWord           start;
    SizeT           alignB;
} Aligned;

static VgHashTable* aligned;

void lg_heapargs_made(Addr start, SizeT alignB)
{
    if (aligned == NULL)
        aligned = VG_(HT_construct)("lg.heapargs");
    Aligned* a = VG_(malloc)("lg.heapargs.aligned", sizeof *a);
    a->start  = start;
    a->alignB = alignB;
    VG_(HT_add_node)(aligned, a);
}

void lg_heapargs_ended(const LgBlock* b)
{
    if (LIKELY(aligned == NULL) || b->allocKind > LgAllocNewVec)
        return;
    VG_(free)(VG_(HT_remove)(aligned, b->start));
}

/* 0 when the program named none. */
static SizeT alignment_of(const LgBlock* b)
{
    const Aligned* a =
        aligned == NULL ? NULL : VG_(HT_lookup)(aligned, b->start);
    return a == NULL ? 0 : a->alignB;
}

/* --- The rules of the functions ------------------------------------------ */

typedef struct {
    /* Of the alignment, if one is passed. */
    const HChar* should;
    SizeT        leastB;
    Bool         dividesSize;
    Bool         makes; /* a block, of the size passed */
    /* For a function that releases blocks: the names of the pair; the kind of
       allocation that it belongs to; and which arguments must be as in the
       allocation. */
    const HChar* pair;
    LgAllocKind  kind;
    Bool         comparesAlignment;
    Bool         comparesSize;
} Rules;

#define POWER_OF_2 "should be a power of 2"
#define NOT_ZERO "should be non-zero and a power of 2"
#define SCALAR .pair = "new/delete", .kind = LgAllocNew
#define VECTOR .pair = "new[]/delete[]", .kind = LgAllocNewVec
#define FREES(name) .pair = "aligned_alloc/" name, .kind = LgAllocMalloc
#define ALIGNED .should = NOT_ZERO, .leastB = 1, .comparesAlignment = True

static const Rules rulesOf[] = {
    [AllocKindMemalign] = {.should = "should be power of 2", .leastB = 1,
                           .makes = True},
    [AllocKindPosixMemalign] = {.should = "should be non-zero, a power of 2 "
                                          "and a multiple of sizeof(void*)",
                                .leastB = sizeof(void*), .makes = True},
    [AllocKindAlignedAlloc] = {.should = POWER_OF_2, .dividesSize = True,
                               .makes = True},
    [AllocKindNewAligned]    = {.should = NOT_ZERO, .leastB = 1},
    [AllocKindVecNewAligned] = {.should = NOT_ZERO, .leastB = 1},
    [AllocKindDeleteDefault]    = {SCALAR, .comparesAlignment = True},
    [AllocKindVecDeleteDefault] = {VECTOR, .comparesAlignment = True},
    [AllocKindDeleteSized]      = {SCALAR, .comparesSize = True},
    [AllocKindVecDeleteSized]   = {VECTOR, .comparesSize = True},
    [AllocKindDeleteAligned]    = {SCALAR, ALIGNED},
    [AllocKindVecDeleteAligned] = {VECTOR, ALIGNED},
    [AllocKindDeleteSizedAligned]    = {SCALAR, ALIGNED, .comparesSize = True},
    [AllocKindVecDeleteSizedAligned] = {VECTOR, ALIGNED, .comparesSize = True},
    [AllocKindFreeSized] = {FREES("free_sized"), .comparesSize = True},
    [AllocKindFreeAlignedSized] = {FREES("free_aligned_sized"),
                                   .should = POWER_OF_2, .dividesSize = True,
                                   .comparesAlignment = True,
                                   .comparesSize = True},
};
enum { N_RULES = sizeof rulesOf / sizeof rulesOf[0] };

/* --- Checking ------------------------------------------------------------ */

static void check_values(ThreadId tid, const Rules* r, SizeT alignB, SizeT szB)
{
    if (r->should != NULL &&
        (alignB < r->leastB || (alignB & (alignB - 1)) != 0))
        lg_error_bad_alignment(tid, alignB, 0, r->should);
    if (r->dividesSize && alignB != 0 && szB % alignB != 0)
        lg_error_bad_alignment(tid, alignB, szB,
                               "size should be a multiple of alignment");
    if (r->makes && szB == 0)
        lg_error_zero_size(tid);
}

static void check_block(ThreadId tid, LgBlockTable* blocks, const Rules* r,
                        const struct AlignedAllocInfo* args)
{
    LgBlock b;

    if (r->pair == NULL ||
        !lg_bt_find(blocks, (Addr)args->mem, r->kind, &b))
        return;
    if (r->comparesSize && args->size != b.szB) {
        LgMismatch m = {.pair = r->pair, .passed = args->size};
        lg_error_size_mismatch(tid, &b, &m);
    }
    if (r->comparesAlignment) {
        LgMismatch m = {.pair = r->pair, .made = alignment_of(&b),
                        .passed = args->orig_alignment,
                        .isDefault = r->should == NULL};
        if (m.made != (m.isDefault ? 0 : m.passed))
            lg_error_alignment_mismatch(tid, &b, &m);
    }
}

void lg_heapargs_check(ThreadId tid, LgBlockTable* blocks,
                       const struct AlignedAllocInfo* args)
{
    if ((UInt)args->alloc_kind >= N_RULES)
        return; /* of a newer core */
    const Rules* r = &rulesOf[args->alloc_kind];

    /* In memcheck's order. */
    if (r->comparesSize && !r->dividesSize) {
        check_block(tid, blocks, r, args);
        check_values(tid, r, args->orig_alignment, args->size);
    } else {
        check_values(tid, r, args->orig_alignment, args->size);
        check_block(tid, blocks, r, args);
    }
}

#endif
