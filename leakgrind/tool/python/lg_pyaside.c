/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyaside.c: see lg_pyaside.h. */

#include "lg_pyaside.h"

#include "pub_tool_debuginfo.h"
#include "pub_tool_libcbase.h"

#include "../../python/lg_pybuckets.h"
#include "../process/lg_python.h"

#define MAX_DATA_SZB ((SizeT)16 << 20)

static Bool block_at(void* opaque, Addr a, SizeT* szB)
{
    const LgPySnapshot* c = opaque;
    Int                 i = lg_snap_find(c->snap, a);

    if (i < 0 || c->type[i] != 0)
        return False;
    const LgSnapBlock* b = lg_pysnap_block(c, (UInt)i);
    *szB = lg_sb_szB(b) - (lg_sb_objOff(b) != 0 ? LG_PY_DEBUG_SZB : 0);
    return lg_sb_base(b) == a;
}

static void look_at_bucket(LgPySnapshot* c, const LgPyBucket* b)
{
    for (UInt k = 0; k < b->n; k++)
        lg_sb_set_skipped(lg_pysnap_block(
            c, (UInt)lg_snap_find(c->snap, b->slots[k])));
    for (UInt k = (UInt)b->n; k < LG_PY_BUCKET_SLOTS; k++)
        lg_pysnap_skip_number(c, (Addr)&b->slots[k]);
}

/* In what is zero when the library is loaded. */
static void look_at_module(LgPySnapshot* c, const DebugInfo* module)
{
    const LgPyMem*        mem = lg_python_mem();
    const LgPyBucketsHost host = {c, block_at};
    SizeT szB = VG_(DebugInfo_get_bss_size)(module);
    Addr  bss = VG_(DebugInfo_get_bss_avma)(module);
    Addr  lo = VG_ROUNDUP(bss, sizeof(Addr));
    UInt  nBuckets = 0;

    if (szB / sizeof(Addr) < LG_PY_MIN_BUCKET_WORDS || szB > MAX_DATA_SZB)
        return;
    SizeT             n = (bss + szB - lo) / sizeof(Addr);
    const Addr*       words = mem->at(mem->opaque, lo, n * sizeof(Addr));
    const LgPyBucket* b =
        words != NULL ? lg_pybuckets_find(words, n, &host, &nBuckets) : NULL;
    for (UInt i = 0; i < nBuckets; i++)
        look_at_bucket(c, &b[i]);
}

void lg_pyaside_look(LgPySnapshot* c)
{
    for (const DebugInfo* di = VG_(next_DebugInfo)(NULL); di != NULL;
         di = VG_(next_DebugInfo)(di))
        look_at_module(c, di);
}
