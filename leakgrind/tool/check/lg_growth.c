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

struct LgGrowth {
    Row*        rows;
    UInt        n, max;
    LgNumbering numbering;
    UInt        nChecks;
};

LgGrowth* lg_growth_new(void)
{
    LgGrowth* g = VG_(calloc)("lg.growth", 1, sizeof *g);
    lg_numbering_init(&g->numbering, "lg.growth.numbering", 64);
    return g;
}

void lg_growth_delete(LgGrowth* g)
{
    if (g == NULL)
        return;
    lg_numbering_free(&g->numbering);
    lg_plat_free(g->rows);
    VG_(free)(g);
}

/* --- Rows ---------------------------------------------------------------------- */

static UInt hash_growth_row(const Row* r)
{
    return lg_hash_mix(lg_hash_mix(lg_hash_mix(r->owner, r->type), r->line),
                       r->ctx);
}

static UInt hash_of_growth_row(const void* g, UInt i)
{
    return hash_growth_row(&((const LgGrowth*)g)->rows[i]);
}

static Bool is_same_growth_row(const void* g, UInt i, const void* wanted)
{
    const Row *a = &((const LgGrowth*)g)->rows[i], *b = wanted;
    return a->owner == b->owner && a->type == b->type && a->line == b->line &&
           a->ctx == b->ctx;
}

static Row* growth_row_of(LgGrowth* g, Row key)
{
    lg_numbering_reserve(&g->numbering, hash_of_growth_row, g);
    UInt* slot = lg_numbering_find(&g->numbering, hash_growth_row(&key),
                                   is_same_growth_row, g, &key);
    if (*slot == 0) {
        g->rows = lg_array_reserve("lg.growth.rows", g->rows, g->n, &g->max,
                                   sizeof *g->rows);
        g->rows[g->n] = key;
        lg_numbering_add(&g->numbering, slot, g->n++);
    }
    return &g->rows[*slot - 1];
}

void lg_growth_begin(LgGrowth* g)
{
    g->nChecks++;
    for (UInt i = 0; i < g->n; i++) {
        Row* r = &g->rows[i];
        r->nBefore = r->nBlocks;
        r->szBBefore = r->szB;
        r->nBlocks = 0;
        r->szB = 0;
    }
}

void lg_growth_add(LgGrowth* g, UInt owner, UInt type, UInt ctx, SizeT szB)
{
    UInt line = lg_pytraces_innermost(lg_python_traces(), lg_ctx_pystack(ctx));
    Row* r = growth_row_of(g, (Row){.owner = owner,
                                    .type = type,
                                    .line = line,
                                    .ctx = line != 0 ? 0 : ctx});
    r->nBlocks++;
    r->szB += szB;
}

/* --- What has grown --------------------------------------------------------------- */

static Int compare_growth(const void* va, const void* vb)
{
    const Row* a = *(const Row* const*)va;
    const Row* b = *(const Row* const*)vb;
    ULong      byA = a->szB - a->szBBefore, byB = b->szB - b->szBBefore;

    if (byA != byB)
        return byA > byB ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* The rows, an XArray of Row*, the largest growth first. */
static XArray* list_grown(const LgGrowth* g)
{
    XArray* grown = VG_(newXA)(VG_(malloc), "lg.growth", VG_(free),
                               sizeof(Row*));

    for (UInt i = 0; i < g->n; i++) {
        const Row* r = &g->rows[i];
        if (r->szB > r->szBBefore)
            VG_(addToXA)(grown, &r);
    }
    VG_(setCmpFnXA)(grown, compare_growth);
    VG_(sortXA)(grown);
    return grown;
}

static UInt n_more(const Row* r)
{
    return r->nBlocks > r->nBefore ? r->nBlocks - r->nBefore : 0;
}

/* `before`, then "app.py:12", or "f (foo.c:16)". */
static void append_growth_place(XArray* text, const HChar* before, const Row* r)
{
    if (r->line != 0) {
        LgPyTraceFrame f = lg_pytraces_line(lg_python_traces(), r->line);
        VG_(xaprintf)(text, "%s%s:%u", before, f.file, f.line);
    } else {
        lg_placenames_maker(text, before, r->ctx);
    }
}

static void append_grown(XArray* text, const Row* r)
{
    VG_(xaprintf)(text, "  %s + %'u %s (+ %'llu bytes)", lg_texts_get(r->owner),
                  n_more(r),
                  r->type != 0     ? lg_python_type_name(r->type)
                  : n_more(r) == 1 ? "block"
                                   : "blocks",
                  r->szB - r->szBBefore);
    append_growth_place(text, r->line != 0 ? ", made at " : ", made in ", r);
    VG_(xaprintf)(text, "\n");
}

void lg_growth_append(LgGrowth* g, XArray* text, UInt n)
{
    if (g->nChecks < 2)
        return;
    XArray* grown = list_grown(g);
    Word    nGrown = VG_(sizeXA)(grown);
    if (nGrown > 0)
        VG_(xaprintf)(text, "since check %u:\n", g->nChecks - 1);
    for (Word k = 0; k < nGrown && k < n; k++)
        append_grown(text, *(const Row**)VG_(indexXA)(grown, k));
    if (nGrown > n)
        VG_(xaprintf)(text, "  %'lu more\n", nGrown - n);
    VG_(deleteXA)(grown);
}

void lg_growth_append_table(LgGrowth* g, XArray* text)
{
    XArray* grown = list_grown(g);

    for (Word k = 0; k < VG_(sizeXA)(grown); k++) {
        const Row* r = *(const Row**)VG_(indexXA)(grown, k);
        VG_(xaprintf)(text, "%s\t%s", lg_texts_get(r->owner),
                      r->type != 0 ? lg_python_type_name(r->type) : "");
        VG_(xaprintf)(text, "\t");
        append_growth_place(text, "", r);
        VG_(xaprintf)(text, "\t%u\t%llu\n", n_more(r),
                      r->szB - r->szBBefore);
    }
    VG_(deleteXA)(grown);
}
