/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_xtree.c: leak results as xtrees.  See lg_xtree.h.

   The events and their names are memcheck's: for each of now, increase and
   decrease, the bytes by kind, the indirectly lost part of the definitely
   lost bytes, and the blocks by kind. */

#include "lg_xtree.h"

#include "pub_tool_libcassert.h"
#include "pub_tool_libcbase.h"
#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"

#include "../trace/lg_context.h"

enum { Now, Increase, Decrease, N_TIMES };

typedef struct {
    ULong szB, indirectB, nBlocks;
} Sizes;

/* The data of a tree node. */
typedef struct {
    Sizes of[N_TIMES][LG_N_KINDS];
} Data;

static const HChar events[] =
    "RB : Reachable Bytes,"
    "PB : Possibly lost Bytes,"
    "IB : Indirectly lost Bytes,"
    "DB : Definitely lost Bytes (direct plus indirect),"
    "DIB : Definitely Indirectly lost Bytes (subset of DB),"
    "RBk : reachable Blocks,"
    "PBk : Possibly lost Blocks,"
    "IBk : Indirectly lost Blocks,"
    "DBk : Definitely lost Blocks,"
    "iRB : increase Reachable Bytes,"
    "iPB : increase Possibly lost Bytes,"
    "iIB : increase Indirectly lost Bytes,"
    "iDB : increase Definitely lost Bytes,"
    "iDIB : increase Definitely Indirectly lost Bytes,"
    "iRBk : increase reachable Blocks,"
    "iPBk : increase Possibly lost Blocks,"
    "iIBk : increase Indirectly lost Blocks,"
    "iDBk : increase Definitely lost Blocks,"
    "dRB : decrease Reachable Bytes,"
    "dPB : decrease Possibly lost Bytes,"
    "dIB : decrease Indirectly lost Bytes,"
    "dDB : decrease Definitely lost Bytes,"
    "dDIB : decrease Definitely Indirectly lost Bytes,"
    "dRBk : decrease reachable Blocks,"
    "dPBk : decrease Possibly lost Blocks,"
    "dIBk : decrease Indirectly lost Blocks,"
    "dDBk : decrease Definitely lost Blocks";

static void init_data(void* value)
{
    VG_(memset)(value, 0, sizeof(Data));
}

static void add_data(void* to, const void* value)
{
    Data*       t = to;
    const Data* v = value;
    for (UInt i = 0; i < N_TIMES; i++) {
        for (UInt k = 0; k < LG_N_KINDS; k++) {
            t->of[i][k].szB += v->of[i][k].szB;
            t->of[i][k].indirectB += v->of[i][k].indirectB;
            t->of[i][k].nBlocks += v->of[i][k].nBlocks;
        }
    }
}

static void sub_data(void* from, const void* value)
{
    (void)from;
    (void)value;
    VG_(tool_panic)("lg_xtree: nothing is ever taken out of a leak tree");
}

XTree* lg_xtree_new(void)
{
    return VG_(XT_create)(VG_(malloc), "lg.xtree", VG_(free), sizeof(Data),
                          init_data, add_data, sub_data,
                          VG_(XT_filter_maybe_below_main));
}

static void set_change(ULong* increase, ULong* decrease, ULong now, ULong old)
{
    *increase = now > old ? now - old : 0;
    *decrease = now < old ? old - now : 0;
}

void lg_xtree_add(XTree* xt, const LgLossRecord* r)
{
    if (r->kind >= LG_N_KINDS)
        return; /* references: no block is lost */
    Data   d;
    Sizes* now = &d.of[Now][r->kind];
    Sizes* inc = &d.of[Increase][r->kind];
    Sizes* dec = &d.of[Decrease][r->kind];

    init_data(&d);
    *now = (Sizes){r->szB, r->indirectB, r->nBlocks};
    set_change(&inc->szB, &dec->szB, r->szB, r->oldSzB);
    set_change(&inc->indirectB, &dec->indirectB, r->indirectB,
               r->oldIndirectB);
    set_change(&inc->nBlocks, &dec->nBlocks, r->nBlocks, r->oldNBlocks);
    VG_(XT_add_to_ec)(xt, lg_ctx_execontext(r->ctx), &d);
}

/* 27 numbers of at most 20 digits, each with a space. */
enum { IMAGE_SZB = 27 * 21 + 1 };

static const HChar* format_data(const void* value)
{
    static HChar buf[IMAGE_SZB];
    const Data*  d = value;
    UInt         off = 0;
    Bool         any = False;

    for (UInt i = 0; i < N_TIMES; i++) {
        const Sizes* s = d->of[i];
        ULong        row[9] = {
            s[0].szB + s[0].indirectB, s[1].szB + s[1].indirectB,
            s[2].szB + s[2].indirectB, s[3].szB + s[3].indirectB,
            s[LgDefinite].indirectB,   s[0].nBlocks,
            s[1].nBlocks,              s[2].nBlocks,
            s[3].nBlocks};
        for (UInt j = 0; j < 9; j++) {
            any = any || row[j] != 0;
            off += VG_(snprintf)(buf + off, (Int)(sizeof buf - off),
                                 off == 0 ? "%llu" : " %llu", row[j]);
        }
    }
    return any ? buf : NULL;
}

void lg_xtree_finish(XTree* xt, const HChar* filename)
{
    VG_(XT_callgrind_print)(xt, filename, events, format_data);
    VG_(XT_delete)(xt);
}
