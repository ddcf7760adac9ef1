/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_oracle.c: the engine against the reference, on random heaps; and a
   planted fault that the comparison must notice.

       test_oracle [seed [rounds]]

   The seed is printed, and the same seed gives the same heaps. */

#include <time.h>

#include "check.h"
#include "heapgen.h"

static ULong seed;
static UInt  nRounds = 1500;

static ULong next(ULong* x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* What the random heaps covered: a test of the test. */
static struct {
    UInt kind[LG_N_KINDS], heuristic[LG_N_HEURISTICS];
    UInt illegal, inherited, dropped, nested, holes, skips, shared;
    UInt python, gc, pymem, skipped, refs, allRefs, alone, ranked, excused;
} seen;

static void note(const OracleHeap* h)
{
    static OracleAnswer a;
    oracle_classify(h, &a);
    seen.illegal += !a.isLegal;
    if (!a.isLegal)
        return;
    seen.dropped += h->n - a.n;
    seen.holes += h->nHoles;
    seen.skips += h->nSkips;
    for (UInt i = 0; i < a.n; i++) {
        const OracleBlock* b = &a.blocks[i];
        seen.kind[b->kind]++;
        seen.heuristic[b->heuristic]++;
        seen.inherited += b->block.flags & LG_BF_INHERITED;
        seen.nested += oracle_find(&a, b->block.start) != (Int)i;
        seen.python += b->block.allocKind == LgAllocPython;
        seen.gc += b->known.hasGC && b->kind != LgDefinite;
        seen.pymem += b->known.isPymem && b->heuristic == LgHeurPyObject &&
                      b->known.objOff == 0;
        seen.skipped += b->known.isSkipped && b->kind != LgDefinite;
        seen.refs += b->refs > 1;
        seen.allRefs += b->allRefs > b->refs + 1;
        seen.alone += b->kind == LgDefinite && b->known.rank == LG_RANK_ALONE;
        seen.ranked += b->kind == LgIndirect && b->known.rank <
                                                    LG_N_RANKS - 1;
        seen.excused += b->excused && b->reached != LgReachable;
        seen.shared += b->kind == LgDefinite && b->indirectB > 0;
    }
}

/* Returns how many rounds did not agree. */
static UInt run_rounds(HeapGen* g, ULong from, UInt n, OracleFault fault,
                       UInt* nPlanted)
{
    static UChar bytes[6000];
    UInt         nFailed = 0;
    ULong        x = from * 0x9E3779B97F4A7C15ULL + 1;

    *nPlanted = 0;
    for (UInt round = 0; round < n; round++) {
        ULong start = x;
        SizeT len = 40 + next(&x) % (round % 50 == 0 ? 5960 : 700);
        for (SizeT i = 0; i < len; i++)
            bytes[i] = (UChar)(next(&x) >> 24);
        if (round % 50 == 0)
            bytes[2] = 255;
        const OracleHeap* h = heapgen_make(g, bytes, len);
        if (fault == OracleNoFault)
            note(h);
        Bool isPlanted;
        if (!oracle_compare(h, start, fault, &isPlanted,
                            fault != OracleNoFault)) {
            nFailed++;
            if (fault == OracleNoFault)
                printf("  in round %u of seed %llu\n", round, from);
        }
        *nPlanted += isPlanted;
    }
    return nFailed;
}

static void engine_agrees_with_reference(void)
{
    HeapGen* g = heapgen_new();
    UInt     nPlanted;

    expect_eq(run_rounds(g, seed, nRounds, OracleNoFault, &nPlanted), 0);
    heapgen_delete(g);
    if (nRounds < 1000)
        return;
    for (UInt k = 0; k < LG_N_KINDS; k++)
        expect_true(seen.kind[k] > 100);
    for (UInt k = 0; k < LG_N_HEURISTICS; k++)
        expect_true(seen.heuristic[k] > 0);
    expect_true(seen.illegal > 0 && seen.illegal < nRounds / 2);
    expect_true(seen.inherited > 0);
    expect_true(seen.dropped > 0);
    expect_true(seen.holes > 0);
    expect_true(seen.skips > 0);
    expect_true(seen.shared > 0);
    expect_true(seen.python > 0);
    expect_true(seen.gc > 0);
    expect_true(seen.pymem > 0);
    expect_true(seen.skipped > 0);
    expect_true(seen.refs > 0);
    expect_true(seen.allRefs > 0);
    expect_true(seen.alone > 0);
    expect_true(seen.ranked > 0);
    expect_true(seen.excused > 0);
}

static void planted_fault_is_caught(void)
{
    HeapGen* g = heapgen_new();
    UInt     nPlanted;

    UInt nCaught = run_rounds(g, seed, 100, OracleIndexFault, &nPlanted);
    expect_true(nPlanted > 20);
    /* About every third heap notices, and they are random. */
    expect_true(nCaught > nPlanted / 20);
    heapgen_delete(g);
}

int main(int argc, char** argv)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (ULong)time(NULL);
    if (argc > 2)
        nRounds = (UInt)strtoul(argv[2], NULL, 0);
    printf("seed %llu\n", seed);
    check_run(engine_agrees_with_reference);
    check_run(planted_fault_is_caught);
    return check_done();
}
