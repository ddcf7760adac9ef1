/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_growth.c: see lg_growth.h. */

#include "lg_growth.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../../base/lg_numbering.h"
#include "../../lg_platform.h"
#include "../process/lg_python.h"
#include "../process/lg_texts.h"
#include "../trace/lg_context.h"
#include "lg_placenames.h"

/* What one owner keeps of one type that was made in one place: on a line of Python,
   or else with one stack. */
typedef struct {
    UInt  owner, type, line, ctx;
    UInt  nBlocks, nBefore;
    ULong szB, szBBefore;
} Row;

static struct {
    Row*        rows;
    UInt        n, max;
    LgNumbering numbering;
    UInt        nChecks;
} growth;

/* --- Rows ---------------------------------------------------------------------- */

static UInt hash_growth_row(const Row* r)
{
    return lg_hash_mix(lg_hash_mix(lg_hash_mix(r->owner, r->type), r->line),
                       r->ctx);
}

static UInt hash_of_growth_row(const void* owner, UInt i)
{
    (void)owner;
    return hash_growth_row(&growth.rows[i]);
}

static Bool is_same_growth_row(const void* owner, UInt i, const void* wanted)
{
    const Row *a = &growth.rows[i], *b = wanted;
    (void)owner;
    return a->owner == b->owner && a->type == b->type && a->line == b->line &&
           a->ctx == b->ctx;
}

static Row* growth_row_of(Row key)
{
    LgNumbering* numbers = &growth.numbering;

    lg_numbering_reserve(numbers, hash_of_growth_row, NULL);
    UInt* slot = lg_numbering_find(numbers, hash_growth_row(&key),
                                   is_same_growth_row, NULL, &key);
    if (*slot == 0) {
        growth.rows = lg_array_reserve("lg.growth.rows", growth.rows, growth.n,
                                       &growth.max, sizeof *growth.rows);
        growth.rows[growth.n] = key;
        lg_numbering_add(numbers, slot, growth.n++);
    }
    return &growth.rows[*slot - 1];
}

void lg_growth_begin(void)
{
    if (growth.nChecks++ == 0)
        lg_numbering_init(&growth.numbering, "lg.growth.numbering", 64);
    for (UInt i = 0; i < growth.n; i++) {
        Row* r = &growth.rows[i];
        r->nBefore = r->nBlocks;
        r->szBBefore = r->szB;
        r->nBlocks = 0;
        r->szB = 0;
    }
}

void lg_growth_add(UInt owner, UInt type, UInt ctx, SizeT szB)
{
    UInt line = lg_pytraces_innermost(lg_python_traces(), lg_ctx_pystack(ctx));
    Row* r = growth_row_of((Row){.owner = owner,
                                 .type = type,
                                 .line = line,
                                 .ctx = line != 0 ? 0 : ctx});
    r->nBlocks++;
    r->szB += szB;
}

/* --- What has grown --------------------------------------------------------------- */

static Int compare_growth(const void* va, const void* vb)
{
    const Row *a = &growth.rows[*(const UInt*)va];
    const Row *b = &growth.rows[*(const UInt*)vb];
    ULong      byA = a->szB - a->szBBefore, byB = b->szB - b->szBBefore;

    if (byA != byB)
        return byA > byB ? -1 : 1;
    return *(const UInt*)va < *(const UInt*)vb ? -1 : 1;
}

/* The numbers of the rows, an XArray of UInt, the largest growth first. */
static XArray* list_grown(void)
{
    XArray* grown = VG_(newXA)(VG_(malloc), "lg.growth", VG_(free),
                               sizeof(UInt));

    for (UInt i = 0; i < growth.n; i++)
        if (growth.rows[i].szB > growth.rows[i].szBBefore)
            VG_(addToXA)(grown, &i);
    VG_(setCmpFnXA)(grown, compare_growth);
    VG_(sortXA)(grown);
    return grown;
}

static void append_grown(XArray* text, const Row* r)
{
    UInt nMore = r->nBlocks > r->nBefore ? r->nBlocks - r->nBefore : 0;

    VG_(xaprintf)(text, "  %s + %'u %s (+ %'llu bytes)", lg_texts_get(r->owner),
                  nMore,
                  r->type != 0 ? lg_python_type_name(r->type)
                  : nMore == 1 ? "block"
                               : "blocks",
                  r->szB - r->szBBefore);
    if (r->line != 0) {
        LgPyTraceFrame f = lg_pytraces_line(lg_python_traces(), r->line);
        VG_(xaprintf)(text, ", made at %s:%u", f.file, f.line);
    } else {
        lg_placenames_maker(text, ", made in ", r->ctx);
    }
    VG_(xaprintf)(text, "\n");
}

void lg_growth_end(XArray* text, UInt n)
{
    if (growth.nChecks < 2)
        return;
    XArray* grown = list_grown();
    Word    nGrown = VG_(sizeXA)(grown);
    if (nGrown > 0)
        VG_(xaprintf)(text, "since check %u:\n", growth.nChecks - 1);
    for (Word k = 0; k < nGrown && k < n; k++)
        append_grown(text, &growth.rows[*(UInt*)VG_(indexXA)(grown, k)]);
    if (nGrown > n)
        VG_(xaprintf)(text, "  %'lu more\n", nGrown - n);
    VG_(deleteXA)(grown);
}
