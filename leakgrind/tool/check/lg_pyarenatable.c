/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lg_pyarenatable.c: what pymalloc's arenas are used for: how much of them, by
   which sizes of blocks, and what keeps those that are nearly empty.  A single
   block keeps all of its arena from going back to the system. */

#include "lg_pytables.h"

#include "pub_tool_libcprint.h"
#include "pub_tool_mallocfree.h"
#include "pub_tool_options.h"

#include "../../python/lg_pypools.h"
#include "../process/lg_python.h"
#include "../python/lg_pyarenas.h"

/* An arena is nearly empty if its blocks take up less than one part in this
   many. */
enum { NEARLY_EMPTY = 8 };

struct LgPyArenaTable {
    LgPyArenaUse use; /* of all arenas */
    UInt         nArenas, poolSzB;
    SizeT        szB;
    UInt         nNearlyEmpty;
    LgPyTables   keepers; /* the blocks in nearly empty arenas */
};

static void add_use(LgPyArenaUse* sum, const LgPyArenaUse* u)
{
    sum->nPools += u->nPools;
    sum->nUsed += u->nUsed;
    sum->nTorn += u->nTorn;
    sum->usedB += u->usedB;
    sum->freeB += u->freeB;
    for (UInt i = 0; i < LG_PY_SIZE_CLASSES; i++) {
        sum->size[i].nPools += u->size[i].nPools;
        sum->size[i].nBlocksUsed += u->size[i].nBlocksUsed;
        sum->size[i].nBlocksFree += u->size[i].nBlocksFree;
    }
}

/* The number of the first block, from `i` on, that starts at `a` or later. */
static UInt first_from(const LgSnapshot* snap, UInt i, Addr a)
{
    while (i < lg_snap_count(snap) && lg_snap_blocks(snap)[i].start < a)
        i++;
    return i;
}

static void survey_arenas(LgPyArenaTable* v, const LgHeapSearch* s)
{
    UInt i = 0; /* number of a block: they are sorted as the arenas are */

    v->nArenas = lg_pyarenas_count();
    v->poolSzB = lg_pyarenas_pool_szB();
    for (UInt a = 0; a < v->nArenas; a++) {
        LgRange      r = lg_pyarenas_get(a);
        LgPyArenaUse use;

        lg_pyarena_walk(lg_python_mem(), r.lo, r.hi, v->poolSzB, NULL, NULL,
                        &use);
        add_use(&v->use, &use);
        v->szB += r.hi - r.lo;
        UInt end = first_from(s->snap, i = first_from(s->snap, i, r.lo), r.hi);
        if (i < end && NEARLY_EMPTY * use.usedB < r.hi - r.lo) {
            v->nNearlyEmpty++;
            for (; i < end; i++)
                lg_pytables_add(&v->keepers, s, i, LgTallyReachable);
        }
        i = end;
    }
}

static void print_text(const LgPyArenaTable* v)
{
    const LgPyArenaUse* u = &v->use;

    if (v->nArenas == 0) {
        VG_(umsg)("PYTHON ARENAS: none\n\n");
        return;
    }
    VG_(umsg)("PYTHON ARENAS: %'u, %'lu bytes in all\n", v->nArenas, v->szB);
    VG_(umsg)("  pools of %'u bytes: %'u, in use: %'u, unreadable: %'u\n",
              v->poolSzB, u->nPools, u->nUsed, u->nTorn);
    VG_(umsg)("  blocks in use: %'lu bytes, free: %'lu bytes\n", u->usedB,
              u->freeB);
    if (u->nUsed > 0)
        VG_(umsg)("  szidx  block size     pools  blocks in use"
                  "  blocks free\n");
    for (UInt i = 0; i < LG_PY_SIZE_CLASSES; i++)
        if (u->size[i].nPools > 0)
            VG_(umsg)("%7u%12u%'10u%'15u%'13u\n", i,
                      (i + 1) * LG_PY_ALIGNMENT, u->size[i].nPools,
                      u->size[i].nBlocksUsed, u->size[i].nBlocksFree);
    VG_(umsg)("  nearly empty (blocks in less than 1/%d): %'u arena%s\n",
              NEARLY_EMPTY, v->nNearlyEmpty, v->nNearlyEmpty == 1 ? "" : "s");
    VG_(umsg)("\n");
}

static void print_arenas_xml(const LgPyArenaTable* v)
{
    const LgPyArenaUse* u = &v->use;

    VG_(printf_xml)("    <arenas>%u</arenas>\n    <bytes>%lu</bytes>\n",
                    v->nArenas, v->szB);
    VG_(printf_xml)("    <poolsize>%u</poolsize>\n    <pools>%u</pools>\n",
                    v->poolSzB, u->nPools);
    VG_(printf_xml)("    <usedpools>%u</usedpools>\n", u->nUsed);
    VG_(printf_xml)("    <unreadablepools>%u</unreadablepools>\n", u->nTorn);
    VG_(printf_xml)("    <usedbytes>%lu</usedbytes>\n", u->usedB);
    VG_(printf_xml)("    <freebytes>%lu</freebytes>\n", u->freeB);
    for (UInt i = 0; i < LG_PY_SIZE_CLASSES; i++)
        if (u->size[i].nPools > 0)
            VG_(printf_xml)("    <sizeclass>\n"
                            "      <szidx>%u</szidx>\n"
                            "      <blocksize>%u</blocksize>\n"
                            "      <pools>%u</pools>\n"
                            "      <usedblocks>%u</usedblocks>\n"
                            "      <freeblocks>%u</freeblocks>\n"
                            "    </sizeclass>\n",
                            i, (i + 1) * LG_PY_ALIGNMENT, u->size[i].nPools,
                            u->size[i].nBlocksUsed, u->size[i].nBlocksFree);
    VG_(printf_xml)("    <nearlyempty>%u</nearlyempty>\n", v->nNearlyEmpty);
}

LgPyArenaTable* lg_pyarenatable_new(const LgHeapSearch* s)
{
    LgPyArenaTable* v = VG_(calloc)("lg.pyarenatable", 1, sizeof *v);

    v->keepers = lg_pytables_new();
    survey_arenas(v, s);
    return v;
}

void lg_pyarenatable_delete(LgPyArenaTable* v)
{
    lg_pytables_delete(&v->keepers);
    VG_(free)(v);
}

void lg_pyarenatable_print(LgPyArenaTable* v)
{
    static const LgPyTableHeads heads = {NULL, NULL, "used"};

    if (VG_(clo_xml)) {
        VG_(printf_xml)("  <pyarenas>\n");
        print_arenas_xml(v);
    } else
        print_text(v);
    lg_pytables_print_both(&v->keepers, " IN NEARLY EMPTY ARENAS", heads);
    if (VG_(clo_xml))
        VG_(printf_xml)("  </pyarenas>\n");
}
